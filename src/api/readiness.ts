/** Whether the hub can work now: its store answers, Temporal answers, and its workers fetch work. */
import type { Pool } from '../store/database.js';

export interface Readiness {
  ready: boolean;
  database: 'ok' | 'unreachable';
  temporal: 'ok' | 'unreachable';
  /** `idle`: queues whose worker does not poll. */
  workers: { state: 'ok' | 'idle'; idle: string[] };
}

export interface ReadyParts {
  pool: Pool;
  /** Rejects when Temporal does not answer soon. */
  reachTemporal(): Promise<void>;
  idleQueues(): string[];
}

export const readReadiness = async (parts: ReadyParts): Promise<Readiness> => {
  const [database, temporal] = await Promise.all([
    answers(() => parts.pool.query('select 1')),
    answers(() => parts.reachTemporal()),
  ]);
  const idle = parts.idleQueues();
  return {
    ready: database && temporal && idle.length === 0,
    database: database ? 'ok' : 'unreachable',
    temporal: temporal ? 'ok' : 'unreachable',
    workers: { state: idle.length === 0 ? 'ok' : 'idle', idle },
  };
};

const patienceMs = 3_000;

const answers = async (ask: () => Promise<unknown>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs);
  });
  const asked = ask().then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
};
