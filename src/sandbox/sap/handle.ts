/** One request to a service: metadata, collections, entities, navigations, and the writes that SAP allows. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Json, parseJson } from '../../core/json.js';
import type { SapBatch } from '../plant/model.js';
import { type Selected, Selections } from '../selections.js';
import type { Address } from './address.js';
import { type EntitySet, keyPredicate, type Row, type Service } from './edm.js';
import { metadataXml } from './metadata.js';
import { ODataError } from './odata-error.js';
import { cancelDocument, dayOf, postDocument, unpadded } from './post-document.js';
import { collection, entity, type Query, selected } from './query.js';
import { batchRow, headerRow } from './services.js';
import { batchKey, type SapState } from './state.js';

export interface Exchange {
  state: SapState;
  /** Of this server's sets: their names are the same in all services. */
  selections: Selections<Row>;
  service: Service;
  address: Address;
  request: FastifyRequest;
  reply: FastifyReply;
  base: string;
  pageSize: number;
  maxTop: number | undefined;
  emptyItems: boolean;
  user: string;
}

export const handle = async (exchange: Exchange): Promise<FastifyReply> => {
  const { request, reply, service, address, base } = exchange;
  const query = queryOf(request);
  const [first, second] = address.segments;
  reply.header('dataserviceversion', '2.0');
  if (request.method === 'GET' || request.method === 'HEAD') {
    if (!first) return json(reply, 200, { d: { EntitySets: service.sets.map((set) => set.name) } });
    if (first.name === '$metadata') return reply.code(200).type('application/xml').send(metadataXml(service));
    const set = setNamed(service, first.name);
    if (first.key) return readEntity(exchange, set, first.key, second?.name, query);
    if (second?.name === '$count')
      return reply
        .code(200)
        .type('text/plain')
        .send(String(rowsOf(exchange, set, query).total));
    checkTop(exchange, query);
    const rows = rowsOf(exchange, set, query);
    const next = nextLink(base, set, query);
    return json(reply, 200, collection(set, rows, query, exchange.pageSize, next, { service, base }));
  }
  const method =
    request.method === 'POST' ? (headerOf(request, 'x-http-method') ?? 'POST').toUpperCase() : request.method;
  if (first?.name === 'Batch' && service.name === 'API_BATCH_SRV') {
    if (method === 'POST' && !first.key) return createBatch(exchange);
    if ((method === 'MERGE' || method === 'PATCH') && first.key) return changeBatch(exchange, first.key);
  }
  if (service.name === 'API_MATERIAL_DOCUMENT_SRV' && method === 'POST') {
    if (first?.name === 'A_MaterialDocumentHeader') return createDocument(exchange);
    if (first?.name === 'Cancel' || first?.name === 'CancelItem') return cancel(exchange, query, first.name);
  }
  throw new ODataError(405, '/IWFND/CM_MGW/096', `Method ${method} is not supported for '${first?.name ?? ''}'`);
};

const queryOf = (request: FastifyRequest): Query => {
  const given = request.query as Record<string, string | string[]>;
  const twice = Object.entries(given).find(([, value]) => Array.isArray(value));
  if (!twice) return given as Query;
  throw new ODataError(400, '/IWBEP/CM_MGW_RT/002', `Duplicate query option '${twice[0]}'`);
};

const json = (reply: FastifyReply, status: number, body: object): FastifyReply =>
  reply.code(status).type('application/json; charset=utf-8').send(body);

const headerOf = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

const setNamed = (service: Service, name: string): EntitySet => {
  const set = service.sets.find((one) => one.name === name);
  if (set) return set;
  throw new ODataError(404, '/IWBEP/CM_MGW_RT/020', `Resource not found for segment '${name}'`);
};

const checkTop = ({ maxTop }: Exchange, query: Query): void => {
  if (maxTop === undefined || Number(query.$top ?? 0) <= maxTop) return;
  throw new ODataError(
    500,
    '/IWFND/CM_BEC/026',
    'RFC Error: No more storage space available for extending an internal table. (TSV_TNEW_PAGE_ALLOC_FAILED)',
  );
};

const nextLink = (base: string, set: EntitySet, query: Query) => (token: string) => {
  const rest = Object.entries(query).filter(([name]) => name !== '$skiptoken' && name !== '$skip');
  return `${base}/${set.name}?${new URLSearchParams([...rest, ['$skiptoken', token]]).toString().replaceAll('+', '%20')}`;
};

const rowsOf = ({ state, selections }: Exchange, set: EntitySet, query: Query): Selected<Row> =>
  selected(selections, state.version, set, query);

const rowByKey = (set: EntitySet, key: Record<string, string>): Row => {
  const value = (name: string) => key[name] ?? (set.keys.length === 1 ? key[''] : undefined);
  const wanted = set.keys.map((name) => {
    const given = value(name);
    if (given === undefined) throw new ODataError(400, '/IWBEP/CM_MGW_RT/002', `Key property '${name}' is missing`);
    return name === 'Product' || name === 'Material' || name === 'ManufacturingOrder' ? unpadded(given) : given;
  });
  const row = set.find
    ? set.find(wanted)
    : set.rows().find((one) => set.keys.every((name, index) => String(one[name]) === wanted[index]));
  if (row) return row;
  throw new ODataError(404, '/IWBEP/CM_MGW_RT/020', `Resource not found for segment '${set.type}'`);
};

const readEntity = (
  { reply, service, base }: Exchange,
  set: EntitySet,
  key: Record<string, string>,
  navigationName: string | undefined,
  query: Query,
): FastifyReply => {
  const row = rowByKey(set, key);
  if (set.etag) reply.header('etag', set.etag(row));
  if (navigationName === undefined) return json(reply, 200, { d: entity(set, row, query, { service, base }) });
  const navigation = set.navigations.find((one) => one.name === navigationName);
  if (!navigation)
    throw new ODataError(404, '/IWBEP/CM_MGW_RT/020', `Resource not found for segment '${navigationName}'`);
  const target = setNamed(service, navigation.target);
  const rows = navigation.rows(row);
  const only = rows[0];
  if (navigation.many) {
    const few = selected(new Selections(), 0, { ...target, rows: () => rows }, query);
    return json(reply, 200, collection(target, few, query, rows.length + 1, String, { service, base }));
  }
  return json(reply, 200, { d: only ? entity(target, only, query, { service, base }) : null });
};

const bodyOf = (request: FastifyRequest): { [key: string]: Json } => {
  try {
    const body = parseJson(String(request.body ?? ''));
    if (body !== null && typeof body === 'object' && !Array.isArray(body)) {
      const inner = body.d;
      return inner !== null && typeof inner === 'object' && !Array.isArray(inner) ? inner : body;
    }
  } catch {
    // falls through to the vendor's message
  }
  throw new ODataError(400, '/IWBEP/CM_MGW_RT/176', 'Malformed request body');
};

const created = ({ reply, service, base }: Exchange, set: EntitySet, row: Row, query: Query): FastifyReply => {
  reply.header('location', `${base}/${keyPredicate(set, row)}`);
  return json(reply, 201, { d: entity(set, row, query, { service, base }) });
};

const batchFields = (body: { [key: string]: Json }, before: SapBatch, changedAt: string): SapBatch => {
  const day = (name: string, old: string | null) => (body[name] === undefined ? old : (dayOf(body[name]) ?? null));
  const word = (name: string, old: string, length: number) => {
    const value = body[name];
    if (value === undefined || value === null) return old;
    if (String(value).length > length) {
      throw new ODataError(
        400,
        '/IWBEP/CM_MGW_RT/106',
        `Property '${name}' has invalid value: at most ${length} characters`,
      );
    }
    return String(value);
  };
  return {
    ...before,
    made: day('ManufactureDate', before.made),
    expiry: day('ShelfLifeExpirationDate', before.expiry),
    supplier: word('Supplier', before.supplier, 10),
    supplierLot: word('BatchBySupplier', before.supplierLot, 15),
    restricted:
      typeof body.MatlBatchIsInRstrcdUseStock === 'boolean' ? body.MatlBatchIsInRstrcdUseStock : before.restricted,
    changedAt,
  };
};

const createBatch = (exchange: Exchange): FastifyReply => {
  const { state, request, service } = exchange;
  const body = bodyOf(request);
  const set = setNamed(service, 'Batch');
  for (const name of Object.keys(body)) {
    if (!set.properties[name] && name !== '__metadata') {
      throw new ODataError(400, '/IWBEP/CM_MGW_RT/019', `Property '${name}' is invalid for type 'BatchType'`);
    }
  }
  const key = {
    material: unpadded(String(body.Material ?? '')),
    plant: String(body.BatchIdentifyingPlant ?? ''),
    batch: String(body.Batch ?? ''),
  };
  const product = state.products.get(key.material);
  if (!product)
    throw new ODataError(400, 'LO_BATCH/001', `Material ${key.material} does not exist`, [
      { code: 'M3/305', message: `Material ${key.material} does not exist` },
    ]);
  if (!product.batchManaged) throw new ODataError(400, '12/053', `Material ${key.material} is not handled in batches`);
  if (!product.plants.includes(key.plant))
    throw new ODataError(400, 'M3/351', `Material ${key.material} not maintained in plant ${key.plant}`);
  if (!/^[^a-z]{1,10}$/.test(key.batch))
    throw new ODataError(400, '12/003', `Batch number ${key.batch} is not allowed`);
  if (state.batches.has(batchKey(key)))
    throw new ODataError(400, '12/002', `Batch ${key.batch} of material ${key.material} already exists`);
  const fresh = { ...key, made: null, expiry: null, supplier: '', supplierLot: '', restricted: false, changedAt: '' };
  const batch = batchFields(body, fresh, state.now());
  state.accept({ kind: 'batch', batch });
  return created(exchange, set, batchRow(batch), {});
};

const changeBatch = ({ state, request, reply, service }: Exchange, key: Record<string, string>): FastifyReply => {
  const set = setNamed(service, 'Batch');
  const row = rowByKey(set, key);
  const etag = set.etag?.(row) ?? '';
  const condition = headerOf(request, 'if-match');
  if (condition === undefined)
    throw new ODataError(428, '/IWBEP/CM_MGW_RT/168', 'Precondition required: If-Match header is missing');
  if (condition !== '*' && condition !== etag) throw new ODataError(412, '/IWBEP/CM_MGW_RT/167', 'Precondition failed');
  const before = state.batches.get(
    batchKey({ material: String(row.Material), plant: String(row.BatchIdentifyingPlant), batch: String(row.Batch) }),
  );
  if (!before) throw new ODataError(404, '/IWBEP/CM_MGW_RT/020', "Resource not found for segment 'BatchType'");
  const batch = batchFields(bodyOf(request), before, state.now());
  state.accept({ kind: 'batch', batch });
  return reply.code(204).send();
};

const createDocument = (exchange: Exchange): FastifyReply => {
  const { state, request, service, user, emptyItems } = exchange;
  const document = postDocument(state, bodyOf(request), user);
  const set = setNamed(service, 'A_MaterialDocumentHeader');
  const shown = emptyItems ? { ...set, navigations: set.navigations.map((one) => ({ ...one, rows: () => [] })) } : set;
  return created(exchange, shown, headerRow(document), { $expand: 'to_MaterialDocumentItem' });
};

const cancel = (exchange: Exchange, query: Query, name: string): FastifyReply => {
  const { state, reply, service, base, user } = exchange;
  const literal = (parameter: string) => /^(?:datetime)?'(.*)'$/.exec(query[parameter] ?? '')?.[1];
  const year = literal('MaterialDocumentYear');
  const number = literal('MaterialDocument');
  const item = literal('MaterialDocumentItem');
  if (year === undefined || number === undefined || (name === 'CancelItem' && item === undefined)) {
    throw new ODataError(400, '/IWBEP/CM_MGW_RT/137', `Function import '${name}': a mandatory parameter is missing`);
  }
  const key = name === 'CancelItem' && item !== undefined ? { year, number, item } : { year, number };
  const document = cancelDocument(state, key, dayOf(literal('PostingDate')), user);
  const set = setNamed(service, 'A_MaterialDocumentHeader');
  return json(reply, 200, { d: entity(set, headerRow(document), {}, { service, base }) });
};
