/** Kingdee K3Cloud (金蝶云星空): materials, lots, stock, orders and stock bills over its WebAPI. */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import type { Adapter, AdapterContext, Capabilities, LookupOutcome, WriteOutcome } from '../contract.js';
import { createClient } from './client.js';
import { checkPermissions, discoverFields } from './describe.js';
import { readStream } from './query.js';
import { readSettings } from './settings.js';
import { capabilitiesOf, type KingdeeStream, streams } from './streams.js';
import { lookupBills, writeBill } from './write-bill.js';
import { lookupMaterial, writeMaterial } from './write-material.js';
import { Steps } from './write-steps.js';

export const kingdeeCapabilities: Capabilities = {
  streams: Object.fromEntries(Object.entries(streams).map(([name, stream]) => [name, capabilitiesOf(stream)])),
};

export const createKingdeeAdapter = (context: AdapterContext): Adapter => {
  const settings = readSettings(context);
  const client = createClient(context, settings);

  const streamOf = (name: string): KingdeeStream => {
    const stream = Object.hasOwn(streams, name) ? streams[name] : undefined;
    if (stream !== undefined) return stream;
    throw new LotbridgeError({
      code: 'kingdee.no-stream',
      class: ErrorClass.config,
      message: `${context.system}: there is no stream ${name}`,
      fix: `Use one of: ${Object.keys(streams).join(', ')}.`,
    });
  };

  const writable = (name: string): KingdeeStream => {
    const stream = streamOf(name);
    if (stream.write !== undefined) return stream;
    throw new LotbridgeError({
      code: 'kingdee.read-only',
      class: ErrorClass.config,
      message: `${context.system}/${name} is read only`,
      fix: 'Take this stream out of the targets of the flow.',
    });
  };

  return {
    system: context.system,
    capabilities: kingdeeCapabilities,
    check: (signal) => checkPermissions(client, signal),
    discover: async (stream, signal) => discoverFields(client, streamOf(stream), signal),
    async *read(name, request) {
      yield* readStream(client, settings, name, streamOf(name), request);
    },
    async write(name, records, signal) {
      const stream = writable(name);
      const steps = new Steps(client, signal, context.timeZone);
      const outcomes: WriteOutcome[] = [];
      for (const record of records) {
        try {
          outcomes.push(
            stream.write === 'bill' ? await writeBill(steps, stream, record) : await writeMaterial(steps, record),
          );
        } catch (error) {
          // Nothing was done for this record; what was done for those before it must be told.
          if (outcomes.length === 0 || !(error instanceof LotbridgeError)) throw error;
          const { code, message } = error;
          outcomes.push({ key: record.key, status: 'rejected', code, message, transient: true });
        }
      }
      return outcomes;
    },
    async lookup(name, records, signal) {
      const stream = writable(name);
      const steps = new Steps(client, signal, context.timeZone);
      if (stream.write === 'bill') return lookupBills(steps, stream, records);
      const outcomes: LookupOutcome[] = [];
      for (const record of records) outcomes.push(await lookupMaterial(steps, record));
      return outcomes;
    },
    close: () => client.close(),
  };
};
