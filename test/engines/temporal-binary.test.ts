import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findTemporal, type TemporalSource, temporalCache } from '../../src/engines/temporal-binary.js';

let folder: string;
let env: NodeJS.ProcessEnv;
const said: string[] = [];
const progress = (text: string): void => void said.push(text);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lotbridge-temporal-'));
  env = { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache') };
  said.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const program = (path: string, answer = 'temporal version 1.9.1'): string => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho "${answer}"\n`, { mode: 0o755 });
  return path;
};
const download: TemporalSource = async (into) => ({ path: program(join(into, 'deep', 'temporal')), why: '' });
const offline: TemporalSource = async () => ({ why: 'pip: no network' });

test('an installed temporal is used', async () => {
  const installed = program(join(folder, 'bin', 'temporal'));
  expect(await findTemporal({ progress, env, sources: [offline] })).toBe(installed);
});

test('a program of that name that is something else is passed over for the cache', async () => {
  program(join(folder, 'bin', 'temporal'), 'a tool for lunar calendars');
  const cached = program(join(temporalCache(env), 'temporal'));
  expect(await findTemporal({ progress, env, sources: [offline] })).toBe(cached);
});

test('the second source is asked when the first has nothing, and what it gives is kept', async () => {
  const found = await findTemporal({ progress, env, sources: [offline, download] });
  expect(found).toBe(join(temporalCache(env), 'temporal'));
  expect(said).toEqual([expect.stringContaining('Downloading Temporal')]);
  expect(await findTemporal({ progress, env, sources: [offline] })).toBe(found);
  expect(readdirSync(dirname(temporalCache(env))).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('without any source the error names the reasons and the ways out', async () => {
  await expect(findTemporal({ progress, env, sources: [offline] })).rejects.toMatchObject({
    code: 'engines.temporal-not-found',
    message: expect.stringContaining('pip: no network'),
    fix: expect.stringContaining('TEMPORAL_ADDRESS'),
  });
});

test('a download that does not run on this machine is not kept', async () => {
  const broken: TemporalSource = async (into) => ({
    path: program(join(into, 'temporal'), 'exec format error'),
    why: '',
  });
  await expect(findTemporal({ progress, env, sources: [broken] })).rejects.toMatchObject({
    code: 'engines.temporal-not-found',
  });
});
