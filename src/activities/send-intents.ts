/** Sends planned documents to one target and settles each by its answer, or by looking it up when the answer was lost. */
import type { WriteOutcome, WriteRecord } from '../adapters/contract.js';
import { durationMs } from '../core/duration.js';
import { openExceptions } from '../store/exceptions.js';
import {
  claimIntents,
  claimLookups,
  type IntentRow,
  openIntents,
  type Settlement,
  settleIntents,
} from '../store/intents.js';
import type { Deps } from './deps.js';
import { step } from './failure.js';

export interface SendResult {
  open: number;
  waitMs: number;
  gaveUp: boolean;
}

const writeDeadlineMs = 120_000;
const lockWaitMs = 3_000;
const maximumAttempts = 20;

export const sendActivities = (deps: Deps) => ({
  sendIntents: (ask: { runId: string; flow: string; target: string; limit: number }): Promise<SendResult> =>
    step(async (signal) => {
      const settleMs = durationMs(deps.config.systems[ask.target]?.settleAfter ?? '10s');
      await lookUp(deps, ask, settleMs, signal);
      const claimed = await claimIntents(deps.pool, { ...ask, deadlineMs: writeDeadlineMs });
      for (const [stream, intents] of byStream(claimed)) await send(deps, ask, stream, intents, settleMs, signal);
      const left = await openIntents(deps.pool, ask.flow, ask.target);
      const open = left.ready + left.waiting + left.sending + left.unknown;
      const waitMs = open === 0 || left.ready > 0 ? 0 : Math.min(settleMs, lockWaitMs);
      return { open, waitMs, gaveUp: false };
    }),
});

const send = async (
  deps: Deps,
  ask: { runId: string; flow: string; target: string },
  stream: string,
  intents: IntentRow[],
  settleMs: number,
  signal: AbortSignal,
): Promise<void> => {
  const { records, refused } = render(deps, ask.target, intents);
  await settle(deps, ask, intents, refused);
  if (records.length === 0) return;
  const outcomes = await deps.adapter(ask.target).write(stream, records, signal);
  await settle(
    deps,
    ask,
    intents,
    outcomes.map((outcome) => settlement(outcome, intents, settleMs)),
  );
};

const settlement = (outcome: WriteOutcome, intents: IntentRow[], settleMs: number): Settlement => {
  const { key } = outcome;
  if (outcome.status === 'written' || outcome.status === 'duplicate')
    return { key, state: 'written', reference: outcome.reference };
  const { code, message } = outcome;
  if (outcome.status === 'unknown') return { key, state: 'unknown', code, message, lookAfterMs: settleMs };
  const attempt = intents.find((intent) => intent.key === key)?.attempt ?? maximumAttempts;
  return outcome.transient && attempt < maximumAttempts
    ? { key, state: 'planned', code, message, waitMs: lockWaitMs }
    : { key, state: 'rejected', code, message };
};

const lookUp = async (
  deps: Deps,
  ask: { runId: string; flow: string; target: string; limit: number },
  settleMs: number,
  signal: AbortSignal,
): Promise<void> => {
  const due = await claimLookups(deps.pool, { ...ask, settleMs });
  for (const [stream, intents] of byStream(due)) {
    const { records } = render(deps, ask.target, intents);
    const found = await deps.adapter(ask.target).lookup(stream, records, signal);
    await settle(
      deps,
      ask,
      intents,
      found.map((outcome) =>
        !outcome.found
          ? { key: outcome.key, state: 'absent' }
          : outcome.complete
            ? { key: outcome.key, state: 'written', reference: outcome.reference }
            : {
                key: outcome.key,
                state: 'planned',
                code: 'write.half-done',
                message: 'Goes on from the step reached',
                waitMs: 0,
              },
      ),
    );
  }
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
    const rendered = deps.mapping(target).compiled.render(intent.stream, { ...intent.document, key: intent.key });
    if (rendered.ok) records.push({ key: intent.key, action: intent.action, record: rendered.record });
    else refused.push({ key: intent.key, state: 'rejected', code: rendered.code, message: rendered.message });
  }
  return { records, refused };
};

/** What was refused for good is an exception with its document, so that it can be replayed. */
const settle = async (
  deps: Deps,
  ask: { runId: string; flow: string; target: string },
  intents: IntentRow[],
  settlements: Settlement[],
): Promise<void> => {
  await settleIntents(deps.pool, ask.runId, settlements);
  const rejected = settlements.filter((item) => item.state === 'rejected');
  await openExceptions(
    deps.pool,
    ask.flow,
    ask.runId,
    rejected.map((item) => {
      const intent = intents.find((row) => row.key === item.key);
      return {
        class: 'parked',
        key: `${ask.target}/${item.key}`,
        systems: intent ? [intent.source_system, ask.target] : [ask.target],
        evidence: { code: item.code, message: item.message, document: intent?.document_id, intent: item.key },
        payload: intent?.document,
      };
    }),
  );
};

const byStream = (intents: IntentRow[]): Map<string, IntentRow[]> => {
  const groups = new Map<string, IntentRow[]>();
  for (const intent of intents) groups.set(intent.stream, [...(groups.get(intent.stream) ?? []), intent]);
  return groups;
};
