/** Whether the records of an answer may be left as text until somebody looks at them. */
import type { Json } from '../../core/json.js';
import { inBody } from './path.js';
import type { HttpConnector, Stream } from './schema.js';

/** The path of a stream's records, unless what the connector says of answers or paging looks at the list, into it, or at what holds it. */
export const listToOpen = (
  { answers, renewOn }: Pick<HttpConnector, 'answers' | 'renewOn'>,
  { records, answers: own, page, total }: Stream,
): string | undefined => {
  const list = inBody(records);
  const meets = (text: string): boolean => {
    const path = inBody(text);
    return path === '' || list === '' || `${path}.`.startsWith(`${list}.`) || `${list}.`.startsWith(`${path}.`);
  };
  const flag = page !== undefined && 'stop' in page ? page.stop : undefined;
  const words = [answers, renewOn, own, flag, total, page !== undefined && 'body' in page ? page.body : undefined];
  return textsIn(words as Json).some(meets) ? undefined : list;
};

const textsIn = (words: Json | undefined): string[] => {
  if (typeof words === 'string') return [words];
  if (words === null || typeof words !== 'object') return [];
  return Object.values(words).flatMap(textsIn);
};
