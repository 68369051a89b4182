/** The adapters of the configured systems; of those that are worked elsewhere, only what they are able to do. */
import { join } from 'node:path';
import type { Adapter, AdapterContext, Capabilities, Lease } from '../adapters/contract.js';
import { capabilitiesOf, createAdapter } from '../adapters/create.js';
import { inProcessLease } from '../adapters/engine/lease.js';
import type { SystemConfig } from '../config/hub.js';
import type { LoadedConfig } from '../config/load.js';
import { durationMs } from '../core/duration.js';
import { LotbridgeError } from '../core/errors.js';
import { en } from '../messages/en.js';
import type { Telemetry } from '../telemetry/telemetry.js';
import { log } from '../workers/log.js';

/** All that the adapters of a hub are made from. */
export type AdapterConfig = Pick<LoadedConfig, 'dir' | 'hub' | 'connections'>;

export const openAdapters = (
  config: AdapterConfig,
  lease: Lease = inProcessLease(),
  telemetry?: Telemetry,
): Map<string, Adapter> => {
  const fileOf = (name: string | undefined) => (name === undefined ? undefined : join(config.dir, 'connectors', name));
  return new Map(
    Object.entries(config.hub.systems).map(([system, settings]) => {
      const connection = config.connections[system];
      const file = fileOf(settings.connector);
      if (connection === undefined)
        return [system, workedElsewhere(system, capabilitiesOf(settings.kind, file, system))];
      const context: AdapterContext = {
        system,
        connection: { ...pressure(settings), ...connection },
        timeZone: settings.timeZone ?? config.hub.timeZone ?? 'UTC',
        lease: telemetry?.lease(lease) ?? lease,
        log: log.child({ system }),
        ...(telemetry && { requests: telemetry.requests(system) }),
      };
      const adapter = createAdapter(settings.kind, file, context);
      return [system, telemetry?.adapter(adapter) ?? adapter];
    }),
  );
};

/** Without its secrets an adapter can only say what its system is able to do. */
const workedElsewhere = (system: string, capabilities: Capabilities): Adapter => {
  const refuse = (): never => {
    throw new LotbridgeError({
      code: 'worker.elsewhere',
      class: 'config',
      message: en.worker.elsewhereHere(system),
      fix: en.worker.elsewhereFix,
    });
  };
  const close = async (): Promise<void> => undefined;
  return { system, capabilities, check: refuse, discover: refuse, read: refuse, lookup: refuse, write: refuse, close };
};

/** How hard and how far back the adapter may reach, where the connection itself does not say. */
const pressure = ({ overlap, rate }: SystemConfig): Record<string, number> => ({
  ...(overlap !== undefined && { overlapSeconds: durationMs(overlap) / 1000 }),
  ...rate,
});

export const known = <T>(map: ReadonlyMap<string, T>, system: string): T => {
  const found = map.get(system);
  if (found !== undefined) return found;
  throw new LotbridgeError({
    code: 'config.system-unknown',
    class: 'config',
    message: `hub.yaml has no system ${system}`,
    fix: 'Add it under systems, or correct the name.',
  });
};
