/** The texts that people read, in English. A text that needs values is a function of them. */
export const en = {
  program: 'Keeps material masters, lot numbers and stock of ERP, WMS and MES in step, and says what it could not see.',
  options: {
    config: 'folder with hub.yaml, mappings/ and connectors/',
    data: 'folder for the database, Temporal and snapshots',
    json: 'print one JSON document on stdout; logs go to stderr',
    verbose: 'write the workers’ log to stderr, as JSON lines',
  },
  verbs: {
    up: 'start the hub: engines, workers and schedules',
    upSandbox: 'connect it to a simulated plant that speaks the vendors’ protocols',
    upOnce: 'run the nightly job once, then stop with its exit code',
    nightly: 'run the nightly job now',
    sync: 'run flows now (all of them when none is named)',
    reconcile: 'compare stock now (all jobs when none is named)',
    check: 'try each system’s connection and permissions',
    config: 'work with the configuration',
    configCheck: 'check hub.yaml, mappings/ and connectors/, and print every fault at once',
    exceptions: 'what a person must look at',
    exceptionsList: 'open exceptions (--all: also the closed ones)',
    exceptionsShow: 'one exception with its evidence',
    runs: 'what ran and how it went',
    runsList: 'the last runs',
    runsShow: 'one run',
    trace: 'where a lot came from and where it went, across all systems',
    doctor: 'what is missing on this machine, and how to get it',
  },
  starting: 'Lotbridge is starting …',
  ready: (time: string) => `Ready after ${time}.`,
  running: 'The hub keeps running on its schedule. Stop it with Ctrl-C.',
  stopping: 'Stopping …',
  stopped: 'Stopped.',
  sandboxReady: 'A simulated plant is running: SAP, Kingdee, WMS (HTTP) and MES (PostgreSQL) on this machine.',
  nightRunning: 'The nightly job is running …',
  outcome: {
    agreed: 'Everything agrees.',
    differences: 'Done. There are differences or parked records to look at.',
    incomplete: 'Incomplete: some systems could not be looked at. That is not the same as no difference.',
  },
  stepFailed: (system: string, error: string, attempt: number) =>
    `  ${system}: ${error}${attempt > 1 ? ` (try ${attempt})` : ''}`,
  workerSays: (text: string) => `  Worker: ${text}`,
  nightMissed: (schedule: string, due: string) => `The night ${schedule}, due at ${due}, did not run`,
  missedUnchecked: 'Could not check whether nights were missed',
  runAbandoned: 'the hub stopped while it ran',
  swept: (runs: number) =>
    `${runs} ${runs === 1 ? 'run was' : 'runs were'} left open by a hub that stopped: closed as incomplete.`,
  healthAt: (url: string) => `How it goes: ${url}/healthz`,
  scheduled: (names: string[]) =>
    names.length === 0 ? 'No schedules in hub.yaml.' : `Scheduled: ${names.join(', ')}.`,
  never: 'never',
  justNow: 'just now',
  ago: (time: string) => `${time} ago`,
  night: 'the night',
  kind: { sync: 'flow', reconcile: 'job', trace: 'trace', nightly: 'night' },
  outcomeWord: {
    agreed: 'agrees',
    differences: 'differences to look at',
    incomplete: 'incomplete: could not look',
    running: 'running',
  },
  exceptionClass: {
    drift: 'stock differs',
    'missing-here': 'missing on one side',
    'could-not-look': 'could not look',
    parked: 'parked record',
    'unknown-write': 'write without answer',
    'field-fight': 'field changed back',
    'missed-run': 'run missed',
    negative: 'negative stock',
    contradiction: 'reports contradict',
  },
  runEnded: (name: string, end: string, time: string) => `  ${name}: ${end} (${time})`,
  runCounts: (of: { read: string; changed: string; written: string }) =>
    `${of.read} read, ${of.changed} changed, ${of.written} written`,
  runGoesOn: (name: string, soFar: string, time: string) => `  ${name}: ${soFar === '' ? '…' : soFar} (${time})`,
  summary: {
    runColumns: ['what', 'read', 'changed', 'written', 'parked', 'time', 'outcome'],
    runNumbers: ['read', 'changed', 'written', 'parked', 'time'],
    unseen: 'What could not be seen:',
    unseenColumns: ['where', 'why'],
    neverRead: 'was never read',
    openColumns: ['what', 'cause', 'systems', 'open', 'new', 'for example'],
    openNumbers: ['open', 'new'],
    baseline: (count: string) => `${count} baseline`,
    freshness: 'How fresh:',
    freshnessColumns: ['system', 'read', 'by stream'],
    oldestStream: (streams: number, oldest: string) =>
      streams === 1 ? oldest : `${streams} streams, ${oldest} longest ago`,
    whyIncomplete: (name: string) => `why ${name} is incomplete`,
    whereFrom: (lot: string) => `where lot ${lot} came from`,
    next: 'Next:',
  },
  runColumns: ['run', 'what', 'outcome', 'read', 'unchanged', 'changed', 'written', 'parked', 'seconds'],
  exceptionColumns: ['id', 'class', 'systems', 'plant', 'material', 'lot', 'difference', 'state', 'what'],
  exceptionTotals: (counts: { opened: number; closed: number; open: number }) =>
    `Exceptions: ${counts.opened} opened, ${counts.closed} closed, ${counts.open} open.`,
  stockDiffers: (of: {
    first: string;
    second: string;
    difference: string;
    unit: string;
    causes: { cause: string }[];
  }) => {
    const less = of.difference.startsWith('-');
    const amount = `${less ? of.difference.slice(1) : of.difference} ${of.unit} ${less ? 'less' : 'more'}`;
    const causes = [...new Set(of.causes.map(({ cause }) => cause))].join(', ');
    return `${of.first} has ${amount} than ${of.second}${causes === '' ? '' : `: ${causes}`}`;
  },
  reconcileNotes: (count: { settling: number; unseen: number; leftOut: number }): string[] => [
    ...(count.settling > 0 ? [`${count.settling} keys are in flight and are looked at again next time`] : []),
    ...(count.unseen > 0 ? [`${count.unseen} keys could not be judged, a balance of theirs is parked`] : []),
    ...(count.leftOut > 0 ? [`${count.leftOut} balances left out, in a dimension the job does not name`] : []),
  ],
  noRuns: 'Nothing has run yet.',
  noExceptions: 'No open exceptions.',
  configGood: (dir: string) => `The configuration in ${dir} is good.`,
  checkColumns: ['system', 'ok', 'ms', 'missing'],
  trace: {
    forward: 'where it went (both ways when neither is named; with --json: where it came from)',
    backward: 'where it came from',
    system: 'read the lot number as this system writes it',
    scope: 'the plant or org in which the number is meant',
    material: 'the material, by the hub’s code or any system’s own',
    asKnownAt: 'answer with what the index knew at this time',
    limit: 'stop after this many nodes',
    title: {
      backward: (lot: string) => `Where it came from: ${lot}`,
      forward: (lot: string) => `Where it went: ${lot}`,
    },
    nothing: {
      backward: '(no record of where it came from)',
      forward: '(it has not left: nothing was made of it, shipped or merged)',
    },
    lot: (of: { lot: string; material: string; plant: string }) => `${of.lot}  ${of.material}, plant ${of.plant}`,
    transformation: (kind: string, document: string, plant: string) => `${kind} ${document}, plant ${plant}`,
    seeAbove: '(see above)',
    more: (lines: number) => `… ${lines} more lines; --json holds all of them`,
    complete: {
      backward: 'Complete: every branch ends at a receipt or an order without tracked inputs.',
      forward: 'Complete: every branch was followed to its end.',
    },
    incomplete: 'Not complete:',
    moreGaps: (count: number) => `${count} more; --json holds all of them`,
    readUntil: (list: string) => `Movements read until: ${list}`,
    sublot: (text: string, lot: string) => `${text} is a part of lot ${lot}; traced is the whole lot.`,
    ambiguous: (text: string, count: number) => `${text} can mean ${count} lots:`,
    candidate: (of: { lot: string; material: string; name: string; scope: string }) =>
      `${of.lot}  --scope ${of.scope} --material ${of.material}  ${of.name}`,
    ambiguousFix: 'Name one with --scope, --material or --system.',
    unknown: (text: string, narrowed: string) =>
      `No system has a lot ${text}${narrowed === '' ? '' : ` (${narrowed})`}`,
    unknownFix:
      'Write it as the SAP, Kingdee, WMS or MES screen shows it, without spaces. A lot made today is known after the next nightly job: lotbridge nightly',
    noSystem: (system: string) => `There is no system ${system}`,
    noSystemFix: (names: string) => `Systems are: ${names}`,
    oneDirection: 'JSON output holds one direction',
    oneDirectionFix: 'Name --forward or --backward.',
    noTime: (text: string) => `${text} is no time`,
    noTimeFix: 'Write it like 2026-11-22T06:00:00+08:00.',
    noLimit: (text: string) => `${text} is no limit`,
    noLimitFix: 'Name a whole number of nodes, e.g. 10000.',
  },
  doctorColumns: ['what', 'state', 'what to do'],
} as const;
