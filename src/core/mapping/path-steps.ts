/** A path as its text says it, step by step: names, places in a list, and lookups in a list by another field. */

/** `[Name=EXPIRY]` by a word, `[Unit={BaseUnit}]` by what stands at another path of the record. */
export type Match = { where: string; equals: string } | { where: string; sameAs: string };

export type Step =
  | { key: string }
  | { index: number }
  /** `[*]`: every element of the list; a lookup further on finds the one that is meant among all of them. */
  | { every: true }
  /** The one element for which all of these hold. */
  | { matches: [Match, ...Match[]] };

/** The text up to the bracket that closes what is open at `start`, also where brackets stand inside braces. */
const bracketed = (text: string, start: number): string | undefined => {
  let open = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{') open += 1;
    else if (character === '}') open -= 1;
    else if (character === ']' && open <= 0) return text.slice(start, at);
  }
  return undefined;
};

const stepOf = (inner: string): Step | undefined => {
  if (inner === '*') return { every: true };
  if (/^\d+$/.test(inner)) return { index: Number(inner) };
  const { where, word } = /^(?<where>[^={}]+)=(?<word>.*)$/s.exec(inner)?.groups ?? {};
  if (where === undefined || word === undefined) return undefined;
  const sameAs = /^\{(.+)\}$/s.exec(word)?.[1];
  if (sameAs === undefined && /[{}]/.test(word)) return undefined;
  return { matches: [sameAs === undefined ? { where, equals: word } : { where, sameAs }] };
};

/** Lookups side by side, `[Name=EXPIRY][Language=EN]`, look for one element for which both hold. */
const add = (steps: Step[], step: Step): void => {
  const last = steps.at(-1);
  if ('matches' in step && last && 'matches' in last) last.matches.push(...step.matches);
  else steps.push(step);
};

/** Undefined when the text is no path. */
export const stepsOf = (path: string): Step[] | undefined => {
  const steps: Step[] = [];
  for (let at = 0; at < path.length; ) {
    const key = /^[^.[\]]+/.exec(path.slice(at))?.[0];
    if (key === undefined) return undefined;
    steps.push({ key });
    at += key.length;
    while (path[at] === '[') {
      const inner = bracketed(path, at + 1);
      const step = inner === undefined ? undefined : stepOf(inner);
      if (inner === undefined || !step) return undefined;
      add(steps, step);
      at += inner.length + 2;
    }
    if (at === path.length) break;
    if (path[at] !== '.' || at === path.length - 1) return undefined;
    at += 1;
  }
  return oneIsMeant(steps) ? steps : undefined;
};

/** Of every element one must be looked for in the end. */
const oneIsMeant = (steps: readonly Step[]): boolean =>
  steps.findLastIndex((step) => 'every' in step) <= steps.findLastIndex((step) => 'matches' in step);

/** The paths whose values a path looks for: `BaseUnit` of `Units[Unit={BaseUnit}].Factor`. */
export const pathsInside = (path: string): string[] =>
  (stepsOf(path.replace(/^\^\./, '')) ?? []).flatMap((step) =>
    'matches' in step
      ? step.matches.flatMap((match) => ('sameAs' in match ? [match.sameAs, ...pathsInside(match.sameAs)] : []))
      : [],
  );

/** The names that a path begins with, up to the first place in a list. */
export const namesBefore = (path: string): string[] => {
  const names: string[] = [];
  for (const step of stepsOf(path.replace(/^\^\./, '')) ?? []) {
    if (!('key' in step)) break;
    names.push(step.key);
  }
  return names;
};
