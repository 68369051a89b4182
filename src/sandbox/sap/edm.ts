/**
 * The words of OData V2 that the five services share: property types, how a value looks in JSON, and entity sets.
 *
 * Inside the sandbox a value is text, a boolean, null, or milliseconds (UTC) for DateTime and DateTimeOffset.
 */
export type EdmType = 'String' | 'Boolean' | 'Decimal' | 'DateTime' | 'DateTimeOffset' | 'Time';
export type Value = string | number | boolean | null;
export type Row = Record<string, Value>;

export interface Navigation {
  name: string;
  target: string;
  many: boolean;
  /** Rows of the target that belong to this row. */
  rows(row: Row): Row[];
}

export interface EntitySet {
  name: string;
  type: string;
  keys: string[];
  properties: Record<string, EdmType>;
  navigations: Navigation[];
  rows(): Row[];
  /** The row of these keys, where it is found without a look at all rows. */
  find?(keys: string[]): Row | undefined;
  /** W/"…" where the set has optimistic locking. */
  etag?(row: Row): string;
}

export interface Service {
  name: string;
  namespace: string;
  /** Application component, as it appears in errors. */
  component: string;
  sets: EntitySet[];
  functions: { name: string; returns: string; parameters: Record<string, EdmType> }[];
}

const zone = '+08:00';

/** A calendar day of the plant as Edm.DateTime: midnight UTC, never shifted. */
export const dayValue = (day: string | null): number | null =>
  day === null || day === '' ? null : Date.parse(`${day.slice(0, 10)}T00:00:00Z`);

/** A local time of the plant as Edm.DateTimeOffset. */
export const instantValue = (local: string): number => Date.parse(`${local}${zone}`);

/** `2026-11-01T06:30:00` as Edm.Time. */
export const timeValue = (local: string): string =>
  `PT${local.slice(11, 13)}H${local.slice(14, 16)}M${local.slice(17, 19)}S`;

/** Milliseconds as the plant's own clock shows them. */
export const localText = (ms: number): string => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19);

export const toJson = (type: EdmType, value: Value): Value =>
  typeof value !== 'number' ? value : type === 'DateTimeOffset' ? `/Date(${value}+0000)/` : `/Date(${value})/`;

export const keyPredicate = (set: EntitySet, row: Row): string => {
  const literal = (name: string) => `'${encodeURIComponent(String(row[name] ?? '')).replaceAll("'", "''")}'`;
  const [only] = set.keys;
  return set.keys.length === 1 && only !== undefined
    ? `${set.name}(${literal(only)})`
    : `${set.name}(${set.keys.map((name) => `${name}=${literal(name)}`).join(',')})`;
};
