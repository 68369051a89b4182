/** The page for operators and the hub name the same figures. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { openPool } from '../../src/store/database.js';
import { createTelemetry } from '../../src/telemetry/telemetry.js';

const pool = openPool('postgres://nobody@127.0.0.1:1/none');
const telemetry = createTelemetry({ pool, log: { info: () => {}, warn: () => {} }, temporalPort: 1 });

test('docs/operations.md lists every metric with its type and labels, and no other', () => {
  const { own, passing } = telemetry.metrics;
  const given = [own, passing]
    .flatMap((registry) => registry.getMetricsAsArray())
    .filter(({ name }) => name.startsWith('lotbridge_'))
    .map((metric) => ({
      name: metric.name,
      type: String(metric.type),
      labels: 'labelNames' in metric ? (metric.labelNames as string[]).join(', ') : '',
    }));
  const told = [
    ...readFileSync('docs/operations.md', 'utf8').matchAll(/^\| `(lotbridge_\w+)` \| (\w+) \| ([\w, ]*)\|/gm),
  ].map(([, name, type, labels]) => ({ name, type, labels: labels?.trim() }));
  const byName = (one: { name?: string }, other: { name?: string }) => ((one.name ?? '') < (other.name ?? '') ? -1 : 1);
  expect(told.sort(byName)).toEqual(given.sort(byName));
});

test('without a store and without Temporal the page still comes, and says so', async () => {
  const { text } = await telemetry.page();
  expect(text).toMatch(/^lotbridge_store_up 0$/m);
  expect(text).not.toMatch(/^lotbridge_exceptions_open\{/m);
});
