/** `doctor`: what this machine has, what is missing and how to get it. Looks only; starts and changes nothing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { capabilitiesOf } from '../adapters/create.js';
import type { Health } from '../api/ops.js';
import { rememberedOpsPort } from '../api/ops.js';
import type { Readiness } from '../api/readiness.js';
import { loadServers } from '../config/load.js';
import { describeProblem } from '../config/problems.js';
import { describeError, LotbridgeError } from '../core/errors.js';
import { lockOwner } from '../engines/lock.js';
import { type Finding, inspectMachine } from '../engines/machine.js';
import { type HubState, readRunningHub } from '../engines/state.js';
import { en } from '../messages/en.js';
import { openPool, type Pool } from '../store/database.js';
import { listExceptions } from '../store/exceptions.js';
import { publishedNow } from '../store/mapping-versions.js';
import { readConfig } from './config.js';
import { exitCode } from './exit.js';
import { undescribedStreams } from './fields.js';
import { unpublishedDrafts } from './mapping-start.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';
import { connectTemporal, temporalOf } from './temporal.js';
import { ago } from './time.js';

/** 2: something is missing or wrong here; 3: something could not be looked at; 0: neither. */
export const doctor = async (options: GlobalOptions, env: NodeJS.ProcessEnv = process.env): Promise<number> => {
  const running = readRunningHub(options.dataDir) !== undefined;
  const findings = [
    ...(await inspectMachine({ dataDir: options.dataDir, env, hubRuns: running, ...serversFor(options, env) })),
    await configFinding(options),
    ...(await mappingFindings(options)),
    ...(await fieldFindings(options)),
    ...(await hubFindings(options)),
  ];
  const worst = findings.some(({ state }) => state === 'missing')
    ? exitCode.usage
    : findings.some(({ state }) => state === 'unseen')
      ? exitCode.incomplete
      : exitCode.agreed;
  if (options.json) printJson({ ok: worst === 0, findings });
  else {
    printTable(
      en.doctorColumns,
      findings.map(({ item, state, found, fix }) => [
        en.doctor.item[item as keyof typeof en.doctor.item] ?? item,
        en.doctor.state[state],
        fix === undefined ? found : `${found}\n→ ${fix}`,
      ]),
    );
    say(`\n${en.doctor.verdict[worst as 0 | 2 | 3]}`);
  }
  return worst;
};

/** A wrong file is told by its own line. */
const serversFor = (options: GlobalOptions, env: NodeJS.ProcessEnv) => {
  try {
    return { servers: loadServers(configDirOf(options), env) };
  } catch {
    return {};
  }
};

const configFinding = async (options: GlobalOptions): Promise<Finding> => {
  const dir = configDirOf(options);
  const item = 'configuration';
  if (!existsSync(join(dir, 'hub.yaml')))
    return options.configDir === undefined
      ? { item, state: 'note', found: en.doctor.noHub(dir), fix: en.doctor.makeHub }
      : { item, state: 'missing', found: en.doctor.noHub(dir), fix: en.doctor.makeHub };
  try {
    const { hub } = await readConfig(dir, 'resolve', undefined, 'pass');
    return { item, state: 'ok', found: en.doctor.configGood(dir, Object.keys(hub.systems)) };
  } catch (error) {
    return error instanceof LotbridgeError
      ? { item, state: 'missing', found: error.message, fix: error.fix }
      : { item, state: 'missing', found: describeError(error) };
  }
};

/** Drafts with faults. What was published goes on all the same. */
const mappingFindings = async (options: GlobalOptions): Promise<Finding[]> => {
  const config = await readConfig(configDirOf(options), 'leave', undefined, 'pass').catch(() => undefined);
  return [...(config?.mappingFaults ?? [])].map(([system, problems]) => ({
    item: 'mapping',
    state: 'missing',
    found: `${system}: ${problems.map(describeProblem).slice(0, 3).join('\n')}`,
    fix: en.mapping.seeLint(system),
  }));
};

/** Systems whose fields nobody can look up before the night, as their connectors say. */
const fieldFindings = async (options: GlobalOptions): Promise<Finding[]> => {
  const config = await readConfig(configDirOf(options), 'leave', undefined, 'pass').catch(() => undefined);
  return Object.entries(config?.hub.systems ?? {}).flatMap(([system, { kind, connector }]): Finding[] => {
    try {
      const file = connector === undefined ? undefined : join(config?.dir ?? '', 'connectors', connector);
      const streams = undescribedStreams(capabilitiesOf(kind, file, system), config?.mappings.get(system));
      return streams.length === 0
        ? []
        : [
            {
              item: 'fields',
              state: 'note',
              found: en.check.unasked(system, streams.join(', ')),
              fix: en.check.describeIt(kind),
            },
          ];
    } catch {
      // A wrong connector is told with the configuration.
      return [];
    }
  });
};

/** What the running hub works with, what is not published, and fields that systems do not have any more. */
const publishedFindings = async (pool: Pool, options: GlobalOptions): Promise<Finding[]> => {
  const item = 'mapping';
  const config = await readConfig(configDirOf(options), 'leave', undefined, 'pass').catch(() => undefined);
  const published = await publishedNow(pool);
  const versions = [...published.values()].map(({ system, id }) => `${system} ${en.mapping.version(id)}`).join(', ');
  const alarms = (await listExceptions(pool, false)).filter((row) => row.class === 'field-alarm');
  const drafts = config ? unpublishedDrafts(config, published) : [];
  return [
    ...(versions === '' ? [] : [{ item, state: 'ok' as const, found: versions }]),
    ...drafts.map((found): Finding => ({ item, state: 'note', found })),
    ...alarms.map(
      (row): Finding => ({
        item,
        state: 'missing',
        found: String(row.evidence.message),
        fix: en.exception.byClass['field-alarm'],
      }),
    ),
  ];
};

/** Of the hub that runs on this data folder: its process, its last complete night, its open exceptions. */
const hubFindings = async (options: GlobalOptions): Promise<Finding[]> => {
  const owner = lockOwner(options.dataDir);
  const hub = readRunningHub(options.dataDir);
  if (owner === undefined || hub === undefined)
    return [{ item: 'hub', state: 'note', found: en.doctor.hubStopped(owner?.pid) }];
  const findings: Finding[] = [
    { item: 'hub', state: 'ok', found: en.doctor.hubRuns(owner.pid, ago(new Date(hub.startedAt))) },
  ];
  findings.push(...(await workerFindings(options, hub)));
  const pool = openPool(hub, 1);
  try {
    await pool.query('select 1');
    findings.push(...(await publishedFindings(pool, options)));
  } catch (error) {
    findings.push({ item: 'store', state: 'unseen', found: describeError(error) });
  } finally {
    await pool.end();
  }
  const port = rememberedOpsPort(options.dataDir);
  const health = port === undefined ? undefined : await readJson<Health>(`http://127.0.0.1:${port}/healthz`);
  if (health === undefined)
    return [...findings, { item: 'healthz', state: port === undefined ? 'note' : 'unseen', found: en.doctor.noHealth }];
  const last = health.lastComplete;
  return [
    ...findings,
    { item: 'healthz', state: 'ok', found: `http://127.0.0.1:${port}/healthz: ${health.status}` },
    await readyFinding(`http://127.0.0.1:${port}/readyz`),
    { item: 'metrics', state: 'ok', found: `http://127.0.0.1:${port}/metrics` },
    last === null
      ? { item: 'lastNight', state: 'note', found: en.never }
      : {
          item: 'lastNight',
          state: health.status === 'late' ? 'unseen' : 'ok',
          found: `${ago(new Date(last.finishedAt))}, ${en.outcomeWord[last.outcome as keyof typeof en.outcomeWord]}`,
        },
    { item: 'exceptions', state: 'ok', found: en.doctor.open(health.exceptions.open) },
  ];
};

const readyFinding = async (url: string): Promise<Finding> => {
  const item = 'readyz';
  const readiness = await readJson<Readiness>(url);
  if (readiness?.ready) return { item, state: 'ok', found: en.doctor.ready(url) };
  const { database, temporal, workers } = readiness ?? {};
  const what = [
    ...(database === 'ok' ? [] : [`PostgreSQL ${database ?? '?'}`]),
    ...(temporal === 'ok' ? [] : [`Temporal ${temporal ?? '?'}`]),
    ...(workers?.idle ?? []),
  ];
  return { item, state: 'unseen', found: en.doctor.notReady(url, what) };
};

/** Of each system that is worked elsewhere: who asks for its steps now. */
const workerFindings = async (options: GlobalOptions, running: HubState): Promise<Finding[]> => {
  const config = await readConfig(configDirOf(options), 'leave').catch(() => undefined);
  const systems = Object.entries(config?.hub.systems ?? {}).filter(([, one]) => one.worker === 'elsewhere');
  if (systems.length === 0) return [];
  const item = 'worker';
  try {
    const client = await connectTemporal(temporalOf(running, loadServers(configDirOf(options))));
    try {
      return await Promise.all(
        systems.map(async ([system]): Promise<Finding> => {
          const workers = (await client.pollers(system)).map(({ identity, seen }) => ({ identity, seen: ago(seen) }));
          return workers.length > 0
            ? { item, state: 'ok', found: `${system}: ${en.worker.polled(workers)}` }
            : { item, state: 'unseen', found: en.worker.nobody(system), fix: en.worker.nobodyFix(system) };
        }),
      );
    } finally {
      await client.close();
    }
  } catch (error) {
    return [{ item, state: 'unseen', found: describeError(error) }];
  }
};

const readJson = async <T>(url: string): Promise<T | undefined> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return (await response.json()) as T;
  } catch {
    return undefined;
  }
};
