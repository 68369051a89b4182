/**
 * Snapshots: what a system's stock was, as Parquet parts that anybody can open later. A part counts when its manifest row
 * stands; the row of the last part has no cursor, and only then is the snapshot whole.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { LotbridgeError } from '../core/errors.js';
import { literal, oneAtATime, withDuckDb } from './compare/duckdb.js';
import { appendRow, type BalanceRow, columns } from './compare/rows.js';
import type { Pool } from './database.js';

export const rowsPerPart = 500_000;

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
      `select part, url, rows, cursor, read_from, read_to from snapshot_part
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

/** Writes the part under a temporary name, gives it its own, and only then lets it count. */
export const writePart = async (
  pool: Pool,
  folderUrl: string,
  at: SnapshotStream & { part: number; cursor: string | null; readFrom: Date; readTo: Date },
  rows: readonly BalanceRow[],
  signal?: AbortSignal,
): Promise<void> => {
  const folder = snapshotFolder(folderUrl);
  const name = `part-${String(at.part).padStart(5, '0')}.parquet`;
  const file = join(folder, at.runId, encodeURIComponent(at.system), encodeURIComponent(at.stream), name);
  await mkdir(dirname(file), { recursive: true });
  await writeParquet(join(folder, 'tmp'), `${file}.tmp`, rows, signal);
  await rename(`${file}.tmp`, file);
  await pool.query(
    `insert into snapshot_part (run_id, system, stream, part, url, rows, sha256, cursor, read_from, read_to)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      at.runId,
      at.system,
      at.stream,
      at.part,
      pathToFileURL(file).href,
      rows.length,
      await sha256Of(file),
      at.cursor,
      at.readFrom,
      at.readTo,
    ],
  );
};

const writeParquet = (
  temp: string,
  file: string,
  rows: readonly BalanceRow[],
  signal: AbortSignal | undefined,
): Promise<void> =>
  withDuckDb(temp, signal, async (connection) => {
    await connection.run(`create table part (${columns})`);
    const appender = await connection.createAppender('part');
    for (const row of rows) appendRow(appender, row);
    appender.flushSync();
    appender.closeSync();
    await oneAtATime(() => connection.run(`copy part to ${literal(file)} (format parquet, compression zstd)`));
  });

const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
};
