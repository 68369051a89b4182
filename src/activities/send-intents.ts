/** Sends planned documents to one target and settles each by its answer, or by looking it up when the answer was lost. */
import type { WriteOutcome, WriteRecord } from '../adapters/contract.js';
import { durationMs } from '../core/duration.js';
import type { Json } from '../core/json.js';
import { inTransaction } from '../store/database.js';
import { closeByKey, type ExceptionInput, openExceptions } from '../store/exceptions.js';
import {
  claimIntents,
  claimLookups,
  type IntentRow,
  openIntents,
  type Settlement,
  settleFollowers,
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
      await inTransaction(deps.pool, async (client) => {
        const blocked = await settleFollowers(client, ask.flow, ask.target);
        await openExceptions(client, ask.flow, ask.runId, blocked.map(refusedDocument(ask.target)));
      });
      const claimed = await claimIntents(deps.pool, { ...ask, deadlineMs: writeDeadlineMs });
      for (const { stream, intents } of inOrder(claimed)) await send(deps, ask, stream, intents, settleMs, signal);
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
  for (const { stream, intents } of inOrder(due)) {
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

/** What was refused for good is an exception with its document, so that it can be replayed; what went through closes it. */
const settle = async (
  deps: Deps,
  ask: { runId: string; flow: string; target: string },
  intents: IntentRow[],
  settlements: Settlement[],
): Promise<void> => {
  if (settlements.length === 0) return;
  const keysOf = (state: Settlement['state']) =>
    new Set(settlements.filter((item) => item.state === state).map((item) => item.key));
  const rejected = keysOf('rejected');
  const written = keysOf('written');
  const said = new Map(settlements.map((item) => [item.key, item]));
  await inTransaction(deps.pool, async (client) => {
    await settleIntents(client, ask.runId, settlements);
    const refused = intents
      .filter((intent) => rejected.has(intent.key))
      .map((intent) => {
        const item = said.get(intent.key);
        const reason = item && 'code' in item ? item : undefined;
        return { ...intent, error_code: reason?.code ?? null, error_message: reason?.message ?? null };
      });
    await openExceptions(client, ask.flow, ask.runId, refused.map(refusedDocument(ask.target)));
    const keys = [...written].map((key) => `${ask.target}/${key}`);
    await closeByKey(client, ask.flow, ask.runId, 'parked', keys);
  });
};

const refusedDocument =
  (target: string) =>
  (intent: IntentRow): ExceptionInput => ({
    class: 'parked',
    key: `${target}/${intent.key}`,
    systems: [intent.source_system, target],
    ...whatItIsAbout(intent.document),
    evidence: {
      code: intent.error_code,
      message: intent.error_message,
      document: intent.document_id,
      intent: intent.key,
    },
    payload: intent.document,
  });

/** For the list: plant, material and lot of a document, where it has one of each. */
const whatItIsAbout = (document: Record<string, unknown>): Pick<ExceptionInput, 'plant' | 'material' | 'lot'> => {
  const lines = Array.isArray(document.lines) ? document.lines : [document];
  const only = (name: string): string | undefined => {
    const values = new Set(lines.map((line: Record<string, unknown>) => line[name] ?? document[name]));
    const [value] = values;
    return values.size === 1 && typeof value === 'string' ? value : undefined;
  };
  return { plant: only('plant'), material: only('material') ?? only('code'), lot: only('lot') };
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
