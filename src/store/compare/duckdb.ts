/**
 * DuckDB for one piece of work: bounded memory, spill to disk, and few at a time in a process, because each occupies a thread
 * that file and network calls need too.
 */
import { mkdirSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';

/** For a comparison; for writing a part, which is one stream of lines, one thread and little memory do. */
const sizes = {
  query: { memory_limit: '192MB', threads: '2' },
  copy: { memory_limit: '128MB', threads: '1' },
};
export type DuckDbWork = keyof typeof sizes;

const settings = (tempDirectory: string, work: DuckDbWork): Record<string, string> => ({
  ...sizes[work],
  temp_directory: tempDirectory,
  max_temp_directory_size: '20GB',
  preserve_insertion_order: 'false',
});

/** Opens a database in memory, hands out its connection, and closes both. A signal interrupts what runs. */
export const withDuckDb = async <T>(
  tempDirectory: string,
  signal: AbortSignal | undefined,
  work: (connection: DuckDBConnection) => Promise<T>,
  kind: DuckDbWork = 'query',
): Promise<T> => {
  mkdirSync(tempDirectory, { recursive: true });
  // Loaded by the first comparison: most processes never make one.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', settings(tempDirectory, kind));
  const connection = await instance.connect();
  const interrupt = (): void => connection.interrupt();
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    signal?.throwIfAborted();
    return await work(connection);
  } finally {
    signal?.removeEventListener('abort', interrupt);
    connection.closeSync();
    instance.closeSync();
  }
};

/** A comparison is alone; of parts two are written side by side. */
const places = 2;
const taken: Record<DuckDbWork, number> = { query: places, copy: 1 };

let free = places;
const waiting: { wants: number; go: () => void }[] = [];

/** In the order in which they came. */
const admit = (): void => {
  for (let [next] = waiting; next && next.wants <= free; [next] = waiting) {
    waiting.shift();
    free -= next.wants;
    next.go();
  }
};

/** Waits for its turn. */
export const inTurn = async <T>(kind: DuckDbWork, work: () => Promise<T>): Promise<T> => {
  const wants = taken[kind];
  await new Promise<void>((go) => {
    waiting.push({ wants, go });
    admit();
  });
  try {
    return await work();
  } finally {
    free += wants;
    admit();
  }
};

/** Text as a literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
