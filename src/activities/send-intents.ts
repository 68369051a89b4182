/** Sends planned documents to one target and settles each by its answer, or by looking it up when the answer was lost. */
import type { LookupOutcome, WriteOutcome, WriteRecord } from '../adapters/contract.js';
import { durationMs } from '../core/duration.js';
import { LotbridgeError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { inTransaction } from '../store/database.js';
import { closeByKey, openExceptions } from '../store/exceptions.js';
import { askFirstAfterRestore, claimIntents, claimLookups, type IntentRow } from '../store/intents.js';
import { openIntents, type Settlement, settleFollowers, settleIntents } from '../store/settlements.js';
import type { Deps } from './deps.js';
import { step } from './failure.js';
import { refusedDocument, unknownDocument } from './unsent.js';

interface Ask {
  runId: string;
  flow: string;
  target: string;
  limit: number;
}

export interface SendResult {
  /** Documents that still move by themselves. */
  open: number;
  /** Until the next of them may move. */
  waitMs: number;
}

const usualDeadline = '2m';
/** As many as a slow system takes well before the deadline. */
const claimedAtOnce = 50;
const lockWaitMs = 3_000;
const maximumAttempts = 20;

export const sendActivities = (deps: Deps) => ({
  sendIntents: (ask: Ask): Promise<SendResult> =>
    step(async (signal) => {
      const settleMs = durationMs(deps.config.systems[ask.target]?.settleAfter ?? '10s');
      const waitMs = Math.min(settleMs, lockWaitMs);
      // A flow that was switched to proposing only finds out what became of what it had sent.
      const sends = deps.config.flows?.[ask.flow]?.mode === 'write';
      if (sends) await askFirstAfterRestore(deps.pool, ask);
      await lookUp(deps, ask, settleMs, signal);
      if (sends) await sendNext(deps, ask, { settleMs, waitMs }, signal);
      const left = await openIntents(deps.pool, ask.flow, ask.target);
      const ready = sends ? left.ready : 0;
      const open = ready + (sends ? left.refused : 0) + left.unanswered;
      return { open, waitMs: open === 0 || ready > 0 ? 0 : waitMs };
    }),
});

interface Waits {
  /** After a lost answer. */
  settleMs: number;
  /** After a refusal that passes. */
  waitMs: number;
}

const sendNext = async (deps: Deps, ask: Ask, waits: Waits, signal: AbortSignal): Promise<void> => {
  await inTransaction(deps.pool, async (client) => {
    const { blocked, done } = await settleFollowers(client, ask.flow, ask.target);
    await openExceptions(client, ask.flow, ask.runId, blocked.map(refusedDocument(ask.target)));
    await closeByKey(client, ask.flow, ask.runId, 'parked', exceptionKeys(ask, done));
  });
  const deadlineMs = durationMs(deps.config.systems[ask.target]?.writeWithin ?? usualDeadline);
  for (let left = ask.limit; left > 0 && !signal.aborted; left -= claimedAtOnce) {
    // Nothing of a claim is sent when its time is over: whoever looks it up then must not be overtaken.
    const late = AbortSignal.timeout(Math.floor(deadlineMs * 0.9));
    const limit = Math.min(left, claimedAtOnce);
    const claimed = await claimIntents(deps.pool, { ...ask, limit, deadlineMs });
    try {
      for (const { stream, intents } of inOrder(claimed))
        await send(deps, ask, stream, intents, waits, AbortSignal.any([signal, late]));
    } catch (error) {
      if (!late.aborted || signal.aborted) throw error;
    }
    if (claimed.length < limit) break;
  }
};

const send = async (
  deps: Deps,
  ask: Ask,
  stream: string,
  intents: IntentRow[],
  waits: Waits,
  signal: AbortSignal,
): Promise<void> => {
  const { records, refused } = render(deps, ask.target, intents);
  await settle(deps, ask, intents, refused);
  if (records.length === 0) return;
  const outcomes = await deps.adapter(ask.target).write(stream, records, signal);
  const findable = canLookUp(deps, ask.target, stream);
  await settle(
    deps,
    ask,
    intents,
    outcomes.map((outcome) => settlement(outcome, intents, waits, findable)),
  );
  if (outcomes.every((outcome) => 'code' in outcome && outcome.code.endsWith('.unreachable')))
    throw new LotbridgeError({
      code: 'write.unreachable',
      class: 'transient',
      message: `${ask.target}/${stream}: nobody answers; ${outcomes.length} documents wait`,
      fix: 'Is the system running? lotbridge check says what is wrong. The documents stay planned for the next run.',
    });
};

const settlement = (
  outcome: WriteOutcome,
  intents: IntentRow[],
  { settleMs, waitMs }: Waits,
  findable: boolean,
): Settlement => {
  const { key } = outcome;
  if (outcome.status === 'written' || outcome.status === 'duplicate')
    return { key, state: 'written', reference: outcome.reference };
  const { code, message } = outcome;
  if (outcome.status === 'unknown')
    return { key, state: 'unknown', code, message, ...(findable && { lookAfterMs: settleMs }) };
  const attempt = intents.find((intent) => intent.key === key)?.attempt ?? maximumAttempts;
  // Nobody there: no fault of the document.
  return code.endsWith('.unreachable') || (outcome.transient && attempt < maximumAttempts)
    ? { key, state: 'planned', code, message, waitMs }
    : { key, state: 'rejected', code, message };
};

const canLookUp = (deps: Deps, target: string, stream: string): boolean =>
  deps.adapter(target).capabilities.streams[stream]?.idempotency !== 'none';

const lookUp = async (deps: Deps, ask: Ask, settleMs: number, signal: AbortSignal): Promise<void> => {
  const due = await claimLookups(deps.pool, { ...ask, settleMs });
  for (const { stream, intents } of inOrder(due)) {
    if (!canLookUp(deps, ask.target, stream)) {
      const lost = { state: 'unknown', code: 'write.no-lookup' } as const;
      const sent = 'It was sent, and no answer came';
      const forgotten = 'The store was restored from a backup: it may have been sent after that was made';
      await settle(
        deps,
        ask,
        intents,
        intents.map(({ key, attempt }) => ({ key, ...lost, message: attempt > 0 ? sent : forgotten })),
      );
      continue;
    }
    const { records } = render(deps, ask.target, intents);
    const found = await deps.adapter(ask.target).lookup(stream, records, signal);
    await settle(
      deps,
      ask,
      intents,
      found.map((outcome) => foundOrNot(outcome, intents)),
    );
  }
};

/** Half done goes on from the step reached; what is lost again and again is for a person. */
const foundOrNot = (outcome: LookupOutcome, intents: IntentRow[]): Settlement => {
  const { key } = outcome;
  if (outcome.found && outcome.complete) return { key, state: 'written', reference: outcome.reference };
  const intent = intents.find((one) => one.key === key);
  const again = (intent?.attempt ?? maximumAttempts) < maximumAttempts;
  if (!outcome.found && (again || intent?.absent_seen === 0)) return { key, state: 'absent' };
  const code = outcome.found ? 'write.half-done' : 'write.lost-again';
  const message = outcome.found ? 'Begun in the target and not finished' : 'No answer came, however often it was sent';
  return again ? { key, state: 'planned', code, message, waitMs: 0 } : { key, state: 'unknown', code, message };
};

/** The documents in the target's own words; what its mapping cannot say is refused, and the rest goes on. */
const render = (
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
const settle = async (deps: Deps, ask: Ask, intents: IntentRow[], settlements: Settlement[]): Promise<void> => {
  if (settlements.length === 0) return;
  const rowOf = new Map(intents.map((intent) => [intent.key, intent]));
  await inTransaction(deps.pool, async (client) => {
    const settled = await settleIntents(
      client,
      ask.runId,
      settlements.map((item) => ({ ...item, attempt: rowOf.get(item.key)?.attempt ?? 0 })),
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

const exceptionKeys = (ask: Ask, keys: string[]): string[] => keys.map((key) => `${ask.target}/${key}`);

/** Documents in the order in which things happened, each stretch of one stream together. */
const inOrder = (intents: IntentRow[]): { stream: string; intents: IntentRow[] }[] => {
  const stretches: { stream: string; intents: IntentRow[] }[] = [];
  for (const intent of intents) {
    const last = stretches.at(-1);
    if (last?.stream === intent.stream) last.intents.push(intent);
    else stretches.push({ stream: intent.stream, intents: [intent] });
  }
  return stretches;
};
