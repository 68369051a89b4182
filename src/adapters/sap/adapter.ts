/** The connector `sap-odata`: SAP S/4HANA through its OData V2 services for products, batches, stock, documents, orders. */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import type {
  Adapter,
  AdapterContext,
  Capabilities,
  CheckResult,
  StreamCapabilities,
  WriteOutcome,
} from '../contract.js';
import { messagesOf } from './answer.js';
import { SapClient } from './client.js';
import { type Described, discoverFields } from './discover.js';
import { readStream } from './read.js';
import { readSettings } from './settings.js';
import { sapStreams } from './streams.js';
import { lookupBatch, writeBatch } from './write-batch.js';
import { lookupMovement, writeMovement } from './write-movement.js';

const reading: StreamCapabilities = { read: true, incremental: true, counts: true, write: false, discover: true };

/** `document` counts headers while its records are items, so it has no count of its own. */
export const sapCapabilities: Capabilities = {
  streams: {
    product: reading,
    batch: { ...reading, write: true, idempotency: 'naturalKey' },
    stock: { ...reading, incremental: false },
    document: { ...reading, counts: false },
    order: reading,
    movement: { read: false, incremental: false, counts: false, write: true, idempotency: 'reference', discover: true },
  },
};

/** Records of documents are items, each with its header. */
const items: Described = {
  service: 'API_MATERIAL_DOCUMENT_SRV',
  set: 'A_MaterialDocumentItem',
  expand: [],
  header: 'to_MaterialDocumentHeader',
};
const writers = {
  batch: { write: writeBatch, lookup: lookupBatch },
  movement: { write: writeMovement, lookup: lookupMovement },
};

export const createSapAdapter = (context: AdapterContext): Adapter => {
  const settings = readSettings(context);
  const client = new SapClient(context, settings);
  const unknownStream = (stream: string) =>
    new LotbridgeError({
      code: 'sap.unknown-stream',
      class: ErrorClass.config,
      message: `${context.system}: there is no stream ${stream} for this`,
      fix: `Use one of ${Object.keys(sapCapabilities.streams).join(', ')}.`,
    });
  const streamNamed = (name: string) => {
    const stream = sapStreams[name];
    if (!stream) throw unknownStream(name);
    return stream;
  };
  const writerNamed = (name: string) => {
    if (name === 'batch' || name === 'movement') return writers[name];
    throw unknownStream(name);
  };

  return {
    system: context.system,
    capabilities: sapCapabilities,

    async check(signal) {
      const started = performance.now();
      const missing: CheckResult['missing'] = [];
      for (const { service, set } of Object.values(sapStreams)) {
        try {
          const response = await client.get(service, set, { $top: '1', $format: 'json' }, signal);
          if (response.status >= 400) missing.push(missingService(service, set, messagesOf(response.text)[0]?.text));
        } catch (error) {
          if (!(error instanceof LotbridgeError) || error.code !== 'sap.logon-refused') throw error;
          missing.push({ permission: 'logon', fix: error.fix });
          break;
        }
      }
      return { ok: missing.length === 0, missing, latencyMs: Math.round(performance.now() - started) };
    },

    async discover(stream, signal) {
      const described = stream === 'movement' || stream === 'document' ? items : streamNamed(stream);
      return discoverFields(client, described, signal);
    },

    async *read(stream, request) {
      yield* readStream(client, settings, streamNamed(stream), request);
    },

    async write(stream, records, signal) {
      const { write } = writerNamed(stream);
      const outcomes: WriteOutcome[] = [];
      for (const record of records) outcomes.push(await write(client, record, signal));
      return outcomes;
    },

    async lookup(stream, records, signal) {
      const { lookup } = writerNamed(stream);
      const outcomes = [];
      for (const record of records) outcomes.push(await lookup(client, record, signal));
      return outcomes;
    },

    close: () => client.close(),
  };
};

const missingService = (
  service: string,
  set: string,
  said: string | undefined,
): { permission: string; fix: string } => ({
  permission: `S_SERVICE ${service}`,
  fix: `Activate ${service} in /IWFND/MAINT_SERVICE and give the user its start authorization (S_SERVICE, R3TR IWSV) and display rights for ${set}.${said ? ` SAP says: ${said}` : ''}`,
});
