/** `discover`: the fields of a stream as the live system has them, with a sample, and what the mapping makes of each. */
import type { Adapter, FieldInfo, RawRecord } from '../adapters/contract.js';
import { LotbridgeError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { MappingFile } from '../core/mapping/schema.js';
import { pathsOfField, unknownPaths } from '../core/mapping/source-paths.js';
import { en } from '../messages/en.js';
import { openAdapters } from './adapters.js';
import { readConfig, readHub } from './config.js';
import { exitCode } from './exit.js';
import { knownSystem } from './known-system.js';
import { configDirOf, type GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';

export const discover = async (options: GlobalOptions, system: string, stream: string): Promise<number> => {
  const dir = configDirOf(options);
  knownSystem(readHub(options), system);
  const config = await readConfig(dir, 'resolve', [system], 'pass');
  const adapters = openAdapters(config);
  try {
    const adapter = adapters.get(system);
    const can = adapter?.capabilities.streams[stream];
    if (!adapter || !can) throw unknownStream(system, stream, Object.keys(adapter?.capabilities.streams ?? {}));
    const described = can.discover ? await adapter.discover(stream) : [];
    const sample = can.read ? await sampleOf(adapter, stream) : [];
    const fields = rowsOf(described, sample, config.mappings.get(system)?.compiled.file.streams[stream]?.fields ?? {});
    if (options.json) printJson({ system, stream, described: can.discover && can.sampled !== true, fields });
    else {
      printTable(
        en.discover.columns,
        fields.map(({ path, type, label, sample: value, usedFor }) => [
          path,
          [type, label].filter((one) => one !== '').join(' '),
          value,
          usedFor.join(', '),
        ]),
      );
      say(
        `\n${can.discover && can.sampled !== true ? en.discover.described(system) : en.discover.sampled(sample.length)}`,
      );
    }
    return exitCode.agreed;
  } finally {
    await Promise.all([...adapters.values()].map((one) => one.close()));
  }
};

const sampled = 20;

/** From the first page. */
const sampleOf = async (adapter: Adapter, stream: string): Promise<RawRecord[]> => {
  for await (const { records } of adapter.read(stream, {}))
    if (records.length > 0) return [...records].slice(0, sampled);
  return [];
};

interface Row {
  path: string;
  type: string;
  label: string;
  sample: string;
  usedFor: string[];
}

/** What the system describes, and what its records have beyond that. */
const rowsOf = (
  described: readonly FieldInfo[],
  sample: readonly RawRecord[],
  rules: MappingFile['streams'][string]['fields'],
): Row[] => {
  const known = new Map(described.map((field) => [field.path, field]));
  const more = new Set(sample.flatMap((record) => Object.keys(record)).filter((name) => !known.has(name)));
  const all: FieldInfo[] = [...described, ...[...more].map((path) => ({ path, type: typeOf(sample, path) }))];
  return all.map(({ path, type, label = '' }) => ({
    ...{ path, type, label },
    sample: sampleText(sample, path),
    usedFor: Object.entries(rules).flatMap(([name, rule]) =>
      pathsOfField(rule).some((one) => unknownPaths([one.replace(/^\^\./, '')], [path]).length === 0) ? [name] : [],
    ),
  }));
};

const valueAt = (record: RawRecord, path: string): Json | undefined => {
  if (Object.hasOwn(record, path)) return record[path];
  let value: Json | undefined = record;
  for (const name of path.split('.'))
    value = typeof value === 'object' && value !== null && !Array.isArray(value) ? value[name] : undefined;
  return value;
};

const firstSaid = (sample: readonly RawRecord[], path: string): Json | undefined =>
  sample.map((record) => valueAt(record, path)).find((value) => value !== undefined && value !== null && value !== '');

const sampleText = (sample: readonly RawRecord[], path: string): string => {
  const value = firstSaid(sample, path);
  const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

const typeOf = (sample: readonly RawRecord[], path: string): string => {
  const value = firstSaid(sample, path);
  return value === undefined ? '' : Array.isArray(value) ? 'list' : typeof value;
};

const unknownStream = (system: string, stream: string, known: string[]): LotbridgeError =>
  new LotbridgeError({
    code: 'config.stream-unknown',
    class: 'config',
    message: en.discover.noStream(system, stream),
    fix: en.discover.noStreamFix(known),
  });
