/** `mapping test`: runs the tests that stand in the drafts. */
import { describeProblem, refuse } from '../config/problems.js';
import { en } from '../messages/en.js';
import { exitCode } from './exit.js';
import { readDrafts } from './mapping-drafts.js';
import type { GlobalOptions } from './options.js';
import { printJson, say } from './print.js';

export const mappingTest = async (options: GlobalOptions, systems: string[]): Promise<number> => {
  const { drafts } = await readDrafts(options, systems);
  refuse(drafts.flatMap(({ problems }) => problems));
  const failing = drafts.flatMap((draft) => draft.failing);
  if (options.json)
    printJson({
      ok: failing.length === 0,
      files: drafts.map(({ system, file, mapping }) => ({ system, file, tests: mapping?.compiled.runTests() ?? [] })),
    });
  else {
    for (const problem of failing) say(describeProblem(problem));
    for (const { file, mapping, failing: own } of drafts)
      say(en.mapping.tested(file, mapping?.compiled.file.tests.length ?? 0, own.length));
  }
  return failing.length === 0 ? exitCode.agreed : exitCode.usage;
};
