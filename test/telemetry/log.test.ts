/** A line of the log says which run, system and stream it speaks of. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import { step } from '../../src/activities/failure.js';
import { LotbridgeError } from '../../src/core/errors.js';
import { log, logVerbosely } from '../../src/workers/log.js';
import { fieldsOf, stepInterceptors } from '../../src/workers/step-fields.js';

const ask = { runId: '7', flow: 'items', system: 'wms', stream: 'item', entity: 'material', owned: ['name'] };
const fields = { run: '7', flow: 'items', system: 'wms', stream: 'item' };
const lines: LogEntry[] = [];

/** As a worker runs it. */
const run = (work: () => Promise<unknown>, given: unknown = ask) =>
  new MockActivityEnvironment(
    { activityType: 'readStream' },
    { interceptors: [stepInterceptors], logger: new DefaultLogger('DEBUG', (entry) => void lines.push(entry)) },
  ).run(() => step(work), given);

afterEach(() => {
  jest.restoreAllMocks();
});

test('a step that fails says where', async () => {
  const error = new LotbridgeError({ code: 'http.timeout', class: 'transient', message: 'no answer', fix: 'wait' });
  await expect(run(() => Promise.reject(error))).rejects.toThrow('http.timeout');
  expect(lines.find(({ message }) => message === 'step failed')?.meta).toMatchObject({ ...fields, code: error.code });
});

test('what a connector says inside a step says where, and its own words count more', async () => {
  logVerbosely();
  let said = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  await run(async () => log.warn({ stream: 'lot', key: '0001/A' }, 'a record is odd'));
  log.warn('outside of any step');
  const [inside, outside] = said
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(inside).toMatchObject({ ...fields, stream: 'lot', key: '0001/A', msg: 'a record is odd' });
  expect(outside).not.toHaveProperty('run');
});

test('of what a step is asked, only names and ids are taken', () => {
  expect(fieldsOf(ask)).toEqual(fields);
  expect(fieldsOf({ runId: '8', flow: 'lots', target: 'mes', limit: 200 })).toEqual({
    ...{ run: '8', flow: 'lots', system: 'mes' },
  });
  expect(fieldsOf(undefined)).toEqual({});
});
