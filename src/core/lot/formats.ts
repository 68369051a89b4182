/**
 * All lot formats of one system. Formats carry names: the format `made` of SAP and the format `made` of the MES say the
 * same thing in two spellings, and that is how a lot number converts from one to the other.
 */
import { remembered } from '../memo.js';
import { type Alternative, type CompiledFormat, dayOfLot, identifying, isValidOn } from './alternatives.js';
import { productionDay } from './calendar.js';
import { compileAll, type LotSettings, parentPattern } from './compile-all.js';
import { isFault, LotError, type LotFault } from './error.js';
import { identityKey } from './identity.js';
import { compileNormaliser } from './normalise.js';
import type { PartContext } from './part.js';
import { type Parts, partsOf, type Values } from './texts.js';

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
  /** A label with more on it than a format of this system lists, without the rest; any other text as it is. For scanners. */
  scanned(text: string, attributes?: LotAttributes): string;
  /** @throws LotError when the parts do not fit the format */
  render(format: string, parts: Parts, attributes?: LotAttributes): string;
  /** One key for all spellings of a lot in all systems; undefined when no format reads the text, or for a dummy. */
  identityOf(text: string, attributes?: LotAttributes): string | undefined;
  /** Of the lot that this one is a part of; also where this system cannot write that one's number. */
  parentKeyOf(text: string, attributes?: LotAttributes): string | undefined;
  /** The lot that this one is a part of, as this system writes it. */
  parentOf(text: string, attributes?: LotAttributes): string | undefined;
}

/** How a text was read. */
interface Found {
  format: CompiledFormat;
  alternative: Alternative;
  text: string;
  values: Values;
}

/** How far a text was understood: one that was read and then refused was read to its end. */
const reach = ({ code, position }: LotFault): number => (code === 'lot.parse' ? position : Number.POSITIVE_INFINITY);

/** What the parts say of the lot's attributes. */
const attributesIn = ({ declared }: CompiledFormat, parts: Parts): Record<string, string> =>
  Object.fromEntries(
    Object.entries(declared).flatMap(([part, attribute]) => {
      const value = parts[part];
      return value === undefined ? [] : [[attribute, value]];
    }),
  );

/** @throws LotbridgeError class config when a format is malformed or ambiguous */
export const compileLotFormats = (settings: LotSettings): SystemLotFormats => {
  const formats = compileAll(settings);
  const list = [...formats.values()].sort((one, other) => Number(one.otherwise) - Number(other.otherwise));
  const spelling = compileNormaliser(settings.normalise ?? []);
  const plain = (text: string): string => spelling.apply(text).trim();
  const dummies = new Set(settings.dummyLots.flatMap((text) => [text.trim(), plain(text)]));

  const onDate = remembered(2000, (recordDate: string): PartContext => {
    const year = /^(\d{4})-/.exec(productionDay(recordDate, settings.dayStart))?.[1];
    const around = year === undefined ? settings.years?.around : Number(year);
    const ahead = settings.years?.ahead ?? 1;
    return { window: around === undefined ? undefined : { around, ahead } };
  });
  const contextOf = ({ date = '' }: LotAttributes): PartContext => onDate(date);

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

  /** Undefined unless a part repeats an attribute of the record, and otherwise. */
  const contradiction = (
    format: CompiledFormat,
    { repeats }: Alternative,
    values: Values,
    attributes: LotAttributes,
  ): LotFault | undefined => {
    for (const { at, name, attribute } of repeats) {
      const [value, known] = [values[at], attributes[attribute]];
      if (value !== undefined && known !== undefined && known !== value)
        return fault('lot.attribute-contradicts', format.name, name, `${attribute} ${known}`, value);
    }
    return undefined;
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

  /** Of a text that the pattern reads: why this record's lot is none of it all the same. */
  const refusal = (format: CompiledFormat, alternative: Alternative, values: Values, attributes: LotAttributes) =>
    contradiction(format, alternative, values, attributes) ??
    (alternative.unbounded
      ? undefined
      : outOfPlace(format, alternative, partsOf(alternative.pattern.names, values), attributes));

  const find = (text: string, attributes: LotAttributes): Found | undefined => {
    const context = contextOf(attributes);
    for (const format of list) {
      const normal = format.normaliser.apply(text);
      for (const alternative of format.alternatives) {
        const values = alternative.pattern.find(normal, context);
        if (values && !refusal(format, alternative, values, attributes))
          return { format, alternative, text: normal, values };
      }
    }
    return undefined;
  };

  /** Of a text that no format reads: what the one says that understood most of it. */
  const faultOf = (text: string, attributes: LotAttributes): LotFault => {
    const context = contextOf(attributes);
    let farthest: LotFault | undefined;
    for (const format of list) {
      const refused = format.refusal(text);
      if (refused) {
        farthest ??= refused;
        continue;
      }
      const normal = format.normaliser.apply(text);
      for (const alternative of format.alternatives) {
        const values = alternative.pattern.find(normal, context);
        const why = values
          ? refusal(format, alternative, values, attributes)
          : alternative.pattern.faultOf(normal, context);
        if (why && (!farthest || reach(why) > reach(farthest))) farthest = why;
      }
    }
    return farthest ?? fault('lot.no-format', '', '', 'a lot format in the mapping file', text);
  };

  const lotOf = ({ format, alternative, text, values }: Found): ParsedLot => {
    const parts: Record<string, string> = {};
    const repeated: Record<string, string> = {};
    for (const [at, name] of alternative.pattern.names.entries()) {
      const value = values[at];
      const attribute = format.declared[name];
      if (value === undefined) continue;
      if (attribute === undefined) parts[name] = value;
      else repeated[attribute] = value;
    }
    const partOf = parentOfLot(format, parts);
    return { format: format.name, text, parts, attributes: repeated, ...(partOf && { partOf }) };
  };

  const tryParse = (text: string, attributes: LotAttributes = {}): ParsedLot | LotFault => {
    const found = find(text, attributes);
    return found ? lotOf(found) : faultOf(text, attributes);
  };

  const someArePart = list.some(({ partOf }) => partOf !== undefined);
  const partOfLot = (text: string, attributes: LotAttributes): ParsedLot | undefined => {
    const found = someArePart ? find(text, attributes) : undefined;
    return found?.format.partOf === undefined ? undefined : lotOf(found);
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

  const asTyped = settings.normalise === undefined || settings.normalise.length === 0;
  const isDummy = (text: string): boolean => dummies.has(text.trim()) || (!asTyped && dummies.has(plain(text)));
  return {
    system: settings.system,
    names: [...formats.keys()],
    settings,
    formats,
    isDummy,
    tryParse,
    tryRender,
    scanned(text, attributes = {}) {
      if (find(text, attributes)) return text;
      for (const format of list) {
        const picked = format.pick(text);
        if (picked !== undefined && find(picked, attributes)?.format === format) return picked;
      }
      return text;
    },
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
      const found = find(text, attributes);
      return found?.alternative.keyOf(found.values);
    },
    parentKeyOf(text, attributes = {}) {
      const partOf = partOfLot(text, attributes)?.partOf;
      return partOf && identityKey(partOf.format, partOf.parts);
    },
    parentOf(text, attributes = {}) {
      const parsed = partOfLot(text, attributes);
      if (!parsed?.partOf) return undefined;
      const parent = tryRender(parsed.partOf.format, parsed.partOf.parts, { ...attributes, ...parsed.attributes });
      return isFault(parent) ? undefined : parent.text;
    },
  };
};
