/**
 * A warehouse management system in the shape of Manhattan Active: token, search endpoints, bulk import of items and
 * batches. The transaction search is this sandbox's own (docs: connectors/wms.yaml uses it as any customer would).
 */
import Fastify, { type FastifyReply } from 'fastify';
import { stringify } from 'lossless-json';
import { type Faults, misbehave } from '../misbehave.js';
import type { WmsSeed } from '../plant/model.js';
import { Selections, type Term } from '../selections.js';
import { stirOnRequest } from '../stir.js';
import { type Condition, compareCells, parseQuery, QueryError, type WireRow } from './query.js';
import { createWmsState, type WmsState } from './state.js';
import { createTokens, type Tokens, type WmsUser } from './tokens.js';
import type { BulkResult, Given } from './validate.js';

export interface WmsServerOptions {
  seed: WmsSeed;
  /** A free one by default. */
  port?: number;
  /** File of accepted writes, replayed at start. */
  journal?: string;
  users?: WmsUser[];
  client?: { id: string; secret: string };
  organization?: string;
  /** 3600 by default. */
  tokenSeconds?: number;
  /** The largest `Size` a search may ask for; 2000 by default. */
  maxSize?: number;
  /** The WMS's clock, local without zone; by default the machine's in Asia/Shanghai, never before the seed's last change. */
  now?: () => string;
}

export interface WmsServer {
  url: string;
  faults: Faults;
  state: WmsState & { tokens: Tokens };
  close(): Promise<void>;
}

export const wmsDefaults = {
  organization: 'FOODS',
  client: { id: 'lotbridge', secret: 'sandbox-client' },
  user: { name: 'hub@foods', password: 'sandbox-wms' },
};

const searches = [
  { path: '/item-master/api/item-master/item/search', entity: 'item', permission: 'itemmaster::item' },
  {
    path: '/dcinventory/api/dcinventory/batchMaster/search',
    entity: 'batchMaster',
    permission: 'dcinventory::batchMaster',
  },
  { path: '/dcinventory/api/dcinventory/inventory/search', entity: 'inventory', permission: 'dcinventory::inventory' },
  { path: '/dcinventory/api/dcinventory/location/search', entity: 'location', permission: 'dcinventory::location' },
  {
    path: '/dcinventory/api/dcinventory/inventoryTransaction/search',
    entity: 'transaction',
    permission: 'dcinventory::inventoryTransaction',
  },
] as const;

const bulkLimit = 200;

export const startWmsServer = async (options: WmsServerOptions): Promise<WmsServer> => {
  const { seed, port = 0, journal, maxSize = 2000, organization = wmsDefaults.organization } = options;
  const users = options.users ?? [wmsDefaults.user];
  const tokens = createTokens(users, options.client ?? wmsDefaults.client, options.tokenSeconds ?? 3600);
  const now = options.now ?? shanghaiClock(seed);
  const state = createWmsState(seed, journal, now);
  const app = Fastify({ forceCloseConnections: true, bodyLimit: 32 * 1024 * 1024 });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  const faults = misbehave(app);
  stirOnRequest(app, state.stir);
  app.addHook('onSend', async (_request, reply) => {
    reply.header('date', new Date(`${now()}+08:00`).toUTCString());
  });
  const send = (reply: FastifyReply, status: number, body: unknown) =>
    reply.code(status).header('content-type', 'application/json; charset=utf-8').send(stringify(body));
  const fail = (reply: FastifyReply, status: number, messageKey: string, message: string) =>
    send(reply, status, { success: false, data: null, exceptions: [{ messageKey, message }] });

  app.post('/auth/realms/maactive/protocol/openid-connect/token', async (request, reply) => {
    const grant = tokens.grant(new URLSearchParams(String(request.body)), request.headers.authorization);
    return 'error' in grant
      ? send(reply, 401, { error: grant.error, error_description: grant.description })
      : send(reply, 200, { access_token: grant.token, token_type: 'bearer', expires_in: grant.expiresIn });
  });

  /** The facility to look at, or undefined for all of them; null when the request was answered already. */
  const admit = (
    request: { headers: Record<string, unknown> },
    reply: FastifyReply,
    permission: string,
  ): { facility: string | undefined } | null => {
    const refuse = (status: number, key: string, message: string): null => {
      fail(reply, status, key, message);
      return null;
    };
    const { authorization, selectedorganization, selectedlocation } = request.headers;
    const user = tokens.userOf(typeof authorization === 'string' ? authorization : undefined);
    if (!user) return refuse(401, 'COR::UNAUTHORIZED', 'Access token is missing, invalid or expired');
    if (selectedorganization !== organization)
      return refuse(403, 'COR::ORGANIZATION', 'selectedOrganization is missing or not permitted');
    const location = String(selectedlocation ?? '');
    if (location !== organization && !state.facilities().includes(location))
      return refuse(403, 'COR::LOCATION', 'selectedLocation is missing or not permitted');
    if (user.denied?.includes(permission))
      return refuse(403, 'COR::PERMISSION', `User lacks the permission ${permission}`);
    return { facility: location === organization ? undefined : location };
  };

  for (const { path, entity, permission } of searches) {
    const selections = new Selections<WireRow>();
    app.post(path, async (request, reply) => {
      const admitted = admit(request, reply, permission);
      if (!admitted) return reply;
      try {
        const found = search(selections, state.rows(entity), admitted.facility, (request.body ?? {}) as Given, maxSize);
        return send(reply, 200, { success: true, header: { totalCount: found.total }, data: found.page });
      } catch (error) {
        if (error instanceof QueryError) return fail(reply, 400, 'COR::QUERY', error.message);
        throw error;
      }
    });
  }

  app.get<{ Params: { id: string } }>('/item-master/api/item-master/item/itemId/:id', async (request, reply) => {
    if (!admit(request, reply, 'itemmaster::item')) return reply;
    const found = state.rows('item').find((row) => row.ItemId === request.params.id);
    return found
      ? send(reply, 200, { success: true, data: found })
      : fail(reply, 404, 'ITM::ITEM_UNKNOWN', `Item ${request.params.id} does not exist`);
  });

  const bulk = (path: string, permission: string, key: string[], write: (given: Given) => BulkResult) =>
    app.post(path, async (request, reply) => {
      if (!admit(request, reply, permission)) return reply;
      const given = (request.body as { Data?: unknown } | null)?.Data;
      if (!Array.isArray(given) || given.length > bulkLimit)
        return fail(reply, 400, 'COR::BULK', `Data must be a list of at most ${bulkLimit} records`);
      const results = given.map((record: Given) => ({
        ...Object.fromEntries(key.map((name) => [name, record[name] ?? null])),
        ...write(record),
      }));
      const failed = results.filter(({ Status }) => Status === 'Failed').length;
      return send(reply, 200, {
        success: failed === 0,
        data: { SuccessCount: results.length - failed, FailedCount: failed, Results: results },
      });
    });
  bulk('/item-master/api/item-master/item/bulkImport', 'itemmaster::item::write', ['ItemId'], state.writeItem);
  bulk(
    '/dcinventory/api/dcinventory/batchMaster/bulkImport',
    'dcinventory::batchMaster::write',
    ['ItemId', 'BatchNumberId', 'BusinessUnitId', 'Colour'],
    state.writeBatch,
  );

  const url = await app.listen({ host: '127.0.0.1', port });
  return { url, faults, state: { ...state, tokens }, close: () => app.close() };
};

/** The rows stay the same array until something changes. */
const search = (
  selections: Selections<WireRow>,
  rows: WireRow[],
  facility: string | undefined,
  body: Given,
  maxSize: number,
): { total: number; page: WireRow[] } => {
  const size = body.Size === undefined ? 50 : Number(body.Size);
  const page = body.Page === undefined ? 0 : Number(body.Page);
  if (!Number.isInteger(size) || size < 1 || size > maxSize)
    throw new QueryError(`Size must be between 1 and ${maxSize}`);
  if (!Number.isInteger(page) || page < 0) throw new QueryError('Page must be 0 or greater');
  const [sample = {}] = rows;
  // An entity without any record knows no attributes; every query on it finds nothing.
  if (Object.keys(sample).length === 0) return { total: 0, page: [] };
  const conditions = parseQuery(String(body.Query ?? ''), new Set(Object.keys(sample)));
  const order = Array.isArray(body.Sort) ? (body.Sort as Sorting) : [];
  const [first] = order;
  const found = selections.select(rows, {
    name: JSON.stringify(order),
    rows: () => rows,
    terms: [...(facility === undefined ? [] : [within(facility)]), ...conditions],
    compare: order.length > 0 ? byCells(order) : undefined,
    rises: (term) => first !== undefined && !descends(first) && isLowerBound(term, first.attribute),
  });
  return { total: found.total, page: found.slice(page * size, (page + 1) * size) };
};

type Sorting = { attribute?: string; direction?: string }[];

const within = (facility: string): Term<WireRow> => ({
  text: `in ${facility}`,
  holds: (row) => (row.FacilityId ?? facility) === facility,
});

const byCells =
  (order: Sorting) =>
  (a: WireRow, b: WireRow): number => {
    for (const one of order) {
      const difference = compareCells(a[one.attribute ?? ''], b[one.attribute ?? '']);
      if (difference !== 0) return descends(one) ? -difference : difference;
    }
    return 0;
  };

const descends = ({ direction }: Sorting[number]): boolean => direction?.toLowerCase() === 'desc';

/** An attribute's values are all text or all numbers, absent ones first: a sort and a comparison see the same order. */
const isLowerBound = (term: Partial<Condition>, attribute: string | undefined): boolean =>
  term.field !== undefined && term.field === attribute && (term.op === '>' || term.op === '>=');

/** Never earlier than what the seed already holds, so that a write is always the latest change. */
const shanghaiClock = (seed: WmsSeed): (() => string) => {
  const latest = [...seed.items, ...seed.batches].reduce(
    (max, { updatedAt }) => (updatedAt > max ? updatedAt : max),
    '',
  );
  return () => {
    const local = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19);
    if (local < latest) return latest;
    return local;
  };
};
