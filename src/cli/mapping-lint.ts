/** `mapping lint`: every fault of the drafts at once, with file, line and column. Asks no system and no store. */
import { describeProblem } from '../config/problems.js';
import { en } from '../messages/en.js';
import { exitCode } from './exit.js';
import { readDrafts } from './mapping-drafts.js';
import type { GlobalOptions } from './options.js';
import { printJson, say } from './print.js';

export const mappingLint = async (options: GlobalOptions, systems: string[]): Promise<number> => {
  const { drafts } = await readDrafts(options, systems);
  const faulty = drafts.filter(({ problems }) => problems.length > 0);
  if (options.json)
    printJson({
      ok: faulty.length === 0,
      files: drafts.map(({ system, file, problems }) => ({ system, file, problems })),
    });
  else {
    for (const { problems } of faulty) for (const problem of problems) say(describeProblem(problem));
    say(
      faulty.length === 0
        ? en.mapping.lintGood(drafts.map(({ file }) => file))
        : en.mapping.lintBad(faulty.map(({ file }) => file)),
    );
  }
  return faulty.length === 0 ? exitCode.agreed : exitCode.usage;
};
