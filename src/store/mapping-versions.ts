/** Published versions of mapping files: kept for ever, in the order in which they followed each other. */
import { createHash } from 'node:crypto';
import { LotbridgeError } from '../core/errors.js';
import { type Client, inTransaction, oneAtATime, type Pool } from './database.js';
import { type RereadSerial, renameSerials } from './serials.js';

export interface MappingVersion {
  id: string;
  system: string;
  sha256: string;
  author: string;
  reason: string;
  base: string | null;
  lots_changed: number;
  published_at: Date;
}

const columns = 'id, system, sha256, author, reason, base, lots_changed, loaded_at as published_at';

/** What the hub runs now, by system. */
export const publishedNow = async (pool: Client | Pool): Promise<Map<string, MappingVersion>> => {
  const { rows } = await pool.query<MappingVersion>(
    `select distinct on (system) ${columns} from mapping_version where published order by system, id desc`,
  );
  return new Map(rows.map((row) => [row.system, row]));
};

/** Newest first. */
export const mappingHistory = async (pool: Pool, system: string): Promise<MappingVersion[]> =>
  (
    await pool.query<MappingVersion>(
      `select ${columns} from mapping_version where published and system = $1 order by id desc`,
      [system],
    )
  ).rows;

/** The file of a version as it was; @throws LotbridgeError `mapping.version-unknown` */
export const mappingContent = async (pool: Client | Pool, id: string): Promise<{ system: string; content: string }> => {
  const { rows } = /^[0-9]{1,18}$/.test(id)
    ? await pool.query<{ system: string; content: string }>(
        'select system, content from mapping_version where id = $1',
        [id],
      )
    : { rows: [] };
  if (rows[0]) return rows[0];
  throw new LotbridgeError({
    code: 'mapping.version-unknown',
    class: 'config',
    message: `There is no mapping version ${id}`,
    fix: 'List them: lotbridge mapping history SYSTEM',
  });
};

/** The versions that a run began with, by system. */
export const versionsOfRun = async (pool: Pool, runId: string): Promise<Record<string, string>> =>
  (
    await pool.query<{ mapping_versions: Record<string, string> }>('select mapping_versions from run where id = $1', [
      runId,
    ])
  ).rows[0]?.mapping_versions ?? {};

export interface Publication {
  system: string;
  content: string;
  author: string;
  reason: string;
  /** The version that the file was written upon; null when there is none yet. */
  base: string | null;
  /** Lots that it takes for others: what rules bound under their old identity is bound anew. */
  lotsChanged?: readonly { scope: string; material: string; lot: string }[];
  /** Serial numbers that it takes for others: they are known by that from now on. */
  serialsChanged?: readonly RereadSerial[];
  /** Streams whose records it maps otherwise: the next run reads them from the beginning. */
  reread?: readonly string[];
}

/** Somebody else published after the version that this one was written upon. */
export class PublishedMeanwhile extends LotbridgeError {
  readonly newest: MappingVersion;

  constructor(newest: MappingVersion, base: string | null) {
    super({
      code: 'mapping.published-meanwhile',
      class: 'conflict',
      message: `${newest.author} published version ${newest.id} of ${newest.system} (${newest.reason}); this file was written upon ${base === null ? 'none' : `version ${base}`}`,
      fix: `Take over what changed: lotbridge mapping diff ${newest.system}. Then publish with --base ${newest.id}.`,
    });
    this.newest = newest;
  }
}

/** @returns the new version; @throws PublishedMeanwhile when another one has followed the base */
export const publishMapping = (pool: Pool, one: Publication): Promise<string> =>
  inTransaction(pool, async (client) => {
    await oneAtATime(client, `publish mapping ${one.system}`);
    const newest = (await publishedNow(client)).get(one.system);
    if (newest !== undefined && newest.id !== one.base) throw new PublishedMeanwhile(newest, one.base);
    const { rows } = await client.query<{ id: string }>(
      `insert into mapping_version (system, sha256, content, published, base, author, reason, lots_changed)
       values ($1, $2, $3, true, $4, $5, $6, $7) returning id`,
      [
        one.system,
        contentSha(one.content),
        one.content,
        newest?.id ?? null,
        one.author,
        one.reason,
        (one.lotsChanged?.length ?? 0) + (one.serialsChanged?.length ?? 0),
      ],
    );
    await bindAnew(client, one);
    await renameSerials(client, one.system, one.serialsChanged ?? []);
    return rows[0]?.id ?? '';
  });

/** What a person bound, or the hub numbered, stays. */
const bindAnew = async (client: Client, { system, lotsChanged = [], reread = [] }: Publication): Promise<void> => {
  if (lotsChanged.length > 0)
    await client.query(
      `delete from alias a using jsonb_to_recordset($2) as l(scope text, material text, lot text)
        where a.system = $1 and a.entity = 'lot' and a.scope = l.scope and a.key::jsonb ->> 0 = l.material
          and a.key::jsonb ->> 2 = l.lot and a.bound_by = 'lot number'`,
      [system, JSON.stringify(lotsChanged)],
    );
  if (reread.length > 0)
    await client.query('delete from stream_cursor where system = $1 and stream = any($2)', [system, reread]);
};

export const contentSha = (content: string): string => createHash('sha256').update(content).digest('hex');
