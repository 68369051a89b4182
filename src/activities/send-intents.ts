/** Sends planned documents to one target and settles each by its answer, or by looking it up when the answer was lost. */
import type { LookupOutcome } from '../adapters/contract.js';
import { durationMs } from '../core/duration.js';
import { askFirstAfterRestore, claimLookups, type IntentRow } from '../store/intents.js';
import { openIntents, type Settlement } from '../store/settlements.js';
import { type Deps, forRun } from './deps.js';
import { step } from './failure.js';
import { sendNext } from './send-next.js';
import { canLookUp, maximumAttempts, render, type SendAsk, settle } from './send-settle.js';

export interface SendResult {
  /** Documents that still move by themselves. */
  open: number;
  /** Until the next of them may move. */
  waitMs: number;
}

const lockWaitMs = 3_000;
/** As many as are looked up before the run looks around. */
const lookedUpAtOnce = 200;

export const sendActivities = (given: Deps) => ({
  sendIntents: (ask: SendAsk): Promise<SendResult> =>
    step(async (signal) => {
      const deps = await forRun(given, ask.runId);
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

const lookUp = async (deps: Deps, ask: SendAsk, settleMs: number, signal: AbortSignal): Promise<void> => {
  const due = await claimLookups(deps.pool, { ...ask, limit: Math.min(ask.limit, lookedUpAtOnce), settleMs });
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
