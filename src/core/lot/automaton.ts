/**
 * A shape as an automaton whose states are the places of a text where one character stands (Glushkov): two different
 * ways through it are two different readings. What is proved of lot formats is proved here, on all texts, not on samples.
 *
 * An unambiguous automaton has at most one way to any state for any beginning of a text, so reading one with a
 * backtracking regular expression takes at most (states × characters) steps: hostile texts cannot blow it up.
 */
import { type Charset, hasChar, intersect, pick, subtract } from './charset.js';
import type { Shape } from './shape.js';

export interface Automaton {
  /** By state: what may stand there, and the part it belongs to (empty: a literal). */
  readonly sets: readonly Charset[];
  readonly parts: readonly string[];
  readonly first: readonly number[];
  readonly follow: readonly (readonly number[])[];
  readonly last: ReadonlySet<number>;
  readonly nullable: boolean;
}

interface Piece {
  first: number[];
  last: number[];
  nullable: boolean;
}

export const automatonOf = (shape: Shape): Automaton => {
  const sets: Charset[] = [];
  const parts: string[] = [];
  const follow: Set<number>[] = [];
  const link = (from: readonly number[], to: readonly number[]): void => {
    for (const one of from) for (const next of to) follow[one]?.add(next);
  };
  const join = (left: Piece, right: Piece): Piece => {
    link(left.last, right.first);
    return {
      first: left.nullable ? [...left.first, ...right.first] : left.first,
      last: right.nullable ? [...left.last, ...right.last] : right.last,
      nullable: left.nullable && right.nullable,
    };
  };
  const nothing: Piece = { first: [], last: [], nullable: true };

  const walk = (node: Shape, part: string): Piece => {
    switch (node.kind) {
      case 'chars': {
        const state = sets.push(node.set) - 1;
        parts.push(part);
        follow.push(new Set());
        return { first: [state], last: [state], nullable: false };
      }
      case 'seq':
        return node.of.reduce<Piece>((left, one) => join(left, walk(one, part)), nothing);
      case 'choice': {
        const pieces = node.of.map((one) => walk(one, part));
        return {
          first: pieces.flatMap((piece) => piece.first),
          last: pieces.flatMap((piece) => piece.last),
          nullable: pieces.some((piece) => piece.nullable),
        };
      }
      case 'repeat': {
        let tail: Piece = nothing;
        if (node.max === undefined) {
          const loop = walk(node.of, part);
          link(loop.last, loop.first);
          tail = { ...loop, nullable: true };
        } else
          for (let count = node.min; count < node.max; count++)
            tail = { ...join(walk(node.of, part), tail), nullable: true };
        let head: Piece = nothing;
        for (let count = 0; count < node.min; count++) head = join(head, walk(node.of, part));
        return join(head, tail);
      }
      case 'part':
        return walk(node.of, node.name);
    }
  };
  const whole = walk(shape, '');
  return {
    sets,
    parts,
    first: whole.first,
    follow: follow.map((one) => [...one]),
    last: new Set(whole.last),
    nullable: whole.nullable,
  };
};

/** How one text was read: the parts in order, with `''` for literals. */
export type Reading = readonly (readonly [part: string, text: string])[];

export interface TwoReadings {
  text: string;
  readings: readonly [Reading, Reading];
}

const readingOf = (steps: readonly (readonly [part: string, character: string])[]): Reading => {
  const reading: [string, string][] = [];
  for (const [part, character] of steps) {
    const last = reading.at(-1);
    if (last && last[0] === part) last[1] += character;
    else reading.push([part, character]);
  }
  return reading;
};

/** The shortest text that both read, along different ways where they are one and the same automaton. */
const search = (left: Automaton, right: Automaton): TwoReadings | undefined => {
  const apart = left !== right;
  const size = right.sets.length;
  interface Step {
    states: [number, number];
    character: string;
    before: Step | undefined;
    diverged: boolean;
  }
  const seen = new Set<number>();
  const queue: Step[] = [];
  const push = (first: readonly number[], second: readonly number[], before: Step | undefined): void => {
    for (const one of first)
      for (const other of second) {
        const diverged = apart || (before?.diverged ?? false) || one !== other;
        // Two ways of one automaton are told once.
        if (!apart && !(before?.diverged ?? false) && one > other) continue;
        const key = (one * size + other) * 2 + (diverged ? 1 : 0);
        if (seen.has(key)) continue;
        const [character] = pick(intersect(left.sets[one] ?? [], right.sets[other] ?? []), 1);
        if (character === undefined) continue;
        seen.add(key);
        queue.push({ states: [one, other], character, before, diverged });
      }
  };
  push(left.first, right.first, undefined);
  for (let at = 0; at < queue.length; at++) {
    const step = queue[at];
    if (!step) break;
    const [one, other] = step.states;
    if (step.diverged && left.last.has(one) && right.last.has(other)) {
      const steps: Step[] = [];
      for (let back: Step | undefined = step; back; back = back.before) steps.unshift(back);
      return {
        text: steps.map(({ character }) => character).join(''),
        readings: [
          readingOf(steps.map(({ states, character }) => [left.parts[states[0]] ?? '', character] as const)),
          readingOf(steps.map(({ states, character }) => [right.parts[states[1]] ?? '', character] as const)),
        ],
      };
    }
    push(left.follow[one] ?? [], right.follow[other] ?? [], step);
  }
  return undefined;
};

/** A text with two readings; undefined is the proof that there is none. */
export const twoReadings = (automaton: Automaton): TwoReadings | undefined => search(automaton, automaton);

/** A text that both read; undefined is the proof that there is none. */
export const sharedText = (left: Automaton, right: Automaton): TwoReadings | undefined =>
  search(left === right ? { ...left } : left, right);

const proofLimit = 100_000;

/** The shortest text of `left` that `right` does not read; undefined is the proof that there is none. */
export const textBeyond = (left: Automaton, right: Automaton): string | undefined => {
  if (left.nullable && !right.nullable) return '';
  const seen = new Set<string>();
  const queue: { state: number; others: number[]; text: string }[] = [];
  let found: string | undefined;
  const push = (states: readonly number[], others: readonly number[], text: string): void => {
    for (const state of states) {
      // The characters of the state, split by which states of the other automaton take them too.
      let pieces: { set: Charset; taking: number[] }[] = [{ set: left.sets[state] ?? [], taking: [] }];
      for (const other of others) {
        const set = right.sets[other] ?? [];
        pieces = pieces
          .flatMap((piece) => [
            { set: subtract(piece.set, set), taking: piece.taking },
            { set: intersect(piece.set, set), taking: [...piece.taking, other] },
          ])
          .filter((piece) => piece.set.length > 0);
      }
      for (const { set, taking } of pieces.sort((one, another) => one.taking.length - another.taking.length)) {
        const key = `${state}:${taking.join(',')}`;
        const [character] = pick(set, 1, '0');
        if (character === undefined || seen.has(key)) continue;
        seen.add(key);
        queue.push({ state, others: taking, text: text + character });
      }
    }
  };
  push(left.first, right.first, '');
  for (let at = 0; at < queue.length && found === undefined; at++) {
    const step = queue[at];
    if (!step) break;
    if (left.last.has(step.state) && !step.others.some((other) => right.last.has(other))) found = step.text;
    // Not finished means not proved: the text at hand stands for what could not be looked through.
    if (seen.size > proofLimit) return step.text;
    const next = new Set(step.others.flatMap((other) => right.follow[other] ?? []));
    push(
      left.follow[step.state] ?? [],
      [...next].sort((one, another) => one - another),
      step.text,
    );
  }
  return found;
};

/** Steps from each state to the nearest end. */
const distances = (automaton: Automaton): number[] => {
  const steps = automaton.sets.map((_, state) => (automaton.last.has(state) ? 0 : Number.POSITIVE_INFINITY));
  for (let changed = true; changed; ) {
    changed = false;
    automaton.follow.forEach((next, state) => {
      const best = 1 + Math.min(...next.map((one) => steps[one] ?? Number.POSITIVE_INFINITY));
      if (best < (steps[state] ?? 0)) {
        steps[state] = best;
        changed = true;
      }
    });
  }
  return steps;
};

/** Some of its texts, short ones first. */
export const sampleTexts = (automaton: Automaton, count: number): string[] => {
  const found: string[] = automaton.nullable ? [''] : [];
  const near = distances(automaton);
  const walk = (states: readonly number[], text: string): void => {
    const ordered = [...states].sort((one, other) => (near[one] ?? 0) - (near[other] ?? 0));
    for (const state of ordered)
      for (const character of pick(automaton.sets[state] ?? [], count)) {
        if (found.length >= count || text.length > 400) return;
        const longer = text + character;
        if (automaton.last.has(state)) found.push(longer);
        if (near[state] !== 0) walk(automaton.follow[state] ?? [], longer);
      }
    for (const state of ordered)
      if (found.length < count && near[state] === 0 && (automaton.follow[state]?.length ?? 0) > 0)
        walk(automaton.follow[state] ?? [], text + (pick(automaton.sets[state] ?? [], 1)[0] ?? ''));
  };
  walk(automaton.first, '');
  return [...new Set(found)].slice(0, count);
};

/** How far a text can be read at all, and what could have come there: how a fault is found. */
export interface Progress {
  /** Characters that could be read. */
  length: number;
  /** The state reached, undefined at the very beginning, and where its part began. */
  reached: readonly { state: number; partStart: number }[];
  next: readonly number[];
}

export const progressOf = (automaton: Automaton, text: string): Progress => {
  let reached: { state: number; partStart: number }[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    const now = new Map<number, number>();
    const enter = (states: readonly number[], from: { state: number; partStart: number } | undefined): void => {
      for (const state of states) {
        if (now.has(state) || !hasChar(automaton.sets[state] ?? [], character)) continue;
        const same = from && automaton.parts[from.state] === automaton.parts[state];
        now.set(state, same ? from.partStart : at);
      }
    };
    if (at === 0) enter(automaton.first, undefined);
    else for (const one of reached) enter(automaton.follow[one.state] ?? [], one);
    if (now.size === 0) return { length: at, reached, next: nextOf(automaton, reached, at) };
    reached = [...now].map(([state, partStart]) => ({ state, partStart }));
  }
  return { length: text.length, reached, next: nextOf(automaton, reached, text.length) };
};

const nextOf = (automaton: Automaton, reached: Progress['reached'], at: number): number[] =>
  at === 0 ? [...automaton.first] : [...new Set(reached.flatMap(({ state }) => automaton.follow[state] ?? []))];
