/** ExecuteBillQuery: rows keyed by field key, and reading a stream page by page along (modified, id). */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { Page, RawRecord, ReadRequest } from '../contract.js';
import type { Client } from './client.js';
import type { KingdeeSettings } from './settings.js';
import type { KingdeeStream } from './streams.js';

/** Text in a FilterString. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export interface Query {
  form: string;
  fields: string[];
  filter: string;
  order?: string;
  /** Rows that are passed over; 0 by default. */
  start?: number;
  limit: number;
}

export const runQuery = async (client: Client, query: Query, signal?: AbortSignal): Promise<RawRecord[]> => {
  const answer = await client.call(
    'ExecuteBillQuery',
    {
      data: {
        FormId: query.form,
        FieldKeys: query.fields.join(','),
        FilterString: query.filter,
        OrderString: query.order ?? '',
        // The absolute end row in K3Cloud, so 0: the keyset pages.
        TopRowCount: 0,
        StartRow: query.start ?? 0,
        Limit: query.limit,
        SubSystemId: '',
      },
    },
    { idempotent: true, ...(signal ? { signal } : {}) },
  );
  if (!Array.isArray(answer)) throw strange(query.form);
  return answer.map((row) => {
    if (!Array.isArray(row) || row.length !== query.fields.length) throw strange(query.form);
    return Object.fromEntries(query.fields.map((field, i) => [field, row[i] ?? null]));
  });
};

const strange = (form: string): LotbridgeError =>
  new LotbridgeError({
    code: 'kingdee.answer-shape',
    class: ErrorClass.data,
    message: `${form}: the answer of ExecuteBillQuery is not a table with the columns that were asked for`,
    fix: 'Check that baseUrl is the WebAPI of K3Cloud; a proxy in between may change answers.',
  });

/** The last record that was read; `modified` is local time of the server. */
interface Position {
  modified?: string;
  id?: string;
}

const parseCursor = (cursor: string | undefined): Position => {
  if (cursor === undefined) return {};
  try {
    const { m, id } = JSON.parse(cursor) as { m?: unknown; id?: unknown };
    return {
      ...(typeof m === 'string' ? { modified: m } : {}),
      ...(typeof id === 'string' ? { id } : {}),
    };
  } catch {
    throw new LotbridgeError({
      code: 'kingdee.cursor-invalid',
      class: ErrorClass.config,
      message: 'a stored cursor is not one of this connector',
      fix: 'Start the stream from the beginning (without cursor).',
    });
  }
};

const cursorOf = ({ modified, id }: Position): string => JSON.stringify({ m: modified, id });

const earlier = (modified: string, seconds: number): string =>
  new Date(Date.parse(`${modified.slice(0, 23)}Z`) - seconds * 1000).toISOString().slice(0, 23);

const literal = (stream: KingdeeStream, id: string): string => (stream.idType === 'number' ? id : quoted(id));

const after = (stream: KingdeeStream, { modified, id }: Position): string | undefined => {
  if (stream.modified === undefined) return id === undefined ? undefined : `${stream.id}>${literal(stream, id)}`;
  if (modified === undefined) return undefined;
  const at = quoted(modified);
  if (id === undefined) return `${stream.modified}>=${at}`;
  return `(${stream.modified}>${at} or (${stream.modified}=${at} and ${stream.id}>${literal(stream, id)}))`;
};

const positionOf = (stream: KingdeeStream, record: RawRecord): Position => ({
  ...(stream.modified === undefined ? {} : { modified: String(record[stream.modified]) }),
  id: String(record[stream.id]),
});

const same = (a: Position, b: Position): boolean => a.modified === b.modified && a.id === b.id;

/** Most rows that K3Cloud gives at once, unless its administrator says otherwise. */
const rowCap = 10_000;
const keysAtOnce = 200;

/**
 * A record that changes during the read comes again with its later version; none is lost. A document's lines are
 * always on one page, as of one moment.
 */
export async function* readStream(
  client: Client,
  settings: KingdeeSettings,
  name: string,
  stream: KingdeeStream,
  request: ReadRequest,
): AsyncIterable<Page> {
  const fields = [...new Set([...stream.fields, ...settings.extraFields(name)])];
  if (request.keys?.length === 0) return;
  if (request.keys && request.keys.length > keysAtOnce) {
    for (let from = 0; from < request.keys.length; from += keysAtOnce) {
      const some = { ...request, keys: request.keys.slice(from, from + keysAtOnce) };
      yield* readStream(client, settings, name, stream, some);
    }
    return;
  }
  const keys = request.keys && `${stream.key} in (${request.keys.map(quoted).join(',')})`;
  const own = settings.filter(name);
  let position = parseCursor(request.cursor);
  if (position.modified !== undefined && settings.overlapSeconds > 0) {
    position = { modified: earlier(position.modified, settings.overlapSeconds) };
  }
  let pageSize = settings.pageSize;
  let limit = pageSize;
  /** Once the server has given as many rows as were asked for, a shorter page is the last one. */
  let givesAll = false;
  for (;;) {
    request.signal?.throwIfAborted();
    const conditions = [stream.filter, own === undefined ? undefined : `(${own})`, keys, after(stream, position)];
    const query = {
      form: stream.form,
      fields,
      filter: conditions.filter((one) => one !== undefined).join(' and '),
      order: stream.modified === undefined ? `${stream.id} ASC` : `${stream.modified} ASC, ${stream.id} ASC`,
      limit,
    };
    const rows = await runQuery(client, query, request.signal);
    const last = rows.at(-1);
    if (last === undefined) return;
    givesAll ||= rows.length >= limit;
    // The administrator may have set a lower limit (WebAPIMaxQueryLimit), at which the server cuts off without a word.
    const cut =
      !givesAll && (await runQuery(client, { ...query, start: rows.length, limit: 1 }, request.signal)).length > 0;
    if (cut) pageSize = rows.length;
    const full = cut || rows.length >= limit;
    // The last document of a full page may go on behind it.
    const lastId = last[stream.id];
    const whole = full && isDocument(stream) ? rows.filter((row) => row[stream.id] !== lastId) : rows;
    const end = whole.at(-1);
    if (end === undefined) {
      if (limit >= rowCap) throw tooLong(name, lastId);
      limit = Math.min(limit * 2, rowCap);
      continue;
    }
    limit = pageSize;
    const next = positionOf(stream, end);
    if (same(next, position)) throw stuck(name);
    position = next;
    yield { records: whole, cursor: cursorOf(position) };
    if (!full) return;
  }
}

const isDocument = (stream: KingdeeStream): boolean => stream.key === 'FBillNo';

const tooLong = (name: string, id: Json | undefined): LotbridgeError =>
  new LotbridgeError({
    code: 'kingdee.document-too-long',
    class: ErrorClass.data,
    message: `${name}/${String(id)}: the document has more than ${rowCap} lines`,
    fix: 'Split the document in K3Cloud, or raise WebAPIMaxQueryLimit and tell the makers of this connector.',
  });

const stuck = (name: string): LotbridgeError =>
  new LotbridgeError({
    code: 'kingdee.paging-stuck',
    class: ErrorClass.data,
    message: `${name}: K3Cloud gives the same rows again for a later position`,
    fix: 'The modification date seems to be shown with fewer digits than it is stored with; raise pageSize.',
  });
