/** The first night of an item master, and a night in which one item of a hundred has changed; each night reads every item. */
import { join } from 'node:path';
import axios from 'axios';
import { pageSize, writeItemHub } from './item-hub.js';
import { downloadParseCopy } from './peer.js';
import { type Benchmark, type Result, result } from './result.js';
import type { Workshop } from './workshop.js';

const against = 'download, JSON.parse and a bare COPY into one table with a primary key';
const unit = 'rows/s';

const nights = async (n: number, workshop: Workshop, second: boolean): Promise<Result[]> => {
  const url = await workshop.serve('page-server', String(n), String(pageSize));
  const peer = await downloadParseCopy(workshop.databaseUrl, `${url}/items?page=`);
  const configDir = writeItemHub(join(workshop.folder, 'config'), url);
  let night = await workshop.hub(configDir, 'sync', 'items');
  expectCounts(night.answer, { read: n, changed: n });
  if (second) {
    await axios.post(`${url}/next`);
    night = await workshop.hub(configDir, 'sync', 'items');
    expectCounts(night.answer, { read: n, changed: Math.ceil(n / 100) });
  }
  return [result(n, unit, n / night.seconds, n / peer, against, night.peakMiB)];
};

/** A fast night that did not do its work is no result. */
const expectCounts = (answer: Record<string, unknown>, wanted: { read: number; changed: number }): void => {
  const [run] = (answer.runs ?? []) as { outcome: string; read: number; changed: number }[];
  if (run?.outcome === 'agreed' && run.read === wanted.read && run.changed === wanted.changed) return;
  throw new Error(`expected ${JSON.stringify(wanted)}, got ${JSON.stringify(run)}`);
};

export const syncBenchmarks: Record<string, Benchmark> = {
  'sync-first': { usual: 1_000_000, run: (n, workshop) => nights(n, workshop, false) },
  'sync-second': { usual: 1_000_000, run: (n, workshop) => nights(n, workshop, true) },
};
