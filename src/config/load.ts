/** Loads a configuration folder: hub.yaml, mappings/ and connectors/, with all that is wrong in any of them told at once. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Type from 'typebox';
import type { MappingContext } from '../core/mapping/compile.js';
import type { GivenServers } from '../core/servers.js';
import { HubConfig, type SystemConfig } from './hub.js';
import { checkHub } from './hub-checks.js';
import { type LoadedMapping, readMappingFile } from './mapping-file.js';
import { ConfigError, type Problem, refuse } from './problems.js';
import { publish } from './publish.js';
import { missingSecrets, resolveSecrets } from './secrets.js';
import { missingServerSecrets, resolveServers } from './servers.js';
import { loadYaml, readYaml, type YamlFile, type YamlPath } from './yaml.js';

export interface LoadedConfig {
  dir: string;
  hub: HubConfig;
  /** By system. Drafts: what the hub runs was published. */
  mappings: ReadonlyMap<string, LoadedMapping>;
  /** By system, where the draft has faults; only when these were let pass. */
  mappingFaults: ReadonlyMap<string, readonly Problem[]>;
  /** Connector descriptions by system, for those of kind http and sql; as the reader given for the kind makes them. */
  connectors: ReadonlyMap<string, unknown>;
  /** By system, with secrets in place; never to be logged. Only of the systems whose secrets were asked for. */
  connections: Record<string, Record<string, string | number | boolean>>;
  deadManUrl?: string;
  /** The collector of traces; absent: none named here. */
  tracesUrl?: string;
  /** PostgreSQL and Temporal, where they are not the hub's own. */
  servers: GivenServers;
  /** Every secret's value, for masking. */
  secrets: string[];
  /** References that lead nowhere here, with their places; only when secrets were left alone. */
  missingSecrets: string[];
}

export interface LoadOptions {
  /** `leave`: for a look at the files on a machine that has no secrets. */
  secrets?: 'resolve' | 'leave';
  env?: Record<string, string | undefined>;
  /** The systems whose secrets are wanted, and no others; by default all that the hub needs. */
  systems?: readonly string[];
  /** `pass`: faults of mapping files are handed back; whoever has a published version goes on with it. */
  mappings?: 'refuse' | 'pass';
  /**
   * How a connector file is read; adapters own that and hand it in. A `ConfigError` of theirs is told with the others.
   * `leave`: for whoever asks no system.
   */
  connectors?: ConnectorReaders | 'leave';
}

export type ConnectorReaders = { [kind in 'http' | 'sql']?: (file: string) => unknown };

/**
 * @throws ConfigError `config.invalid` with every error of every file
 * @throws LotbridgeError `config.secret-missing` with every secret that leads nowhere
 */
export const loadConfig = async (dir: string, options: LoadOptions = {}): Promise<LoadedConfig> => {
  const { yaml, found } = readHub(dir);
  const mappings = new Map<string, LoadedMapping>();
  const mappingFaults = new Map<string, readonly Problem[]>();
  const connectors = new Map<string, unknown>();
  for (const [name, system] of Object.entries(yaml.value.systems)) {
    const { mapping, problems } = readMapping(dir, name, system, yaml);
    if (problems.length > 0 && options.mappings === 'pass') mappingFaults.set(name, problems);
    else found.push(...problems);
    if (mapping && !mappingFaults.has(name)) mappings.set(name, mapping);
    if (options.connectors === 'leave') continue;
    const connector = readConnector(dir, name, system, yaml, found, options.connectors ?? {});
    if (connector !== undefined) connectors.set(name, connector);
  }
  refuse(found);
  const sources = { dir, env: options.env, systems: options.systems };
  const secrets = options.secrets === 'leave' ? undefined : resolveSecrets(yaml, sources);
  return {
    dir,
    hub: yaml.value,
    mappings,
    mappingFaults,
    connectors,
    connections: secrets?.connections ?? {},
    servers: secrets ? resolveServers(yaml, sources) : {},
    ...(secrets?.deadManUrl !== undefined && { deadManUrl: secrets.deadManUrl }),
    ...(secrets?.tracesUrl !== undefined && { tracesUrl: secrets.tracesUrl }),
    secrets: secrets?.values ?? [],
    missingSecrets: secrets ? [] : [...missingSecrets(yaml, sources), ...missingServerSecrets(yaml, sources)],
  };
};

/** hub.yaml alone, for whoever needs none of the files that it names. */
export const loadHub = (dir: string): HubConfig => {
  const { yaml, found } = readHub(dir);
  refuse(found);
  return yaml.value;
};

/** Its shape is as it should be; what else is wrong is found, to be told together with faults of other files. */
const readHub = (dir: string): { yaml: YamlFile<HubConfig>; found: Problem[] } => {
  const yaml = loadYaml(join(dir, 'hub.yaml'), HubConfig);
  return { yaml, found: [...takeDecimalsAsWritten(yaml), ...checkHub(yaml)] };
};

/** The published JSON schema of hub.yaml. */
export const hubJsonSchema = (): Record<string, unknown> => publish(HubConfig, 'Lotbridge hub.yaml');

/** Only where PostgreSQL and Temporal are; a folder without hub.yaml leaves that to the environment. */
export const loadServers = (dir: string, env: Record<string, string | undefined> = process.env): GivenServers => {
  const file = join(dir, 'hub.yaml');
  if (!existsSync(file)) return resolveServers(undefined, { dir, env });
  const { yaml, problems } = readYaml(file, HubConfig);
  refuse(problems);
  return resolveServers(yaml, { dir, env });
};

const readMapping = (
  dir: string,
  name: string,
  system: SystemConfig,
  hub: YamlFile<HubConfig>,
): { mapping?: LoadedMapping; problems: Problem[] } => {
  const file = mappingPath(dir, name, system);
  const { mapping, problems, failing } = readMappingFile(file, mappingContext(hub.value, name));
  const all = [...pointToHub(problems, file, hub, ['systems', name, 'mapping'], 'mapping'), ...failing];
  return { ...(mapping && { mapping }), problems: all };
};

/** What hub.yaml adds to a system's mapping file. */
export const mappingContext = (
  { systems, timeZone }: Pick<HubConfig, 'systems' | 'timeZone'>,
  name: string,
): MappingContext => {
  const { timeZone: own, dayStart } = systems[name] ?? {};
  return { timeZone: own ?? timeZone, ...(dayStart !== undefined && { dayStart }) };
};

/** The draft of a system's mapping. */
export const mappingPath = (dir: string, name: string, system: Pick<SystemConfig, 'mapping'>): string =>
  join(dir, 'mappings', system.mapping ?? `${name}.yaml`);

const readConnector = (
  dir: string,
  name: string,
  system: SystemConfig,
  hub: YamlFile<HubConfig>,
  found: Problem[],
  readers: ConnectorReaders,
): unknown => {
  if ((system.kind !== 'http' && system.kind !== 'sql') || system.connector === undefined) return undefined;
  const file = join(dir, 'connectors', system.connector);
  const read = readers[system.kind] ?? ((path: string): unknown => loadYaml(path, Type.Object({})).value);
  try {
    return read(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    found.push(...pointToHub(error.problems, file, hub, ['systems', name, 'connector'], 'connector'));
    return undefined;
  }
};

/** A file that is not there is an error of the line that names it. */
const pointToHub = (
  problems: readonly Problem[],
  file: string,
  hub: YamlFile<HubConfig>,
  path: YamlPath,
  what: string,
): Problem[] =>
  problems.map((problem) =>
    problem.message === 'the file does not exist'
      ? hub.problem(path, `there is no ${what} file ${file}`, 'create it, or name another one')
      : problem,
  );

/** `0.10` in the file is the text `0.10`, not the nearest floating-point number. */
const takeDecimalsAsWritten = (yaml: YamlFile<HubConfig>): Problem[] => {
  const problems: Problem[] = [];
  for (const [name, { tolerance }] of Object.entries(yaml.value.jobs ?? {})) {
    for (const key of ['absolute', 'percent'] as const) {
      const path = ['jobs', name, 'tolerance', key];
      const source = yaml.sourceOf(path);
      if (tolerance?.[key] === undefined || source === undefined) continue;
      if (/^\d+(\.\d+)?$/.test(source)) tolerance[key] = source;
      else problems.push(yaml.problem(path, `\`${source}\` is no plain decimal number`, 'write it out, e.g. 0.001'));
    }
  }
  return problems;
};
