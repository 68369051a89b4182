/** What a benchmark is, and the line that it prints. */
import type { Workshop } from './workshop.js';

/** Both sides are measured in the same run on the same machine, one after the other. */
export interface Result {
  n: number;
  /** In `unit`. */
  ours: number;
  peer: number;
  /** What the peer is, in words. */
  against: string;
  /** ours ÷ peer. */
  ratio: number;
  unit: string;
  /** The largest resident memory of the hub's process, in MiB, where one ran. */
  peakMiB?: number;
}

export interface Benchmark {
  usual: number;
  run(n: number, workshop: Workshop): Promise<Result[]>;
}

export const result = (
  n: number,
  unit: string,
  ours: number,
  peer: number,
  against: string,
  peakMiB?: number,
): Result => ({
  n,
  ours: rounded(ours),
  peer: rounded(peer),
  against,
  ratio: rounded(ours / peer),
  unit,
  ...(peakMiB !== undefined && { peakMiB }),
});

/** Three digits that count. */
const rounded = (value: number): number => Number(value.toPrecision(3));

export const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
};
