/** A database as a system: its description and the engine that runs it make an adapter. */
import { LotbridgeError } from '../../core/errors.js';
import type { Adapter, AdapterContext, Capabilities, RawRecord } from '../contract.js';
import { checkDatabase, discoverStream } from './check.js';
import { closeDatabase, openDatabase } from './connect.js';
import type { SqlConnector } from './description.js';
import { readStream, recordOf } from './read.js';
import { query, type Session } from './session.js';
import { bind, type SqlValue } from './statement.js';
import { lookupRecords, writeRecords } from './write.js';

export interface SqlAdapter extends Adapter {
  acknowledge(stream: string, records: RawRecord[], signal?: AbortSignal): Promise<void>;
  /** Marks a record as refused, with the reason, where the stream has a `mark.error`. */
  refuse(stream: string, record: RawRecord, message: string, signal?: AbortSignal): Promise<void>;
}

/** `rate` and `overlap` that hub.yaml gives the system go before the description's. */
export const createSqlAdapter = (description: SqlConnector, context: AdapterContext): SqlAdapter => {
  const { system } = context;
  const { streams = {}, writes = {} } = description;
  const database = openDatabase(description, context);
  const session: Session = {
    database,
    context,
    perSecond: numberOf(context.connection.perSecond) ?? description.connection.rate?.perSecond,
    overlapSeconds: numberOf(context.connection.overlapSeconds),
  };

  const named = <T>(all: Record<string, T>, name: string, what: string): T => {
    const found = Object.hasOwn(all, name) ? all[name] : undefined;
    if (found !== undefined) return found;
    throw new LotbridgeError({
      code: 'sql.unknown-stream',
      class: 'config',
      message: `${system}/${name}: the connector has no ${what} of this name.`,
      fix: `Use one of ${Object.keys(all).join(', ') || 'none'}, or add it to the connector file.`,
    });
  };

  const mark = async (
    stream: string,
    statement: string | undefined,
    record: RawRecord,
    more: Record<string, SqlValue>,
    signal?: AbortSignal,
  ) => {
    if (statement === undefined) return;
    const own = Object.entries(record).filter(
      (one): one is [string, SqlValue] => typeof one[1] !== 'object' || one[1] === null,
    );
    await query(session, bind(statement, { ...Object.fromEntries(own), ...more }), {
      where: `${system}/${stream}`,
      signal,
    });
  };

  return {
    system,
    capabilities: sqlCapabilities(description),
    check: (signal) => checkDatabase(session, description, signal),
    discover: async (stream, signal) =>
      discoverStream(session, stream, named(streams, stream, 'stream to read'), signal),
    read: async function* (stream, request) {
      yield* readStream(session, stream, named(streams, stream, 'stream to read'), request);
    },
    write: async (stream, records, signal) =>
      writeRecords(session, stream, named(writes, stream, 'stream to write'), records, signal),
    lookup: async (stream, records, signal) =>
      lookupRecords(session, stream, named(writes, stream, 'stream to write'), records, signal),
    acknowledge: async (stream, records, signal) => {
      const { mark: marks } = named(streams, stream, 'stream to read');
      for (const record of records) await mark(stream, marks?.done, record, {}, signal);
    },
    refuse: async (stream, record, message, signal) =>
      mark(stream, named(streams, stream, 'stream to read').mark?.error, recordOf(record), { message }, signal),
    close: () => closeDatabase(database),
  };
};

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

export const sqlCapabilities = ({ streams = {}, writes = {} }: SqlConnector): Capabilities => {
  const names = [...new Set([...Object.keys(streams), ...Object.keys(writes)])];
  return {
    streams: Object.fromEntries(
      names.map((name) => [
        name,
        {
          read: name in streams,
          incremental: streams[name]?.cursor !== undefined,
          counts: streams[name]?.count !== undefined,
          write: name in writes,
          ...(name in writes && { idempotency: 'naturalKey' as const }),
          discover: name in streams,
          ...(streams[name]?.mark !== undefined && { marks: true as const }),
        },
      ]),
    ),
  };
};
