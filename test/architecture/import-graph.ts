/** Which file imports which, and where that breaks the one-way arrows of the house. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';

export interface Import {
  from: string;
  /** A path from the source root, or a package's name. */
  to: string;
  typeOnly: boolean;
  /** A file of the house, not a package. */
  ours: boolean;
  /** Loaded when that line is reached, not with the file. */
  lazy: boolean;
}

/** What each room may import, besides itself. `types`: only types. */
interface Rule {
  rooms: readonly string[];
  types?: readonly string[];
  /** Only these folders or files of ours. */
  within?: readonly string[];
  /** Only these packages at run time. */
  packages?: readonly string[];
}

const everything = ['activities', 'adapters', 'store', 'core', 'config', 'engines', 'messages'];

export const rules: Record<string, Rule> = {
  core: { rooms: [] },
  config: { rooms: ['core'] },
  engines: { rooms: ['core', 'messages'] },
  messages: { rooms: ['core'] },
  // A connector description is a YAML file like the others and is read the same way.
  adapters: { rooms: ['core'], within: ['config/yaml', 'config/validate', 'config/problems'] },
  store: { rooms: ['core'] },
  activities: { rooms: ['adapters', 'store', 'core', 'config', 'messages'] },
  workflows: {
    rooms: [],
    types: ['activities'],
    within: ['core/flow/'],
    packages: ['@temporalio/workflow'],
  },
  // Watches from outside: what it stands around reports through small types of its own.
  telemetry: { rooms: ['adapters', 'store', 'core'], types: ['activities'] },
  workers: { rooms: [...everything, 'telemetry'], types: ['workflows'] },
  cli: { rooms: [...everything, 'telemetry', 'workers', 'api'], types: ['workflows'] },
  api: { rooms: [...everything, 'telemetry', 'workers'], types: ['workflows'] },
  sandbox: { rooms: [], within: ['core/json', 'core/errors', 'core/quantity/'] },
  bench: { rooms: everything, types: ['workflows'] },
};

const statement =
  /(?:^|[\n;}])[ \t]*(?:import|export)\s+(type\s+)?((?:[\w$*,{}\s]|\btype\b)*?)\s*from\s*(['"])([^'"\n]+)\3|(?:^|[\n;}])[ \t]*import\s*(['"])([^'"\n]+)\5|\bimport\s*\(\s*(['"])([^'"\n]+)\7\s*\)/g;

/** Comments and the insides of template literals are no code. */
const strip = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');

const onlyTypes = (clause: string): boolean => {
  const names = /^\s*\{([\s\S]*)\}\s*$/.exec(clause)?.[1];
  if (names === undefined) return false;
  const parts = names
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.length > 0 && parts.every((part) => part.startsWith('type '));
};

export const importsOf = (file: string, text: string): Import[] =>
  [...strip(text).matchAll(statement)].map((match) => {
    const specifier = match[4] ?? match[6] ?? match[8] ?? '';
    const ours = specifier.startsWith('.');
    const to = ours ? posix.join(dirname(file).split(sep).join('/'), specifier) : specifier;
    const typeOnly = match[4] !== undefined && (match[1] !== undefined || onlyTypes(match[2] ?? ''));
    return { from: file, to, typeOnly, ours, lazy: match[8] !== undefined };
  });

const roomOf = (path: string): string => path.split('/')[0] ?? '';

/** In words, why this import is not allowed; undefined when it is. */
export const violation = (found: Import): string | undefined => {
  const room = roomOf(found.from);
  const rule = rules[room];
  if (!rule) return `${found.from}: there is no room ${room}/ in the house; give it a rule first`;
  const say = (why: string) => `${found.from} imports ${found.to}: ${why}`;
  if (!found.ours) {
    if (rule.packages === undefined || found.typeOnly || rule.packages.includes(found.to)) return undefined;
    return say(`${room}/ may use only ${rule.packages.join(', ')}`);
  }
  const target = roomOf(found.to);
  if (found.to.startsWith('../')) return say('it lies outside the house');
  if (target === room || rule.rooms.includes(target)) return undefined;
  if (rule.within?.some((place) => found.to.startsWith(place))) return undefined;
  if (rule.types?.includes(target))
    return found.typeOnly ? undefined : say(`${room}/ may import types only from ${target}/`);
  return say(`${room}/ may not import from ${target}/`);
};

export const readTree = (root: string, ending = '.ts'): { file: string; text: string }[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ file: relative(root, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }))
    .sort((a, b) => (a.file < b.file ? -1 : 1));

export const violationsOf = (files: { file: string; text: string }[]): string[] =>
  files.flatMap(({ file, text }) => importsOf(file, text).flatMap((found) => violation(found) ?? []));

/** The packages that are loaded with this file, also by way of files that it imports; without their own depths. */
export const packagesWith = (entry: string, files: { file: string; text: string }[]): string[] => {
  const texts = new Map(files.map(({ file, text }) => [file, text]));
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { to, ours, typeOnly, lazy } of importsOf(file, texts.get(file) ?? '')) {
      if (typeOnly || lazy) continue;
      if (ours) visit(to.replace(/\.js$/, '.ts'));
      else if (!to.startsWith('node:')) packages.add(to);
    }
  };
  visit(entry);
  return [...packages].sort();
};
