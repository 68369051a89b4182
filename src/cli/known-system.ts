/** A system named by a person is one of hub.yaml, or the command says which there are. */
import type { HubConfig } from '../config/hub.js';
import { LotbridgeError } from '../core/errors.js';
import { en } from '../messages/en.js';

export const knownSystem = ({ systems }: Pick<HubConfig, 'systems'>, name: string): void => {
  if (name in systems) return;
  throw new LotbridgeError({
    code: 'config.system-unknown',
    class: 'config',
    message: en.trace.noSystem(name),
    fix: en.trace.noSystemFix(Object.keys(systems).join(', ')),
  });
};
