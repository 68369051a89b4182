/**
 * Documents on their way to a target: as many calls at once as it takes, started in the order in which things happened.
 * What touches the same material, order or record never overtakes, nor goes side by side: the target would refuse an issue
 * whose receipt is not there yet, and locks what it is posting.
 */
import type { WriteOutcome, WriteRecord } from '../adapters/contract.js';
import type { IntentRow } from '../store/intents.js';

export interface Sendable {
  intent: IntentRow;
  record: WriteRecord;
}

/** What is claimed together has one deadline. */
export interface Claim {
  /** Aborts when nothing of it may be sent any more. */
  signal: AbortSignal;
  open: number;
  answered: number;
  unreachable: number;
}

export interface Pace {
  /** Calls of one stream at a time. */
  atOnce: number;
  /** Documents in one call. */
  together: number;
}

interface Waiting extends Sendable {
  claim: Claim;
  turns: readonly string[];
}

export interface Window {
  add(claim: Claim, documents: readonly Sendable[]): void;
  /** Starts whatever may start now. */
  start(): void;
  /** Not started yet. */
  waiting(): number;
  /** Under way. */
  flying(): number;
  /** Takes out what cannot be sent any more: of claims that are over, or everything. */
  withdraw(all: boolean): Sendable[];
}

export interface Unit {
  stream: string;
  claim: Claim;
  documents: Sendable[];
}

/** @param call settles its own errors; it never rejects */
export const openWindow = (paceOf: (stream: string) => Pace, call: (unit: Unit) => Promise<void>): Window => {
  let waiting: Waiting[] = [];
  let flying = 0;
  const busy = new Map<string, number>();
  const count = (turns: readonly string[], by: 1 | -1): void => {
    for (const turn of turns) {
      const left = (busy.get(turn) ?? 0) + by;
      if (left === 0) busy.delete(turn);
      else busy.set(turn, left);
    }
  };

  /** The first that may go, and those right behind it that fit into the same call. */
  const next = (): Waiting[] => {
    const passed = new Set<string>();
    const isFree = ({ turns }: Waiting): boolean => !turns.some((turn) => busy.has(turn) || passed.has(turn));
    const at = waiting.findIndex((one) => {
      if (isFree(one)) return true;
      for (const turn of one.turns) passed.add(turn);
      return false;
    });
    const head = waiting[at];
    if (!head) return [];
    const { atOnce, together } = paceOf(head.intent.stream);
    if (flying >= atOnce) return [];
    let end = at + 1;
    while (end < at + together) {
      const one = waiting[end];
      if (one?.intent.stream !== head.intent.stream || one.claim !== head.claim || !isFree(one)) break;
      end += 1;
    }
    return waiting.splice(at, end - at);
  };

  return {
    add(claim, documents) {
      for (const one of documents) waiting.push({ ...one, claim, turns: turnsOf(one.intent) });
    },
    start() {
      for (let unit = next(); unit.length > 0; unit = next()) {
        const [head] = unit;
        if (!head) return;
        const turns = unit.flatMap((one) => one.turns);
        flying += 1;
        count(turns, 1);
        void call({ stream: head.intent.stream, claim: head.claim, documents: unit }).finally(() => {
          flying -= 1;
          count(turns, -1);
        });
      }
    },
    waiting: () => waiting.length,
    flying: () => flying,
    withdraw(all) {
      const out = waiting.filter(({ claim }) => all || claim.signal.aborted);
      waiting = waiting.filter((one) => !out.includes(one));
      return out;
    },
  };
};

/** What a document keeps to itself while it is under way. */
const turnsOf = ({ action, entity, document_id, document }: IntentRow): string[] => {
  const record = `${entity} ${document_id}`;
  if (action === 'upsert') return [record];
  const lines = Array.isArray(document.lines) ? document.lines : [];
  const materials = lines.map((line: Record<string, unknown>) => `material ${line.material}`);
  return [...new Set([record, ...materials, ...(document.order === undefined ? [] : [`order ${document.order}`])])];
};

/** Counts the answers of a claim; true when every document of it has met nobody. */
export const nobodyThere = (claim: Claim, outcomes: readonly WriteOutcome[]): boolean => {
  claim.answered += outcomes.length;
  claim.unreachable += outcomes.filter((one) => 'code' in one && one.code.endsWith('.unreachable')).length;
  return claim.answered === claim.open && claim.unreachable === claim.open;
};
