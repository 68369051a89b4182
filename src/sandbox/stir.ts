/**
 * Rows that move while somebody reads them: `POST /__sandbox/stir {from, count, ghost}` gives `count` rows of each list a
 * new time of change and nothing else, and a row that is no part of the plant comes or goes.
 */
import type { FastifyInstance } from 'fastify';

interface Stirring {
  from: number;
  count: number;
  /** Whether the row that is no part of the plant stands there from now on. */
  ghost: boolean;
}

export const stirOnRequest = (app: FastifyInstance, stir: (stirring: Stirring) => void): void => {
  app.post('/__sandbox/stir', async (request) => {
    stir(request.body as Stirring);
    return [];
  });
};

/** `count` of them, beginning anywhere. */
export const someOf = <T>(all: Iterable<T>, { from, count }: Stirring): T[] => {
  const list = [...all];
  return Array.from({ length: Math.min(count, list.length) }, (_, index) => list[(from + index) % list.length] as T);
};
