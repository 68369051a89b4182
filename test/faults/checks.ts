/** What must hold after the weather has passed, whatever happened before. Each check names what it found, or nothing. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import type pg from 'pg';
import { compareDocuments } from './documents.js';
import type { Plant } from './plant.js';

export interface Verdict {
  violations: string[];
  lost: number;
  doubled: number;
  /** Open exceptions where a person is asked, because an answer was lost for good. */
  parked: number;
}

export const documentsHold = (plant: Plant): Verdict => {
  const { lost, doubled, other } = compareDocuments(plant);
  const violations = [
    ...lost.map((words) => `missing in the ERP: ${words}`),
    ...doubled.map((words) => `twice in the ERP: ${words}`),
    ...other.map((words) => `never expected in the ERP: ${words}`),
  ];
  return { violations, lost: lost.length, doubled: doubled.length, parked: 0 };
};

const empty: [what: string, sql: string][] = [
  ['an intent is left in sending', `select key, target, attempt from intent where state = 'sending'`],
  [
    'an intent still moves by itself',
    `select key, target, state, error_code from intent where mode = 'write' and (state = 'planned' or (state = 'unknown' and look_at is not null))`,
  ],
  [
    'one key of two documents',
    `select reference, target from intent where state = 'written' and action = 'post' group by 1, 2 having count(*) > 1`,
  ],
  ['a run did not end', `select id, kind, name from run where finished_at is null`],
  [
    'counts do not add up',
    `select id, name, read, unchanged, changed, parked from run
      where kind = 'sync' and finished_at is not null and read <> unchanged + changed + parked`,
  ],
  [
    'two lots under one number',
    `select material_id, variant_id, number_key, scope from lot group by 1, 2, 3, 4 having count(*) > 1`,
  ],
  [
    'two keys of one system for one lot',
    `select system, scope, our_id, array_agg(key) from alias where entity = 'lot' and relation = 'same'
      group by 1, 2, 3 having count(*) > 1`,
  ],
  [
    'an alias of nothing',
    `select a.system, a.key from alias a where a.entity = 'lot' and not exists (select 1 from lot l where l.id = a.our_id)`,
  ],
  [
    'one document under two movements',
    `select system, document, line from movement where origin = 'ours' and state = 'posted' and reference is not null
      group by system, reference, document, line having count(*) > 1`,
  ],
];

export const storeHolds = async (pool: pg.Pool): Promise<string[]> => {
  const found: string[] = [];
  for (const [what, sql] of empty) {
    const { rows } = await pool.query(sql);
    found.push(...rows.slice(0, 3).map((row) => `${what}: ${JSON.stringify(row)}`));
  }
  return found;
};

/** Every part that the manifest names is there, whole, and has as many rows as it says. */
export const snapshotsHold = async (pool: pg.Pool): Promise<string[]> => {
  const { rows } = await pool.query<{ url: string; rows: string; sha256: string }>(
    'select url, rows, sha256 from snapshot_part',
  );
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const found: string[] = [];
    for (const part of rows) {
      const file = fileURLToPath(part.url);
      if (!existsSync(file)) found.push(`a snapshot part is named and not there: ${file}`);
      else if (createHash('sha256').update(readFileSync(file)).digest('hex') !== part.sha256)
        found.push(`a snapshot part is not what was written: ${file}`);
      else {
        const counted = await connection.runAndReadAll(
          `select count(*)::text from read_parquet('${file.replaceAll("'", "''")}')`,
        );
        const n = String(counted.getRows()[0]?.[0]);
        if (n !== part.rows) found.push(`a snapshot part has ${n} rows and not ${part.rows}: ${file}`);
      }
    }
    return found;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
};

/** Logs, what commands printed, and the file in which Temporal keeps its histories. */
export const secretsHold = (secrets: string[], places: string[]): string[] => {
  const files = places.flatMap(filesIn);
  return files.flatMap((file) => {
    const bytes = readFileSync(file);
    return secrets.flatMap((secret, index) =>
      bytes.includes(secret) ? [`secret ${index + 1} stands in ${file}`] : [],
    );
  });
};

const filesIn = (place: string): string[] => {
  if (!existsSync(place)) return [];
  if (!statSync(place).isDirectory()) return [place];
  return readdirSync(place).flatMap((name) => filesIn(join(place, name)));
};

export interface Picture {
  /** By key of a system, the keys that mean the same thing. */
  aliases: Map<string, string>;
  exceptions: Set<string>;
}

/** Which keys mean the same thing, and what a person is asked about. */
export const picture = async (pool: pg.Pool): Promise<Picture> => {
  const aliases = await pool.query<{ thing: string; alias: string }>(
    `select entity || our_id as thing, concat_ws(' ', entity, system, scope, key, relation) as alias from alias`,
  );
  const exceptions = await pool.query<{ words: string }>(
    `select concat_ws(' ', class, flow, array_to_string(systems, '+'), plant, location, material,
                      case when class <> 'contradiction' then lot end, trim_scale(difference)) as words
       from exception where state <> 'closed'`,
  );
  return {
    aliases: new Map(aliases.rows.map(({ alias, thing }) => [alias, thing])),
    exceptions: new Set(exceptions.rows.map(({ words }) => words)),
  };
};

/** The same exceptions as after nights without any fault, and no two keys that are one thing there and two here, or the reverse. */
export const differences = (here: Picture, calm: Picture): string[] => [
  ...bound(here, calm).map((keys) => `one thing here, two without faults: ${keys}`),
  ...bound(calm, here).map((keys) => `two things here, one without faults: ${keys}`),
  ...[...here.exceptions].filter((one) => !calm.exceptions.has(one)).map((one) => `exception only here: ${one}`),
  ...[...calm.exceptions].filter((one) => !here.exceptions.has(one)).map((one) => `exception missing here: ${one}`),
];

const bound = (one: Picture, other: Picture): string[] => {
  const first = new Map<string, string>();
  return [...one.aliases].flatMap(([alias, thing]) => {
    const there = other.aliases.get(alias);
    if (there === undefined) return [];
    const before = first.get(thing);
    if (before === undefined) first.set(thing, alias);
    return before === undefined || other.aliases.get(before) === there ? [] : [`${before} and ${alias}`];
  });
};
