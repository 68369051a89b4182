/** What becomes of sent documents, in the store: written, planned again, to be looked up, or an exception for a person. */
import type { WriteOutcome, WriteRecord } from '../adapters/contract.js';
import type { Json } from '../core/json.js';
import { inTransaction } from '../store/database.js';
import { closeByKey, openExceptions } from '../store/exceptions.js';
import type { IntentRow } from '../store/intents.js';
import { type Settlement, settleIntents } from '../store/settlements.js';
import type { Deps } from './deps.js';
import { refusedDocument, unknownDocument } from './unsent.js';

export interface SendAsk {
  runId: string;
  flow: string;
  target: string;
  limit: number;
}

export interface Waits {
  /** After a lost answer. */
  settleMs: number;
  /** After a refusal that passes. */
  waitMs: number;
}

export const maximumAttempts = 20;

export const settlementOf = (
  outcome: WriteOutcome,
  attempt: number,
  { settleMs, waitMs }: Waits,
  findable: boolean,
): Settlement => {
  const { key } = outcome;
  if (outcome.status === 'written' || outcome.status === 'duplicate')
    return { key, state: 'written', reference: outcome.reference };
  const { code, message } = outcome;
  if (outcome.status === 'unknown')
    return { key, state: 'unknown', code, message, ...(findable && { lookAfterMs: settleMs }) };
  // Nobody there: no fault of the document.
  return code.endsWith('.unreachable') || (outcome.transient && attempt < maximumAttempts)
    ? { key, state: 'planned', code, message, waitMs }
    : { key, state: 'rejected', code, message };
};

export const canLookUp = (deps: Deps, target: string, stream: string): boolean =>
  deps.adapter(target).capabilities.streams[stream]?.idempotency !== 'none';

/** The documents in the target's own words; what its mapping cannot say is refused, and the rest goes on. */
export const render = (
  deps: Deps,
  target: string,
  intents: IntentRow[],
): { records: WriteRecord[]; refused: Settlement[] } => {
  const records: WriteRecord[] = [];
  const refused: Settlement[] = [];
  for (const intent of intents) {
    const { key, action } = intent;
    if (action === 'reverse') {
      records.push({ key, action, record: { reference: intent.before_reference ?? '' } });
      continue;
    }
    const document = { ...intent.document, key } as { [name: string]: Json };
    const rendered = deps.mapping(target).compiled.render(intent.stream, document);
    if (rendered.ok) records.push({ key, action, record: rendered.record });
    else refused.push({ key, state: 'rejected', code: rendered.code, message: rendered.message });
  }
  return { records, refused };
};

/** What was refused for good, or cannot be known, is an exception with its document; what went through closes it. */
export const settle = async (
  deps: Deps,
  ask: SendAsk,
  intents: readonly IntentRow[],
  settlements: readonly Settlement[],
): Promise<void> => {
  if (settlements.length === 0) return;
  const attemptOf = new Map(intents.map(({ key, attempt }) => [key, attempt]));
  await inTransaction(deps.pool, async (client) => {
    const settled = await settleIntents(
      client,
      ask.runId,
      settlements.map((item) => ({ ...item, attempt: attemptOf.get(item.key) ?? 0 })),
    );
    const rejected = settled.filter((row) => row.state === 'rejected').map(refusedDocument(ask.target));
    const lost = settled.filter((row) => row.state === 'unknown' && row.look_at === null);
    await openExceptions(client, ask.flow, ask.runId, [...rejected, ...lost.map(unknownDocument(ask.target))]);
    const written = exceptionKeys(
      ask,
      settled.filter((row) => row.state === 'written').map((row) => row.key),
    );
    await closeByKey(client, ask.flow, ask.runId, 'parked', written);
    await closeByKey(client, ask.flow, ask.runId, 'unknown-write', written);
  });
};

export const exceptionKeys = (ask: SendAsk, keys: string[]): string[] => keys.map((key) => `${ask.target}/${key}`);
