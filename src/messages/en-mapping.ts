/** What people read about the life of a mapping file. */
interface LotCounts {
  changed: number;
  unread: number;
  collide: number;
}

const many = (count: number, one: string, more = `${one}s`): string => `${count} ${count === 1 ? one : more}`;

export const enMapping = {
  verbs: {
    mapping: 'what each system’s words mean: drafts on disk, published versions in the store',
    lint: 'every fault of the drafts, with file, line and column',
    test: 'run the tests that stand in the drafts',
    diff: 'what the draft says otherwise than the published version',
    diffFrom: 'compare with this version instead of the published one',
    diffTo: 'compare this version instead of the draft',
    impact: 'what the draft would do to the last records, to lots, exceptions and documents; changes nothing',
    last: 'so many records of each stream (default: all that are kept)',
    try: 'one record through the draft: what the hub makes of it, and what each target would get, each value with its rule',
    tryFile: 'a JSON file with the record (or a list of them), instead of asking the system',
    tryPublished: 'with the published version instead of the draft',
    publish: 'let runs that begin from now on work with the draft; its tests must hold',
    reason: 'why, for whoever reads the history',
    author: 'who (default: the user of this machine)',
    base: 'the published version that the draft was written upon (default: as noted in mappings/.base.json)',
    accept: 'so many lots and serial numbers change their identity, as mapping impact counts them',
    noReread: 'let streams go on where they were, though their records would be mapped otherwise',
    history: 'who published what, when and why',
    rollback: 'publish an earlier version again',
  },
  firstStart: 'first start',
  shipped: 'as it comes with the simulated plant',
  faulty: (system: string, version: string | undefined, count: number, first: string) =>
    `The mapping file of ${system} has ${many(count, 'fault')}; ${version === undefined ? 'nothing was published before' : `version ${version} goes on`}. ${first}`,
  draft: (file: string, system: string, version: string) =>
    `${file} is not published: the hub goes on with version ${version} of ${system}. See lotbridge mapping diff ${system}`,
  unpublished: (system: string) => `No mapping of ${system} has been published`,
  unpublishedFix: (system: string) =>
    `lotbridge mapping publish ${system} --reason …; the first start of a hub does it by itself.`,
  version: (id: string) => `version ${id}`,
  lintGood: (files: string[]) => `No faults in ${files.join(', ')}`,
  lintBad: (files: string[]) => `Faults in ${files.join(', ')}`,
  tested: (file: string, all: number, failing: number) =>
    `${file}: ${many(all, 'test')}, ${failing === 0 ? 'all hold' : `${failing} fail${failing === 1 ? 's' : ''}`}`,
  same: (before: string, after: string) => `${after} is the same as ${before}`,
  sameMeaning: (before: string, after: string) => `${after} says the same as ${before}; only layout or comments differ`,
  onlyWords: 'only layout or comments differ',
  historyColumns: ['version', 'published', 'by', 'hash', 'identities changed', 'reason'],
  notOf: (system: string, version: string) => `Version ${version} is no version of ${system}`,
  seeHistory: (system: string) => `List them: lotbridge mapping history ${system}`,
  noBase: (system: string) => `It is not known upon which version this draft of ${system} was written`,
  noBaseFix: (system: string, version: string) =>
    `See what differs: lotbridge mapping diff ${system}. When nothing of it is lost, publish with --base ${version}.`,
  published: (system: string, version: string) =>
    `Version ${version} of ${system} is published; runs that begin from now on work with it.`,
  reread: (streams: string[]) =>
    `The next run reads ${streams.join(', ')} from the beginning, so that the hub knows these records as this version maps them.`,
  nothingNew: (system: string, version: string) =>
    `The draft of ${system} is version ${version}, which is published already.`,
  lotsChange: (system: string, lots: LotCounts, serials: LotCounts, accepted: string | undefined) => {
    const said = (what: string, { changed, unread, collide }: LotCounts, several: string): string =>
      `${many(changed, what)} of ${system} would change identity (${unread} read by no format any more, ${collide} numbers that several ${several} would share)`;
    const all = [
      ...(lots.changed > 0 || serials.changed === 0 ? [said('lot', lots, 'lots')] : []),
      ...(serials.changed > 0 ? [said('serial number', serials, 'pieces')] : []),
    ];
    return `With this version ${all.join(', and ')}${accepted === undefined ? '' : `; ${accepted} were accepted`}`;
  },
  lotsChangeFix: (system: string, changed: number) =>
    changed === 0
      ? 'Leave --accept out.'
      : `Look at each: lotbridge mapping impact ${system}. When it is meant, publish with --accept ${changed}.`,
  noReason: 'A version is published with a reason',
  noReasonFix: "--reason 'new unit PAL of the WMS'",
  noLast: (given: string) => `--last ${given} is no number of records`,
  noLastFix: 'Write a number from 1, e.g. --last 1000',
  impactOf: (system: string, version: string) =>
    `The draft of ${system} on the last records, against version ${version}:`,
  impactColumns: ['stream', 'records', 'as before', 'otherwise'],
  impactNumbers: ['records', 'as before'],
  effect: {
    changed: 'changed',
    parks: 'would park',
    taken: 'would no longer park',
    leftOut: 'would be left out',
    noLongerLeftOut: 'would no longer be left out',
    gone: 'would not come under this key',
    new: 'would come under a new key',
  },
  lots: ({ looked, changed, unread, collide }: LotCounts & { looked: number }) =>
    `Lots: ${looked} looked at, ${changed} change identity, ${unread} of them read by no format any more, ${many(collide, 'number')} shared by several`,
  serials: ({ looked, changed, unread, collide }: LotCounts & { looked: number }) =>
    `Serial numbers: ${looked} looked at, ${changed} change identity, ${unread} of them read by no format any more, ${many(collide, 'number')} shared by several pieces`,
  serialCollision: (identity: string, serials: string[]) => `${serials.join(' and ')} would be one piece: ${identity}`,
  collision: (identity: string, lots: string[]) => `${lots.join(' and ')} would be one lot: ${identity}`,
  exceptions: (opens: number, closes: number) => `Exceptions: ${opens} would open, ${closes} would close`,
  lotsLost: (lots: number) =>
    `${many(lots, 'lot')} will no longer convert into another system: lotbridge mapping impact named them, and exceptions will.`,
  verdictChanges: (format: string, from: string, to: string, before: string, after: string, why: string) =>
    `Lots of format ${format}, from ${from} to ${to}: ${before} → ${after} (${why})`,
  conversions: (lost: number, won: number) =>
    `Lots without a number in the other system: ${lost} would no longer convert, ${won} would now`,
  writes: (stream: string, looked: number, changed: number) =>
    `Documents for ${stream}: ${changed} of ${looked} would be written otherwise`,
  fieldGone: (
    system: string,
    { stream, path, near }: { stream: string; path: string; near?: string },
    version: string,
  ) =>
    `${system} has no field ${stream}.${path} any more, which version ${version} of its mapping reads${near === undefined ? '' : `; it has ${near}`}: its records would park, or lack the field`,
  fieldChanged: (
    system: string,
    one: { stream: string; path: string; before: string; type: string },
    version: string,
  ) =>
    `${system} says that ${one.stream}.${one.path} is ${one.type}; it was ${one.before} when version ${version} of its mapping was first used`,
  moreAlarms: (system: string, more: number) => `and ${more} more of ${system}: lotbridge exceptions list`,
  seeLint: (system: string) =>
    `Correct the file: lotbridge mapping lint ${system}. A published version goes on until then.`,
  noStream: (system: string, stream: string) => `The mapping of ${system} reads no stream ${stream}`,
  noStreamFix: (streams: string[]) => `It reads ${streams.join(', ')}`,
  whichRecord: 'Which record is not said',
  whichRecordFix: (system: string, stream: string) =>
    `Name its key: lotbridge mapping try ${system} ${stream} KEY, or a file: --file record.json`,
  noRecord: (system: string, stream: string, key: string) => `${system}/${stream} has no record ${key}`,
  noRecordFix:
    'Write the key as the system has it; of several parts with / between them. Where it cannot be asked for one record, its first 20,000 were looked through.',
  recordFile: (file: string) => `${file} holds no record`,
  recordFileFix: 'Write one JSON object, or a list of them, as the system gives it.',
  tried: (entity: string, key: string) => `${entity} ${key}`,
  leftOut: (why: string) => `left out: ${why}`,
  lotRead: (lot: string) => `Lot ${lot}`,
  notFor: (system: string, reason: string) => `${system} gets nothing: ${reason}`,
  noTargets: 'No flow carries such records from this system to another one.',
  nothingKept: 'No records are kept yet: run a night first (keepRaw in hub.yaml says how many are kept).',
};
