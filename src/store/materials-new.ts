/** Materials that nobody has announced before: copied in with their alias and their record, which is how a first night goes fast. */
import type { MaterialRecord } from '../core/model/records.js';
import { copyRows } from './copy.js';
import type { Client } from './database.js';
import type { MappedRecord, PageContext } from './records.js';

type Announced = MappedRecord<MaterialRecord> & { stored: boolean };

/** False when PostgreSQL knows one of them after all; then nothing was taken. */
export const takeAllAsNew = async (
  client: Client,
  page: PageContext,
  records: MappedRecord<MaterialRecord>[],
): Promise<boolean> => {
  await client.query('savepoint as_new');
  try {
    await copyIn(client, page, records);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code !== uniqueViolation) throw error;
    await client.query('rollback to savepoint as_new');
    return false;
  }
};

const uniqueViolation = '23505';

/**
 * Takes what is new in every respect (no record, no alias, no material of that code) and returns the others. Nobody else
 * may merge materials meanwhile.
 */
export const takeNew = async (client: Client, page: PageContext, records: Announced[]): Promise<Announced[]> => {
  const known = await knownOf(client, page, records);
  const isNew = (record: Announced, place: number): boolean => !record.stored && !known.has(place);
  const fresh = records.filter(isNew);
  if (fresh.length > 0) await copyIn(client, page, fresh);
  return records.filter((record, place) => !isNew(record, place));
};

/** Places of those that have an alias, or whose code is a material. */
const knownOf = async (client: Client, page: PageContext, records: Announced[]): Promise<Set<number>> => {
  const { rows } = await client.query<{ n: number }>(
    `select k.n::int - 1 as n
       from unnest($2::text[], $3::text[], $4::text[]) with ordinality as k(scope, key, code, n)
       left join lateral (select a.our_id from alias a
                           where a.system = $1 and a.entity = 'material' and a.scope = k.scope and a.key = k.key offset 0) a on true
       left join lateral (select m.id from material m where m.code = k.code offset 0) m on true
      where a.our_id is not null or m.id is not null`,
    [
      page.system,
      records.map(({ scope }) => scope),
      records.map(({ key }) => key),
      records.map(({ record }) => record.code),
    ],
  );
  return new Set(rows.map(({ n }) => n));
};

const copyIn = async (client: Client, page: PageContext, fresh: MappedRecord<MaterialRecord>[]): Promise<void> => {
  const firstOf = new Map(fresh.toReversed().map(({ record }) => [record.code, record]));
  const ids = await nextIds(client, firstOf.size);
  const idOf = new Map([...firstOf.keys()].map((code, index) => [code, ids[index]]));
  const { system, stream, entity, mappingVersion, treatment, runId, owned } = page;

  await copyRows(
    client,
    'material (id, code, name, spec, base_unit, gtin, type)',
    [...firstOf.values()].map(({ code, name, spec, baseUnit, gtin, type }) => [
      idOf.get(code),
      code,
      name,
      spec ?? '',
      baseUnit,
      gtin,
      type,
    ]),
  );
  await copyRows(
    client,
    'alias (system, entity, scope, key, our_id, bound_by, mapping_version)',
    fresh.map(({ scope, key, record }) => [system, entity, scope, key, idOf.get(record.code), 'code', mappingVersion]),
  );
  await copyRows(
    client,
    'system_record (system, stream, entity, key, our_id, fields, hash, mapping_version, treatment, run_id, outcome)',
    fresh.map(({ scope, key, record, hash }) => [
      ...[system, stream, entity, `${scope}/${key}`, idOf.get(record.code), JSON.stringify(record), hash],
      ...[mappingVersion, treatment, runId, 'changed'],
    ]),
  );
  if (owned.length > 0) await copySites(client, fresh, idOf);
};

/** Numbers that follow each other: nobody else may take materials in meanwhile. */
const nextIds = async (client: Client, count: number): Promise<number[]> => {
  const { rows } = await client.query<{ last: string }>(
    `select setval('material_id_seq', nextval('material_id_seq') + $1 - 1) as last`,
    [count],
  );
  const last = Number(rows[0]?.last);
  return Array.from({ length: count }, (_, index) => last - count + 1 + index);
};

const copySites = async (
  client: Client,
  fresh: MappedRecord<MaterialRecord>[],
  idOf: ReadonlyMap<string, number | undefined>,
): Promise<void> => {
  const sites = new Map<string, (string | number | undefined)[]>();
  const units = new Map<string, (string | number | undefined)[]>();
  for (const { record } of fresh.toReversed()) {
    const id = idOf.get(record.code);
    for (const plant of record.plants ?? [])
      sites.set(`${id}/${plant}`, [
        id,
        plant,
        record.tracking ?? 'none',
        record.shelfLifeDays,
        record.status ?? 'active',
      ]);
    for (const { unit, numerator, denominator } of record.units ?? [])
      units.set(`${id}/${unit}`, [id, unit, numerator, denominator]);
  }
  await copyRows(client, 'material_site (material_id, plant, tracking, shelf_life_days, status)', [...sites.values()]);
  await copyRows(client, 'material_unit (material_id, unit, numerator, denominator)', [...units.values()]);
};
