/**
 * All lot formats of one system. Formats carry names: the format `made` of SAP and the format `made` of the MES say the
 * same thing in two spellings, and that is how a lot number converts from one to the other.
 */
import {
  type Alternative,
  type CompiledFormat,
  compileFormat,
  configFault,
  dayOfLot,
  identifying,
  isValidOn,
  refuseOverlaps,
} from './alternatives.js';
import { productionDay } from './calendar.js';
import type { Parts, Tables } from './compile.js';
import { isFault, LotError, type LotFault } from './error.js';
import type { LotFormat } from './format-schema.js';
import { compileNormaliser } from './normalise.js';
import type { PartContext } from './part.js';
import { longestOf } from './shape.js';
import { refuseTwoSpellings } from './spellings.js';

/** What is known of the record around a lot number: its date (`yyyy-MM-dd`, for short years), scope, plant, … */
export type LotAttributes = Readonly<Record<string, string | undefined>>;

export interface ParsedLot {
  format: string;
  /** The text as it was read, after normalisation; the system's own number is the text as it was typed. */
  text: string;
  /** What identifies the lot. */
  parts: Parts;
  /** What the text repeats of the lot's attributes. */
  attributes: Parts;
  partOf?: { format: string; parts: Parts };
}

export interface SystemLotFormats {
  readonly system: string;
  readonly names: readonly string[];
  readonly settings: LotSettings;
  /** As compiled, for what is proved of them. */
  readonly formats: ReadonlyMap<string, CompiledFormat>;
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
  /** Steps for every text of the system, before those of a format. */
  normalise?: readonly string[];
  /** How many characters the system keeps of a lot number. */
  maxLength?: number;
  /** When its production day begins, `06:00`. */
  dayStart?: string;
  /** Within what a number is unique. */
  scope?: 'none' | 'plant' | 'org';
  /** All plants or orgs whose lots it keeps, as the hub names them. */
  scopes?: readonly string[];
}

/** How far a text was understood: one that was read and then refused was read to its end. */
const reach = ({ code, position }: LotFault): number => (code === 'lot.parse' ? position : Number.POSITIVE_INFINITY);

/** `made:line=1,made=2026-11-01,seq=1` */
export const identityKey = (format: string, parts: Parts): string => {
  const names = Object.keys(parts);
  if (names.length > 1) names.sort();
  let key = `${format}:`;
  for (const [at, name] of names.entries())
    key += `${at === 0 ? '' : ','}${name}=${(parts[name] ?? '').replace(/[\\,=]/g, '\\$&')}`;
  return key;
};

const refuseTooLong = ({ maxLength, system }: LotSettings, format: CompiledFormat): void => {
  if (maxLength === undefined) return;
  for (const { pattern } of format.alternatives) {
    const longest = longestOf(pattern.shape);
    if (longest === undefined || longest > maxLength)
      throw configFault(
        'lot.pattern-too-long',
        `Lot pattern "${pattern.text}" of ${format.name} has texts of ${longest ?? 'any number of'} characters; ${system} keeps ${maxLength}`,
        'Bound the widths of its parts, or correct lotLength.',
      );
  }
};

/** What the parts say of the lot's attributes. */
const attributesIn = ({ declared }: CompiledFormat, parts: Parts): Record<string, string> =>
  Object.fromEntries(
    Object.entries(declared).flatMap(([part, attribute]) => {
      const value = parts[part];
      return value === undefined ? [] : [[attribute, value]];
    }),
  );

/** The pattern of the parent that this one has the parts for. */
const parentPattern = (child: readonly string[], parent: CompiledFormat): Alternative | undefined =>
  parent.alternatives.find((alternative) =>
    identifying(parent, alternative).every(({ name, groups }) => groups.length > 0 || child.includes(name)),
  );

const compileAll = (settings: LotSettings): Map<string, CompiledFormat> => {
  const formats = new Map<string, CompiledFormat>();
  for (const [name, format] of Object.entries(settings.formats)) {
    const compiled = compileFormat(name, format, settings.tables, settings.normalise ?? []);
    refuseTooLong(settings, compiled);
    refuseTwoSpellings(compiled);
    formats.set(name, compiled);
  }
  for (const { name, alternatives, partOf } of formats.values()) {
    if (partOf === undefined) continue;
    const parent = formats.get(partOf);
    if (!parent || parent.name === name)
      throw configFault(
        'lot.part-of-unknown',
        `Lot format ${name} is part of ${partOf}, which is no other format here`,
        'Name another format of this file.',
      );
    for (const { pattern } of alternatives) {
      if (parentPattern(pattern.names, parent)) continue;
      const [first] = parent.alternatives;
      const lacking = first && identifying(parent, first).find((one) => !pattern.names.includes(one.name))?.name;
      throw configFault(
        'lot.part-of-lacking',
        `Lot format ${name} has no part ${lacking ?? ''}, which ${partOf} needs`,
        `Add {${lacking ?? ''}:…} to the pattern.`,
      );
    }
  }
  const allocating = [...formats.values()].find(({ via }) => via === 'allocate');
  if (allocating && ![...formats.values()].some(({ counts }) => counts !== undefined))
    throw configFault(
      'lot.counts-missing',
      `Lot format ${allocating.name} says via: allocate, but the hub counts in no format of ${settings.system}`,
      "Add a format for the hub's own numbers: hub: {pattern: 'H{number:6}', counts: number}.",
    );
  refuseOverlaps([...formats.values()]);
  return formats;
};

/** @throws LotbridgeError class config when a format is malformed or ambiguous */
export const compileLotFormats = (settings: LotSettings): SystemLotFormats => {
  const formats = compileAll(settings);
  const list = [...formats.values()].sort((one, other) => Number(one.otherwise) - Number(other.otherwise));
  const spelling = compileNormaliser(settings.normalise ?? []);
  const plain = (text: string): string => spelling.apply(text).trim();
  const dummies = new Set(settings.dummyLots.flatMap((text) => [text.trim(), plain(text)]));

  const contextOf = (attributes: LotAttributes): PartContext => {
    const date = attributes.date && productionDay(attributes.date, settings.dayStart);
    const year = /^(\d{4})-/.exec(date ?? '')?.[1];
    const ahead = settings.years?.ahead ?? 1;
    const around = year === undefined ? settings.years?.around : Number(year);
    return { window: around === undefined ? undefined : { around, ahead } };
  };

  const fault = (code: string, format: string, part: string, expected: string, found: string): LotFault => ({
    code,
    format,
    part,
    position: 1,
    expected,
    found,
  });

  /** A time is a day of the production calendar for a lot that is named by days. */
  const asIn = (parent: Alternative, name: string, value: string): string => {
    const date = parent.pattern.parts.find((one) => one.name === name)?.part.date;
    return date?.grain === 'day' ? productionDay(value, settings.dayStart) : value;
  };

  const parentOfLot = (format: CompiledFormat, parts: Parts): ParsedLot['partOf'] => {
    const parent = format.partOf === undefined ? undefined : formats.get(format.partOf);
    const pattern = parent && parentPattern(Object.keys(parts), parent);
    if (!parent || !pattern) return undefined;
    const kept = identifying(parent, pattern).flatMap(({ name }): [string, string][] => {
      const value = parts[name];
      return value === undefined ? [] : [[name, asIn(pattern, name, value)]];
    });
    return { format: parent.name, parts: Object.fromEntries(kept) };
  };

  const split = (format: CompiledFormat, text: string, all: Parts, attributes: LotAttributes): ParsedLot | LotFault => {
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
        return fault('lot.attribute-contradicts', format.name, name, `${attribute} ${known}`, value);
      repeated[attribute] = value;
    }
    const partOf = parentOfLot(format, parts);
    return { format: format.name, text, parts, attributes: repeated, ...(partOf && { partOf }) };
  };

  /** Undefined when it holds for the lot's plant or org, on its day. */
  const outOfPlace = (
    format: CompiledFormat,
    alternative: Alternative,
    parts: Parts,
    attributes: LotAttributes,
  ): LotFault | undefined => {
    const { from, until, scopes, needsScope } = alternative;
    if (scopes.length === 0 && from === '' && until === '') return undefined;
    const all = { ...attributes, ...attributesIn(format, parts) };
    if (scopes.length > 0) {
      if (all.scope === undefined && needsScope)
        return fault(
          'lot.scope-needed',
          format.name,
          '',
          `a record with its plant or org: one of ${scopes.join(', ')}`,
          '',
        );
      if (all.scope !== undefined && !scopes.includes(all.scope))
        return fault('lot.not-valid', format.name, '', `a lot of ${scopes.join(', ')}`, all.scope);
    }
    if (from === '' && until === '') return undefined;
    const day = dayOfLot(alternative, parts, attributes.date, settings.dayStart);
    const span = [from === '' ? '' : `from ${from}`, until === '' ? '' : `until ${until}`].filter(Boolean).join(' ');
    if (day === undefined)
      return fault('lot.date-needed', format.name, '', `a record with a date: this pattern holds ${span}`, '');
    return isValidOn(alternative, day) ? undefined : fault('lot.not-valid', format.name, '', `a lot made ${span}`, day);
  };

  const tryParse = (text: string, attributes: LotAttributes = {}): ParsedLot | LotFault => {
    const context = contextOf(attributes);
    let farthest: LotFault | undefined;
    for (const format of list) {
      const normal = format.normaliser.apply(text);
      for (const alternative of format.alternatives) {
        const read = alternative.pattern.parse(normal, context);
        const lot = isFault(read) ? read : split(format, normal, read.parts, attributes);
        const result =
          isFault(read) || isFault(lot) ? lot : (outOfPlace(format, alternative, read.parts, attributes) ?? lot);
        if (!isFault(result)) return result;
        if (!farthest || reach(result) > reach(farthest)) farthest = result;
      }
    }
    return farthest ?? fault('lot.no-format', '', '', 'a lot format in the mapping file', text);
  };

  /** As the system writes it, and read again to be sure. */
  const finish = (format: CompiledFormat, rendered: string, attributes: LotAttributes): { text: string } | LotFault => {
    const text = format.dress(rendered);
    if (format.normaliser.apply(text) !== rendered)
      return fault('lot.part-unfit', format.name, '', 'a text that normalisation leaves as it is', text);
    if (!format.otherwise) return { text };
    const again = tryParse(text, attributes);
    return isFault(again) || again.format === format.name
      ? { text }
      : fault('lot.part-unfit', format.name, '', `a text that is not read as ${again.format}`, text);
  };

  const tryRender = (name: string, parts: Parts, attributes: LotAttributes = {}): { text: string } | LotFault => {
    const format = formats.get(name);
    if (!format) return fault('lot.no-format', name, '', `a format ${name} in ${settings.system}`, '');
    const context = contextOf(attributes);
    let first: LotFault | undefined;
    for (const alternative of format.alternatives) {
      const all: Record<string, string> = { ...parts };
      let wrong: LotFault | undefined;
      for (const { name: part, groups } of alternative.pattern.parts) {
        const attribute = format.declared[part];
        if (attribute === undefined) continue;
        const value = attributes[attribute];
        if (value !== undefined) all[part] = value;
        else if (groups.length === 0)
          wrong ??= fault('lot.attribute-missing', name, part, `the lot’s ${attribute}`, '');
      }
      wrong ??= Object.keys(parts).every((part) => alternative.pattern.names.includes(part))
        ? undefined
        : fault(
            'lot.part-unfit',
            name,
            '',
            `only ${alternative.pattern.names.join(', ')}`,
            Object.keys(parts).join(', '),
          );
      wrong ??= outOfPlace(format, alternative, all, attributes);
      const rendered = wrong ?? alternative.pattern.render(all, context);
      const result = isFault(rendered) ? rendered : finish(format, rendered.text, attributes);
      if (!isFault(result)) return result;
      first ??= result;
    }
    return first ?? fault('lot.no-format', name, '', `a pattern of ${name}`, '');
  };

  const isDummy = (text: string): boolean => dummies.has(text.trim()) || dummies.has(plain(text));
  return {
    system: settings.system,
    names: [...formats.keys()],
    settings,
    formats,
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
