/**
 * The lot format language as text: literals and named parts in braces, `{made:yyMMdd}{line:table(lineLetter)}{seq:3}`.
 *
 *     {seq:4}            a number of exactly 4 digits, padded with zeros
 *     {seq:4..6}         4 to 6 digits: padded to 4, and longer only when the number needs it
 *     {seq:4..}          4 digits or more
 *     {code:letters(2)}  capital letters A–Z; also letters(1..3), letters(1..)
 *     {code:text(4)}     digits and capital letters, leading zeros count
 *     {made:yyyyMMdd}    a date: yyyy, yy or y with MM and dd, or with DDD (day of the year)
 *     {line:table(name)} one of the texts of a table of the mapping file
 *     \{ \} \\           the characters themselves
 */
import { LotbridgeError } from '../errors.js';
import { type DateToken, dateTokens } from './date-tokens.js';

export interface Width {
  min: number;
  /** Undefined: any number. */
  max: number | undefined;
}

export type PartType =
  | { kind: 'number'; width: Width }
  | { kind: 'text'; alphabet: 'letters' | 'text'; width: Width }
  | { kind: 'date'; tokens: DateToken[] }
  | { kind: 'table'; table: string };

export type Element = { kind: 'literal'; text: string } | { kind: 'part'; name: string; type: PartType };

const widthOf = (text: string): Width | undefined => {
  const match = /^(\d{1,2})(\.\.(\d{1,2})?)?$/.exec(text);
  if (!match?.[1]) return undefined;
  const min = Number(match[1]);
  const max = match[2] === undefined ? min : match[3] === undefined ? undefined : Number(match[3]);
  return min < 1 || (max !== undefined && max < min) ? undefined : { min, max };
};

const typeOf = (text: string): PartType | undefined => {
  const call = /^([a-z]+)\(([^()]*)\)$/.exec(text);
  if (call) {
    const [, word = '', argument = ''] = call;
    if (word === 'table') return /^[A-Za-z]\w*$/.test(argument) ? { kind: 'table', table: argument } : undefined;
    const width = widthOf(argument);
    return width && (word === 'letters' || word === 'text') ? { kind: 'text', alphabet: word, width } : undefined;
  }
  const width = widthOf(text);
  if (width) return { kind: 'number', width };
  const tokens = dateTokens(text);
  return tokens && { kind: 'date', tokens };
};

const malformed = (pattern: string, column: number, message: string): LotbridgeError =>
  new LotbridgeError({
    code: 'lot.pattern-malformed',
    class: 'config',
    message: `Lot pattern "${pattern}", character ${column}: ${message}`,
    fix: 'A part is {name:type}: {seq:4}, {seq:4..6}, {code:letters(2)}, {code:text(4)}, {made:yyMMdd}, {line:table(name)}. Write \\{ for a brace.',
  });

/** @throws LotbridgeError `lot.pattern-malformed` */
export const parsePattern = (pattern: string): Element[] => {
  const elements: Element[] = [];
  const names = new Set<string>();
  let literal = '';
  const flush = (): void => {
    if (literal !== '') elements.push({ kind: 'literal', text: literal });
    literal = '';
  };
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '\\') {
      at++;
      if (at >= pattern.length) throw malformed(pattern, at, 'a backslash at the end');
      literal += pattern.charAt(at);
    } else if (character === '}') {
      throw malformed(pattern, at + 1, 'a closing brace without an opening one');
    } else if (character === '{') {
      const end = pattern.indexOf('}', at);
      if (end < 0) throw malformed(pattern, at + 1, 'the brace is never closed');
      const inner = /^([A-Za-z]\w*):(.+)$/.exec(pattern.slice(at + 1, end));
      const [, name = '', spec = ''] = inner ?? [];
      if (!inner) throw malformed(pattern, at + 1, `"${pattern.slice(at, end + 1)}" is not {name:type}`);
      if (names.has(name)) throw malformed(pattern, at + 1, `there are two parts named ${name}`);
      const type = typeOf(spec);
      if (!type) throw malformed(pattern, at + 1, `"${spec}" is no type of a part`);
      flush();
      names.add(name);
      elements.push({ kind: 'part', name, type });
      at = end;
    } else {
      literal += character;
    }
  }
  flush();
  if (elements.length === 0) throw malformed(pattern, 1, 'the pattern is empty');
  return elements;
};
