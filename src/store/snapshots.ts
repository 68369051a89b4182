/**
 * Snapshots: what a system's stock was, as Parquet parts that anybody can open later. A part counts when its manifest row
 * stands; the row of the last part has no cursor, and only then is the snapshot whole.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LotbridgeError } from '../core/errors.js';
import type { Pool } from './database.js';

export const rowsPerPart = 250_000;

export interface SnapshotStream {
  /** The run under which it is kept; a night's jobs share it. */
  runId: string;
  system: string;
  stream: string;
}

export interface SnapshotPart {
  part: number;
  url: string;
  rows: string;
  records: string;
  source_count: string | null;
  /** Where reading goes on; null on the last part. */
  cursor: string | null;
  read_from: Date;
  read_to: Date;
}

/** @throws LotbridgeError `snapshot.url-unsupported` */
export const snapshotFolder = (url: string): string => {
  if (url.startsWith('file:')) return fileURLToPath(url);
  throw new LotbridgeError({
    code: 'snapshot.url-unsupported',
    class: 'config',
    message: `Snapshots cannot be kept at ${url.split(':')[0]}: as yet`,
    fix: 'Write snapshots.url as a file: URL, e.g. file:///var/lib/lotbridge/snapshots',
  });
};

export const partsOf = async (pool: Pool, at: SnapshotStream): Promise<SnapshotPart[]> =>
  (
    await pool.query<SnapshotPart>(
      `select part, url, rows, records, source_count, cursor, read_from, read_to from snapshot_part
        where run_id = $1 and system = $2 and stream = $3 and partition = '' order by part`,
      [at.runId, at.system, at.stream],
    )
  ).rows;

export const isWhole = (parts: readonly SnapshotPart[]): boolean => parts.at(-1)?.cursor === null;

/** Old snapshots may be cleared away; their manifest stays. */
export const stillThere = (parts: readonly SnapshotPart[]): boolean =>
  parts.length > 0 && parts.every(({ url }) => existsSync(fileURLToPath(url)));

/** Takes back what was read so far; the files are overwritten by the next reading. */
export const dropParts = async (pool: Pool, at: SnapshotStream): Promise<void> => {
  await pool.query('delete from snapshot_part where run_id = $1 and system = $2 and stream = $3', [
    at.runId,
    at.system,
    at.stream,
  ]);
};
