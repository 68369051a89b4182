/** Writes in batches, each sent once; every record gets its own outcome, and a lost answer is `unknown`. */
import { Big } from 'big.js';
import { LotbridgeError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { LookupOutcome, RawRecord, WriteOutcome, WriteRecord } from '../contract.js';
import type { Verdict } from './answer.js';
import type { Caller } from './call.js';
import { holds } from './condition.js';
import { at, inBody, textAt } from './path.js';
import type { Write } from './schema.js';

export interface Writing {
  name: string;
  write: Write;
  caller: Caller;
  /** The field in which the system itself says when the record changed: never as written. */
  changeField?: string | undefined;
}

/** Records in one request. */
export const batchSize = ({ idempotency, batch = 1 }: Write): number => (idempotency.header === undefined ? batch : 1);

export const writeRecords = async (
  { name, write, caller }: Writing,
  records: WriteRecord[],
  signal: AbortSignal | undefined,
): Promise<WriteOutcome[]> => {
  signal?.throwIfAborted();
  const outcomes = new Map<WriteRecord, WriteOutcome>();
  const sendable = records.filter((one) => {
    if (one.action === (write.action ?? 'upsert')) return true;
    outcomes.set(one, rejected(one, 'http.action', `the connector can not ${one.action} ${name}`));
    return false;
  });
  const max = batchSize(write);
  for (let from = 0; from < sendable.length; from += max) {
    const batch = sendable.slice(from, from + max);
    const made =
      from > 0 && signal?.aborted
        ? batch.map((one) => rejected(one, 'http.cancelled', 'called off before it was sent', true))
        : await sendBatch(name, write, caller, batch, signal, from === 0);
    batch.forEach((one, index) => {
      const outcome = made[index];
      if (outcome) outcomes.set(one, outcome);
    });
  }
  return records.map((one) => outcomes.get(one) ?? lost(one, 'http.result-missing', 'the answer says nothing of it'));
};

const bodyOf = (write: Write, { key, record }: WriteRecord): RawRecord =>
  write.idempotency.field === undefined ? record : { ...record, [write.idempotency.field]: key };

const sendBatch = async (
  name: string,
  write: Write,
  caller: Caller,
  batch: WriteRecord[],
  signal: AbortSignal | undefined,
  nothingSentYet: boolean,
): Promise<WriteOutcome[]> => {
  const bodies = batch.map((one) => bodyOf(write, one));
  const key = batch[0]?.key ?? '';
  const { header } = write.idempotency;
  try {
    const { verdict } = await caller.once(write.request, {
      scope: { records: bodies, record: bodies[0] ?? {}, key },
      answers: write.answers,
      idempotent: false,
      what: name,
      permission: write.permission,
      headers: header === undefined ? {} : { [header]: key },
      signal,
    });
    return judged(write, batch, verdict);
  } catch (error) {
    if (signal?.aborted) return batch.map((one) => lost(one, 'http.cancelled', 'called off while it was under way'));
    if (!(error instanceof LotbridgeError)) throw error;
    if (error.code === 'http.unreachable' || error.code === 'http.rate-limited')
      return batch.map((one) => rejected(one, error.code, error.message, true));
    if (error.class === 'transient') return batch.map((one) => lost(one, error.code, error.message));
    // A value that can not be written: the record's own fault, found before anything was sent.
    if (error.class === 'data') return batch.map((one) => rejected(one, error.code, error.message));
    // Without credentials or a valid description nothing was sent: the whole write is at fault, not a record.
    if (nothingSentYet) throw error;
    return batch.map((one) => rejected(one, error.code, error.message));
  }
};

const judged = (write: Write, batch: WriteRecord[], verdict: Verdict): WriteOutcome[] => {
  if ('body' in verdict)
    return write.result ? perRecord(write.result, batch, verdict.body) : whole(write, batch, verdict);
  const { as, code, message } = verdict;
  switch (as) {
    case 'retry':
    case 'lost':
      return batch.map((one) => lost(one, code, message));
    case 'rateLimited':
      return batch.map((one) => rejected(one, code, message, true));
    default:
      return batch.map((one) => rejected(one, code, message));
  }
};

const whole = (write: Write, batch: WriteRecord[], verdict: Extract<Verdict, { body: Json }>): WriteOutcome[] =>
  batch.map((one) => ({
    key: one.key,
    status: verdict.as === 'duplicate' ? 'duplicate' : 'written',
    reference: (write.reference && textAt(verdict.body, inBody(write.reference))) || one.key,
  }));

const perRecord = (words: NonNullable<Write['result']>, batch: WriteRecord[], body: Json): WriteOutcome[] => {
  const found = at(body, inBody(words.records));
  const results = Array.isArray(found) ? found : [];
  const { by } = words;
  return batch.map((one, index) => {
    const result =
      by === 'index'
        ? results.length === batch.length
          ? results[index]
          : undefined
        : results.find((candidate) =>
            Object.entries(by.key).every(([theirs, ours]) => same(at(candidate, theirs), at(one.record, ours))),
          );
    if (result === undefined) return lost(one, 'http.result-missing', 'the answer says nothing of this record');
    const facts: Json = { result };
    const reference = textAt(result, words.reference) ?? one.key;
    if (words.duplicate && holds(words.duplicate, facts)) return { key: one.key, status: 'duplicate', reference };
    if (holds(words.ok, facts)) return { key: one.key, status: 'written', reference };
    return rejected(
      one,
      (words.code && textAt(result, words.code)) || 'http.refused',
      (words.message && textAt(result, words.message)) || 'the system refused it without a reason',
      words.transient !== undefined && holds(words.transient, facts),
    );
  });
};

/** What an unknown outcome is settled with: the record as the target holds it now. */
export const lookupRecords = async (
  { name, write, caller, changeField }: Writing,
  records: WriteRecord[],
  signal: AbortSignal | undefined,
): Promise<LookupOutcome[]> => {
  const { lookup } = write;
  if (!lookup)
    throw new LotbridgeError({
      code: 'http.lookup-unsupported',
      class: 'config',
      message: `${name}: the connector does not say how a written record is found again`,
      fix: 'Add `lookup` to the write, or declare idempotency `none`.',
    });
  const outcomes: LookupOutcome[] = [];
  for (const one of records) {
    const { verdict } = await caller.patiently(lookup.request, {
      scope: { record: one.record, key: one.key },
      answers: undefined,
      idempotent: true,
      what: `${name}/${one.key}`,
      permission: write.permission,
      signal,
    });
    const body = 'body' in verdict ? verdict.body : null;
    const found = at(body, inBody(lookup.records));
    const candidates = Array.isArray(found) ? found : found === undefined || found === null ? [] : [found];
    const written = Object.entries(lookup.verify ? bodyOf(write, one) : {}).filter(([field]) => field !== changeField);
    const hit = candidates.find(
      (candidate) =>
        Object.entries(lookup.match ?? {}).every(([theirs, ours]) =>
          same(at(candidate, theirs), at(one.record, ours)),
        ) && written.every(([field, value]) => same(at(candidate, field), value)),
    );
    outcomes.push(
      hit === undefined
        ? { key: one.key, found: false }
        : { key: one.key, found: true, reference: textAt(hit, lookup.reference) ?? one.key, complete: true },
    );
  }
  return outcomes;
};

const decimal = /^-?\d+(\.\d+)?$/;

/** Empty, null and left out are the same; numbers compare by value when one side writes them as numbers. */
const same = (a: Json | undefined, b: Json | undefined): boolean => {
  const [left, right] = [textOf(a), textOf(b)];
  if (left === right) return true;
  return (
    (typeof a === 'number' || typeof b === 'number') &&
    decimal.test(left) &&
    decimal.test(right) &&
    new Big(left).eq(right)
  );
};

const textOf = (value: Json | undefined): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

const rejected = (one: WriteRecord, code: string, message: string, transient = false): WriteOutcome => ({
  key: one.key,
  status: 'rejected',
  code,
  message,
  transient,
});

const lost = (one: WriteRecord, code: string, message: string): WriteOutcome => ({
  key: one.key,
  status: 'unknown',
  code,
  message,
});
