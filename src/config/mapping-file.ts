/** One mapping file, from its text to what runs: shape, words, and the tests that stand in it, with every fault at its place. */
import { type CompiledMapping, compileMapping, lintMapping, type MappingContext } from '../core/mapping/compile.js';
import { runTests } from '../core/mapping/run-tests.js';
import { MappingFile } from '../core/mapping/schema.js';
import type { Problem } from './problems.js';
import { parseYaml, readYaml, type YamlFile, type YamlPath, type YamlResult } from './yaml.js';

export interface LoadedMapping {
  compiled: CompiledMapping;
  file: string;
  /** The file as it stands, for the version that runs record. */
  content: string;
}

export interface ReadMapping {
  /** Absent when a fault keeps it from being compiled. */
  mapping?: LoadedMapping;
  /** Of its shape and its words. */
  problems: Problem[];
  /** Tests of the file that fail, with the line of each. */
  failing: Problem[];
}

/** As it stands on disk. */
export const readMappingFile = (file: string, context: MappingContext): ReadMapping =>
  compiled(readYaml(file, MappingFile), context);

/** As it was kept; `name` stands where a file's name would. */
export const parseMappingText = (text: string, name: string, context: MappingContext): ReadMapping =>
  compiled(parseYaml(text, name, MappingFile), context);

const compiled = ({ yaml, problems }: YamlResult<MappingFile>, context: MappingContext): ReadMapping => {
  if (!yaml) return { problems, failing: [] };
  const faults = lintMapping(yaml.value, context).map(({ place, message, fix }) => yaml.problem(place, message, fix));
  const doubtful = doubtfulNumbers(yaml);
  if (faults.length > 0) return { problems: [...doubtful, ...faults], failing: [] };
  const mapping = compileMapping(yaml.value, context);
  return {
    mapping: { compiled: mapping, file: yaml.file, content: yaml.text },
    problems: doubtful,
    failing: failingTests(mapping, yaml),
  };
};

/** A mapping that does not do what its own file says of it is not let near a system. */
const failingTests = (mapping: CompiledMapping, yaml: YamlFile<MappingFile>): Problem[] =>
  runTests(mapping).flatMap((result, index) =>
    result.ok
      ? []
      : yaml.problem(
          ['tests', index],
          `the test \`${result.name}\` fails: ${result.difference}`,
          'correct the mapping, or what the test expects',
        ),
  );

/**
 * Numbers that are not what they look like: `const: 0123` would be 123, `equals: 1e3` would be 1000. Codes are text. Raw
 * records of the file's tests are left alone: there a number is what the system sent.
 */
const doubtfulNumbers = (yaml: YamlFile<MappingFile>): Problem[] => {
  const problems: Problem[] = [];
  const walk = (value: unknown, path: YamlPath): void => {
    if (typeof value === 'number') {
      const source = yaml.sourceOf(path) ?? '';
      if (/^-?(0|[1-9]\d{0,14})(\.\d*[1-9])?$/.test(source)) return;
      const message = `\`${source}\` is read as the number ${value}`;
      problems.push(yaml.problem(path, message, `write it as text in quotes: '${source}'`));
    } else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value))
        walk(inner, [...path, Array.isArray(value) ? Number(key) : key]);
  };
  for (const [key, value] of Object.entries(yaml.value)) if (key !== 'tests') walk(value, [key]);
  return problems;
};
