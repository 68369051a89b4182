/**
 * A part of a snapshot while it is read: lines in a file, so that memory stays as it is however large a part grows. DuckDB
 * turns them into Parquet under a temporary name; the part gets its own name, and only then it counts.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DuckDBConnection } from '@duckdb/node-api';
import { inTurn, literal, withDuckDb } from './compare/duckdb.js';
import { columns, derived, lineFormat } from './compare/rows.js';
import type { Pool } from './database.js';
import { type SnapshotStream, snapshotFolder } from './snapshots.js';

export interface PartEnd {
  /** Where reading goes on; null on the last part. */
  cursor: string | null;
  readFrom: Date;
  readTo: Date;
  /** Of the source; a record may be several rows. */
  records: number;
  /** How many records the source said at the beginning that it would bring. */
  sourceCount: number | undefined;
}

export interface OpenPart {
  rows(): number;
  add(lines: readonly Buffer[], rows: number): Promise<void>;
  /** Makes it count. */
  finish(end: PartEnd, signal?: AbortSignal): Promise<void>;
  /** Leaves nothing of it. */
  drop(): Promise<void>;
}

export const openPart = async (
  pool: Pool,
  folderUrl: string,
  at: SnapshotStream & { part: number },
): Promise<OpenPart> => {
  const folder = snapshotFolder(folderUrl);
  const name = `part-${String(at.part).padStart(5, '0')}.parquet`;
  const file = join(folder, at.runId, encodeURIComponent(at.system), encodeURIComponent(at.stream), name);
  const lines = `${file}.lines`;
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(lines, 'w');
  let rows = 0;
  const drop = async (): Promise<void> => {
    await close(handle);
    await rm(lines, { force: true });
  };
  return {
    rows: () => rows,
    async add(chunks, count) {
      if (chunks.length > 0) await handle.writev([...chunks]);
      rows += count;
    },
    async finish({ cursor, readFrom, readTo, records, sourceCount }, signal) {
      try {
        await close(handle);
        await writeParquet(join(folder, 'tmp'), { lines, file: `${file}.tmp` }, signal);
      } finally {
        await drop();
      }
      await rename(`${file}.tmp`, file);
      await pool.query(
        `insert into snapshot_part (run_id, system, stream, part, url, rows, records, source_count, sha256, cursor, read_from, read_to)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
        [
          ...[at.runId, at.system, at.stream, at.part, pathToFileURL(file).href],
          ...[rows, records, sourceCount ?? null],
          ...[await sha256Of(file), cursor, readFrom, readTo],
        ],
      );
    },
    drop,
  };
};

/** Twice does no harm. */
const close = async (handle: FileHandle): Promise<void> => {
  if (handle.fd !== -1) await handle.close();
};

/** Systems are being read meanwhile: small steps keep the memory of this one small. */
const readAtOnce = 8 * 1024 * 1024;
const rowsPerGroup = 61_440;

const writeParquet = (
  temp: string,
  { lines, file }: { lines: string; file: string },
  signal: AbortSignal | undefined,
): Promise<void> => {
  const types = columns.map(([name, type]) => `${literal(name)}: ${literal(type)}`).join(', ');
  const read = `select *, ${derived} from read_csv(${literal(lines)}, ${lineFormat}, columns = {${types}}, buffer_size = ${readAtOnce})`;
  const copy = `copy (${read}) to ${literal(file)} (format parquet, compression zstd, row_group_size ${rowsPerGroup})`;
  const write = (connection: DuckDBConnection) => inTurn('copy', () => connection.run(copy));
  return withDuckDb(temp, signal, async (connection) => void (await write(connection)), 'copy');
};

const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
};
