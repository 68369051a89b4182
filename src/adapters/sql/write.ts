/**
 * Merges records into a table by their natural key, in one transaction: each record in its own savepoint, so that a
 * refused one takes nothing with it. Only a COMMIT whose answer was lost leaves us not knowing.
 */
import type { Knex } from 'knex';
import { LotbridgeError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { LookupOutcome, WriteOutcome, WriteRecord } from '../contract.js';
import type { SqlWrite } from './description.js';
import { isDuplicate, sqlError } from './errors.js';
import { type Ask, asked, nativeOf, type Row, type Session, within } from './session.js';

type Merge = SqlWrite['merge'];
type Values = Record<string, string | number | boolean | null>;

export const writeRecords = async (
  session: Session,
  name: string,
  { merge }: SqlWrite,
  records: WriteRecord[],
  signal?: AbortSignal,
): Promise<WriteOutcome[]> => {
  if (records.length === 0) return [];
  const ask: Ask = { where: `${session.context.system}/${name}`, signal };
  return asked(session, 'transaction', () => writeAll(session, merge, records, ask), { signal, statusOf });
};

/** The code of a failure that all of them share. */
const statusOf = (outcomes: WriteOutcome[]): string => {
  const [first] = outcomes.map((one) => ('code' in one ? one.code : 'ok'));
  return outcomes.every((one) => 'code' in one && one.code === first) ? (first ?? 'ok') : 'ok';
};

const writeAll = async (session: Session, merge: Merge, records: WriteRecord[], ask: Ask): Promise<WriteOutcome[]> => {
  const { signal } = ask;
  const transaction = await begin(session, ask);
  const connection = await (
    transaction as unknown as { client: { acquireConnection(): Promise<object> } }
  ).client.acquireConnection();
  const outcomes: WriteOutcome[] = [];
  try {
    for (const record of records) {
      outcomes.push(await within(session.database, mergeOne(transaction, merge, record, ask), connection, ask));
    }
  } catch (error) {
    // COMMIT was never sent, so the database keeps nothing of this transaction.
    void Promise.resolve(transaction.rollback()).catch(() => undefined);
    if (signal?.aborted) throw signal.reason;
    const failure = sqlError(error, ask.where);
    if (failure.class === 'config') throw failure;
    return records.map(({ key }) => ({
      key,
      status: 'rejected',
      code: failure.code,
      message: failure.message,
      transient: true,
    }));
  }
  try {
    // Once sent, a COMMIT is waited for, also when the run is cancelled.
    const committed = Promise.resolve(transaction.commit()).then(() => transaction.executionPromise);
    await within(session.database, committed, connection, { where: ask.where });
    return outcomes;
  } catch (error) {
    const { code, message } = sqlError(error, ask.where);
    return outcomes.map((one) =>
      one.status === 'rejected' ? one : { key: one.key, status: 'unknown', code, message },
    );
  }
};

const begin = async ({ database }: Session, ask: Ask): Promise<Knex.Transaction> => {
  const transaction = await within(database, database.knex.transaction(), undefined, ask);
  transaction.executionPromise.catch(() => undefined);
  return transaction;
};

const mergeOne = async (
  transaction: Knex.Transaction,
  merge: Merge,
  { key, action, record }: WriteRecord,
  ask: Ask,
): Promise<WriteOutcome> => {
  const rejected = (code: string, message: string): WriteOutcome => ({
    key,
    status: 'rejected',
    code,
    message,
    transient: false,
  });
  if (action !== 'upsert') return rejected('sql.action', `${ask.where}: a merge cannot ${action} a document`);
  const missing = merge.keys.filter((column) => record[column] === undefined || record[column] === null);
  if (missing.length > 0) return rejected('sql.key-missing', `${ask.where}: the record has no ${missing.join(', ')}`);
  const values = valuesOf(merge, key, record);
  try {
    await transaction.transaction((savepoint) => updateOrInsert(savepoint, merge, values, ask));
    return { key, status: 'written', reference: referenceOf(merge, values) };
  } catch (error) {
    const failure = sqlError(error, ask.where);
    if (/^sql\.(reset|unreachable|timeout)$/.test(failure.code) || failure.class === 'config') throw failure;
    return { ...rejected(failure.code, failure.message), transient: failure.class === 'transient' } as WriteOutcome;
  }
};

const updateOrInsert = async (savepoint: Knex.Transaction, merge: Merge, values: Values, ask: Ask): Promise<void> => {
  const where = keyOf(merge, values);
  const rest = Object.fromEntries(Object.entries(values).filter(([column]) => !merge.keys.includes(column)));
  const update = savepoint(merge.table)
    .where(where)
    .update(Object.keys(rest).length > 0 ? rest : where);
  if (Number(await told(update, ask)) > 0) return;
  try {
    await savepoint.transaction((inner) => told(inner(merge.table).insert(values), ask));
  } catch (error) {
    // Somebody else inserted the same key in this moment: theirs is committed now, ours updates it.
    if (!(error instanceof LotbridgeError && isDuplicate(error.cause))) throw error;
    await told(savepoint(merge.table).where(where).update(rest), ask);
  }
};

/** Waits for a statement; a failure loses the statement's text, and keeps only the database's code as its cause. */
const told = async <T>(statement: Knex.QueryBuilder<Row, T>, ask: Ask): Promise<T> => {
  try {
    return (await statement) as T;
  } catch (error) {
    const { code, class: kind, message, fix } = sqlError(error, ask.where, nativeOf(statement));
    throw new LotbridgeError({
      code,
      class: kind,
      message,
      fix,
      cause: { code: (error as { code?: unknown }).code, number: (error as { number?: unknown }).number },
    });
  }
};

const valuesOf = (merge: Merge, key: string, record: Record<string, Json>): Values => ({
  ...Object.fromEntries(Object.entries(record).map(([column, value]) => [column, scalar(value)])),
  ...merge.set,
  ...(merge.reference !== undefined && { [merge.reference]: key }),
});

const scalar = (value: Json): string | number | boolean | null =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : value;

const keyOf = (merge: Merge, values: Values): Values =>
  Object.fromEntries(merge.keys.map((column) => [column, values[column] ?? null]));

const referenceOf = (merge: Merge, values: Values): string =>
  merge.keys.map((column) => String(values[column])).join('|');

/** Found is the row that carries our key; without a column for it, the row whose written values are all there. */
export const lookupRecords = async (
  session: Session,
  name: string,
  { merge }: SqlWrite,
  records: WriteRecord[],
  signal?: AbortSignal,
): Promise<LookupOutcome[]> => {
  const ask: Ask = { where: `${session.context.system}/${name}`, signal };
  const found: LookupOutcome[] = [];
  for (const { key, record } of records) {
    const values = valuesOf(merge, key, record);
    const wanted =
      merge.reference === undefined ? withoutSet(merge, values) : { ...keyOf(merge, values), [merge.reference]: key };
    const statement = session.database
      .knex(merge.table)
      .where(whereOf(wanted))
      .select(merge.taken ? [merge.taken.column] : merge.keys);
    const look = () => within(session.database, told(statement, ask), undefined, ask);
    const [row] = (await asked(session, 'query', look, { signal })) as Row[];
    const complete = row !== undefined && (merge.taken?.values.includes(String(row[merge.taken.column])) ?? true);
    found.push(
      row === undefined ? { key, found: false } : { key, found: true, reference: referenceOf(merge, values), complete },
    );
  }
  return found;
};

/** What the system changes by itself (a status) is no evidence. */
const withoutSet = (merge: Merge, values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([column]) => !(column in (merge.set ?? {}))));

const whereOf = (wanted: Values) => (builder: Knex.QueryBuilder) => {
  for (const [column, value] of Object.entries(wanted)) {
    if (value === null) builder.whereNull(column);
    else builder.where(column, value);
  }
};
