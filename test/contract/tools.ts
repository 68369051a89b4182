/** Small tools of the contract suite: reading a stream to its end, remembering all that was said, skipping with a reason. */
import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import type { Adapter, AdapterLog, Cursor, Page, RawRecord, ReadRequest } from '../../src/adapters/contract.js';
import { LotbridgeError } from '../../src/core/errors.js';
import type { Json } from '../../src/core/json.js';
import type { AdapterOverrides, Harness, Possible } from './harness.js';

/** Everything that a connector logged, threw or answered during the suite; searched for secrets at its end. */
export class Witness {
  private readonly said: string[] = [];

  readonly log: AdapterLog = {
    debug: (fields, message) => this.note({ fields, message }),
    warn: (fields, message) => this.note({ fields, message }),
  };

  note(thing: unknown): void {
    this.said.push(inspect(thing, { depth: 12, maxStringLength: null, maxArrayLength: null }));
  }

  /** The first statement that holds one of the secrets, in any of the forms in which it travels. */
  leak(secrets: string[]): string | undefined {
    const forms = secrets.flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    ]);
    return this.said.find((text) => forms.some((form) => text.includes(form)));
  }

  get count(): number {
    return this.said.length;
  }
}

/** The suite's view of one connector: its harness, and adapters that are closed and listened to. */
export interface Bench {
  harness: Harness;
  witness: Witness;
  adapter(overrides?: Omit<AdapterOverrides, 'log'>): Promise<Adapter>;
  /** The error that the work ends in; fails when it does not, or when it is not a LotbridgeError. */
  failure(work: Promise<unknown>): Promise<LotbridgeError>;
}

export const failureOf = async (witness: Witness, work: Promise<unknown>): Promise<LotbridgeError> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  witness.note(error);
  expect(error).toBeInstanceOf(LotbridgeError);
  const told = error as LotbridgeError;
  expect(told.code).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
  expect(told.fix).not.toBe('');
  return told;
};

export const readPages = async (
  adapter: Adapter,
  stream: string,
  request: ReadRequest = {},
  afterPage?: (page: Page, index: number) => unknown,
): Promise<Page[]> => {
  const pages: Page[] = [];
  for await (const page of adapter.read(stream, request)) {
    pages.push(page);
    await afterPage?.(page, pages.length - 1);
  }
  return pages;
};

export const recordsOf = (pages: Page[]): RawRecord[] => pages.flatMap((page) => [...page.records]);
export const lastCursor = (pages: Page[]): Cursor | undefined => pages.at(-1)?.cursor;

/** A plain key first (`FLot.FNumber` of K3Cloud), then a path. */
export const valueAt = (record: RawRecord, path: string): Json | undefined => {
  if (path in record) return record[path];
  let value: Json | undefined = record;
  for (const part of path.split('.')) {
    if (value === null || typeof value !== 'object') return undefined;
    value = Array.isArray(value) ? value[Number(part)] : value[part];
  }
  return value;
};

export const repeated = (keys: string[]): string[] => keys.filter((key, index) => keys.indexOf(key) !== index);

/** Runs the test where the connector's kind allows it; else skips it and says why in the title. */
export const testWhere = <T extends object>(
  title: string,
  hook: Possible<T>,
  body: (hook: T) => Promise<void>,
): void => {
  if ('impossible' in hook) test.skip(`${title}: does not apply, ${hook.impossible}`, () => {});
  else test(title, () => body(hook));
};

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
