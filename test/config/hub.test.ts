import { describe, expect, test } from '@jest/globals';
import { HubConfig } from '../../src/config/hub.js';
import { checkHub } from '../../src/config/hub-checks.js';
import { describeProblem } from '../../src/config/problems.js';
import { resolveSecrets } from '../../src/config/secrets.js';
import { missingServerSecrets, resolveServers } from '../../src/config/servers.js';
import { parseYaml } from '../../src/config/yaml.js';
import { sandboxHubYaml } from '../../src/sandbox/hub-yaml.js';

const sandbox = sandboxHubYaml({
  ports: { sap: 1, kingdee: 2, wms: 3 },
  mesUrl: 'postgres://admin:geheim@127.0.0.1:5432/mes',
  goLive: '2026-11-22T00:00:00+08:00',
});

const read = (text: string) => {
  const { yaml, problems } = parseYaml(text, 'hub.yaml', HubConfig);
  return { yaml, errors: (yaml ? checkHub(yaml) : problems).map(describeProblem) };
};
const changed = (from: string | RegExp, to: string): string[] => {
  const text = sandbox.replace(from, to);
  expect(text).not.toBe(sandbox);
  return read(text).errors.map((line) => line.replace(/^hub\.yaml:\d+:\d+: /, ''));
};

test('the sandbox plant’s hub.yaml is right', () => {
  expect(read(sandbox).errors).toEqual([]);
});

describe('hub.yaml refuses', () => {
  test('a misspelt key, with the nearest known one', () => {
    expect(changed('settleAfter', 'setleAfter')).toEqual(['unknown key `setleAfter` — write `settleAfter`']);
  });
  test('a system that is not there, in a flow and in a job', () => {
    expect(changed('to: [wms, mes]', 'to: [wsm, mes]')[0]).toMatch(/^there is no system `wsm` — write `wms`/);
    expect(changed('compare: [sap, wms]', 'compare: [spa, wms]')[0]).toMatch(/^there is no system `spa` — write `sap`/);
  });
  test('a plant that its system does not serve', () => {
    expect(changed("{system: sap, where: {plant: '1010'}}", "{system: sap, where: {plant: '200'}}")).toEqual([
      'there is no plant of sap `200` — known: 1010',
    ]);
  });
  test('movements that are written from no stated instant', () => {
    expect(changed(/ {4}start: .*\n/, '')[0]).toMatch(/^`movements` writes movements and has no start/);
    expect(changed('2026-11-22T', '2026-02-30T')[0]).toMatch(/^there is no instant/);
  });
  test('a flow that goes nowhere, and trace events that would go somewhere', () => {
    expect(changed(/ {4}to: \[wms, mes\]\n/, '')[0]).toMatch(/^`material-sap` has no target/);
    expect(changed(/ {4}to: \[wms, mes\]\n {4}owner: sap\n {4}mode: write\n/, '')).toEqual([]);
    const genealogy = 'flows:\n  genealogy: {entity: traceEvent, from: mes}\n';
    expect(changed('flows:\n', genealogy)).toEqual([]);
    const [line] = changed('flows:\n', genealogy.replace('from', 'to: [sap], from'));
    expect(line).toMatch(/^trace events are read and not written, so `to` says nothing/);
  });
  test('a password in plain, also inside an address', () => {
    expect(changed('${env:LOTBRIDGE_SANDBOX_SAP_PASSWORD}', 'geheim')).toEqual([
      '`password` is a secret and stands here in plain — write ${env:NAME} or ${file:PATH} and keep the value outside this file',
    ]);
    const [line] = changed('http://127.0.0.1:1', 'http://mes:geheim@127.0.0.1:1');
    expect(line).toMatch(/^`baseUrl` holds a password/);
    expect(line).not.toContain('geheim');
    expect(changed('${env:LOTBRIDGE_SANDBOX_SAP_USER}', '${LOTBRIDGE_SANDBOX_SAP_USER}')[0]).toMatch(/cannot be read/);
  });
  test('a cron line that no clock can read, at its place in the file', () => {
    const text = sandbox.replace("at: '01:30'", "cron: '30 25 * * *'");
    const line = text.split('\n').findIndex((one) => one.includes('30 25')) + 1;
    const column = (text.split('\n')[line - 1]?.indexOf("'30 25") ?? 0) + 1;
    expect(read(text).errors[0]).toMatch(
      new RegExp(`^hub\\.yaml:${line}:${column}: \`25\` is no hour — write 0 to 23`),
    );
    expect(changed("at: '01:30'", "cron: '30 1 * *'")[0]).toMatch(/has 4 — write minute, hour/);
  });
  test('what does not fit together', () => {
    expect(changed('connector: wms.yaml', 'mapping: wms.yaml')[0]).toMatch(/names no connector/);
    expect(changed('sumAway: [status]', 'sumAway: [lot]')[0]).toMatch(/in the grain/);
    expect(changed("at: '01:30'", "at: '01:30'\n    cron: '30 1 * * *'")[0]).toMatch(/both `at` and `cron`/);
    expect(changed('timeZone: Asia/Shanghai', 'timeZone: Asia/Shangai')[0]).toMatch(/no time zone `Asia\/Shangai`/);
    expect(changed("owner: {'*': mes, supplier: wms", "owner: {'*': mes, suplier: wms")[0]).toMatch(/write `supplier`/);
  });
});

describe('secrets', () => {
  const { yaml } = read(sandbox);
  if (!yaml) throw new Error('the sandbox file must be right');
  const all = Object.fromEntries(
    [...sandbox.matchAll(/\$\{env:(\w+)\}/g)].map(([, name = '']) => [name, `value of ${name}`]),
  );

  test('take the place of their references', () => {
    const { connections, values } = resolveSecrets(yaml, { env: all, dir: '.' });
    expect(connections.sap?.password).toBe('value of LOTBRIDGE_SANDBOX_SAP_PASSWORD');
    expect(connections.kingdee?.lcid).toBe(2052);
    expect(values).toContain('value of LOTBRIDGE_SANDBOX_MES_PASSWORD');
  });
  test('that are missing are all named, and none that is there is shown', () => {
    const { LOTBRIDGE_SANDBOX_SAP_PASSWORD: _a, LOTBRIDGE_SANDBOX_MES_USER: _b, ...some } = all;
    let thrown: unknown;
    try {
      resolveSecrets(yaml, { env: some, dir: '.' });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'config.secret-missing' });
    const { message } = thrown as Error;
    expect(message.split('\n')).toHaveLength(2);
    expect(message).toMatch(/hub\.yaml:\d+:\d+: \$\{env:LOTBRIDGE_SANDBOX_SAP_PASSWORD\} is not set/);
    expect(message).not.toContain('value of');
  });
  test('within an address are escaped', () => {
    const text = sandbox.replace('http://127.0.0.1:1\n', 'http://mes:${env:PW}@127.0.0.1:1\n');
    const changedYaml = read(text).yaml;
    if (!changedYaml) throw new Error('must be right');
    const { connections } = resolveSecrets(changedYaml, { env: { ...all, PW: 'a/b@c' }, dir: '.' });
    expect(connections.sap?.baseUrl).toBe('http://mes:a%2Fb%40c@127.0.0.1:1');
  });
});

test('the secrets of a system that is worked elsewhere are wanted by its worker only', () => {
  const { yaml } = read(sandbox.replace('    kind: sql\n', '    kind: sql\n    worker: elsewhere\n'));
  if (!yaml) throw new Error('must be right');
  const env = Object.fromEntries(
    [...sandbox.matchAll(/\$\{env:(\w+)\}/g)].map(([, name = '']) => [name, /_MES_/.test(name) ? undefined : 'known']),
  );
  expect(Object.keys(resolveSecrets(yaml, { env, dir: '.' }).connections)).toEqual(['sap', 'kingdee', 'wms']);
  const mes = { LOTBRIDGE_SANDBOX_MES_USER: 'hub', LOTBRIDGE_SANDBOX_MES_PASSWORD: 'known' };
  expect(Object.keys(resolveSecrets(yaml, { env: mes, dir: '.', systems: ['mes'] }).connections)).toEqual(['mes']);
  yaml.value.deadMan = { url: '${env:DEAD_MAN}' };
  yaml.value.telemetry = { traces: { url: '${env:COLLECTOR}' } };
  expect(resolveSecrets(yaml, { env: mes, dir: '.', systems: ['mes'] })).not.toHaveProperty('deadManUrl');
  const whole = { ...env, DEAD_MAN: 'https://ping.example', COLLECTOR: 'http://127.0.0.1:4318' };
  expect(resolveSecrets(yaml, { env: whole, dir: '.' })).toMatchObject({ deadManUrl: 'https://ping.example' });
});

describe('PostgreSQL and Temporal of one’s own', () => {
  const servers = `
database:
  url: postgres://hub:\${env:PW}@db:5432/hub
  tls: {ca: '\${env:CA}', key: '\${env:KEY}', cert: '\${env:CERT}'}
temporal:
  address: temporal:7233
  namespace: plant
  apiKey: \${env:KEY}
  encryption: {keyId: '2', key: '\${env:KEY}', oldKeys: {'1': '\${env:OLD}'}}
`;
  const env = { PW: 'p/w', CA: 'ca', KEY: 'key', CERT: 'cert', OLD: 'old' };
  const resolved = (text: string, more: Record<string, string> = {}) => {
    const { yaml } = read(sandbox + text);
    if (!yaml) throw new Error('must be right');
    return resolveServers(yaml, { env: { ...env, ...more }, dir: '.' });
  };

  test('stand in the file, with secrets by reference', () => {
    const encryption = { keyId: '2', keys: { 1: 'old', 2: 'key' } };
    expect(resolved(servers)).toEqual({
      database: {
        databaseUrl: 'postgres://hub:p%2Fw@db:5432/hub',
        databaseTls: { ca: 'ca', key: 'key', cert: 'cert' },
      },
      temporal: { address: 'temporal:7233', namespace: 'plant', apiKey: 'key', encryption },
      encryption,
    });
    expect(resolved('')).toEqual({});
  });
  test('are elsewhere when the environment says so; all but the address stays', () => {
    const { database, temporal } = resolved(servers, { DATABASE_URL: 'postgres://other', TEMPORAL_ADDRESS: 'other:1' });
    expect(database).toMatchObject({ databaseUrl: 'postgres://other', databaseTls: { ca: 'ca' } });
    expect(temporal).toMatchObject({ address: 'other:1', namespace: 'plant', apiKey: 'key' });
  });
  test('lack what is not set here, each with its place', () => {
    const { yaml } = read(sandbox + servers);
    if (!yaml) throw new Error('must be right');
    const missing = missingServerSecrets(yaml, { env: { ...env, PW: undefined, OLD: '' }, dir: '.' });
    expect(missing).toEqual([
      expect.stringMatching(/hub\.yaml:\d+:\d+: \$\{env:PW\} is not set$/),
      expect.stringMatching(/hub\.yaml:\d+:\d+: \$\{env:OLD\} is empty$/),
    ]);
  });
  test('keep no private key in the file', () => {
    const { errors } = read(sandbox + servers.replaceAll("'${env:KEY}'", 'plain'));
    expect(errors.filter((line) => /privateKey/.test(line))).toHaveLength(2);
  });
  test('want both halves of a client certificate', () => {
    const half = servers.replace(", cert: '${env:CERT}'", '');
    expect(() => resolved(half)).toThrow(expect.objectContaining({ code: 'config.tls-pair' }));
  });
});
