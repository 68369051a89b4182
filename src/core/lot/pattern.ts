/**
 * The lot format language as text: literals, named parts in braces and optional groups in brackets,
 * `{made:yyMMdd}{line:table(lineLetter)}{seq:3}[-{split:2}]`.
 *
 *     {seq:4}             a number of exactly 4 digits, padded with zeros
 *     {seq:4..6}          4 to 6 digits: padded to 4, and longer only when the number needs it; {seq:4..} without end
 *     {line:1;from=1;to=5} a number within bounds
 *     {code:text(4)}      digits and capital letters; also digits, letters, alnum, gs82, ascii, any
 *     {code:text(1..8);fill=0}  padded to 8 with a filler that is no part of the code
 *     {seq:base36(4)}     a number written in base 36; also base34 (no I, O), base32, base26 (letters)
 *     {made:yyyyMMdd}     a date, see date-tokens.ts
 *     {line:table(name)}  one of the texts of a table of the mapping file
 *     {split:path(.)}     steps of any depth
 *     {gtin:gtin}         14 digits with a right check digit
 *     {check:luhn(a,b)}   a check character over the texts of other parts, see check-part.ts
 *     [-{split:2}]        an optional group: there when its parts are
 *     \{ \} \[ \] \\      the characters themselves
 */
import { LotbridgeError } from '../errors.js';
import { type Alphabet, alphabets } from './charset.js';
import { type Check, checks } from './check-part.js';
import { type Base, bases } from './counter-part.js';
import { type DateForm, dateForm } from './date-tokens.js';

export interface Width {
  min: number;
  /** Undefined: any number. */
  max: number | undefined;
}

export interface NumberType {
  kind: 'number';
  width: Width;
  from?: bigint;
  to?: bigint;
}
export interface TextType {
  kind: 'text';
  alphabet: Alphabet;
  width: Width;
  fill?: string;
}
export type PartType =
  | NumberType
  | TextType
  | { kind: 'counter'; base: Base; width: Width & { max: number } }
  | { kind: 'date'; form: DateForm }
  | { kind: 'table'; table: string }
  | { kind: 'path'; separator: string }
  | { kind: 'gtin' }
  | { kind: 'check'; check: Check; over: string[] };

export type Element =
  | { kind: 'literal'; text: string }
  | { kind: 'part'; name: string; type: PartType }
  | { kind: 'optional'; elements: Element[] };

const widthOf = (text: string): Width | undefined => {
  const match = /^(\d{1,2})(\.\.(\d{1,2})?)?$/.exec(text);
  if (!match?.[1]) return undefined;
  const min = Number(match[1]);
  const max = match[2] === undefined ? min : match[3] === undefined ? undefined : Number(match[3]);
  return min < 1 || (max !== undefined && max < min) ? undefined : { min, max };
};

const knows = <K extends string>(names: Readonly<Record<K, unknown>>, word: string): word is K =>
  Object.hasOwn(names, word);

/** A text: what is wrong with it. */
const callOf = (word: string, argument: string, options: readonly string[]): PartType | string | undefined => {
  const [option, ...others] = options;
  if (knows(alphabets, word)) {
    const width = widthOf(argument);
    const fill = /^fill=(\S)$/.exec(option ?? '')?.[1];
    if (!width || others.length > 0 || (option !== undefined && (fill === undefined || width.max === undefined)))
      return `${word}(…) takes a width such as 4 or 1..8, and with an upper bound \`;fill=\` and one character`;
    return { kind: 'text', alphabet: word, width, ...(fill !== undefined && { fill }) };
  }
  if (option !== undefined) return undefined;
  if (knows(bases, word)) {
    const { min, max } = widthOf(argument) ?? {};
    return min === undefined || max === undefined || max > 32
      ? `${word}(…) takes a width of at most 32 with an upper bound, such as 4 or 1..4`
      : { kind: 'counter', base: word, width: { min, max } };
  }
  if (knows(checks, word)) {
    const over = argument.split(',').map((one) => one.trim());
    return over.every((one) => /^[A-Za-z]\w*$/.test(one))
      ? { kind: 'check', check: word, over }
      : `${word}(…) names parts`;
  }
  if (word === 'table') return /^[A-Za-z]\w*$/.test(argument) ? { kind: 'table', table: argument } : undefined;
  if (word === 'path')
    return /^[-./_:]$/.test(argument) ? { kind: 'path', separator: argument } : 'path(…) takes one of - . / _ :';
  return undefined;
};

const numberOf = (width: Width, options: readonly string[]): PartType | string => {
  const type: NumberType = { kind: 'number', width };
  for (const option of options) {
    const [, name, value] = /^(from|to)=(\d{1,18})$/.exec(option) ?? [];
    if (name === 'from' && value !== undefined) type.from = BigInt(value);
    else if (name === 'to' && value !== undefined) type.to = BigInt(value);
    else return `"${option}" is no option of a number; there are from=1 and to=5`;
  }
  const room = width.max === undefined ? undefined : 10n ** BigInt(width.max) - 1n;
  const most = type.to ?? room;
  return most !== undefined && ((type.from ?? 0n) > most || (room !== undefined && most > room))
    ? 'no number of this width is within these bounds'
    : type;
};

const typeOf = (text: string): PartType | string | undefined => {
  if (text === 'gtin') return { kind: 'gtin' };
  const call = /^([a-z]+\d*)\(([^()]*)\)(?:;(.*))?$/.exec(text);
  if (call) return callOf(call[1] ?? '', call[2] ?? '', call[3]?.split(';') ?? []);
  const [first = '', ...options] = text.split(';');
  const width = widthOf(first);
  if (width) return numberOf(width, options);
  const form = dateForm(text);
  return typeof form === 'object' ? { kind: 'date', form } : form;
};

const malformed = (pattern: string, column: number, message: string): LotbridgeError =>
  new LotbridgeError({
    code: 'lot.pattern-malformed',
    class: 'config',
    message: `Lot pattern "${pattern}", character ${column}: ${message}`,
    fix: 'A part is {name:type}: {seq:4}, {seq:4..6}, {code:text(4)}, {made:yyMMdd}, {line:table(name)}, {seq:base36(4)}, {check:luhn(seq)}; an optional group [-{split:2}]. Write \\{ for a brace, \\[ for a bracket.',
  });

/** @throws LotbridgeError `lot.pattern-malformed` */
export const parsePattern = (pattern: string): Element[] => {
  const names = new Set<string>();
  let at = 0;

  const list = (depth: number): Element[] => {
    const elements: Element[] = [];
    let literal = '';
    const flush = (): void => {
      if (literal !== '') elements.push({ kind: 'literal', text: literal });
      literal = '';
    };
    for (; at < pattern.length; at++) {
      const character = pattern.charAt(at);
      if (character === '\\') {
        at++;
        if (at >= pattern.length) throw malformed(pattern, at, 'a backslash at the end');
        literal += pattern.charAt(at);
      } else if (character === '}') {
        throw malformed(pattern, at + 1, 'a closing brace without an opening one');
      } else if (character === ']') {
        if (depth === 0) throw malformed(pattern, at + 1, 'a closing bracket without an opening one');
        flush();
        return elements;
      } else if (character === '[') {
        flush();
        const start = at++;
        const inner = list(depth + 1);
        if (pattern.charAt(at) !== ']') throw malformed(pattern, start + 1, 'the bracket is never closed');
        if (!inner.some((one) => one.kind === 'part' && one.type.kind !== 'check'))
          throw malformed(
            pattern,
            start + 1,
            'an optional group needs a part of its own, that says whether it is there',
          );
        elements.push({ kind: 'optional', elements: inner });
      } else if (character === '{') {
        flush();
        elements.push(part());
      } else {
        literal += character;
      }
    }
    flush();
    return elements;
  };

  const part = (): Element => {
    const end = pattern.indexOf('}', at);
    if (end < 0) throw malformed(pattern, at + 1, 'the brace is never closed');
    const inner = /^([A-Za-z]\w*):(.+)$/.exec(pattern.slice(at + 1, end));
    const [, name = '', spec = ''] = inner ?? [];
    if (!inner) throw malformed(pattern, at + 1, `"${pattern.slice(at, end + 1)}" is not {name:type}`);
    if (names.has(name)) throw malformed(pattern, at + 1, `there are two parts named ${name}`);
    const type = typeOf(spec);
    if (typeof type !== 'object')
      throw malformed(pattern, at + 1, `"${spec}" is no type of a part${type === undefined ? '' : `: ${type}`}`);
    names.add(name);
    at = end;
    return { kind: 'part', name, type };
  };

  const elements = list(0);
  if (elements.length === 0) throw malformed(pattern, 1, 'the pattern is empty');
  if (elements.every((one) => one.kind === 'optional')) throw malformed(pattern, 1, 'not all of it can be optional');
  return elements;
};
