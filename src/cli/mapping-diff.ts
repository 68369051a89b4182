/** `mapping diff`: what the draft says otherwise than the published version, or one version otherwise than another. */
import { parse } from 'yaml';
import { type Difference, differencesOf } from '../core/mapping/difference.js';
import type { MappingFile } from '../core/mapping/schema.js';
import { en } from '../messages/en.js';
import { mappingContent } from '../store/mapping-versions.js';
import { exitCode } from './exit.js';
import { goodDraft } from './mapping-drafts.js';
import { publishedMapping } from './mapping-published.js';
import type { GlobalOptions } from './options.js';
import { printJson, printTable, say } from './print.js';
import { withStore } from './store.js';

/** Exit code 1 when they differ. */
export const mappingDiff = async (
  options: GlobalOptions,
  system: string,
  own: { from?: string; to?: string },
): Promise<number> => {
  const { hub, draft, file } = await goodDraft(options, system);
  return withStore(options, async (pool) => {
    const { newest } = await publishedMapping(pool, hub, system);
    const from = own.from ?? newest.id;
    const after = own.to === undefined ? draft.content : (await mappingContent(pool, own.to)).content;
    const before = (await mappingContent(pool, from)).content;
    const differences = differencesBetween(before, after);
    if (options.json) printJson({ system, from, to: own.to ?? 'draft', published: newest.id, differences });
    else {
      const names: [string, string] = [
        en.mapping.version(from),
        own.to === undefined ? file : en.mapping.version(own.to),
      ];
      if (differences.length > 0) printDifferences(differences, names);
      else say(before === after ? en.mapping.same(...names) : en.mapping.sameMeaning(...names));
    }
    return differences.length === 0 ? exitCode.agreed : exitCode.differences;
  });
};

/** Of files that were published, so their shape is good. */
export const differencesBetween = (before: string, after: string): Difference[] =>
  differencesOf(parsed(before), parsed(after));

const parsed = (content: string): MappingFile => parse(content, { stringKeys: true }) as MappingFile;

const printDifferences = (differences: readonly Difference[], [before, after]: [string, string]): void =>
  printTable(
    ['', before, after],
    differences.map((one) => [one.where, one.before ?? '–', one.after ?? '–']),
  );
