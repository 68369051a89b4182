/**
 * A process of the hub's own that speaks to some of its systems, so that reading and mapping them uses a core of its own.
 * It is started by path, gets everything over its channel, and does not outlive its hub.
 */
import { LotbridgeError } from '../core/errors.js';
import { freePort } from '../engines/ports.js';
import type { Counted } from '../telemetry/telemetry.js';
import { logVerbosely } from '../workers/log.js';
import { sayThrough } from '../workers/voice.js';
import { type SystemWork, type WorkedSystems, workSystems } from './work-systems.js';

export type Beginning = Pick<SystemWork, 'config' | 'systems' | 'database' | 'temporal'> & {
  name: string;
  verbose: boolean;
};
/** From the hub. */
export type Word = { begin: Beginning } | { count: number } | { stop: true };
/** To the hub. */
export type Answer =
  | { listens: true }
  | { idle: string[] }
  | { counted: Counted; count: number }
  | { say: string }
  | { failed: { message: string; known?: Pick<LotbridgeError, 'code' | 'class' | 'fix'> } };

const tell = (answer: Answer): void => void process.send?.(answer);
const lookEveryMs = 1_000;

let work: WorkedSystems | undefined;

const begin = async ({ verbose, name, ...given }: Beginning): Promise<void> => {
  if (verbose) logVerbosely();
  sayThrough((text) => tell({ say: text }));
  try {
    const started = await workSystems({ ...given, metrics: { port: await freePort(0), process: name } });
    work = started;
    const look = (): void => tell({ idle: started.idleQueues() });
    look();
    setInterval(look, lookEveryMs).unref();
  } catch (error) {
    const { message } = error as Error;
    const known = error instanceof LotbridgeError && { code: error.code, class: error.class, fix: error.fix };
    tell({ failed: { message, ...(known && { known }) } });
    process.exitCode = 1;
    process.disconnect();
  }
};

process.on('message', async (word: Word) => {
  if ('begin' in word) await begin(word.begin);
  else if ('count' in word) {
    const counted = await work?.telemetry.counted();
    if (counted) tell({ counted, count: word.count });
  } else {
    await work?.stop();
    process.exit(0);
  }
});
process.on('disconnect', () => process.exit());
// Ctrl-C reaches this process too; its hub says when to stop.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
tell({ listens: true });
