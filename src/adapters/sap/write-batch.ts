/** Batches: created, or changed where they differ, under the etag that was read. The key is the batch's own. */
import type { LookupOutcome, RawRecord, WriteOutcome, WriteRecord } from '../contract.js';
import { bodyOf } from './answer.js';
import type { SapClient } from './client.js';
import { outcomeOfAnswer, outcomeOfFailure } from './outcome.js';
import { isObject, keyed, plain, toWire } from './values.js';

const service = 'API_BATCH_SRV';

const keyOf = (record: RawRecord) => ({
  Material: String(record.Material ?? ''),
  BatchIdentifyingPlant: String(record.BatchIdentifyingPlant ?? ''),
  Batch: String(record.Batch ?? ''),
});
const pathOf = (record: RawRecord): string => keyed('Batch', keyOf(record));
const referenceOf = (record: RawRecord): string => Object.values(keyOf(record)).join('/');

const find = async (client: SapClient, record: RawRecord, signal: AbortSignal | undefined) => {
  const response = await client.get(service, pathOf(record), {}, signal);
  if (response.status === 404) return undefined;
  const data = bodyOf(response, `${service}/Batch ${referenceOf(record)}`);
  const metadata = isObject(data) && isObject(data.__metadata) ? data.__metadata : {};
  const batch = plain(data);
  return isObject(batch) ? { batch, etag: String(metadata.etag ?? '*') } : undefined;
};

/** What the target does not hold yet. */
const differences = (wanted: RawRecord, held: RawRecord): RawRecord =>
  Object.fromEntries(
    Object.entries(wanted).filter(
      ([name, value]) => !(name in keyOf(wanted)) && String(plain(value, name) ?? '') !== String(held[name] ?? ''),
    ),
  );

export const writeBatch = async (
  client: SapClient,
  { key, record }: WriteRecord,
  signal: AbortSignal | undefined,
): Promise<WriteOutcome> => {
  const reference = referenceOf(record);
  try {
    for (let attempt = 1; ; attempt++) {
      const held = await find(client, record, signal);
      const changes = held && differences(record, held.batch);
      if (changes && Object.keys(changes).length === 0) return { key, status: 'duplicate', reference };
      const response = await client.write(
        held && changes
          ? {
              method: 'MERGE',
              service,
              resource: pathOf(record),
              body: toWire(changes),
              headers: { 'If-Match': held.etag },
              signal,
            }
          : { method: 'POST', service, resource: 'Batch', body: toWire(record), signal },
      );
      if (response.status === 201 || response.status === 204) return { key, status: 'written', reference };
      // Somebody was faster: nothing of ours was carried out, so the newer state is read and compared again.
      const overtaken =
        response.status === 412 || (!held && response.status === 400 && (await find(client, record, signal)));
      if (!overtaken || attempt > 1) return outcomeOfAnswer(key, response);
    }
  } catch (error) {
    return outcomeOfFailure(key, error);
  }
};

export const lookupBatch = async (
  client: SapClient,
  { key, record }: WriteRecord,
  signal: AbortSignal | undefined,
): Promise<LookupOutcome> => {
  const held = await find(client, record, signal);
  if (!held || Object.keys(differences(record, held.batch)).length > 0) return { key, found: false };
  return { key, found: true, reference: referenceOf(record), complete: true };
};
