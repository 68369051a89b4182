/** At most so many at a time; the others wait their turn and can be called off while waiting. */
export type Turn = <T>(signal: AbortSignal | undefined, work: () => Promise<T>) => Promise<T>;

export const limiter = (atATime: number): Turn => {
  let running = 0;
  const waiting: (() => void)[] = [];

  const enter = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      if (running < atATime) {
        running++;
        return resolve();
      }
      const go = () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      const stop = () => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(signal?.reason);
      };
      waiting.push(go);
      signal?.addEventListener('abort', stop, { once: true });
    });

  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else running--;
  };

  return async (signal, work) => {
    await enter(signal);
    try {
      return await work();
    } finally {
      leave();
    }
  };
};
