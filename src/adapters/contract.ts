/**
 * The promise that every adapter keeps. An adapter knows protocol, never meaning: what goes in and comes out are raw
 * records in the system's own words.
 *
 * Every failure is a `LotbridgeError`; its class decides the retry. Nothing thrown, logged or returned holds a secret.
 */

import type { Json } from '../core/json.js';

/** A record as the system gave it; parsed without loss, so numbers of more than 15 digits are text. */
export type RawRecord = { [key: string]: Json };

/** In the system's order. A list may make a record anew each time that somebody looks at it: keep what you need twice. */
export interface RawRecords extends Iterable<RawRecord> {
  readonly length: number;
  at(index: number): RawRecord | undefined;
  /** As the system sent it, where it sends text: equal texts are equal records. */
  textAt?(index: number): string;
}

/** Opaque to everyone but the adapter that made it; JSON, so that it can be stored with the page's rows. */
export type Cursor = string;

/** `none`: after a lost answer nobody can know; the hub parks the write for a person. */
export type Idempotency = 'key' | 'reference' | 'naturalKey' | 'none';

export interface StreamCapabilities {
  read: boolean;
  /** Changes since a cursor can be asked for; otherwise each read is complete. */
  incremental: boolean;
  /** The source can say how many records a read will bring. */
  counts: boolean;
  write: boolean;
  /** Present when `write`. */
  idempotency?: Idempotency;
  /** How many calls of `write` the target takes side by side, and how many records in one; absent: one call after the other. */
  pace?: { atOnce: number; together: number };
  /** The live system can describe its fields. */
  discover: boolean;
  /** The description is only what some records show; others may have more fields. */
  sampled?: true;
  /** Records are marked as taken (`acknowledge`) or refused (`refuse`) once they are in the store (middle tables). */
  marks?: true;
}

export interface Capabilities {
  streams: Record<string, StreamCapabilities>;
}

export interface CheckResult {
  ok: boolean;
  /** Each permission that is missing, by the vendor's own name, and what to ask the administrator for. */
  missing: { permission: string; fix: string }[];
  latencyMs: number;
}

export interface FieldInfo {
  path: string;
  type: string;
  label?: string;
}

export interface ReadRequest {
  /** From an earlier page of the same stream; absent for everything from the beginning. */
  cursor?: Cursor;
  /** Only these records, by the system's key. */
  keys?: string[];
  signal?: AbortSignal;
}

export interface Page {
  records: RawRecords;
  /** Reading on from here brings what comes after this page, also in a later process. */
  cursor: Cursor;
  /** The source's own count of what this read brings, where it has one. */
  sourceCount?: number;
}

export interface WriteRecord {
  /** `LB…`, 16 characters; travels in the field that the target offers for it. */
  key: string;
  /** What to do: create or change a record, post a document, or take a posted document back. */
  action: 'upsert' | 'post' | 'reverse';
  /** The record in the target's own words. For `reverse`: what `WriteOutcome.reference` said of the document. */
  record: RawRecord;
}

export type WriteOutcome =
  | { key: string; status: 'written'; reference: string }
  | { key: string; status: 'duplicate'; reference: string }
  /** The target said no and holds nothing of it. `transient`: worth another try later (lock, stock not there yet). */
  | { key: string; status: 'rejected'; code: string; message: string; transient: boolean }
  /** The answer was lost: look up before anything else. */
  | { key: string; status: 'unknown'; code: string; message: string };

export type LookupOutcome =
  | { key: string; found: true; reference: string /** e.g. saved, but not yet audited */; complete: boolean }
  | { key: string; found: false };

export interface Adapter {
  readonly system: string;
  readonly capabilities: Capabilities;
  /** Probes each permission in turn and names the missing one. Throws only when the system cannot be reached. */
  check(signal?: AbortSignal): Promise<CheckResult>;
  /** Fields as the live system has them. */
  discover(stream: string, signal?: AbortSignal): Promise<FieldInfo[]>;
  /** Raw records, page by page, without gap and without repeat within one read. */
  read(stream: string, request: ReadRequest): AsyncIterable<Page>;
  /** One outcome a record, in the same order. Never resends after an answer was lost. */
  write(stream: string, records: WriteRecord[], signal?: AbortSignal): Promise<WriteOutcome[]>;
  /** What an unknown outcome is settled with. Same order as the keys. `record`s as given to `write`. */
  lookup(stream: string, records: WriteRecord[], signal?: AbortSignal): Promise<LookupOutcome[]>;
  /** Marks records as taken, where the stream works that way (middle tables). */
  acknowledge?(stream: string, records: RawRecord[], signal?: AbortSignal): Promise<void>;
  /** Marks a record that was parked, with the reason; nothing where the stream has no place for it. */
  refuse?(stream: string, record: RawRecord, message: string, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** What an adapter gets from its surroundings. */
export interface AdapterContext {
  system: string;
  /** Connection values of hub.yaml with secrets already resolved. Never logged. */
  connection: Record<string, unknown>;
  /** IANA zone of the system's own clock. */
  timeZone: string;
  /** Rate and session lease that holds across workers; `inProcessLease` where there is only one. */
  lease: Lease;
  log: AdapterLog;
  /** Stands around each request to the system. Absent: nobody watches. */
  requests?: RequestWatch;
}

/** `statusOf`: how it ended, in a word without content: an HTTP status, or `ok`. What the work throws passes through. */
export type RequestWatch = <T>(
  request: { protocol: 'http' | 'sql'; method: string },
  work: () => Promise<T>,
  statusOf: (answer: T) => string,
) => Promise<T>;

export const unwatched: RequestWatch = (_, work) => work();

/** Permission to talk: no more requests in any second than the limit, and one login session shared by all workers. */
export interface Lease {
  /**
   * Calls `send` when one more request may be sent, and gives its answer. `send` sends at once and resolves when the
   * system has answered; what it throws passes through.
   */
  request<T>(system: string, limit: { perSecond: number }, send: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** The shared session of a system, or undefined; `renew` logs in when another worker has not done so meanwhile. */
  session(system: string): Promise<string | undefined>;
  renew(system: string, old: string | undefined, login: () => Promise<string>): Promise<string>;
}

export interface AdapterLog {
  debug(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
}
