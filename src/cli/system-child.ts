/** One process that speaks to some systems for a hub, as the hub sees it: begun, asked for its figures, stopped. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LotbridgeError } from '../core/errors.js';
import { en } from '../messages/en.js';
import type { Counted } from '../telemetry/telemetry.js';
import type { Answer, Beginning, Word } from './system-process.js';

export interface SystemChild {
  running(): boolean;
  /** Queues that it does not fetch work from, as it last said. */
  idle(): string[];
  /** Nothing when it does not answer soon. */
  counted(): Promise<Counted[]>;
  ended: Promise<void>;
  stop(): Promise<void>;
}

export interface ChildOptions extends Beginning {
  /** Shown among the arguments, so that a person sees whose process it is. */
  dataDir: string;
  say(text: string): void;
}

const entry = fileURLToPath(new URL('./system-process.js', import.meta.url));
/** Memory is given back, as in the hub itself. */
const execArgv = ['--heap-growing-percent=100', '--no-warnings'];
const patienceMs = { count: 2_000, stop: 25_000 };

/** Resolves when it fetches work. */
export const startSystemChild = async ({ dataDir, say, ...beginning }: ChildOptions): Promise<SystemChild> => {
  const child = fork(entry, [dataDir, ...beginning.systems], {
    execArgv,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  const ended = once(child, 'exit').then(() => undefined);
  const tell = (word: Word): boolean => child.connected && child.send(word);
  const stopNow = (): boolean => child.kill('SIGKILL');
  process.on('exit', stopNow);
  void ended.then(() => process.off('exit', stopNow));
  let idle: string[] = [];
  const asked = new Map<number, (counted: Counted) => void>();
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (answer: Answer) => {
      if ('listens' in answer) tell({ begin: beginning });
      else if ('say' in answer) say(answer.say);
      else if ('counted' in answer) asked.get(answer.count)?.(answer.counted);
      else if ('failed' in answer) reject(errorOf(answer.failed));
      else {
        idle = answer.idle;
        resolve();
      }
    });
  });
  await Promise.race([
    ready,
    ended.then(() => Promise.reject(errorOf({ message: en.systemProcessEnded(beginning.systems) }))),
  ]);
  let question = 0;
  return {
    running,
    idle: () => idle,
    ended,
    async counted() {
      question += 1;
      const count = question;
      const answer = new Promise<Counted>((resolve) => asked.set(count, resolve));
      const late = new AbortController();
      try {
        if (!tell({ count })) return [];
        const told = await Promise.race([
          answer,
          ended,
          sleep(patienceMs.count, undefined, { signal: late.signal }).catch(() => undefined),
        ]);
        return told ? [told] : [];
      } finally {
        late.abort();
        asked.delete(count);
      }
    },
    stop: () => stopChild(child, ended, () => tell({ stop: true })),
  };
};

const stopChild = async (child: ChildProcess, ended: Promise<void>, ask: () => boolean): Promise<void> => {
  const tooLate = setTimeout(() => child.kill('SIGKILL'), ask() ? patienceMs.stop : 0);
  await ended;
  clearTimeout(tooLate);
};

const errorOf = ({ message, known }: Extract<Answer, { failed: unknown }>['failed']): Error =>
  known ? new LotbridgeError({ ...known, message }) : new Error(message);
