import { expect, test } from '@jest/globals';
import { unverifiedSystems } from '../../src/cli/unverified.js';
import type { HubConfig } from '../../src/config/hub.js';

const configOf = (options: unknown, connection: Record<string, string | number | boolean> = {}) => ({
  hub: { systems: { sap: { kind: 'sap-odata' }, mes: { kind: 'sql' } } } as unknown as HubConfig,
  connectors: new Map([['mes', { kind: 'sql', connection: { client: 'pg', options } }]]),
  connections: { mes: connection },
});

test.each([
  ['pg', { ssl: { rejectUnauthorized: false } }],
  ['a value of hub.yaml', { ssl: { rejectUnauthorized: '{{connection.verify}}' } }],
  ['mssql', { options: { encrypt: true, trustServerCertificate: true } }],
  ['a connection string', 'postgres://mes.example/mes?sslmode=no-verify'],
])('a database whose certificate is not looked at is named: %s', (_, options) => {
  expect(unverifiedSystems(configOf(options, { verify: false }), {})).toEqual(['mes']);
});

test('a database with its certificate checked is not named', () => {
  expect(unverifiedSystems(configOf({ host: 'mes.example', ssl: { rejectUnauthorized: true } }), {})).toEqual([]);
  expect(
    unverifiedSystems(configOf({ ssl: { rejectUnauthorized: '{{connection.verify}}' } }, { verify: true }), {}),
  ).toEqual([]);
});

test('Node told to look at no certificate: every system is named', () => {
  expect(unverifiedSystems(configOf({}), { NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toEqual(['sap', 'mes']);
});
