/**
 * A lot format, compiled: one pattern that both reads a lot number into its parts and writes it from them. Reading walks
 * the text once from left to right and never goes back, because a pattern that would need it is refused when it is loaded.
 */
import { LotbridgeError } from '../errors.js';
import { datePart } from './date-part.js';
import { isFault, type LotFault } from './error.js';
import { numberPart } from './number-part.js';
import type { Part, PartContext } from './part.js';
import { type Element, type PartType, parsePattern } from './pattern.js';
import { type Table, tablePart } from './table-part.js';
import { textPart } from './text-part.js';

export type Tables = Readonly<Record<string, Table>>;
export type Parts = Readonly<Record<string, string>>;

export interface LotPattern {
  readonly text: string;
  readonly names: readonly string[];
  readonly elements: readonly CompiledElement[];
  parse(text: string, context: PartContext): { parts: Parts } | LotFault;
  render(parts: Parts, context: PartContext): { text: string } | LotFault;
}

export type CompiledElement = { literal: string } | { name: string; type: PartType; part: Part };

const refuse = (code: string, message: string, fix: string): LotbridgeError =>
  new LotbridgeError({ code, class: 'config', message, fix });

const partOf = (type: PartType, tables: Tables): Part => {
  if (type.kind === 'number') return numberPart(type.width);
  if (type.kind === 'text') return textPart(type.alphabet, type.width);
  if (type.kind === 'date') return datePart(type.tokens);
  const table = Object.hasOwn(tables, type.table) ? tables[type.table] : undefined;
  if (!table || Object.keys(table).length === 0)
    throw refuse(
      'lot.table-unknown',
      `There is no table ${type.table}`,
      `Add ${type.table} under tables of the mapping file.`,
    );
  if (Object.keys(table).includes(''))
    throw refuse(
      'lot.table-empty-text',
      `Table ${type.table} has an empty text`,
      'Each text of a table has at least one character.',
    );
  if (new Set(Object.values(table)).size !== Object.keys(table).length)
    throw refuse(
      'lot.table-not-invertible',
      `Table ${type.table} gives one value for two texts, so that a lot number cannot be written from it`,
      'Give each text its own value.',
    );
  return tablePart(type.table, table);
};

const firstOf = (element: CompiledElement): ReadonlySet<string> =>
  'literal' in element ? new Set([element.literal.charAt(0)]) : element.part.first;

/** A part of open length must not be followed by what could continue it. */
const refuseAmbiguous = (pattern: string, elements: readonly CompiledElement[]): void => {
  elements.forEach((element, index) => {
    const next = elements[index + 1];
    if ('literal' in element || !element.part.extendable || !next) return;
    const shared = [...firstOf(next)].find((character) => element.part.more.has(character));
    if (shared !== undefined)
      throw refuse(
        'lot.pattern-ambiguous',
        `In lot pattern "${pattern}" nobody can tell where ${element.name} ends: "${shared}" may continue it or begin what follows`,
        `Give ${element.name} a fixed width, or put a separator after it.`,
      );
  });
};

/** @throws LotbridgeError `lot.pattern-malformed | pattern-ambiguous | table-unknown | table-not-invertible` */
export const compilePattern = (format: string, pattern: string, tables: Tables): LotPattern => {
  const elements = parsePattern(pattern).map(
    (element: Element): CompiledElement =>
      element.kind === 'literal'
        ? { literal: element.text }
        : { name: element.name, type: element.type, part: partOf(element.type, tables) },
  );
  refuseAmbiguous(pattern, elements);

  const fault = (code: string, part: string, at: number, expected: string, found: string): LotFault => ({
    code,
    format,
    part,
    position: at + 1,
    expected,
    found,
  });

  const parse = (text: string, context: PartContext): { parts: Parts } | LotFault => {
    const parts: Record<string, string> = {};
    let at = 0;
    for (const element of elements) {
      if ('literal' in element) {
        if (!text.startsWith(element.literal, at))
          return fault('lot.parse', '', at, `"${element.literal}"`, text.slice(at, at + element.literal.length));
        at += element.literal.length;
        continue;
      }
      const result = element.part.read(text, at, context);
      if (!('end' in result))
        return fault('lot.parse', element.name, result.at, result.expected, text.slice(result.at, result.at + 12));
      parts[element.name] = result.value;
      at = result.end;
    }
    return at < text.length ? fault('lot.parse', '', at, 'the end', text.slice(at, at + 12)) : { parts };
  };

  const render = (parts: Parts, context: PartContext): { text: string } | LotFault => {
    let text = '';
    for (const element of elements) {
      if ('literal' in element) {
        text += element.literal;
        continue;
      }
      const value = Object.hasOwn(parts, element.name) ? parts[element.name] : undefined;
      if (value === undefined)
        return fault('lot.part-missing', element.name, text.length, `a value for ${element.name}`, '');
      const written = element.part.write(value, context);
      if ('problem' in written) return fault('lot.part-unfit', element.name, text.length, written.problem, value);
      text += written.text;
    }
    const again = parse(text, context);
    return isFault(again) ? again : { text };
  };

  const names = elements.flatMap((element) => ('literal' in element ? [] : [element.name]));
  return { text: pattern, names, elements, parse, render };
};
