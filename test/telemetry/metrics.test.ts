/** What a monitor sees of a hub: figures that agree with what was done, and whether it can work. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readReadiness } from '../../src/api/readiness.js';
import { item } from '../integration/mapping.js';
import { alertRules, dashboard, readExpression, rulesFile } from './promql.js';
import { startWatchedHub, type WatchedHub } from './watched-hub.js';

let watched: WatchedHub;
let page: string;

beforeAll(async () => {
  watched = await startWatchedHub('metrics');
  const { plan, temporal, wms } = watched;
  plan.says.item = [item('W-1'), item('W-2'), { code: 'W-3' }];
  wms.faults.add({ path: 'item/bulkImport', times: 1, action: { kind: 'status', status: 429 } });
  await temporal.client.sync('items');
  page = (await watched.ask('/metrics')).text;
});
afterAll(() => watched?.stop());

/** The value of the one line with this name and these labels. */
const value = (name: string, labels: Record<string, string> = {}): number | undefined => {
  const found = page
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)));
  expect(found.length).toBeLessThan(2);
  return found[0] === undefined ? undefined : Number(found[0].split(' ').at(-1));
};

test('records are counted by what became of them', () => {
  const at = { kind: 'sync', system: 'plan', stream: 'item' };
  expect(value('lotbridge_records_total', { ...at, outcome: 'read' })).toBe(3);
  expect(value('lotbridge_records_total', { ...at, outcome: 'changed' })).toBe(2);
  expect(value('lotbridge_records_total', { ...at, outcome: 'parked' })).toBe(1);
  expect(value('lotbridge_page_seconds_count', { system: 'plan', stream: 'item' })).toBe(1);
});

test('writes are counted by their answer, and a refusal that passes is not a loss', () => {
  expect(value('lotbridge_writes_total', { system: 'wms', outcome: 'written' })).toBe(2);
  expect(value('lotbridge_writes_total', { system: 'wms', outcome: 'deferred' })).toBe(2);
  expect(value('lotbridge_intents', { target: 'wms', state: 'written' })).toBe(2);
});

test('requests are counted by the class of their status, and wait for their turn', () => {
  expect(value('lotbridge_requests_total', { system: 'wms', protocol: 'http', status: '4xx' })).toBe(1);
  expect(value('lotbridge_requests_total', { system: 'wms', status: '2xx' })).toBeGreaterThan(1);
  expect(value('lotbridge_request_seconds_count', { system: 'wms' })).toBe(
    (value('lotbridge_requests_total', { system: 'wms', status: '2xx' }) ?? 0) + 1,
  );
  expect(value('lotbridge_lease_wait_seconds_count', { system: 'wms' })).toBeGreaterThan(1);
  expect(value('lotbridge_lease_waiting', { system: 'wms' })).toBe(0);
});

test('runs and exceptions are those of the store', () => {
  expect(value('lotbridge_store_up')).toBe(1);
  expect(value('lotbridge_last_complete_run_age_seconds', { kind: 'sync', name: 'items' })).toBeLessThan(60);
  expect(value('lotbridge_last_run_outcome', { name: 'items', outcome: 'differences' })).toBe(1);
  expect(value('lotbridge_last_run_outcome', { name: 'items', outcome: 'incomplete' })).toBe(0);
  expect(value('lotbridge_last_run_records', { name: 'items', count: 'written' })).toBe(2);
  expect(value('lotbridge_run_running', { name: 'items' })).toBe(0);
  expect(value('lotbridge_exceptions_open', { class: 'parked' })).toBe(1);
});

test('what Temporal measures itself stands on the same page', () => {
  expect(page).toMatch(/^temporal_workflow_completed_total\{/m);
  expect(page).toMatch(/^temporal_worker_task_slots_available\{/m);
});

test('a record that is parked is told with its key and the reason, not with its content', () => {
  expect(watched.said).toContainEqual({
    line: { system: 'plan', stream: 'item', key: expect.any(String), code: expect.any(String) },
    message: 'record parked',
  });
});

test('/readyz says that the hub can work, and what is missing when it cannot', async () => {
  const { status, text } = await watched.ask('/readyz');
  expect({ status, body: JSON.parse(text) }).toEqual({
    status: 200,
    body: { ready: true, database: 'ok', temporal: 'ok', workers: { state: 'ok', idle: [] } },
  });
  const lame = await readReadiness({
    pool: watched.hub.pool,
    reachTemporal: () => Promise.reject(new Error('nobody there')),
    idleQueues: () => ['system-wms'],
  });
  expect(lame).toEqual({
    ...{ ready: false, database: 'ok', temporal: 'unreachable' },
    workers: { state: 'idle', idle: ['system-wms'] },
  });
});

describe('the dashboard and the alert rules', () => {
  const expressions = [
    ...dashboard().panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...alertRules().map(({ expr }) => expr),
  ];
  const readings = expressions.map(readExpression);
  const of = (part: 'wrong' | 'metrics' | 'labels'): string[] => [...new Set(readings.flatMap((one) => one[part]))];

  test('hold to the grammar of Prometheus', () => {
    expect(of('wrong')).toEqual([]);
    expect(readExpression('sum(lotbridge_intents{state="a"').wrong).not.toEqual([]);
  });

  test('name figures that the hub gives', () => {
    const given = [...page.matchAll(/^# TYPE (\S+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    );
    const known = new Set([...given, 'up']);
    expect(of('metrics').length).toBeGreaterThan(15);
    expect(of('metrics').filter((name) => !known.has(name))).toEqual([]);
  });

  test('name labels that the figures have', () => {
    // The first two are given by Prometheus when it scrapes.
    const known = new Set(['job', 'instance', ...[...page.matchAll(/[{,](\w+)="/g)].map(([, label]) => label)]);
    expect(of('labels').filter((label) => !known.has(label))).toEqual([]);
  });

  test('a panel has a place of its own, a rule says what to do', () => {
    const { panels, templating, ...board } = dashboard();
    expect(board).toMatchObject({ uid: 'lotbridge', title: 'Lotbridge' });
    expect(board.schemaVersion).toBeGreaterThan(35);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const places = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)}/${y + Math.floor(at / w)}`),
    );
    expect(new Set(places).size).toBe(places.length);
    expect(panels.filter(({ gridPos }) => gridPos.x + gridPos.w > 24)).toEqual([]);
    expect(new Set(panels.map(({ datasource }) => datasource.uid))).toEqual(new Set(['${datasource}']));
    const variables = new Set(templating.list.map(({ name }) => `$${name}`));
    const used = expressions.flatMap((text) => text.match(/\$(?!__)\w+/g) ?? []).filter((name) => name !== '$labels');
    expect(used.filter((name) => !variables.has(name))).toEqual([]);
    for (const { alert, labels, annotations } of alertRules()) {
      expect(alert).toMatch(/^Lotbridge[A-Z]\w+$/);
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(annotations.summary.length * annotations.description.length).toBeGreaterThan(0);
    }
  });

  const promtool = process.env.PROMTOOL ?? 'promtool';
  const missing = spawnSync(promtool, ['--version']).status !== 0;
  (missing ? test.skip : test)(`load in Prometheus${missing ? ' (promtool is not installed)' : ''}`, () => {
    const { status, stderr } = spawnSync(promtool, ['check', 'rules', rulesFile], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  (missing ? test.skip : test)(`speak up when they should${missing ? ' (promtool is not installed)' : ''}`, () => {
    const cases = join(import.meta.dirname, 'alerts.cases.yaml');
    const { status, stdout, stderr } = spawnSync(promtool, ['test', 'rules', cases], { encoding: 'utf8' });
    expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' });
  });

  (missing ? test.skip : test)(`the page passes its linter${missing ? ' (promtool is not installed)' : ''}`, () => {
    const ours = page.replace(/^(# (TYPE|HELP) )?(temporal|nodejs|process)_.*\n/gm, '');
    const { status, stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], { encoding: 'utf8', input: ours });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
  });
});
