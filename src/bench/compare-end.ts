/**
 * The stock of three systems, from the first page to the exceptions of two comparisons of the floor with the books: by the hub
 * alone, or by a process for each system.
 */
import { join } from 'node:path';
import axios from 'axios';
import { differencesOf, systems, writeBalanceHub } from './balance-hub.js';
import { seedMasters } from './balance-seed.js';
import { type Benchmark, type Result, result, seconds } from './result.js';
import type { Workshop } from './workshop.js';

const against = 'download and JSON.parse of the same pages, one after the other in one thread';

const compareWith =
  (workers: number) =>
  async (n: number, workshop: Workshop): Promise<Result[]> => {
    const url = await workshop.serve('balance-server', String(n));
    await seedMasters(workshop.databaseUrl, n);
    const configDir = writeBalanceHub(join(workshop.folder, 'config'), url, workers);
    const peer = await seconds(() => downloadAndParse(url));
    const night = await workshop.hub(configDir, 'nightly');
    const runs = (night.answer.runs ?? []) as {
      kind: string;
      job?: string;
      read: number;
      changed: number;
      outcome: string;
    }[];
    for (const system of ['wms', 'mes'] as const) {
      const run = runs.find(({ job }) => job === `${system}-erp`);
      const wanted = { read: 2 * n, changed: differencesOf(system, n) };
      if (run?.read !== wanted.read || run.changed !== wanted.changed)
        throw new Error(`expected ${JSON.stringify(wanted)}, got ${JSON.stringify(run)}`);
    }
    return [result(n, 's', night.seconds, peer, against, night.peakMiB)];
  };

const downloadAndParse = async (url: string): Promise<void> => {
  for (const system of systems)
    for (let page = 0, rows = 1; rows > 0; page += 1) {
      const { data } = await axios.get<string>(`${url}/${system}?page=${page}`, {
        responseType: 'text',
        transformResponse: (text) => text,
      });
      rows = (JSON.parse(data) as { data: unknown[] }).data.length;
    }
};

export const compareEndBenchmarks: Record<string, Benchmark> = {
  'compare-end': { usual: 1_000_000, run: compareWith(0) },
  'compare-workers': { usual: 1_000_000, run: compareWith(systems.length) },
};
