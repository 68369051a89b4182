/** The lot formats of the configured systems, under the names that hub.yaml gives them. */
import { LotbridgeError } from '../core/errors.js';
import { isFault } from '../core/lot/error.js';
import type { LotAttributes, SystemLotFormats } from '../core/lot/formats.js';
import { compileLotRules } from '../core/lot/rules.js';
import { en } from '../messages/en.js';
import { type MappedHub, readMappings } from './config.js';
import type { GlobalOptions } from './options.js';

export interface LotOptions {
  scope?: string;
  plant?: string;
  material?: string;
  date?: string;
}

export const attributesOf = ({ scope, plant, material, date }: LotOptions): LotAttributes => ({
  ...(scope !== undefined && { scope }),
  ...(plant !== undefined && { plant }),
  ...(material !== undefined && { material }),
  ...(date !== undefined && { date }),
});

export const lotSystems = async (options: GlobalOptions): Promise<Map<string, SystemLotFormats>> =>
  formatsOf(await readMappings(options));

/** By name; `hub` is the hub's own rules, where no system is called so: for lots, or those for pieces that read the text. */
export const lotSystemOrRules = async (
  options: GlobalOptions,
  name: string,
  text: string,
  attributes: LotAttributes,
): Promise<SystemLotFormats> => {
  const config = await readMappings(options);
  const systems = formatsOf(config);
  const { lotNumbers, serialNumbers } = config.hub;
  const rules = [
    ...(lotNumbers ? [compileLotRules(lotNumbers)] : []),
    ...(serialNumbers ? [compileLotRules(serialNumbers, 'serial')] : []),
  ];
  if (name !== 'hub' || systems.has(name) || !rules[0]) return lotSystem(systems, name);
  return rules.find((one) => !isFault(one.tryParse(text, attributes))) ?? rules[0];
};

const formatsOf = ({ mappings }: MappedHub): Map<string, SystemLotFormats> =>
  new Map([...mappings].map(([system, { compiled }]) => [system, { ...compiled.lots, system }]));

export const lotSystem = (systems: ReadonlyMap<string, SystemLotFormats>, name: string): SystemLotFormats => {
  const found = systems.get(name);
  if (found) return found;
  throw new LotbridgeError({
    code: 'config.system-unknown',
    class: 'data',
    message: en.lot.noSystem(name),
    fix: en.lot.noSystemFix([...systems.keys()].join(', ')),
  });
};
