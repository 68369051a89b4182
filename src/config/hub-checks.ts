/** What a schema cannot say of hub.yaml: names that must exist, values that must fit together. Each error points at its place. */
import { cronFault } from '../core/cron.js';
import { LotbridgeError } from '../core/errors.js';
import { compileLotRules } from '../core/lot/rules.js';
import { recordSchemas } from '../core/model/records.js';
import type { FlowConfig, HubConfig, JobConfig, ScheduleConfig, SystemConfig } from './hub.js';
import type { Problem } from './problems.js';
import { hasBrokenReference, hasPlainPassword, isSecretName, referencesIn } from './secret-reference.js';
import { nearest } from './validate.js';
import type { YamlFile, YamlPath } from './yaml.js';

export const checkHub = (yaml: YamlFile<HubConfig>): Problem[] => {
  const hub = yaml.value;
  const report = reporter(yaml);
  report.zone(['timeZone'], hub.timeZone);
  checkServers(report, hub);
  for (const [name, system] of Object.entries(hub.systems)) checkSystem(report, hub, name, system);
  for (const [name, flow] of Object.entries(hub.flows ?? {})) checkFlow(report, hub, name, flow);
  for (const [name, job] of Object.entries(hub.jobs ?? {})) checkJob(report, hub, name, job);
  for (const [name, schedule] of Object.entries(hub.schedules ?? {})) checkSchedule(report, hub, name, schedule);
  checkLotNumbers(report, hub);
  if (hub.deadMan) report.secrets(['deadMan', 'url'], 'url', hub.deadMan.url);
  const traces = hub.telemetry?.traces?.url;
  if (traces !== undefined) {
    report.secrets(['telemetry', 'traces', 'url'], 'url', traces);
    if (referencesIn(traces).length === 0 && !/^https?:\/\/[^/]/.test(traces)) {
      report.add(
        ['telemetry', 'traces', 'url'],
        `\`${traces}\` is no address of a collector`,
        'write it whole, e.g. http://127.0.0.1:4318/v1/traces',
      );
    }
  }
  if (hub.snapshots && !hub.snapshots.url.startsWith('file:')) {
    report.add(
      ['snapshots', 'url'],
      'snapshots can only be kept in a folder as yet',
      'write a `file:` URL, e.g. file:///var/lib/lotbridge/snapshots',
    );
  }
  return report.problems;
};

type Report = ReturnType<typeof reporter>;

const checkLotNumbers = (report: Report, { lotNumbers = {}, serialNumbers = {} }: HubConfig): void => {
  for (const [word, rules, grain] of [
    ['lotNumbers', lotNumbers, 'lot'],
    ['serialNumbers', serialNumbers, 'serial'],
  ] as const)
    try {
      compileLotRules(rules, grain);
    } catch (error) {
      if (!(error instanceof LotbridgeError)) throw error;
      report.add([word], error.message, error.fix);
    }
};

const reporter = (yaml: YamlFile<HubConfig>) => {
  const problems: Problem[] = [];
  const add = (path: YamlPath, message: string, fix: string, part?: 'key' | 'value'): void => {
    problems.push(yaml.problem(path, message, fix, part));
  };
  return {
    problems,
    add,
    /** The name must be one of those that the file defines. */
    known: (path: YamlPath, kind: string, name: string, names: readonly string[], part?: 'key' | 'value'): boolean => {
      if (names.includes(name)) return true;
      const near = nearest(name, names);
      const all = names.length > 0 ? `known: ${names.join(', ')}` : 'there is none yet';
      add(path, `there is no ${kind} \`${name}\``, near ? `write \`${near}\` (${all})` : all, part);
      return false;
    },
    zone: (path: YamlPath, zone: string | undefined): void => {
      if (zone !== undefined && !isZone(zone)) {
        add(path, `there is no time zone \`${zone}\``, 'write an IANA name, e.g. Asia/Shanghai or Europe/Berlin');
      }
    },
    secrets: (path: YamlPath, name: string, value: unknown): void => {
      if (typeof value === 'string' && hasBrokenReference(value)) {
        add(path, `the reference in \`${name}\` cannot be read`, 'write ${env:NAME} or ${file:PATH}');
      } else if (typeof value === 'string' && hasPlainPassword(value)) {
        add(path, `\`${name}\` holds a password`, 'write ${env:NAME} or ${file:PATH} in its place');
      } else if (isSecretName(name) && !isReference(value)) {
        add(
          path,
          `\`${name}\` is a secret and stands here in plain`,
          'write ${env:NAME} or ${file:PATH} and keep the value outside this file',
        );
      }
    },
  };
};

const isReference = (value: unknown): boolean => {
  if (typeof value !== 'string') return false;
  const [first, ...more] = referencesIn(value);
  return more.length === 0 && first?.text === value.trim();
};

const isZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).format(0) !== '' && !/^[+-]/.test(zone);
  } catch {
    return false;
  }
};

const isInstant = (text: string): boolean => {
  const day = text.slice(0, 10);
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(Date.parse(text)) && !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
};

const list = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
/** The path of the nth value of something that may be written as one value or as a list. */
const nth = (path: YamlPath, value: unknown, index: number): YamlPath =>
  Array.isArray(value) ? [...path, index] : path;
const plantsOf = (hub: HubConfig, systems: string[] = Object.keys(hub.systems)): string[] => [
  ...new Set(systems.flatMap((name) => hub.systems[name]?.plants ?? [])),
];

/** Private keys never stand in the file; passwords neither. */
const checkServers = (report: Report, { database, temporal }: HubConfig): void => {
  if (database?.url !== undefined) report.secrets(['database', 'url'], 'url', database.url);
  if (temporal?.apiKey !== undefined) report.secrets(['temporal', 'apiKey'], 'apiKey', temporal.apiKey);
  const keys: [YamlPath, string | undefined][] = [
    [['database', 'tls', 'key'], database?.tls?.key],
    [['temporal', 'tls', 'key'], temporal?.tls?.key],
    [['temporal', 'encryption', 'key'], temporal?.encryption?.key],
    ...Object.entries(temporal?.encryption?.oldKeys ?? {}).map(([id, key]): [YamlPath, string] => [
      ['temporal', 'encryption', 'oldKeys', id],
      key,
    ]),
  ];
  for (const [path, key] of keys) if (key !== undefined) report.secrets(path, 'privateKey', key);
};

const checkSystem = (report: Report, hub: HubConfig, name: string, system: SystemConfig): void => {
  const here = ['systems', name];
  report.zone([...here, 'timeZone'], system.timeZone);
  if (system.timeZone === undefined && hub.timeZone === undefined) {
    report.add(
      here,
      `\`${name}\` has no time zone`,
      'add `timeZone: Asia/Shanghai` here, or once at the top of the file',
      'key',
    );
  }
  const described = system.kind === 'http' || system.kind === 'sql';
  if (described && system.connector === undefined) {
    report.add(
      here,
      `\`${name}\` is of kind ${system.kind} and names no connector`,
      'add `connector: <file in connectors/>`',
      'key',
    );
  }
  if (!described && system.connector !== undefined) {
    report.add([...here, 'connector'], `kind ${system.kind} brings its own connector`, 'remove the line', 'key');
  }
  if (system.workerWait !== undefined && system.worker !== 'elsewhere') {
    report.add(
      [...here, 'workerWait'],
      `\`${name}\` is worked by the hub itself: there is no worker to wait for`,
      'remove the line, or add `worker: elsewhere`',
      'key',
    );
  }
  for (const [key, value] of Object.entries(system.connection))
    report.secrets([...here, 'connection', key], key, value);
};

const checkFlow = (report: Report, hub: HubConfig, name: string, flow: FlowConfig): void => {
  const here = ['flows', name];
  const systems = Object.keys(hub.systems);
  const sources = list(flow.from);
  const written = flow.to ?? [];
  const targets = written.map((target) => (typeof target === 'string' ? { system: target } : target));
  sources.forEach((source, index) => {
    report.known(nth([...here, 'from'], flow.from, index), 'system', source, systems);
  });
  const seen = new Set<string>();
  targets.forEach((target, index) => {
    const at = [...here, 'to', index, ...(typeof written[index] === 'string' ? [] : ['system'])];
    if (!report.known(at, 'system', target.system, systems)) return;
    const where = 'where' in target ? target.where : undefined;
    // Lots go both ways: each field has its owner.
    if (flow.entity !== 'lot' && sources.includes(target.system))
      report.add(at, `\`${target.system}\` is both read and written by this flow`, 'remove it from one side');
    if (seen.has(target.system))
      report.add(at, `\`${target.system}\` is a target twice`, 'write it once, with all its plants in one `where`');
    seen.add(target.system);
    checkPlants(report, hub, [...here, 'to', index, 'where', 'plant'], where?.plant, [target.system]);
  });
  checkPlants(report, hub, [...here, 'where', 'plant'], flow.where?.plant, sources);
  const members = [...new Set([...sources, ...targets.map((target) => target.system)])];
  for (const system of Object.keys(flow.streams ?? {})) {
    report.known([...here, 'streams', system], 'system of this flow', system, members, 'key');
  }
  checkDirection(report, here, name, flow);
  checkOwner(report, here, flow, members);
  checkStart(report, here, name, flow);
};

/** Trace events and serial numbers are only read; everything else may be, too, but is not written nowhere. */
const onlyRead: Partial<Record<FlowConfig['entity'], string>> = {
  traceEvent: 'trace events',
  serial: 'serial numbers',
};

const checkDirection = (report: Report, here: YamlPath, name: string, flow: FlowConfig): void => {
  const what = onlyRead[flow.entity];
  if (what === undefined) {
    if (flow.to === undefined && flow.mode !== undefined && flow.mode !== 'observe')
      report.add(
        here,
        `\`${name}\` has no target`,
        'add `to:` with the systems that are kept in step, or remove `mode`: without a target it only reads',
        'key',
      );
    return;
  }
  for (const word of ['to', 'where', 'owner', 'mode', 'start'] as const)
    if (flow[word] !== undefined)
      report.add(
        [...here, word],
        `${what} are read and not written, so \`${word}\` says nothing`,
        `remove \`${word}\`; what is read is chosen by \`where\` of the stream in the mapping`,
        'key',
      );
};

const checkOwner = (report: Report, here: YamlPath, flow: FlowConfig, members: string[]): void => {
  if (typeof flow.owner === 'string') report.known([...here, 'owner'], 'system of this flow', flow.owner, members);
  if (typeof flow.owner !== 'object') return;
  const fields = ['*', ...Object.keys(recordSchemas[flow.entity].properties)];
  for (const [field, system] of Object.entries(flow.owner)) {
    report.known([...here, 'owner', field], `field of a ${flow.entity}`, field, fields, 'key');
    report.known([...here, 'owner', field], 'system of this flow', system, members);
  }
};

const checkStart = (report: Report, here: YamlPath, name: string, flow: FlowConfig): void => {
  if (flow.start !== undefined && !isInstant(flow.start)) {
    report.add([...here, 'start'], `there is no instant \`${flow.start}\``, 'write e.g. 2026-11-22T00:00:00+08:00');
  }
  if (flow.entity === 'movement' && flow.mode === 'write' && flow.start === undefined) {
    report.add(
      here,
      `\`${name}\` writes movements and has no start`,
      'add `start:` with the instant of go-live; movements before it are history and are never written',
      'key',
    );
  }
};

const checkPlants = (
  report: Report,
  hub: HubConfig,
  path: YamlPath,
  value: string | string[] | undefined,
  systems: string[],
): void => {
  const known = systems.filter((system) => system in hub.systems);
  if (known.length === 0) return;
  list(value).forEach((plant, index) => {
    report.known(nth(path, value, index), `plant of ${known.join(' or ')}`, plant, plantsOf(hub, known));
  });
};

const checkJob = (report: Report, hub: HubConfig, name: string, job: JobConfig): void => {
  const here = ['jobs', name];
  const systems = Object.keys(hub.systems);
  job.compare.forEach((system, index) => {
    if (!report.known([...here, 'compare', index], 'system', system, systems)) return;
    job.plants.forEach((plant, at) => {
      report.known([...here, 'plants', at], `plant of ${system}`, plant, plantsOf(hub, [system]));
    });
  });
  for (const system of Object.keys(job.locations ?? {})) {
    report.known([...here, 'locations', system], 'system of this job', system, job.compare, 'key');
  }
  (job.sumAway ?? []).forEach((dimension, index) => {
    if (job.grain.includes(dimension)) {
      report.add(
        [...here, 'sumAway', index],
        `\`${dimension}\` is in the grain and cannot be summed away`,
        'remove it from one of the two lists',
      );
    }
  });
};

const checkSchedule = (report: Report, hub: HubConfig, name: string, schedule: ScheduleConfig): void => {
  const here = ['schedules', name];
  report.zone([...here, 'timeZone'], schedule.timeZone);
  if (schedule.at === undefined && schedule.cron === undefined) {
    report.add(here, `\`${name}\` has no time`, "add `at: '01:30'`, or `cron:`", 'key');
  }
  if (schedule.at !== undefined && schedule.cron !== undefined) {
    report.add([...here, 'cron'], `\`${name}\` has both \`at\` and \`cron\``, 'keep one of them', 'key');
  }
  const fault = schedule.cron === undefined ? undefined : cronFault(schedule.cron);
  if (fault) report.add([...here, 'cron'], fault.message, fault.fix);
  if (schedule.timeZone === undefined && hub.timeZone === undefined) {
    report.add(here, `\`${name}\` has no time zone`, 'add `timeZone:` here, or once at the top of the file', 'key');
  }
  (schedule.flows ?? []).forEach((flow, index) => {
    report.known([...here, 'flows', index], 'flow', flow, Object.keys(hub.flows ?? {}));
  });
  (schedule.jobs ?? []).forEach((job, index) => {
    report.known([...here, 'jobs', index], 'job', job, Object.keys(hub.jobs ?? {}));
  });
};
