/**
 * Reads a YAML file that a person edits: its value, and where each part of it stands, so that an error can point there.
 *
 * YAML 1.2 core: `NO`, `on` and `2026-11-01` stay text, and keys are always text as written. What makes such files
 * surprising is refused: duplicate keys, tabs, anchors, tags, several documents, bytes that are not UTF-8, control characters.
 */
import { readFileSync, statSync } from 'node:fs';
import type { Static, TSchema } from 'typebox';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  visit,
  type YAMLMap,
} from 'yaml';
import { byPlace, type Position, type Problem, refuse } from './problems.js';
import { validate } from './validate.js';
import { explainSyntax, tooDeep } from './yaml-errors.js';

/** Keys and list indexes from the top of the file. */
export type YamlPath = readonly (string | number)[];

export interface YamlFile<T> {
  file: string;
  value: T;
  text: string;
  /** Where the value stands; of a missing one, the nearest part of the file that holds it. `key`: where its name stands. */
  positionOf(path: YamlPath, part?: 'key' | 'value'): Position;
  /** A scalar exactly as written, e.g. `0.10` or `0101`; undefined for anything else. */
  sourceOf(path: YamlPath): string | undefined;
  /** A problem at that place, to be collected and given to `refuse`. */
  problem(path: YamlPath, message: string, fix: string, part?: 'key' | 'value'): Problem;
}

/** Either the file as the schema wants it, or all that is wrong with it. */
export type YamlResult<T> = { yaml: YamlFile<T>; problems: [] } | { yaml?: undefined; problems: Problem[] };

/** @throws ConfigError (`config.invalid`) with every error of the file */
export const loadYaml = <S extends TSchema>(file: string, schema: S): YamlFile<Static<S>> => {
  const { yaml, problems } = readYaml(file, schema);
  refuse(problems);
  return yaml as YamlFile<Static<S>>;
};

/** As `loadYaml`, but hands the problems back, so that those of several files can be told at once. */
export const readYaml = <S extends TSchema>(file: string, schema: S): YamlResult<Static<S>> => {
  const text = readText(file);
  return typeof text === 'string' ? parseYaml(text, file, schema) : { problems: [text] };
};

export const parseYaml = <S extends TSchema>(text: string, file: string, schema: S): YamlResult<Static<S>> => {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const control = controlCharacter(text);
  if (control) return { problems: [{ file, ...control }] };
  const found = parseAllDocuments(text, {
    lineCounter: lines,
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
  });
  const documents = 'empty' in found ? [] : found;
  const document = documents[0];
  if (document?.contents == null || (isScalar(document.contents) && document.contents.value === null)) {
    const syntax = documents.flatMap((one) => explainSyntax(one, at));
    if (syntax.length > 0) return { problems: syntax };
    return { problems: [{ ...at(0), message: 'the file is empty', fix: 'write the settings, or remove the file' }] };
  }
  const problems = [
    ...documents.flatMap((one) => explainSyntax(one, at)),
    ...unlessTooDeep(at(0), () => surprises(documents, at)),
  ];
  // A file whose shape is in doubt would only give misleading errors against the schema.
  if (problems.length > 0) return { problems: problems.sort(byPlace) };
  const yaml = locate(document, text, file, at);
  const wrong = unlessTooDeep(at(0), () => validate(schema, yaml));
  return wrong.length > 0 ? { problems: wrong.sort(byPlace) } : { yaml: yaml as YamlFile<Static<S>>, problems: [] };
};

/** Whoever nests thousands of levels exhausts the stack of whatever walks the file. */
const unlessTooDeep = (start: Position, walk: () => Problem[]): Problem[] => {
  try {
    return walk();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [{ ...start, message: tooDeep[0], fix: tooDeep[1] }];
  }
};

/** Nobody sees them in an editor; PostgreSQL cannot hold NUL at all. */
const controlCharacter = (text: string): Omit<Problem, 'file'> | undefined => {
  const found = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.exec(text);
  if (!found) return undefined;
  const before = text.slice(0, found.index).split('\n');
  return {
    line: before.length,
    column: (before.at(-1) ?? '').length + 1,
    message: `the invisible control character ${nameOfCharacter(found[0])}`,
    fix: 'delete it; where a value needs it, write it as an escape in double quotes, e.g. "\\x1d"',
  };
};

const nameOfCharacter = (character: string): string =>
  `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;

/** Far more than a person edits; a larger one takes all memory before it says anything. */
const largest = 8 * 1024 * 1024;

const readText = (file: string): string | Problem => {
  const start = { file, line: 1, column: 1 };
  let bytes: Buffer;
  try {
    const { size } = statSync(file);
    if (size > largest)
      return {
        ...start,
        message: `the file has ${Math.ceil(size / 1024 / 1024)} MB, and at most 8 MB are read`,
        fix: 'is it the right file? Long lists belong in the system that owns them, not here',
      };
    bytes = readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT'
      ? {
          ...start,
          message: 'the file does not exist',
          fix: 'create it, or name the folder that holds it with --config',
        }
      : { ...start, message: `the file cannot be read (${code})`, fix: 'make it a file that this user may read' };
  }
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  try {
    return utf8.decode(bytes);
  } catch {
    const fix = 'save the file as UTF-8';
    for (let line = 1, from = 0; from < bytes.length; line++) {
      const next = bytes.indexOf(0x0a, from);
      const end = next < 0 ? bytes.length : next;
      const part = bytes.subarray(from, end);
      try {
        utf8.decode(part);
      } catch {
        const bad = Array.from(part.toString('utf8')).indexOf('\uFFFD');
        return { file, line, column: Math.max(bad, 0) + 1, message: 'this is not UTF-8 text', fix };
      }
      from = end + 1;
    }
    return { ...start, message: 'this is not UTF-8 text', fix };
  }
};

type Report = (node: Node, message: string, fix: string) => void;

const findRepeats = (map: YAMLMap, report: Report, at: (offset: number) => Position): void => {
  const first = new Map<string, Node>();
  for (const { key } of map.items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    const before = first.get(name);
    if (before) {
      const line = at(before.range?.[0] ?? 0).line;
      report(key, `\`${name}\` stands here a second time`, `keep one; the first is in line ${line}`);
    } else first.set(name, key);
  }
};

/** Legal YAML that does not mean what its reader thinks. */
const surprises = (documents: Document.Parsed[], at: (offset: number) => Position): Problem[] => {
  const problems: Problem[] = [];
  const report: Report = (node, message, fix) => {
    problems.push({ ...at(node.range?.[0] ?? 0), message, fix });
  };
  for (const extra of documents.slice(1)) {
    problems.push({
      ...at(extra.range[0]),
      message: 'a second document begins here (`---`)',
      fix: 'write one document a file',
    });
  }
  for (const document of documents.slice(0, 1)) {
    visit(document, {
      Node: (_key, node) => {
        if (isMap(node)) findRepeats(node, report, at);
        if (isScalar(node) && typeof node.value === 'string' && node.value.includes('\0'))
          report(node, 'the character NUL, which no system can store', 'remove it');
        if (isAlias(node)) return report(node, `the alias \`*${node.source}\``, 'write the value out');
        if (node.anchor)
          report(node, `the anchor \`&${node.anchor}\``, 'remove it and write the value out where it is used');
        if (node.tag && !(isMap(node) || isSeq(node) ? /:(map|seq)$/ : /:str$/).test(node.tag)) {
          report(node, `the tag \`${node.tag}\``, 'remove it; text goes in quotes');
        }
      },
    });
  }
  return problems;
};

const locate = (
  document: Document,
  text: string,
  file: string,
  at: (offset: number) => Position,
): YamlFile<unknown> => {
  const find = (path: YamlPath): { key?: Node; value?: Node; complete: boolean } => {
    let here: { key?: Node; value?: Node; complete: boolean } = {
      value: document.contents ?? undefined,
      complete: true,
    };
    for (const step of path) {
      const next = child(here.value, step);
      if (!next) return { ...here, complete: false };
      here = { ...next, complete: true };
    }
    return here;
  };
  const positionOf = (path: YamlPath, part: 'key' | 'value' = 'value'): Position => {
    const { key, value, complete } = find(path);
    // What is missing in a map is best shown at the map's own name.
    const node = part === 'key' || !complete ? (key ?? value) : (value ?? key);
    return at(node?.range?.[0] ?? 0);
  };
  return {
    file,
    text,
    value: document.toJS() as unknown,
    positionOf,
    sourceOf: (path) => {
      const { value, complete } = find(path);
      return complete && isScalar(value) ? (value.source ?? String(value.value)) : undefined;
    },
    problem: (path, message, fix, part) => ({ ...positionOf(path, part), message, fix }),
  };
};

const child = (node: Node | undefined, step: string | number): { key?: Node; value?: Node } | undefined => {
  if (isMap(node)) {
    const pair: Pair | undefined = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    if (!isPair(pair)) return undefined;
    return { key: isNode(pair.key) ? pair.key : undefined, value: isNode(pair.value) ? pair.value : undefined };
  }
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return isNode(item) ? { value: item } : undefined;
  }
  return undefined;
};
