/** Reads a stream page by page: each page carries the cursor from which a later process reads on. */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { AdapterContext, Page, RawRecord, ReadRequest } from '../contract.js';
import { type Caller, failure } from './call.js';
import { clockText, cursorOf, isLater, latestOf, nextSince, type Position, parsePosition } from './cursor.js';
import { ownLink } from './link.js';
import { alreadyRead, defaultSize, firstPlace, nextPlace, pageScope } from './paging.js';
import { at, inBody, textAt } from './path.js';
import type { Paging, Request, Stream } from './schema.js';
import { renderString } from './template.js';

export interface Reading {
  name: string;
  stream: Stream;
  caller: Caller;
  context: AdapterContext;
  baseUrl: string;
  /** Path of the records, where nothing else in the connector's words looks into them. */
  list: string | undefined;
  /** In place of the connector's, from the system's connection values. */
  size?: number | undefined;
}

/** One page; the size goes down by halves when the system refuses it. */
const fetchPage = async (
  reading: Reading,
  request: Request,
  paging: Paging,
  place: string,
  size: number,
  scope: Record<string, Json>,
  signal: AbortSignal | undefined,
) => {
  const { name, stream, caller, context } = reading;
  const words =
    paging.kind === 'link' && place !== ''
      ? { ...request, path: linked(reading, request, place, scope), query: {} }
      : request;
  for (let now = size; ; now = Math.floor(now / 2)) {
    const { verdict, response } = await caller.patiently(words, {
      scope: { ...scope, page: pageScope(paging, place, now) },
      answers: stream.answers,
      idempotent: true,
      what: name,
      permission: stream.permission,
      list: reading.list,
      signal,
    });
    if (!('body' in verdict)) {
      if (now <= 1) throw failure(verdict, `${context.system}/${name}`, stream.permission);
      context.log.debug({ stream: name, size: now }, 'page size refused, trying half');
      continue;
    }
    const records = verdict.records ?? recordsIn(verdict.body, stream.records, reading);
    return { body: verdict.body, response, size: now, records };
  }
};

const linked = (
  { baseUrl, caller, context, name }: Reading,
  request: Request,
  place: string,
  scope: Record<string, Json>,
): string => {
  const first = renderString(request.path, { ...caller.scope, ...scope });
  const from = /^https?:/i.test(first) ? first : `${baseUrl.replace(/\/+$/, '')}/${first.replace(/^\/+/, '')}`;
  return ownLink(place, from, baseUrl, `${context.system}/${name}`);
};

const recordsIn = (body: Json, path: string, { name, context }: Reading): RawRecord[] => {
  const found = at(body, inBody(path));
  if (found === null && body === null) return [];
  const list = found !== null && typeof found === 'object' && !Array.isArray(found) ? [found] : found;
  if (Array.isArray(list) && list.every((one) => one !== null && typeof one === 'object' && !Array.isArray(one)))
    return list as RawRecord[];
  throw new LotbridgeError({
    code: 'http.no-records',
    class: ErrorClass.config,
    message: `${context.system}/${name}: the answer has no list of records at \`${path}\``,
    fix: "Correct the stream's `records` in the connector, or declare with `ok` how the system tells of a failure.",
  });
};

export async function* readStream(reading: Reading, request: ReadRequest): AsyncGenerator<Page> {
  const { stream, name, context } = reading;
  if (request.keys) return yield* readKeys(reading, request.keys, request.signal);
  const { cursor } = stream;
  const paging: Paging = stream.page ?? { kind: 'none' };
  const position: Position = parsePosition(request.cursor, `${context.system}/${name}`);
  const since = position.since ?? cursor?.start ?? '';
  const scope = { since };
  const start = paging.kind === 'cursor' ? renderString(paging.start ?? '', { ...reading.caller.scope, since }) : '';
  let place = position.page ?? firstPlace(paging, start);
  let size = reading.size ?? ('size' in paging && paging.size !== undefined ? paging.size : defaultSize);
  let { latest, began } = position;
  let sourceCount: number | undefined;

  for (let first = true; ; first = false) {
    const page = await fetchPage(reading, stream.request, paging, place, size, scope, request.signal);
    size = page.size;
    if (first) {
      const date = page.response.headers.date;
      began ??= cursor && date ? clockText(cursor, new Date(date), context.timeZone) : undefined;
      // What is sorted out here is in the system's count and not in ours.
      const all = cursor?.mode !== 'client' || position.since === undefined;
      sourceCount = stream.total !== undefined && all ? countAt(page.body, stream.total) : undefined;
    }
    const next = nextPlace(paging, place, page);
    const before = alreadyRead(paging, place, size);
    const fresh = before === 0 ? page.records : [...page.records].slice(before);
    latest = cursor ? latestOf(cursor, fresh, latest) : undefined;
    const now: Position = {
      ...(position.since === undefined ? {} : { since: position.since }),
      ...(latest === undefined ? {} : { latest }),
      ...(began === undefined ? {} : { began }),
    };
    const records =
      cursor?.mode === 'client' && position.since !== undefined
        ? [...fresh].filter((record) => changedSince(textAt(record, cursor.field)))
        : fresh;
    yield {
      records,
      cursor: cursorOf(next !== undefined && !cursor?.sequence ? { ...now, page: next } : after(now)),
      ...(sourceCount === undefined ? {} : { sourceCount }),
    };
    if (next === undefined) return;
    place = next;
  }

  function after(now: Position): Position {
    const nextStart = cursor ? nextSince(cursor, now) : undefined;
    return nextStart === undefined ? {} : { since: nextStart };
  }
  /** A record without a change date may have changed. */
  function changedSince(value: string | undefined): boolean {
    return cursor === undefined || value === undefined || value === '' || !isLater(cursor, since, value);
  }
}

async function* readKeys(reading: Reading, keys: string[], signal: AbortSignal | undefined): AsyncGenerator<Page> {
  const { byKeys } = reading.stream;
  if (!byKeys)
    throw new LotbridgeError({
      code: 'http.keys-unsupported',
      class: ErrorClass.config,
      message: `${reading.context.system}/${reading.name}: the connector does not say how single records are read`,
      fix: 'Add `byKeys` to the stream.',
    });
  const max = byKeys.max ?? 50;
  for (let from = 0; from < keys.length; from += max) {
    const some = keys.slice(from, from + max);
    const scope = { keys: some, key: some[0] ?? '', since: reading.stream.cursor?.start ?? '' };
    const page = await fetchPage(reading, byKeys.request, { kind: 'none' }, '0', max, scope, signal);
    yield { records: page.records, cursor: cursorOf({}) };
  }
}

const countAt = (body: Json, path: string): number | undefined => {
  const text = textAt(body, path.replace(/^body\./, ''));
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
};
