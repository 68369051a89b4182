/** What is wrong in a configuration file, each with its place and what to write instead; all of them in one error. */
import { LotbridgeError } from '../core/errors.js';

/** Line and column count from 1. */
export interface Position {
  file: string;
  line: number;
  column: number;
}

export interface Problem extends Position {
  /** What is wrong. */
  message: string;
  /** What to write instead. */
  fix: string;
}

export const describeProblem = (problem: Problem): string =>
  `${problem.file}:${problem.line}:${problem.column}: ${problem.message} — ${problem.fix}`;

/** Code `config.invalid`; its message has one line a problem, in the order of the files. */
export class ConfigError extends LotbridgeError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super({
      code: 'config.invalid',
      class: 'config',
      message: problems.map(describeProblem).join('\n'),
      fix: `Correct ${problems.length === 1 ? 'this place' : `these ${problems.length} places`}, then run \`lotbridge config check\`.`,
    });
    this.problems = problems;
  }
}

export const byPlace = (a: Problem, b: Problem): number =>
  a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1;

/** @throws ConfigError with every problem, when there is one */
export const refuse = (problems: readonly Problem[]): void => {
  if (problems.length === 0) return;
  const seen = new Set<string>();
  const unique = problems.filter((problem) => {
    const text = describeProblem(problem);
    return seen.has(text) ? false : seen.add(text);
  });
  throw new ConfigError(unique.sort(byPlace));
};
