/** Materials that nobody has announced before: copied in with their alias and their record, which is how a first night goes fast. */
import type { MaterialRecord } from '../core/model/records.js';
import { field, fields, rowsFor } from './copy.js';
import type { Client, Pool } from './database.js';
import type { MappedRecord, PageContext } from './records.js';

type Announced = MappedRecord<MaterialRecord> & { stored: boolean };

/** Takes what is new in every respect: no record, no alias, no material of that code. Returns the others. */
export const takeNew = async (client: Client, page: PageContext, records: Announced[]): Promise<Announced[]> => {
  if (records.every(({ stored }) => stored)) return records;
  const known = await knownOf(client, page, records);
  const isNew = (record: Announced, place: number): boolean => !record.stored && !known.has(place);
  const fresh = records.filter(isNew);
  if (fresh.length > 0) {
    const rows = newMaterials(page, await nextIds(client, fresh.length));
    for (const record of fresh) rows.add(record);
    await rows.copyIn(client);
  }
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

/** So many ids that no other material has or gets; the generator gives them out in blocks. */
export const nextIds = async (from: Client | Pool, count: number): Promise<string[]> => {
  const { rows } = await from.query<{ first: string; size: number }>(
    `select nextval('material_id_seq') as first, block.size
       from (select seqincrement::int as size from pg_sequence where seqrelid = 'material_id_seq'::regclass) block,
            generate_series(1, ceil($1::float8 / block.size)::int)`,
    [count],
  );
  return rows
    .flatMap(({ first, size }) => Array.from({ length: size }, (_, index) => String(Number(first) + index)))
    .slice(0, count);
};

export interface NewMaterials {
  add(record: MappedRecord<MaterialRecord>): void;
  /** PostgreSQL refuses them (unique_violation) when it knows one after all. */
  copyIn(client: Client): Promise<void>;
}

/** The rows that new materials will be, an id for each. Of two with one code the first is the material. */
export const newMaterials = (page: PageContext, ids: readonly string[]): NewMaterials => {
  const { system, stream, entity, mappingVersion, treatment, runId, owned } = page;
  const material = rowsFor('material (id, code, name, spec, base_unit, gtin, type)');
  const alias = rowsFor('alias (system, entity, scope, key, our_id, bound_by, mapping_version)');
  const said = rowsFor(
    'system_record (system, stream, entity, key, our_id, fields, hash, mapping_version, treatment, run_id, outcome)',
  );
  const [named, bound] = [fields(system, entity), fields('code', mappingVersion)];
  const [from, taken] = [fields(system, stream, entity), fields(mappingVersion, treatment, runId, 'changed')];
  const sites = newSites();
  const idOf = new Map<string, string>();

  const idFor = ({ code, name, spec, baseUnit, gtin, type }: MaterialRecord): string => {
    const known = idOf.get(code);
    if (known !== undefined) return known;
    const id = ids[idOf.size];
    if (id === undefined) throw new RangeError('more new materials than ids');
    idOf.set(code, id);
    material.add(`${id}\t${fields(code, name, spec ?? '', baseUnit, gtin, type)}`);
    return id;
  };

  return {
    add({ scope, key, record, hash }) {
      const id = idFor(record);
      alias.add(`${named}\t${field(scope)}\t${field(key)}\t${id}\t${bound}`);
      said.add(`${from}\t${field(`${scope}/${key}`)}\t${id}\t${field(JSON.stringify(record))}\t${hash}\t${taken}`);
      if (owned.length > 0) sites.add(id, record);
    },
    async copyIn(client) {
      await material.into(client);
      await alias.into(client);
      await said.into(client);
      await sites.copyIn(client);
    },
  };
};

/** A material's plants and units; of two records that name one plant the first counts. */
const newSites = () => {
  const site = rowsFor('material_site (material_id, plant, tracking, shelf_life_days, status)');
  const unit = rowsFor('material_unit (material_id, unit, numerator, denominator)');
  const named = new Set<string>();
  const first = (what: string): boolean => named.size < named.add(what).size;
  return {
    add(id: string, { plants, units, tracking, shelfLifeDays, status }: MaterialRecord): void {
      for (const plant of plants ?? [])
        if (first(`plant ${id} ${plant}`))
          site.add(fields(id, plant, tracking ?? 'none', shelfLifeDays, status ?? 'active'));
      for (const one of units ?? [])
        if (first(`unit ${id} ${one.unit}`)) unit.add(fields(id, one.unit, one.numerator, one.denominator));
    },
    async copyIn(client: Client): Promise<void> {
      await site.into(client);
      await unit.into(client);
    },
  };
};
