/** The kinds of paging: what the request is told, where the next page lies, and when the last one has been. */
import type { Json } from '../../core/json.js';
import type { RawRecords } from '../contract.js';
import type { HttpResponse } from '../engine/transport.js';
import { at, textAt } from './path.js';
import type { Paging } from './schema.js';

export interface PageAnswer {
  records: RawRecords;
  body: Json;
  response: HttpResponse;
  size: number;
}

export const defaultSize = 500;

/** The place of the first page: number of records already read, or the cursor's start. */
export const firstPlace = (paging: Paging, cursorStart: string): string =>
  paging.kind === 'cursor' ? cursorStart : paging.kind === 'link' ? '' : '0';

/** What `{{page.x}}` is in the request. */
export const pageScope = (paging: Paging, place: string, size: number): Record<string, Json> => {
  if (paging.kind === 'cursor' || paging.kind === 'link') return { cursor: place, size };
  const offset = Number(place);
  const start = paging.kind === 'page' ? (paging.start ?? 1) : 0;
  return { offset, number: start + Math.floor(offset / size), size };
};

/**
 * Where the page's records begin when its size was changed in the middle of a read: pages count in whole sizes, so a
 * page may begin with records that were read before.
 */
export const alreadyRead = (paging: Paging, place: string, size: number): number =>
  paging.kind === 'page' ? Number(place) % size : 0;

/** The next place, or undefined after the last page. */
export const nextPlace = (paging: Paging, place: string, answer: PageAnswer): string | undefined => {
  const { records, body, response, size } = answer;
  switch (paging.kind) {
    case 'none':
      return undefined;
    case 'link': {
      const next = paging.path === undefined ? linkOf(response.headers.link) : textAt(body, paging.path);
      return next === undefined || next === '' || stops(paging, answer, 0) ? undefined : next;
    }
    case 'cursor': {
      const next =
        paging.lastRecord === undefined
          ? textAt(body, (paging.body ?? '').replace(/^body\./, ''))
          : textAt(records.at(-1), paging.lastRecord);
      return next === undefined || next === '' || next === place || stops(paging, answer, 0) ? undefined : next;
    }
    default: {
      const read =
        Math.floor(Number(place) / (paging.kind === 'page' ? size : 1)) * (paging.kind === 'page' ? size : 1);
      const after = read + records.length;
      return stops(paging, answer, after) ? undefined : String(after);
    }
  }
};

const stops = (
  paging: Exclude<Paging, { kind: 'none' }>,
  { records, body, size }: PageAnswer,
  after: number,
): boolean => {
  // A page without a record never has a successor, whatever a flag or a total says.
  if (records.length === 0) return true;
  const { stop } = paging;
  if (stop === undefined) return paging.kind !== 'link' && paging.kind !== 'cursor' && records.length < size;
  if (stop === 'empty') return false;
  if (stop === 'short') return records.length < size;
  if ('total' in stop)
    return paging.kind === 'cursor' || paging.kind === 'link' ? false : after >= Number(textAt(body, bare(stop.total)));
  return String(at(body, bare(stop.flag.path))) === String(stop.flag.equals);
};

const bare = (path: string): string => path.replace(/^body\./, '');

const linkOf = (header: string | undefined): string | undefined =>
  /<([^>]+)>\s*;[^,]*rel="?next"?/i.exec(header ?? '')?.[1];
