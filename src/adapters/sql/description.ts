/**
 * The words in which a customer connects a database: which tables or views are read, how to page through them, how a
 * row is marked as taken, and into which tables the hub merges.
 *
 * Statements are the customer's own SQL. `:limit` is the page size, `:cursor` the value to go on from (`:cursor.seq`
 * where several columns order the rows), `:keys` a list of keys; in mark statements `:column` is the row's own value.
 */
import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false };
const Name = Type.String({
  pattern: '^[A-Za-z_][\\w$#]*(\\.[A-Za-z_][\\w$#]*)?$',
  description: 'a table or view, with its schema if needed: mes.hub_in_lot',
});
const Column = Type.String({ pattern: '^[A-Za-z_][\\w$#]*$', description: 'a column name' });
const Sql = Type.String({ minLength: 1, description: 'an SQL statement' });
const Value = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const Limited = Type.String({
  pattern: ':limit\\b',
  description: 'a SELECT that names :limit, ordered by page.orderBy',
});

export const SqlStream = Type.Object(
  {
    select: Limited,
    /** The same rows for a list of keys: `… WHERE item_no IN (:keys)`. Several key columns are joined by `|`. */
    byKeys: Type.Optional(Type.String({ pattern: ':keys\\b', description: 'a SELECT that names :keys' })),
    /** How many rows the select will bring in all; may name :cursor. */
    count: Type.Optional(Sql),
    key: Type.Array(Column, { minItems: 1 }),
    page: Type.Object(
      {
        kind: Type.Literal('keyset'),
        /** Together unique; the order of the select. */
        orderBy: Type.Array(Column, { minItems: 1 }),
        /** Smaller than anything that occurs, for the first page. */
        start: Type.Record(Type.String(), Value),
        size: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
      },
      closed,
    ),
    /** Present where the first `orderBy` column grows with each change, so that a later read brings changes only. */
    cursor: Type.Optional(
      Type.Object(
        {
          field: Column,
          /** Goes back so far at the start of a read, because transactions commit out of order: `5m`, or a number for a counter. */
          lookback: Type.Optional(
            Type.Union([
              Type.Integer({ minimum: 0 }),
              Type.String({ pattern: '^[0-9]+(s|m|h|d)$', description: 'a time like 30s, 5m, 2h or 1d' }),
            ]),
          ),
        },
        closed,
      ),
    ),
    mark: Type.Optional(Type.Object({ done: Sql, error: Type.Optional(Sql) }, closed)),
  },
  closed,
);
export type SqlStream = Static<typeof SqlStream>;

export const SqlWrite = Type.Object(
  {
    merge: Type.Object(
      {
        table: Name,
        /** The natural key; the table needs a unique index over it. */
        keys: Type.Array(Column, { minItems: 1 }),
        /** Takes the hub's key, so that a lost answer can be settled by looking. */
        reference: Type.Optional(Column),
        /** Constants written with every record, such as a status that makes the system take the row again. */
        set: Type.Optional(Type.Record(Type.String(), Value)),
        /** Only a row with one of these values has been taken over by the system. */
        taken: Type.Optional(
          Type.Object({ column: Column, values: Type.Array(Type.String(), { minItems: 1 }) }, closed),
        ),
      },
      closed,
    ),
  },
  closed,
);
export type SqlWrite = Static<typeof SqlWrite>;

export const SqlConnector = Type.Object(
  {
    kind: Type.Literal('sql'),
    connection: Type.Object(
      {
        /** pg is built in; the others need their driver installed beside Lotbridge. */
        client: Type.Union([
          Type.Literal('pg'),
          Type.Literal('mssql'),
          Type.Literal('mysql2'),
          Type.Literal('oracledb'),
        ]),
        /** Handed to the driver: host, port, user, password, database, ssl … or connectionString. Takes `{{connection.x}}`. */
        options: Type.Union([Type.String(), Type.Record(Type.String(), Type.Unknown())]),
        /** One statement may take so long; 30000 unless told. */
        timeoutMs: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.String()])),
        /** Connections at once; 4 unless told. */
        concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 50 })),
        rate: Type.Optional(Type.Object({ perSecond: Type.Number({ exclusiveMinimum: 0 }) }, closed)),
      },
      closed,
    ),
    streams: Type.Optional(Type.Record(Type.String(), SqlStream)),
    writes: Type.Optional(Type.Record(Type.String(), SqlWrite)),
  },
  closed,
);
export type SqlConnector = Static<typeof SqlConnector>;
