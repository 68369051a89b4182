/**
 * What becomes of the numbers of one format on the way from one system to another: exact, exact with attributes of the
 * lot, looked up, numbered by the hub, refused, or impossible. A verdict holds for the direction that it is asked for.
 */
import { type Alternative, type CompiledFormat, holdTogether } from './alternatives.js';
import { automatonOf, sharedText, textBeyond } from './automaton.js';
import { losesScope } from './convert.js';
import { isFault } from './error.js';
import type { SystemLotFormats } from './formats.js';
import { type Gap, type Proved, provePatterns } from './proof.js';
import { samplerOf } from './samples.js';
import { choice } from './shape.js';

export type VerdictName = 'exact' | 'attributes' | 'alias' | 'allocate' | 'refused' | 'impossible';

export interface Verdict {
  fromFormat: string;
  /** Empty: the target has no format of this name. */
  toFormat: string;
  verdict: VerdictName;
  /** The format of the lot that a lot of this one is a part of. */
  partOf?: string;
  why: string;
  /** Two numbers that would become one, or one that does not fit. */
  counterexample?: string[];
}

const nextDay = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

/** The time in which an alternative holds, cut where the target changes its pattern. */
const segments = (source: Alternative, targets: readonly Alternative[]): Alternative[] => {
  const cuts = targets
    .flatMap(({ from, until }) => [from, until === '' ? '' : nextDay(until)])
    .filter(
      (day) => day !== '' && (source.from === '' || day > source.from) && (source.until === '' || day <= source.until),
    );
  const starts = [source.from, ...[...new Set(cuts)].sort()];
  return starts.map((from, at) => {
    const next = starts[at + 1];
    const before = next && new Date(Date.parse(`${next}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
    return { ...source, from, until: before ?? source.until };
  });
};

/** Plants or orgs of the source's lots that the target keeps; undefined: not declared, so any. */
const commonScopes = (
  source: Alternative,
  from: SystemLotFormats,
  to: SystemLotFormats,
): readonly string[] | undefined => {
  const own = source.scopes.length > 0 ? source.scopes : from.settings.scopes;
  const theirs = to.settings.scopes;
  return own && theirs ? own.filter((scope) => theirs.includes(scope)) : own;
};

interface ProvedFormats extends Proved {
  /** Plants or orgs for which it is proved, where they are declared; empty: the systems have none in common. */
  scopes?: string[];
}

const proveFormats = (
  from: SystemLotFormats,
  source: CompiledFormat,
  to: SystemLotFormats,
  target: CompiledFormat,
): Gap | ProvedFormats => {
  const proved: ProvedFormats = { attributes: [] };
  for (const alternative of source.alternatives) {
    const scopes = commonScopes(alternative, from, to);
    if (scopes) proved.scopes = [...new Set([...(proved.scopes ?? []), ...scopes])];
    for (const segment of segments(alternative, target.alternatives))
      for (const scope of scopes ?? [undefined]) {
        const result = proveSegment(
          scope === undefined ? segment : { ...segment, scopes: [scope] },
          from,
          source,
          to,
          target,
        );
        if ('why' in result) return result;
        proved.attributes.push(...result.attributes);
        if (result.years) proved.years = result.years;
      }
  }
  return proved;
};

/** One pattern, in a time and for a plant in which the target does not change its own. */
const proveSegment = (
  segment: Alternative,
  from: SystemLotFormats,
  source: CompiledFormat,
  to: SystemLotFormats,
  target: CompiledFormat,
): Gap | Proved => {
  const holding = target.alternatives.filter(
    (one) => holdTogether(segment, one) && (one.scopes.length === 0 || segment.scopes.length > 0),
  );
  const side = { lots: from, format: source, alternative: segment };
  const results = holding.map((one) => provePatterns(side, { lots: to, format: target, alternative: one }));
  const { scopes, from: first, until } = segment;
  const where = [scopes.length > 0 && `for ${scopes.join(', ')}`, first && `from ${first}`, until && `until ${until}`];
  return (
    results.find((result) => !('why' in result)) ??
    results[0] ?? { why: `no pattern of ${to.system} holds ${where.filter(Boolean).join(' ') || 'for all plants'}` }
  );
};

/** What keeps equal numbers of different plants or orgs apart in the target. */
const proveScope = (
  from: SystemLotFormats,
  source: CompiledFormat,
  to: SystemLotFormats,
  target: CompiledFormat,
): Gap | Proved => {
  const [own, wanted] = [from.settings.scope ?? 'none', to.settings.scope ?? 'none'];
  // Where both sides say which plants or orgs they have, one code means one of them.
  const declared = from.settings.scopes !== undefined && to.settings.scopes !== undefined;
  if (own === wanted || (declared && own !== 'none' && wanted !== 'none')) return { attributes: [] };
  if (wanted !== 'none') return { attributes: [wanted] };
  if (!losesScope(target.name, from, to)) return { attributes: [] };
  const [alternative] = source.alternatives;
  const text =
    alternative &&
    samplerOf(
      from,
      source,
      alternative,
      alternative.pattern.parts.filter(({ groups }) => groups.length === 0),
    ).text({});
  return {
    why: `one number can be two lots in ${from.system}, in two ${own}s; ${to.system} has no ${own} to keep them apart`,
    ...(text !== undefined && { counterexample: [1, 2].map((which) => `${text} (${own} ${which})`) }),
  };
};

/** No number becomes a word of the target that stands for no lot, and none one of its other formats. */
const proveReadBack = (
  from: SystemLotFormats,
  source: CompiledFormat,
  to: SystemLotFormats,
  target: CompiledFormat,
): Gap | undefined => {
  for (const word of to.settings.dummyLots) {
    const read = to.tryParse(word);
    if (isFault(read) || read.format !== target.name) continue;
    const back = from.tryRender(source.name, read.parts, read.attributes);
    if (!isFault(back) && !from.isDummy(back.text))
      return { why: `it would become "${word}", which is no lot in ${to.system}`, counterexample: [back.text] };
  }
  if (!target.otherwise) return undefined;
  const others = (lots: SystemLotFormats, format: CompiledFormat) =>
    [...lots.formats.values()].flatMap((one) => (one === format ? [] : one.alternatives.map(({ pattern }) => pattern)));
  const known = others(from, source).map(({ shape }) => shape);
  for (const { automaton } of others(to, target)) {
    const shared = target.alternatives
      .map(({ pattern }) => sharedText(pattern.automaton, automaton)?.text)
      .find(Boolean);
    if (shared === undefined) continue;
    const text = known.length === 0 ? shared : textBeyond(automaton, automatonOf(choice(...known)));
    if (text === undefined) continue;
    const read = from.tryParse(text);
    return {
      why: `${to.system} would read some of these numbers in another format`,
      ...(!isFault(read) && read.format === source.name && { counterexample: [text] }),
    };
  }
  return undefined;
};

const exactWhy = (to: SystemLotFormats, attributes: readonly string[], { years, scopes }: ProvedFormats): string => {
  const of = scopes && scopes.length > 0 ? `, in ${scopes.join(', ')}` : '';
  const within = years ? `, for the years ${years.from} to ${years.to} (lotYears of ${to.system})` : '';
  const needs = attributes.length > 0 ? ` from the number and the lot’s ${attributes.join(' and ')}` : '';
  return `each part goes over${needs}${within}${of}`;
};

/** @throws never: a pair that cannot be decided is not exact */
export const verdictOf = (name: string, from: SystemLotFormats, to: SystemLotFormats): Verdict => {
  const [source, target] = [from.formats.get(name), to.formats.get(name)];
  const partOf = source?.partOf === undefined ? {} : { partOf: source.partOf };
  if (!source)
    return { fromFormat: name, toFormat: '', verdict: 'alias', why: `${from.system} has no lot format ${name}` };
  if (!target)
    return {
      fromFormat: name,
      toFormat: '',
      verdict: source.via ?? 'alias',
      ...partOf,
      why:
        source.partOf === undefined
          ? `${to.system} has no lot format ${name}: its number for the lot must be looked up`
          : `a part of a lot ${source.partOf}; ${to.system} keeps no such parts`,
    };
  const head = { fromFormat: name, toFormat: name };
  const formats = proveFormats(from, source, to, target);
  if (!('why' in formats) && formats.scopes?.length === 0)
    return {
      ...head,
      verdict: target.via ?? source.via ?? 'alias',
      ...partOf,
      why: `no plant or org in common: ${from.system} keeps lots of ${from.settings.scopes?.join(', ') ?? 'others'}, ${to.system} of ${to.settings.scopes?.join(', ') ?? 'others'}`,
    };
  const scope = 'why' in formats ? formats : proveScope(from, source, to, target);
  const gap = 'why' in formats ? formats : 'why' in scope ? scope : proveReadBack(from, source, to, target);
  if (gap || 'why' in formats || 'why' in scope) {
    const { why, counterexample } = gap ?? { why: '' };
    return {
      ...head,
      verdict: target.via ?? source.via ?? 'impossible',
      ...partOf,
      why,
      ...(counterexample && { counterexample }),
    };
  }
  const attributes = [...new Set([...formats.attributes, ...scope.attributes])];
  return {
    ...head,
    verdict: attributes.length > 0 ? 'attributes' : 'exact',
    ...partOf,
    why: exactWhy(to, attributes, formats),
  };
};
