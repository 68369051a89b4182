/**
 * Holds a value against its schema and says each error where it stands in the file, with what to write instead.
 *
 * Where the schema allows alternatives, only the one that the writer evidently meant is reported on.
 */
import { Ajv, type ErrorObject } from 'ajv';
import { closest, distance } from 'fastest-levenshtein';
import type { TSchema } from 'typebox';
import type { Problem } from './problems.js';
import type { YamlFile } from './yaml.js';

type Schema = Record<string, unknown>;
type Step = string | number;
interface Wrong {
  path: Step[];
  message: string;
  fix: string;
  key?: boolean;
  /** The value is not even of the right kind. */
  kind?: boolean;
  /** A fixed value is another: this alternative was not meant. */
  tag?: boolean;
}

export const validate = (schema: TSchema, yaml: YamlFile<unknown>): Problem[] =>
  explain(schema as unknown as Schema, yaml.value, [], yaml).map(({ path, message, fix, key }) =>
    yaml.problem(path, message, fix, key ? 'key' : 'value'),
  );

/** The schemas are our own, and what is made of one checks a file or two: neither is worth a long look. */
const ours = { meta: false, validateSchema: false, code: { optimize: false } } as const;
const compiled = new WeakMap<Schema, ReturnType<Ajv['compile']>>();
const check = (schema: Schema): ReturnType<Ajv['compile']> => {
  let found = compiled.get(schema);
  if (!found) {
    found = new Ajv({ ...ours, allErrors: true, verbose: true, strict: false, addUsedSchema: false }).compile(schema);
    compiled.set(schema, found);
  }
  return found;
};

const explain = (schema: Schema, value: unknown, base: Step[], yaml: YamlFile<unknown>): Wrong[] => {
  const test = check(schema);
  if (test(value)) return [];
  const errors = test.errors ?? [];
  const choices = errors.filter(
    (error) =>
      error.keyword === 'anyOf' &&
      !errors.some((outer) => outer !== error && outer.keyword === 'anyOf' && isWithin(error, outer, errors)),
  );
  const plain = errors.filter(
    (error) => error.keyword !== 'anyOf' && !choices.some((choice) => isWithin(error, choice, errors)),
  );
  return [
    ...plain.map((error) => say(error, [...base, ...stepsOf(error.instancePath, value)], yaml)),
    ...choices.flatMap((choice) => {
      const path = [...base, ...stepsOf(choice.instancePath, value)];
      return chooseBranch(choice, path, yaml, definitionsOf(schema));
    }),
  ];
};

/** A JSON pointer as keys and list indexes. */
const stepsOf = (pointer: string, value: unknown): Step[] => {
  let here = value;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      const step = Array.isArray(here) ? Number(key) : key;
      here = (here as Record<Step, unknown> | undefined)?.[step];
      return step;
    });
};

/** Part of what `outer` complains of. Of choices about one value, the outermost is told last. */
const isWithin = (inner: ErrorObject, outer: ErrorObject, errors: ErrorObject[]): boolean =>
  inner.instancePath === outer.instancePath
    ? inner.keyword !== 'anyOf' || errors.indexOf(inner) < errors.indexOf(outer)
    : inner.instancePath.startsWith(`${outer.instancePath}/`);

/** References of a recursive schema must still resolve when an alternative is looked at alone. */
const definitionsOf = (schema: Schema): Schema => {
  const found: Schema = {};
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, inner] of Object.entries(node)) {
      if (key === '$defs') Object.assign(found, inner);
      walk(inner);
    }
  };
  walk(schema);
  return found;
};

const chooseBranch = (choice: ErrorObject, path: Step[], yaml: YamlFile<unknown>, defs: Schema): Wrong[] => {
  const branches = (choice.schema as Schema[]).map((branch) => resolve(branch, defs));
  const constants = branches.flatMap((branch) => ('const' in branch ? [branch.const] : []));
  if (constants.length === branches.length) return [notOneOf(constants, choice.data, path, yaml)];
  const readings = branches.map((branch) => explain(withDefs(branch, defs), choice.data, path, yaml));
  const meant = readings.filter((wrongs) => !wrongs.some((wrong) => wrong.kind && wrong.path.length === path.length));
  if (meant.length === 0) {
    const kinds = [...new Set(branches.map(kindOf))].join(' or ');
    const source = branches.some(({ type }) => type === 'string') ? yaml.sourceOf(path) : undefined;
    const fix =
      source === undefined || choice.data === null ? `write ${kinds}` : `write it as text in quotes: '${source}'`;
    return [{ path, message: `this is ${nameOf(choice.data)}`, fix, kind: true }];
  }
  const weight = (wrongs: Wrong[]): number => wrongs.length + (wrongs.some((wrong) => wrong.tag) ? 1000 : 0);
  return meant.reduce((best, wrongs) => (weight(wrongs) < weight(best) ? wrongs : best));
};

const resolve = (branch: Schema, defs: Schema): Schema => {
  const name = typeof branch.$ref === 'string' ? branch.$ref.replace(/^#\/\$defs\//, '') : undefined;
  return name !== undefined && name in defs ? (defs[name] as Schema) : branch;
};

const withDefs = (branch: Schema, defs: Schema): Schema => {
  if (Object.keys(defs).length === 0 || !JSON.stringify(branch).includes('"$ref"')) return branch;
  const { $id: _, ...rest } = branch;
  return { ...rest, $defs: defs };
};

const say = (error: ErrorObject, path: Step[], yaml: YamlFile<unknown>): Wrong => {
  const params = error.params as Record<string, unknown>;
  const parent = (error.parentSchema ?? {}) as Schema;
  const hint = typeof parent.description === 'string' ? parent.description : undefined;
  const last = path.at(-1);
  const name = last === undefined ? 'the file' : `\`${last}\``;
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownKey(String(params.additionalProperty ?? params.unevaluatedProperty), parent, path);
    case 'required':
      return {
        path,
        key: true,
        message: `\`${params.missingProperty}\` is missing${last === undefined ? '' : ` in ${name}`}`,
        fix: `add \`${params.missingProperty}: …\`${describe(parent, String(params.missingProperty))}`,
      };
    case 'type':
      return wrongKind(params.type, error.data, path, yaml);
    case 'enum':
      return notOneOf(params.allowedValues as unknown[], error.data, path, yaml);
    case 'const':
      return { ...notOneOf([params.allowedValue], error.data, path, yaml), tag: true };
    case 'pattern':
      return {
        path,
        message: `${name} cannot be \`${String(error.data)}\``,
        fix: `write ${hint ?? `text that matches ${String(params.pattern)}`}`,
      };
    case 'minLength':
      return { path, message: `${name} is empty`, fix: `write ${hint ?? 'a value, or remove the line'}` };
    case 'minItems':
      return { path, message: `${name} lists too little`, fix: `list at least ${String(params.limit)}` };
    case 'maxItems':
      return { path, message: `${name} lists too much`, fix: `list at most ${String(params.limit)}` };
    case 'uniqueItems':
      return { path, message: `${name} lists the same twice`, fix: 'keep one of them' };
    case 'minProperties':
      return { path, message: `${name} holds nothing`, fix: 'name at least one, or remove the line' };
    default:
      return {
        path,
        message: `${name} ${error.message ?? 'is not allowed'}`,
        fix: `write ${hint ?? 'a value that fits'}`,
      };
  }
};

const describe = (parent: Schema, name: string): string => {
  const properties = (parent.properties ?? {}) as Record<string, Schema>;
  const text = properties[name]?.description;
  return typeof text === 'string' ? `: ${text}` : '';
};

const unknownKey = (name: string, parent: Schema, path: Step[]): Wrong => {
  const at = [...path, name];
  const names = Object.keys((parent.properties ?? {}) as Schema);
  if (names.length === 0) {
    const text = typeof parent.description === 'string' ? parent.description : 'another name';
    return { path: at, key: true, message: `\`${name}\` cannot be a name here`, fix: `write ${text}` };
  }
  const near = nearest(name, names);
  const fix = near ? `write \`${near}\`` : `remove it; known here: ${names.join(', ')}`;
  return { path: at, key: true, message: `unknown key \`${name}\``, fix };
};

/** The known word that was probably meant, or undefined when none is close. */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  // Numbers that look alike are not alike.
  if (known.length === 0 || /^\d+$/.test(word)) return undefined;
  const same = known.find((one) => one.toLowerCase() === word.toLowerCase());
  if (same) return same;
  const found = closest(
    word.toLowerCase(),
    known.map((one) => one.toLowerCase()),
  );
  const original = known.find((one) => one.toLowerCase() === found);
  return distance(word.toLowerCase(), found) <= Math.max(2, Math.floor(word.length / 3)) ? original : undefined;
};

const notOneOf = (allowed: unknown[], data: unknown, path: Step[], yaml: YamlFile<unknown>): Wrong => {
  const words = allowed.map(String);
  const written = typeof data === 'object' ? nameOf(data) : `\`${yaml.sourceOf(path) ?? String(data)}\``;
  const near = typeof data === 'string' ? nearest(data, words) : undefined;
  const all = words.length === 1 ? `\`${words[0]}\`` : `one of ${words.join(', ')}`;
  const last = path.at(-1);
  return {
    path,
    message: `${last === undefined || typeof last === 'number' ? 'this' : `\`${last}\``} cannot be ${written}`,
    fix: near && words.length > 1 ? `write \`${near}\` (${all})` : `write ${all}`,
    ...(typeof data === 'object' && { kind: true }),
  };
};

const kinds: Record<string, string> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: '`key: value` lines',
  null: 'nothing',
};

const kindOf = (schema: Schema): string =>
  'const' in schema
    ? `\`${String(schema.const)}\``
    : Array.isArray(schema.enum)
      ? schema.enum.map((one) => `\`${String(one)}\``).join(' or ')
      : (kinds[String(schema.type)] ?? 'another kind of value');

const nameOf = (value: unknown): string =>
  value === null
    ? 'empty'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'a group of `key: value` lines'
        : typeof value === 'string'
          ? 'text'
          : typeof value === 'boolean'
            ? 'true or false'
            : 'a number';

const wrongKind = (type: unknown, data: unknown, path: Step[], yaml: YamlFile<unknown>): Wrong => {
  const wanted = [type].flat().map(String);
  const source = yaml.sourceOf(path);
  const last = path.at(-1);
  const message = `${last === undefined || typeof last === 'number' ? 'this' : `\`${last}\``} is ${nameOf(data)}`;
  if (wanted.includes('string') && source !== undefined && (typeof data === 'number' || typeof data === 'boolean')) {
    return { path, message, fix: `write it as text in quotes: '${source}'`, kind: true };
  }
  return { path, message, fix: `write ${wanted.map((one) => kinds[one] ?? one).join(' or ')}`, kind: true };
};
