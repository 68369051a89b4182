/**
 * Sends what is planned for a target: claimed a little ahead, kept under way as many at once as the target takes, and
 * settled as the answers come in. Each claim is committed before the first of its documents is sent.
 */
import type { WriteOutcome } from '../adapters/contract.js';
import { durationMs } from '../core/duration.js';
import { LotbridgeError } from '../core/errors.js';
import { inTransaction } from '../store/database.js';
import { closeByKey, openExceptions } from '../store/exceptions.js';
import { claimIntents, type IntentRow } from '../store/intents.js';
import { type Settlement, settleFollowers } from '../store/settlements.js';
import type { Deps } from './deps.js';
import { canLookUp, exceptionKeys, render, type SendAsk, settle, settlementOf, type Waits } from './send-settle.js';
import { type Claim, nobodyThere, openWindow, type Pace, type Sendable, type Unit } from './send-window.js';
import { refusedDocument } from './unsent.js';

const usualDeadline = '2m';
/** As many as a slow system takes well before the deadline. */
const claimedAtOnce = 50;
/** Answers of this time are settled together. */
const gatherMs = 50;
/** Then the run looks around: what is to be looked up, whether its window is over. */
const longestMs = 60_000;

/** One call after the other, each with all that was claimed, unless the adapter says that its target takes more. */
const paceOf = (deps: Deps, target: string, stream: string): Pace =>
  deps.adapter(target).capabilities.streams[stream]?.pace ?? { atOnce: 1, together: claimedAtOnce };

export const sendNext = async (deps: Deps, ask: SendAsk, waits: Waits, signal: AbortSignal): Promise<void> => {
  await inTransaction(deps.pool, async (client) => {
    const { blocked, done } = await settleFollowers(client, ask.flow, ask.target);
    await openExceptions(client, ask.flow, ask.runId, blocked.map(refusedDocument(ask.target)));
    await closeByKey(client, ask.flow, ask.runId, 'parked', exceptionKeys(ask, done));
  });
  const sender = new Sender(deps, ask, waits, signal);
  await sender.run();
};

class Sender {
  readonly #until = Date.now() + longestMs;
  readonly #deadlineMs: number;
  /** The next claim waits for fewer than this to be left. */
  readonly #ahead: number;
  readonly #window;
  #left: number;
  #claiming = false;
  #settling = false;
  #settledAt = 0;
  #answers: { intent: IntentRow; settlement: Settlement }[] = [];
  #failure: { error: unknown } | undefined;
  #wake: () => void = () => {};

  constructor(
    private readonly deps: Deps,
    private readonly ask: SendAsk,
    private readonly waits: Waits,
    private readonly signal: AbortSignal,
  ) {
    this.#left = ask.limit;
    this.#deadlineMs = durationMs(deps.config.systems[ask.target]?.writeWithin ?? usualDeadline);
    const { streams } = deps.adapter(ask.target).capabilities;
    const mostAtOnce = Math.max(1, ...Object.values(streams).map(({ pace }) => pace?.atOnce ?? 1));
    this.#ahead = mostAtOnce === 1 ? 0 : claimedAtOnce;
    this.#window = openWindow(
      (stream) => paceOf(deps, ask.target, stream),
      (unit) => this.#call(unit),
    );
  }

  /** Until nothing is left, or the time is over; what was sent is answered and settled before it ends. */
  async run(): Promise<void> {
    const wake = (): void => this.#wake();
    this.signal.addEventListener('abort', wake);
    try {
      for (;;) {
        this.#release();
        if (!this.#isOver()) this.#window.start();
        this.#claimMore();
        this.#settleSome();
        if (this.#isIdle()) break;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
          if (this.#answers.length > 0) setTimeout(resolve, gatherMs);
        });
      }
    } finally {
      this.signal.removeEventListener('abort', wake);
    }
    if (this.#failure) throw this.#failure.error;
  }

  #isOver(): boolean {
    return this.signal.aborted || this.#failure !== undefined;
  }

  #isIdle(): boolean {
    const { flying, waiting } = this.#window;
    return !this.#claiming && !this.#settling && this.#answers.length === 0 && flying() === 0 && waiting() === 0;
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** What is not sent in time goes back, so that whoever looks it up later is not overtaken by it. */
  #release(): void {
    const message = 'Called off before it was sent';
    for (const { intent } of this.#window.withdraw(this.#isOver()))
      this.#answer(intent, { key: intent.key, state: 'planned', code: 'write.called-off', message, waitMs: 0 });
  }

  #answer(intent: IntentRow, settlement: Settlement): void {
    this.#answers.push({ intent, settlement });
  }

  #claimMore(): void {
    const { flying, waiting } = this.#window;
    const enough = this.#ahead === 0 ? flying() + waiting() > 0 : waiting() >= this.#ahead;
    if (this.#claiming || this.#left === 0 || enough || this.#isOver() || Date.now() > this.#until) return;
    this.#claiming = true;
    void this.#claim()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#claiming = false;
        this.#wake();
      });
  }

  async #claim(): Promise<void> {
    const { deps, ask } = this;
    const limit = Math.min(this.#left, claimedAtOnce);
    const late = AbortSignal.timeout(Math.floor(this.#deadlineMs * 0.9));
    const intents = await claimIntents(deps.pool, { ...ask, limit, deadlineMs: this.#deadlineMs });
    this.#left = intents.length < limit ? 0 : this.#left - limit;
    if (intents.length === 0) return;
    const { records, refused } = render(deps, ask.target, intents);
    const recordOf = new Map(records.map((record) => [record.key, record]));
    const refusalOf = new Map(refused.map((settlement) => [settlement.key, settlement]));
    const documents: Sendable[] = [];
    for (const intent of intents) {
      const [record, refusal] = [recordOf.get(intent.key), refusalOf.get(intent.key)];
      if (record) documents.push({ intent, record });
      else if (refusal) this.#answer(intent, refusal);
    }
    const signal = AbortSignal.any([this.signal, late]);
    this.#window.add({ signal, open: documents.length, answered: 0, unreachable: 0 }, documents);
  }

  async #call({ stream, claim, documents }: Unit): Promise<void> {
    try {
      const records = documents.map(({ record }) => record);
      const outcomes = await this.deps.adapter(this.ask.target).write(stream, records, claim.signal);
      this.#take(stream, documents, outcomes);
      if (nobodyThere(claim, outcomes)) this.#fail(this.#unreachable(stream, claim));
    } catch (error) {
      // What was under way when its time was over is looked up later.
      if (!claim.signal.aborted || this.signal.aborted) this.#fail(error);
    } finally {
      // After the window has counted it out.
      setImmediate(() => this.#wake());
    }
  }

  #take(stream: string, documents: Sendable[], outcomes: WriteOutcome[]): void {
    const findable = canLookUp(this.deps, this.ask.target, stream);
    const intentOf = new Map(documents.map(({ intent }) => [intent.key, intent]));
    for (const outcome of outcomes) {
      const intent = intentOf.get(outcome.key);
      if (intent) this.#answer(intent, settlementOf(outcome, intent.attempt, this.waits, findable));
    }
  }

  /** At once when nothing more comes, else a little later with what has come by then. */
  #settleSome(): void {
    const more = this.#window.flying() > 0 && Date.now() - this.#settledAt < gatherMs;
    if (this.#settling || this.#answers.length === 0 || more) return;
    const answers = this.#answers.splice(0);
    this.#settling = true;
    const intents = answers.map(({ intent }) => intent);
    const settlements = answers.map(({ settlement }) => settlement);
    void settle(this.deps, this.ask, intents, settlements)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#settling = false;
        this.#settledAt = Date.now();
        this.#wake();
      });
  }

  #unreachable(stream: string, { open }: Claim): LotbridgeError {
    return new LotbridgeError({
      code: 'write.unreachable',
      class: 'transient',
      message: `${this.ask.target}/${stream}: nobody answers; ${open} documents wait`,
      fix: 'Is the system running? lotbridge check says what is wrong. The documents stay planned for the next run.',
    });
  }
}
