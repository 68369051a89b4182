/**
 * The words of an HTTP connector: everything that Lotbridge must know of a JSON/REST system to read and write it.
 *
 * `{{connection.x}}` are values of the system in hub.yaml; secrets stand there by reference, never here.
 */
import Type, { type Static, type TSchema } from 'typebox';
import type { Json } from '../../core/json.js';
import { conditionDefinition } from './condition.js';

const object = <P extends Record<string, TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });
const text = (description: string) => Type.String({ minLength: 1, description });
const optional = Type.Optional;
const texts = (description: string) => Type.Record(Type.String(), Type.String(), { description });
const words = <W extends string>(...all: W[]) => Type.Unsafe<W>({ enum: all });
const count = (minimum: number) => Type.Integer({ minimum });

const Request = object({
  method: optional(words('GET', 'POST', 'PUT', 'PATCH', 'DELETE')),
  path: text('the path after baseUrl, or an absolute URL'),
  query: optional(texts('query fields')),
  headers: optional(texts('headers')),
  content: optional(words('json', 'form', 'text')),
  body: optional(Type.Unsafe<Json>(Type.Unknown({ description: 'a tree; `{{path | filter}}` in its strings' }))),
});

const Auth = Type.Union([
  object({ kind: Type.Literal('none') }),
  object({ kind: Type.Literal('basic'), username: Type.String(), password: Type.String() }),
  object({ kind: Type.Literal('bearer'), token: Type.String() }),
  object({ kind: Type.Literal('apiKey'), in: words('header', 'query'), name: text('its name'), value: Type.String() }),
  object({
    kind: Type.Literal('login'),
    request: Type.Ref('Request'),
    token: optional(text('path of the token in the answer; without it the cookies are the session')),
    headers: optional(texts('headers of each request; `{{token}}` is the session')),
    query: optional(texts('query fields of each request')),
  }),
  object({
    kind: Type.Literal('oauth2'),
    grant: words('password', 'clientCredentials'),
    tokenUrl: text('absolute, or after baseUrl'),
    clientAuth: optional(words('basic', 'body')),
    clientId: Type.String(),
    clientSecret: Type.String(),
    username: optional(Type.String()),
    password: optional(Type.String()),
    scope: optional(Type.String()),
    extra: optional(texts('further form fields')),
  }),
]);

const Rule = object({
  when: Type.Ref('Condition'),
  as: words('retry', 'rateLimited', 'reauth', 'forbidden', 'smallerPage', 'permanent', 'partial', 'duplicate'),
  waitSeconds: optional(text('path of the seconds to wait')),
});

const Answers = object({
  ok: optional(Type.Ref('Condition')),
  rules: optional(Type.Array(Rule)),
  message: optional(text('path of the reason: body.error.message')),
  code: optional(text("path of the vendor's error code")),
  notJson: optional(words('permanent', 'retry')),
  emptyBody: optional(words('permanent', 'retry', 'empty')),
});

const Stop = Type.Union([
  words('short', 'empty'),
  object({ total: text('path of the number of all records') }),
  object({
    flag: object({
      path: text('path of the flag'),
      equals: Type.Union([Type.Boolean(), Type.String(), Type.Number()]),
    }),
  }),
]);

const size = { size: optional(count(1)), stop: optional(Stop) };
const Paging = Type.Union([
  object({ kind: Type.Literal('none') }),
  object({ kind: Type.Literal('offset'), ...size }),
  object({ kind: Type.Literal('page'), start: optional(count(0)), ...size }),
  object({
    kind: Type.Literal('cursor'),
    body: optional(text('path of the next cursor in the answer')),
    lastRecord: optional(text('field of the last record')),
    start: optional(Type.String({ description: 'the first cursor; `{{since}}` where the record key is the cursor' })),
    ...size,
  }),
  object({
    kind: Type.Literal('link'),
    path: optional(text('path of the next URL; without it the Link header')),
    ...size,
  }),
]);

const Cursor = object({
  field: text('field that says when the record changed, or its running number'),
  mode: optional(words('server', 'client')),
  format: optional(words('local', 'iso', 'epochMs', 'epochS', 'number', 'text')),
  sequence: optional(Type.Boolean({ description: 'the field is unique and only grows' })),
  start: Type.String({ description: 'what `{{since}}` is in the first read' }),
  lookback: optional(Type.String({ pattern: '^[0-9]+[smhd]$', description: 'overlap such as 30s, 5m, 1h' })),
});

const Describe = object({
  request: Type.Ref('Request'),
  fields: Type.Union([
    text('path of the list of fields'),
    Type.Array(text('path of a list of fields'), { minItems: 1 }),
  ]),
  name: text('path of its name, in a field'),
  type: optional(text('path of its type, in a field')),
  label: optional(text('path of what people call it, in a field')),
  also: optional(
    Type.Array(Type.String({ minLength: 1 }), {
      description: 'fields that records have and the description leaves out',
    }),
  ),
});

const Stream = object({
  request: Type.Ref('Request'),
  page: optional(Paging),
  records: Type.String({ description: 'path of the list of records; empty when the answer is the list' }),
  key: Type.Array(Type.String(), { minItems: 1 }),
  cursor: optional(Cursor),
  total: optional(text('path of the number of all records of this read')),
  byKeys: optional(object({ request: Type.Ref('Request'), max: optional(count(1)) })),
  describe: optional(Describe),
  answers: optional(Type.Ref('Answers')),
  permission: optional(text("the vendor's name of the permission that this needs")),
});

const Result = object({
  records: text('path of the list of results'),
  by: Type.Union([Type.Literal('index'), object({ key: texts('field of the result: field of the record') })]),
  ok: Type.Ref('Condition'),
  duplicate: optional(Type.Ref('Condition')),
  transient: optional(Type.Ref('Condition')),
  code: optional(Type.String()),
  message: optional(Type.String()),
  reference: Type.String(),
});

const Write = object({
  request: Type.Ref('Request'),
  action: optional(
    Type.Unsafe<'upsert' | 'post'>({
      enum: ['upsert', 'post'],
      description: 'upsert: creates or changes a record (default); post: takes a document once',
    }),
  ),
  batch: optional(count(1)),
  idempotency: object({
    kind: words('key', 'reference', 'naturalKey', 'none'),
    field: optional(text('field of the record that takes our key')),
    header: optional(text('header that takes our key, with batch 1')),
  }),
  result: optional(Result),
  reference: optional(text('path of the reference in the answer, where there is no result per record')),
  lookup: optional(
    object({
      request: Type.Ref('Request'),
      records: Type.String(),
      match: optional(texts('field of what was found: field of the record')),
      verify: optional(Type.Boolean({ description: 'found only when all written fields are as written' })),
      reference: Type.String(),
    }),
  ),
  answers: optional(Type.Ref('Answers')),
  probe: optional(Type.Ref('Request')),
  permission: optional(text("the vendor's name of the permission that this needs")),
});

const Connector = object({
  kind: Type.Literal('http'),
  connection: object({
    baseUrl: text('scheme, host and leading path'),
    timeoutMs: optional(count(1)),
    rate: optional(
      object({ perSecond: optional(Type.Number({ exclusiveMinimum: 0 })), concurrency: optional(count(1)) }),
    ),
    headers: optional(texts('headers of every request')),
    vars: optional(texts('values used as {{vars.x}}')),
  }),
  auth: Auth,
  renewOn: optional(Type.Ref('Condition')),
  answers: optional(Type.Ref('Answers')),
  streams: optional(Type.Record(Type.String(), Stream)),
  writes: optional(Type.Record(Type.String(), Write)),
});

export const HttpConnector = Type.Cyclic({ ...conditionDefinition, Request, Answers, Connector }, 'Connector');
export type HttpConnector = Static<typeof HttpConnector>;
export type Request = Static<typeof Request>;
export type Auth = HttpConnector['auth'];
export type Answers = NonNullable<HttpConnector['answers']>;
export type Stream = NonNullable<HttpConnector['streams']>[string];
export type Paging = NonNullable<Stream['page']>;
export type CursorWords = NonNullable<Stream['cursor']>;
export type Describe = NonNullable<Stream['describe']>;
export type Write = NonNullable<HttpConnector['writes']>[string];
