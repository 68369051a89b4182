/**
 * A lot format, compiled: one pattern that both reads a lot number into its parts and writes it from them. A pattern that
 * could read one text in two ways is refused when it is loaded, with that text.
 */
import { LotbridgeError } from '../errors.js';
import { type Automaton, automatonOf, progressOf, type Reading, twoReadings } from './automaton.js';
import { alphabets, type Charset, hasChar, subtract } from './charset.js';
import { checkShape, checks } from './check-part.js';
import { counterPart } from './counter-part.js';
import { datePart, knownYears } from './date-part.js';
import { isFault, type LotFault } from './error.js';
import { gtinPart } from './gtin-part.js';
import { numberPart } from './number-part.js';
import type { Part, PartContext } from './part.js';
import { pathPart } from './path-part.js';
import { type Element, type PartType, parsePattern } from './pattern.js';
import { charactersOf, choice, empty, literal, mapChars, regexOf, type Shape, seq } from './shape.js';
import { type Table, tablePart } from './table-part.js';
import { textPart } from './text-part.js';
import { type Parts, partsOf, splitter, type Values } from './texts.js';

export type Tables = Readonly<Record<string, Table>>;

/** One information-carrying part of a pattern. */
export interface NamedPart {
  name: string;
  part: Part;
  /** All its values; undefined for a date. */
  values: Shape | undefined;
  /** Which optional groups it stands in, by number, the outermost first. */
  groups: readonly number[];
}

export interface LotPattern {
  readonly text: string;
  /** Parts that must be there, and those of optional groups; check characters are none. */
  readonly parts: readonly NamedPart[];
  readonly names: readonly string[];
  readonly shape: Shape;
  readonly automaton: Automaton;
  /** Values of `names`, in their order, undefined in a group that is not there; undefined when it does not read the text. */
  find(text: string, context: PartContext): Values | undefined;
  /** Why it does not read a text. */
  faultOf(text: string, context: PartContext): LotFault;
  parse(text: string, context: PartContext): { parts: Parts } | LotFault;
  render(parts: Parts, context: PartContext): { text: string } | LotFault;
}

export interface PatternOptions {
  tables: Tables;
  /** Years that a date of it may have. */
  years?: { from: number; to: number };
  /** Characters that the normalisation leaves none of: they never stand in a text. */
  never?: (set: Charset) => Charset;
}

/** Texts beyond this are no lot numbers, whatever a pattern of open length says. */
const longestText = 100_000;

/** Stands in the text at capture `at`. */
type Leaf =
  | { name: string; part: Part; check?: undefined; at: number }
  | { name: string; check: (texts: ReadonlyMap<string, string>) => string; at: number };
type Node = { literal: string } | Leaf | { optional: Node[]; names: string[] };

const leavesOf = (nodes: readonly Node[]): Leaf[] =>
  nodes.flatMap((node) => ('optional' in node ? leavesOf(node.optional) : 'literal' in node ? [] : [node]));

const refuse = (code: string, message: string, fix: string): LotbridgeError =>
  new LotbridgeError({ code, class: 'config', message, fix });

export const readingText = (reading: Reading): string =>
  reading.map(([part, text]) => (part === '' ? `"${text}"` : `${part} = "${text}"`)).join(', ');

const tableOf = (name: string, tables: Tables): Part => {
  const table = Object.hasOwn(tables, name) ? tables[name] : undefined;
  if (!table || Object.keys(table).length === 0)
    throw refuse('lot.table-unknown', `There is no table ${name}`, `Add ${name} under tables of the mapping file.`);
  if (Object.keys(table).includes('') || Object.values(table).includes(''))
    throw refuse(
      'lot.table-empty-text',
      `Table ${name} has an empty text`,
      'Each text of a table has at least one character.',
    );
  if (new Set(Object.values(table)).size !== Object.keys(table).length)
    throw refuse(
      'lot.table-not-invertible',
      `Table ${name} gives one value for two texts, so that a lot number cannot be written from it`,
      'Give each text its own value.',
    );
  return tablePart(name, table);
};

const partOf = (type: Exclude<PartType, { kind: 'check' }>, { tables, years = knownYears }: PatternOptions): Part => {
  switch (type.kind) {
    case 'number':
      return numberPart(type);
    case 'text':
      return textPart(type);
    case 'counter':
      return counterPart(type.base, type.width);
    case 'date':
      return datePart(type.form, years);
    case 'table':
      return tableOf(type.table, tables);
    case 'path':
      return pathPart(type.separator);
    case 'gtin':
      return gtinPart;
  }
};

/** Parts that say whether a group is there: its own and those of groups within it. */
const namesIn = (elements: readonly Element[]): string[] =>
  elements.flatMap((one) => {
    if (one.kind === 'optional') return namesIn(one.elements);
    return one.kind === 'part' && one.type.kind !== 'check' ? [one.name] : [];
  });

/** @throws LotbridgeError `lot.pattern-malformed | pattern-ambiguous | pattern-impossible | table-unknown | table-not-invertible | check-over` */
export const compilePattern = (format: string, pattern: string, options: PatternOptions): LotPattern => {
  const named: NamedPart[] = [];
  const expected = new Map<string, { expected: string; invalid?: string }>();
  const shapes = new Map<string, Shape>();
  const toCheck: { name: string; over: string[] }[] = [];
  let captures = 0;
  let groupCount = 0;

  const possible = (shape: Shape, what: string): Shape => {
    const { never } = options;
    if (!never) return shape;
    const reduced = mapChars(shape, (set) => {
      const rest = subtract(set, never(set));
      if (rest.length === 0)
        throw refuse(
          'lot.pattern-impossible',
          `Lot pattern "${pattern}": after normalisation no text has ${what}`,
          'Write the pattern as the text is after normalisation.',
        );
      return rest;
    });
    return reduced;
  };

  const build = (elements: readonly Element[], groups: readonly number[]): { nodes: Node[]; shape: Shape } => {
    const nodes: Node[] = [];
    const of: Shape[] = [];
    for (const element of elements) {
      if (element.kind === 'literal') {
        nodes.push({ literal: element.text });
        of.push(possible(literal(element.text), `"${element.text}"`));
      } else if (element.kind === 'optional') {
        const inner = build(element.elements, [...groups, groupCount++]);
        nodes.push({ optional: inner.nodes, names: namesIn(element.elements) });
        of.push(choice(inner.shape, empty));
      } else {
        const { name, type } = element;
        const at = ++captures;
        let shape: Shape;
        if (type.kind === 'check') {
          shape = checkShape(type.check);
          const over = type.over;
          const calculate = checks[type.check];
          toCheck.push({ name, over });
          expected.set(name, { expected: `a check character ${type.check}` });
          nodes.push({ name, at, check: (texts) => calculate(over.map((one) => texts.get(one) ?? '').join('')) });
        } else {
          const part = partOf(type, options);
          shape = possible(part.shape, `a text of ${name}`);
          const values = part.verbatim && part.values ? possible(part.values, `a text of ${name}`) : part.values;
          named.push({ name, part, values, groups });
          expected.set(name, part);
          nodes.push({ name, part, at });
        }
        shapes.set(name, shape);
        of.push({ kind: 'part', name, of: shape });
      }
    }
    return { nodes, shape: seq(...of) };
  };

  const { nodes, shape } = build(parsePattern(pattern), []);
  for (const { name, over } of toCheck)
    for (const one of over) {
      const checked = shapes.get(one);
      const counted = [alphabets.text, [[0x20, 0x20]], [[0x2d, 0x2f]], [[0x3a, 0x3a]], [[0x5f, 0x5f]]] as const;
      if (
        !checked ||
        one === name ||
        counted.reduce<Charset>((rest, set) => subtract(rest, set), charactersOf(checked)).length > 0
      )
        throw refuse(
          'lot.check-over',
          `Lot pattern "${pattern}": check character ${name} cannot be calculated over ${one}`,
          'Name other parts of the pattern, of digits and capital letters.',
        );
    }
  const automaton = automatonOf(shape);
  const doubt = twoReadings(automaton);
  if (doubt)
    throw refuse(
      'lot.pattern-ambiguous',
      `Lot pattern "${pattern}" reads "${doubt.text}" in two ways: ${doubt.readings.map(readingText).join('; or ')}`,
      'Give the parts fixed widths, or put a separator between them that they cannot contain.',
    );
  const whole = new RegExp(`^${regexOf(shape)}$`);
  const placed = new RegExp(whole.source, 'd');
  const names = named.map(({ name }) => name);

  const fault = (code: string, part: string, at: number, what: string, found: string): LotFault => ({
    code,
    format,
    part,
    position: at + 1,
    expected: what,
    found,
  });

  /** Where a text that does not fit stops fitting. */
  const faultIn = (text: string): LotFault => {
    const { length, reached, next } = progressOf(automaton, text);
    const found = text.slice(length, length + 12);
    const partOfState = (state: number | undefined): string =>
      state === undefined ? '' : (automaton.parts[state] ?? '');
    const blame = (name: string, start: number): LotFault => {
      const { expected: what = '', invalid } = expected.get(name) ?? {};
      const known = shapes.get(name);
      const looksRight =
        start < length && found !== '' && known !== undefined && hasChar(charactersOf(known), found.charAt(0));
      return invalid !== undefined && looksRight
        ? fault('lot.parse', name, start, invalid, text.slice(start, start + 12))
        : fault('lot.parse', name, length, what, found);
    };
    const within = reached.find(({ state }) => {
      const name = partOfState(state);
      return name !== '' && next.some((one) => partOfState(one) === name);
    });
    if (within) return blame(partOfState(within.state), within.partStart);
    const nextPart = next.map(partOfState).find((name) => name !== '');
    if (nextPart !== undefined) return blame(nextPart, length);
    const [last] = reached;
    const lastPart = partOfState(last?.state);
    const known = shapes.get(lastPart);
    if (last && found !== '' && known && hasChar(charactersOf(known), found.charAt(0)))
      return blame(lastPart, last.partStart);
    const wanted = next.map((one) => String.fromCharCode(automaton.sets[one]?.[0]?.[0] ?? 0));
    const what = wanted.length === 0 ? 'the end' : [...new Set(wanted)].map((one) => `"${one}"`).join(' or ');
    return fault('lot.parse', '', length, what, found.slice(0, Math.max(1, wanted.length === 0 ? 12 : 1)));
  };

  const place = (text: string, group: number): number => placed.exec(text)?.indices?.[group]?.[0] ?? 0;

  const leaves = leavesOf(nodes);
  const textsOf = (texts: Values): Map<string, string> =>
    new Map(leaves.map(({ name, at }) => [name, texts[at] ?? '']));
  const split = splitter(shape, whole);

  /** Notes the values, up to the first text that only looked right. */
  const wrongIn = (texts: Values, context: PartContext, values: (string | undefined)[]): Leaf | undefined => {
    for (const leaf of leaves) {
      const text = texts[leaf.at];
      if (leaf.check) {
        if (text !== undefined && leaf.check(textsOf(texts)) !== text) return leaf;
        continue;
      }
      const read = text === undefined ? undefined : leaf.part.read(text, context);
      if (read && !('value' in read)) return leaf;
      values.push(read?.value);
    }
    return undefined;
  };

  const find = (text: string, context: PartContext): Values | undefined => {
    const texts = text.length > longestText ? undefined : split(text);
    const values: (string | undefined)[] = [];
    return texts === undefined || wrongIn(texts, context, values) ? undefined : values;
  };

  const faultOf = (text: string, context: PartContext): LotFault => {
    if (text.length > longestText)
      return fault(
        'lot.parse',
        '',
        longestText,
        `at most ${longestText} characters`,
        text.slice(longestText, longestText + 12),
      );
    const texts = split(text);
    const leaf = texts && wrongIn(texts, context, []);
    if (!leaf) return faultIn(text);
    const found = texts[leaf.at] ?? '';
    if (leaf.check)
      return fault(
        'lot.check',
        leaf.name,
        place(text, leaf.at),
        `check character ${leaf.check(textsOf(texts))}`,
        found,
      );
    const read = leaf.part.read(found, context);
    return fault('lot.parse', leaf.name, place(text, leaf.at), 'expected' in read ? read.expected : '', found);
  };

  const parse = (text: string, context: PartContext): { parts: Parts } | LotFault => {
    const values = find(text, context);
    return values ? { parts: partsOf(names, values) } : faultOf(text, context);
  };

  const render = (parts: Parts, context: PartContext): { text: string } | LotFault => {
    const texts = new Map<string, string>();
    let written = 0;
    const write = (list: readonly Node[]): LotFault | undefined => {
      for (const node of list) {
        if ('literal' in node) {
          written += node.literal.length;
          continue;
        }
        if ('optional' in node) {
          if (!node.names.some((name) => Object.hasOwn(parts, name))) continue;
          const wrong = write(node.optional);
          if (wrong) return wrong;
          continue;
        }
        if (node.check) continue;
        const value = Object.hasOwn(parts, node.name) ? parts[node.name] : undefined;
        if (value === undefined) return fault('lot.part-missing', node.name, written, `a value for ${node.name}`, '');
        const result = node.part.write(value, context);
        if ('problem' in result) return fault('lot.part-unfit', node.name, written, result.problem, value);
        texts.set(node.name, result.text);
        written += result.text.length;
      }
      return undefined;
    };
    const wrong = write(nodes);
    if (wrong) return wrong;
    const join = (list: readonly Node[]): string =>
      list
        .map((node) => {
          if ('literal' in node) return node.literal;
          if ('optional' in node) return node.names.some((name) => texts.has(name)) ? join(node.optional) : '';
          if (node.check && !texts.has(node.name)) texts.set(node.name, node.check(texts));
          return texts.get(node.name) ?? '';
        })
        .join('');
    const text = join(nodes);
    const again = parse(text, context);
    if (isFault(again)) return { ...again, code: 'lot.part-unfit' };
    const lost = Object.keys(parts).find((name) => names.includes(name) && again.parts[name] !== parts[name]);
    return lost === undefined
      ? { text }
      : fault('lot.part-unfit', lost, 0, `${lost} in its one form`, parts[lost] ?? '');
  };

  return { text: pattern, parts: named, names, shape, automaton, find, faultOf, parse, render };
};
