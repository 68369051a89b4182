/** A server of a benchmark as a process of its own, so that its work is not counted as ours. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Child {
  url: string;
  stop(): void;
}

/** The child sends its address when it is ready. */
export const startServer = async (file: string, args: string[]): Promise<Child> => {
  const child = fork(fileURLToPath(new URL(`./${file}.js`, import.meta.url)), args);
  const early = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} ended with ${code} before it was ready`);
  });
  const [url] = await Promise.race([once(child, 'message'), early]);
  early.catch(() => undefined);
  return { url: String(url), stop: () => void child.kill('SIGKILL') };
};
