/**
 * All lot formats of one system. Formats carry names: the format `made` of SAP and the format `made` of the MES say the
 * same thing in two spellings, and that is how a lot number converts from one to the other.
 */
import Type, { type Static } from 'typebox';
import { LotbridgeError } from '../errors.js';
import { compilePattern, type LotPattern, type Parts, type Tables } from './compile.js';
import { isFault, LotError, type LotFault } from './error.js';
import type { PartContext } from './part.js';

export const LotFormat = Type.Object(
  {
    pattern: Type.String({
      minLength: 1,
      description: 'Literals and parts: {made:yyMMdd}{line:table(lineLetter)}{seq:3}',
    }),
    partOf: Type.Optional(
      Type.String({
        description: 'Name of the format of the lot that a lot of this format is a part of (shift lot in a batch)',
      }),
    ),
    attributes: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description:
          'Parts that only repeat an attribute of the lot, e.g. site: scope. They are no part of its identity.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type LotFormat = Static<typeof LotFormat>;

/** What is known of the record around a lot number: its date (`yyyy-MM-dd`, for short years), scope, plant, … */
export type LotAttributes = Readonly<Record<string, string | undefined>>;

export interface ParsedLot {
  format: string;
  /** What identifies the lot. */
  parts: Parts;
  /** What the text repeats of the lot's attributes. */
  attributes: Parts;
  partOf?: { format: string; parts: Parts };
}

export interface SystemLotFormats {
  readonly system: string;
  readonly names: readonly string[];
  /** A word that stands where no lot is: blank, `N/A`, `无`. */
  isDummy(text: string): boolean;
  /** @throws LotError when no format reads the text */
  parse(text: string, attributes?: LotAttributes): ParsedLot;
  tryParse(text: string, attributes?: LotAttributes): ParsedLot | LotFault;
  tryRender(format: string, parts: Parts, attributes?: LotAttributes): { text: string } | LotFault;
  /** @throws LotError when the parts do not fit the format */
  render(format: string, parts: Parts, attributes?: LotAttributes): string;
  /** One key for all spellings of a lot in all systems; undefined when no format reads the text, or for a dummy. */
  identityOf(text: string, attributes?: LotAttributes): string | undefined;
  /** The lot that this one is a part of, as this system writes it. */
  parentOf(text: string, attributes?: LotAttributes): string | undefined;
}

export interface LotSettings {
  system: string;
  formats: Readonly<Record<string, LotFormat>>;
  tables: Tables;
  dummyLots: readonly string[];
  /** Used where a record has no date of its own. */
  years?: { around: number; ahead: number };
}

/** `made:line=1,made=2026-11-01,seq=1` */
export const identityKey = (format: string, parts: Parts): string =>
  `${format}:${Object.keys(parts)
    .sort()
    .map((name) => `${name}=${parts[name]}`)
    .join(',')}`;

interface Compiled {
  name: string;
  pattern: LotPattern;
  declared: Readonly<Record<string, string>>;
  partOf: string | undefined;
}

const config = (code: string, message: string, fix: string): LotbridgeError =>
  new LotbridgeError({ code, class: 'config', message, fix });

const compileAll = (settings: LotSettings): Map<string, Compiled> => {
  const compiled = new Map<string, Compiled>();
  for (const [name, format] of Object.entries(settings.formats)) {
    const pattern = compilePattern(name, format.pattern, { tables: settings.tables });
    for (const part of Object.keys(format.attributes ?? {}))
      if (!pattern.names.includes(part))
        throw config(
          'lot.attribute-unknown',
          `Lot format ${name} has no part ${part}`,
          'Name a part of the pattern under attributes.',
        );
    compiled.set(name, { name, pattern, declared: format.attributes ?? {}, partOf: format.partOf });
  }
  for (const { name, pattern, partOf } of compiled.values()) {
    if (partOf === undefined) continue;
    const parent = compiled.get(partOf);
    if (!parent || parent.name === name)
      throw config(
        'lot.part-of-unknown',
        `Lot format ${name} is part of ${partOf}, which is no other format here`,
        'Name another format of this file.',
      );
    const lacking = parent.pattern.names.find(
      (part) => !pattern.names.includes(part) && parent.declared[part] === undefined,
    );
    if (lacking !== undefined)
      throw config(
        'lot.part-of-lacking',
        `Lot format ${name} has no part ${lacking}, which ${partOf} needs`,
        `Add {${lacking}:…} to the pattern.`,
      );
  }
  return compiled;
};

/** @throws LotbridgeError class config when a format is malformed or ambiguous */
export const compileLotFormats = (settings: LotSettings): SystemLotFormats => {
  const formats = compileAll(settings);
  const list = [...formats.values()];
  const dummies = new Set(settings.dummyLots.map((text) => text.trim()));

  const contextOf = (attributes: LotAttributes): PartContext => {
    const year = /^(\d{4})-/.exec(attributes.date ?? '')?.[1];
    const ahead = settings.years?.ahead ?? 1;
    const around = year === undefined ? settings.years?.around : Number(year);
    return { window: around === undefined ? undefined : { around, ahead } };
  };

  const split = (format: Compiled, all: Parts, attributes: LotAttributes): ParsedLot | LotFault => {
    const parts: Record<string, string> = {};
    const repeated: Record<string, string> = {};
    for (const [name, value] of Object.entries(all)) {
      const attribute = format.declared[name];
      if (attribute === undefined) {
        parts[name] = value;
        continue;
      }
      const known = attributes[attribute];
      if (known !== undefined && known !== value)
        return {
          code: 'lot.attribute-contradicts',
          format: format.name,
          part: name,
          position: 1,
          expected: `${attribute} ${known}`,
          found: value,
        };
      repeated[attribute] = value;
    }
    const parent = format.partOf === undefined ? undefined : formats.get(format.partOf);
    if (!parent) return { format: format.name, parts, attributes: repeated };
    const kept = parent.pattern.names.filter((name) => parts[name] !== undefined);
    const parentParts = Object.fromEntries(kept.map((name) => [name, parts[name] ?? '']));
    return { format: format.name, parts, attributes: repeated, partOf: { format: parent.name, parts: parentParts } };
  };

  const tryParse = (text: string, attributes: LotAttributes = {}): ParsedLot | LotFault => {
    const context = contextOf(attributes);
    let farthest: LotFault | undefined;
    for (const format of list) {
      const read = format.pattern.parse(text, context);
      const result = isFault(read) ? read : split(format, read.parts, attributes);
      if (!isFault(result)) return result;
      if (!farthest || result.position > farthest.position) farthest = result;
    }
    return (
      farthest ?? {
        code: 'lot.no-format',
        format: '',
        part: '',
        position: 1,
        expected: 'a lot format in the mapping file',
        found: text,
      }
    );
  };

  const tryRender = (name: string, parts: Parts, attributes: LotAttributes = {}): { text: string } | LotFault => {
    const format = formats.get(name);
    if (!format)
      return {
        code: 'lot.no-format',
        format: name,
        part: '',
        position: 1,
        expected: `a format ${name} in ${settings.system}`,
        found: '',
      };
    const all: Record<string, string> = { ...parts };
    for (const [part, attribute] of Object.entries(format.declared)) {
      const value = attributes[attribute];
      if (value === undefined)
        return {
          code: 'lot.attribute-missing',
          format: name,
          part,
          position: 1,
          expected: `the lot’s ${attribute}`,
          found: '',
        };
      all[part] = value;
    }
    return format.pattern.render(all, contextOf(attributes));
  };

  const isDummy = (text: string): boolean => dummies.has(text.trim());
  return {
    system: settings.system,
    names: list.map((format) => format.name),
    isDummy,
    tryParse,
    tryRender,
    parse(text, attributes = {}) {
      const result = tryParse(text, attributes);
      if (isFault(result)) throw new LotError(text, result);
      return result;
    },
    render(format, parts, attributes = {}) {
      const result = tryRender(format, parts, attributes);
      if (isFault(result)) throw new LotError('', result);
      return result.text;
    },
    identityOf(text, attributes = {}) {
      if (isDummy(text)) return undefined;
      const parsed = tryParse(text, attributes);
      return isFault(parsed) ? undefined : identityKey(parsed.format, parsed.parts);
    },
    parentOf(text, attributes = {}) {
      const parsed = tryParse(text, attributes);
      if (isFault(parsed) || !parsed.partOf) return undefined;
      const parent = tryRender(parsed.partOf.format, parsed.partOf.parts, { ...attributes, ...parsed.attributes });
      return isFault(parent) ? undefined : parent.text;
    },
  };
};
