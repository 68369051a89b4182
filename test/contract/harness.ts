/**
 * What a connector's contract test must offer, so that one suite can ask every connector the same questions: a sandbox
 * server to talk to, what it holds, and how to make it misbehave.
 *
 * What a connector's kind rules out is `impossible('why')`: the test is then skipped with the reason in its title.
 */
import type { Adapter, AdapterLog, RawRecord, WriteRecord } from '../../src/adapters/contract.js';
import type { Json } from '../../src/core/json.js';

export interface Impossible {
  impossible: string;
}
export const impossible = (why: string): Impossible => ({ impossible: why });
export type Possible<T> = T | Impossible;
type Awaitable<T> = T | Promise<T>;

export interface AdapterOverrides {
  /** Connect as the right user with a wrong password, key or secret. */
  wrongCredentials?: boolean;
  /** Per request; default is the connector's own. */
  timeoutMs?: number;
  /** Records a page, so that a small stream has several pages. */
  pageSize?: number;
  log: AdapterLog;
}

export interface ReadStream {
  stream: string;
  /** How many records a complete read brings now. */
  count(): Awaitable<number>;
  /** The record's key, as a person would tell two records apart. */
  key(record: RawRecord): string;
  /** Changes (or adds) one record and gives its key; present for every stream that declares `incremental`. */
  touch?(): Awaitable<string>;
}

export interface SpecialRecord {
  /** What must survive: `a 19-digit id`, `Chinese text`, `leading zeros`, `a decimal with six places`. */
  what: string;
  stream: string;
  find(record: RawRecord): boolean;
  /** Path (`Item.Qty` or `FLot.FNumber` as a plain key) → the value exactly as the adapter must give it. */
  expect: Record<string, Json>;
}

export interface WriteStream {
  stream: string;
  /** A fresh record that the target takes; each call another key. */
  good(): WriteRecord;
  /** A record that the target refuses for its content. */
  bad(): WriteRecord;
  /** How many documents or rows the target holds of it, looked at behind the adapter's back. */
  count(record: WriteRecord): Awaitable<number>;
}

/** A fault holds until `clear()`; where `times` is not given it hits every request. */
export interface Faults {
  clear(): Awaitable<void>;
  /** The session or token is worthless from now on; a new login helps. */
  expireSession: Possible<() => Awaitable<void>>;
  /** The next request is refused with the vendor's limit answer, which asks to wait so long. */
  rateLimit: Possible<{ waitMs: number; arm(): Awaitable<void> }>;
  /** Every read is answered HTTP 200 with the vendor's error body. */
  errorBody: Possible<() => Awaitable<void>>;
  htmlBody: Possible<() => Awaitable<void>>;
  emptyBody: Possible<() => Awaitable<void>>;
  /** The next read request loses its connection, once. */
  resetOnce: Possible<() => Awaitable<void>>;
  /** Reads take this long from now on. */
  slow: Possible<(ms: number) => Awaitable<void>>;
  /** The next write is carried out, and its answer never comes within the adapter's timeout. */
  timeoutAfterCommit: Possible<() => Awaitable<void>>;
  /** The next write's connection is lost at once, and it is carried out so many ms later. */
  lateCommit: Possible<(ms: number) => Awaitable<void>>;
}

export interface Harness {
  start(): Promise<void>;
  stop(): Promise<void>;
  makeAdapter(overrides: AdapterOverrides): Awaitable<Adapter>;
  /** Passwords, keys and tokens; none may ever appear. Their base64 and URL-encoded forms are looked for as well. */
  secrets(): string[];
  streams: ReadStream[];
  /** Changes rows between two pages of a read: adds, changes, and removes where the system can. */
  changing: Possible<{
    stream: string;
    /** Called after the first page. */
    change(): Awaitable<void>;
    /** Keys that are there before, during and after: each must be read. */
    steady(): Awaitable<string[]>;
    /** A record that changed during the read may come again as another version. */
    version?(record: RawRecord): string;
  }>;
  /** A stream without a record. */
  empty: Possible<{ stream: string; prepare(): Awaitable<void>; restore(): Awaitable<void> }>;
  special: SpecialRecord[];
  /** Takes one permission away from the hub's user; `permission` is what `check` must say. */
  missingPermission: Possible<{ permission: RegExp; take(): Awaitable<void>; giveBack(): Awaitable<void> }>;
  /** Logins (or requests, where each carries its credentials) that the server has refused so far. */
  refusedLogins: Possible<() => Awaitable<number>>;
  faults: Faults;
  writes: WriteStream[];
  /** Write requests that reached the server so far: an unknown outcome must not be sent again. */
  writesReceived: Possible<() => Awaitable<number>>;
  /** How late `lateCommit` is carried out; 1500 ms unless told. */
  lateMs?: number;
}
