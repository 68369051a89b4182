/** The texts that people read, in English. A text that needs values is a function of them. */
import { enLot } from './en-lot.js';
import { enMapping } from './en-mapping.js';

export const en = {
  lot: enLot,
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
    worker: 'work systems beside the plant, for a hub that runs elsewhere',
    workerSystem: 'a system of hub.yaml (may be given several times)',
    workerMetrics: 'show /metrics and /healthz on this port of the loopback interface; 0: any that is free',
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
    exceptionsReplay: 'try parked records and refused writes again, with the newest mapping (--all: all of them)',
    sandbox: 'a simulated plant: SAP, Kingdee, WMS and MES with stock, lots and planted faults',
    sandboxUp: 'start the simulated plant alone, without a hub, until Ctrl-C',
    sandboxSeed: 'which plant; the same seed makes the same plant',
    sandboxSize: 'how large: 1 is about 300 materials and 3,000 lots',
    sandboxMaterials: 'how many materials, instead of 300 × size',
    all: 'closed ones too',
    replayMapping: 'the newest published mapping, or the same version that parked the record',
    replayAll: 'all parked records and refused writes',
    runs: 'what ran and how it went',
    runsList: 'the last runs',
    runsShow: 'one run',
    trace: 'where a lot came from and where it went, across all systems',
    doctor: 'what is missing on this machine, and how to get it',
    backup: 'write the whole store into one file, also while the hub runs; secrets are not in it',
    withSnapshots: 'also the Parquet files of stock as it was compared; without it they are only named',
    restore: 'fill an empty hub from a backup: all of it or nothing; no hub may run on the data folder',
    restoreForce:
      'replace everything that a hub knows which is not empty; what it wrote since is looked up before it is sent',
  },
  mapping: enMapping,
  bind: {
    verb: 'match what two systems already have, before the first night: material, lot, partner, location or order',
    with: 'the system whose things they are (the master)',
    out: 'write the candidates as a review list (CSV); with --duplicates, what was found',
    in: 'take a reviewed list: pairs with yes become aliases',
    author: 'who confirms (default: the user of this machine)',
    duplicates: 'look inside the one system: the same thing under two codes, one code for two things',
    noEntity: (what: string) => `${what} is nothing that is bound`,
    noEntityFix: (names: string) => `It is one of ${names}`,
    noOther: 'The other system is not named',
    noOtherFix: (system: string, entity: string) => `lotbridge bind ${system} ${entity} --with SYSTEM`,
    score: 'score',
    reason: 'reason',
    but: (what: string) => `but ${what}`,
    nothing: (left: string, right: string) => `Nothing of ${left} looks like something of ${right}.`,
    written: (file: string, pairs: number, records: number) =>
      `${file}: ${pairs} possible pairs for ${records} records. Write yes or no into its first column, then give it back with --in ${file}`,
    lonely: (records: number, other: string) =>
      `${records} of them look like nothing of ${other}: they stand at the end of the list, for a key that you know.`,
    gone: (row: number, system: string, key: string) => `row ${row}: ${system} has ${key} no more`,
    bound: (bound: number, already: number, by: string) => `${bound} bound by ${by}, ${already} were bound so already`,
    noDuplicates: (system: string, records: number) => `${records} records of ${system}, no duplicates found`,
    duplicateColumns: ['what', 'score', 'by', 'records'],
    duplicatesWritten: (file: string, found: number, records: number) =>
      `${file}: ${found} possible duplicates among ${records} records`,
    moreDuplicates: (left: number) => `${left} more: --out FILE writes them all`,
    moreRecords: (left: number) => `and ${left} more`,
  },
  discover: {
    verb: 'the fields of a stream as the live system has them, with a sample, and what the mapping makes of each',
    columns: ['field', 'type', 'sample', 'mapped to'],
    described: (system: string) => `As ${system} describes itself.`,
    sampled: (count: number) => `As the first ${count} records show it; others may have more fields.`,
    noStream: (system: string, stream: string) => `${system} has no stream ${stream}`,
    noStreamFix: (streams: string[]) => `Streams are: ${streams.join(', ')}`,
  },
  starting: 'Lotbridge is starting …',
  ready: (time: string) => `Ready after ${time}.`,
  running: 'The hub keeps running on its schedule. Stop it with Ctrl-C.',
  stopping: 'Stopping …',
  stopped: 'Stopped.',
  elsewhere: (systems: string[]) => `Worked elsewhere (lotbridge worker): ${systems.join(', ')}.`,
  worker: {
    noSystem: 'No system is named',
    noSystemFix: (names: string) => `Name one or more: lotbridge worker --system NAME. Systems are: ${names}`,
    unknown: (name: string) => `hub.yaml has no system ${name}`,
    unknownFix: (names: string) => `Systems are: ${names}`,
    noHub: (dataDir: string) => `There is no hub to work for: none runs on the data folder ${dataDir}`,
    noHubFix:
      'Name the hub’s servers in hub.yaml (database.url, temporal.address) or with DATABASE_URL and TEMPORAL_ADDRESS, or a running hub’s folder with --data.',
    unregistered: (names: string) => `The hub does not know ${names}`,
    unregisteredFix: 'Give the hub the same hub.yaml and restart it; then start the worker.',
    running: (systems: string[]) => `Working for ${systems.join(', ')}. Stop it with Ctrl-C.`,
    metricsAt: (url: string) => `Its figures: ${url}/metrics`,
    noPort: (text: string) => `${text} is no port`,
    portTaken: (port: number) => `Port ${port} is taken`,
    noPortFix: 'Name another one with --metrics, from 1 to 65535, or 0 for any that is free.',
    elsewhereHere: (system: string) => `${system} is worked elsewhere`,
    elsewhereFix: 'Its secrets are with its worker: look there, e.g. with `lotbridge check` and its name.',
    polled: (workers: { identity: string; seen: string }[]) =>
      workers.map(({ identity, seen }) => `${identity} (seen ${seen})`).join(', '),
    nobody: (system: string) => `${system}: no worker; runs wait for one and then end incomplete`,
    nobodyFix: (system: string) => `Start it where the system can be reached: lotbridge worker --system ${system}`,
  },
  systemProcessEnded: (systems: readonly string[]) =>
    `The process that speaks to ${systems.join(', ')} ended by itself; it is started again`,
  sandboxReady: 'A simulated plant is running: SAP, Kingdee, WMS (HTTP) and MES (PostgreSQL) on this machine.',
  unknownName: (what: 'flow' | 'job', name: string) => `hub.yaml has no ${what} ${name}`,
  knownNames: (what: 'flow' | 'job', names: string) => `${what === 'flow' ? 'Flows' : 'Jobs'} are: ${names}`,
  noNames: (what: 'flow' | 'job') => `It has no ${what}s at all: add one under ${what}s.`,
  nightRunning: 'The nightly job is running …',
  outcome: {
    agreed: 'Everything agrees.',
    differences: 'Done. There are differences or parked records to look at.',
    incomplete: 'Incomplete: some systems could not be looked at. That is not the same as no difference.',
  },
  stepFailed: (of: { system: string; error: string; fix: string; attempt: number }) =>
    `  ${of.system}: ${of.error}${of.attempt > 1 ? ` (try ${of.attempt})` : ''}${of.fix === '' ? '' : `\n      ${of.fix}`}`,
  workerSays: (text: string) => `  Worker: ${text}`,
  /** A run's reason ends with a code; some need words. */
  reasonInWords: (reason: string) =>
    reason
      .replace(
        /: snapshot\.not-shared$/,
        ': its worker does not see the hub’s snapshot folder; mount it there at the same path, or work the system on the hub’s machine [snapshot.not-shared]',
      )
      .replace(
        /: snapshot\.folder-unwritable$/,
        ': the hub cannot write to its snapshot folder; is that disk full? [snapshot.folder-unwritable]',
      ),
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
  traceIndex: 'the trace index',
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
    'mapping-fault': 'mapping file with faults',
    'field-alarm': 'field vanished or changed',
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
    unverified: (systems: string) =>
      `TLS certificates are NOT checked for: ${systems}. Whoever is on the way can read and change what is sent.`,
  },
  runColumns: ['run', 'what', 'outcome', 'read', 'unchanged', 'changed', 'written', 'parked', 'time', 'began'],
  runNumbers: ['read', 'unchanged', 'changed', 'written', 'parked', 'time'],
  runState: { ended: 'ended', running: 'running', 'left-open': 'left open' },
  runLeftOpen: 'Left open: no hub runs. The next start of the hub goes on with it, or closes it as incomplete.',
  exceptionColumns: ['id', 'class', 'plant, material, lot', 'opened', 'what'],
  exception: {
    showOne: (command: string) => `One of them, with its evidence and what to do: ${command}`,
    title: (id: string, what: string, state: string) => `#${id}  ${what} (${state})`,
    found: (time: string, flow: string) => `found ${time} by ${flow}`,
    closed: (time: string) => `closed ${time}`,
    baseline: 'from before the hub',
    reopened: (times: number) => `came back ${times === 1 ? 'once' : `${times} times`}`,
    owner: (name: string) => `with ${name}`,
    fact: {
      what: 'what',
      systems: 'systems',
      plant: 'plant',
      location: 'location',
      material: 'material',
      variant: 'variant',
      lot: 'lot',
      status: 'status',
      difference: 'difference',
    },
    ownLot: (system: string, lot: string) => `in ${system} ${lot}`,
    reported: (lot: string, document: string) => `lot ${lot}, document ${document}`,
    noLot: 'none',
    says: 'What each system says',
    cause: (name: string, quantity: string) => `Cause: ${name}, ${quantity}`,
    evidence: 'Evidence',
    record: 'The record',
    whatToDo: 'What to do',
    byCause: {
      'in-flight': 'Wait for the next night: it is under way.',
      stuck: 'Audit the document in the ERP, or look at the parked document in the hub.',
      'cut-off': 'Post it on the other side, or agree on the hour at which the day ends.',
      'not-posted': 'Post the document on the side that has nothing of it.',
      'posted-twice': 'Take one of the two documents back.',
      sign: 'Take back the document with the wrong sign, and book it right.',
      'unit-factor': 'Correct the factor of the unit where it is wrong, and the document that was made with it.',
      rounding: 'Give the job a tolerance, or the unit more decimals.',
      location: 'Move the stock to the right location on the side that is wrong.',
      status: 'Change the status on the side that is wrong.',
      'lot-swap': 'Correct the lot in the document that names the wrong one.',
      'lot-unmapped': 'Correct the lot number, or write a lot format into the mapping that reads it.',
      unexplained: 'Count the stock: no document of either side explains it.',
    },
    byClass: {
      drift: 'Count the stock, and correct the side that is wrong.',
      'missing-here': 'Count the stock, and correct the side that is wrong.',
      'could-not-look': 'Make the system readable again: lotbridge check names what is missing.',
      parked:
        'Correct the record in its system or the mapping that reads it; for a refused document, what the target complains of.',
      'unknown-write': 'Look in the target: is the document there? The hub sends it no more by itself.',
      'field-fight': 'Agree on who owns the field, and correct it there; owner in hub.yaml says whose word counts.',
      'mapping-fault':
        'Correct the file: lotbridge mapping lint. It closes with the next start, or within five minutes.',
      'field-alarm':
        'Ask the system’s administrator what became of the field; then correct the mapping and publish it: lotbridge mapping publish.',
      'missed-run': 'Keep the hub running at that hour, or run the night now: lotbridge nightly.',
      negative: 'Book what is missing before it, or take the document back.',
      contradiction: 'Find out which document is right, and correct the other one in its system.',
    },
    /** Of a parked record, where more can be said than of every one. */
    byCode: {
      'mapping.path-missing':
        'The record lacks a field: ask the system’s administrator, or say `optional` in the mapping where it may be missing.',
      'mapping.not-in-table':
        'A word that the mapping does not know: add it to the table, then publish: lotbridge mapping publish.',
      'mapping.found-twice':
        'Take the element away that is wrong, in its system; or name another field of the right one in the path, as in List[Name=EXPIRY][Valid=Y].Value.',
      'serial.other-lot': 'Look at the piece: which lot is it from? Correct the system that is wrong.',
      'lot.numbers-used-up':
        'Give the counted part of the target’s lot format more digits, or say what the format needs to know of the lot.',
    },
    replay: (command: string) => `Then try it again: ${command}`,
    closes: 'The hub corrects nothing by itself. When it is put right, the next night closes this.',
  },
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
  proposed: (flow: string, parts: { target: string; stream: string; documents: number }[]) => {
    const all = parts.reduce((sum, { documents }) => sum + documents, 0);
    const lines = parts.map(({ target, stream, documents }) => `  ${documents} to ${target}, ${stream}`);
    return `Proposed by ${flow} as it stands now, and not sent: ${all} ${all === 1 ? 'document' : 'documents'}.\n${lines.join('\n')}`;
  },
  noRuns: 'Nothing has run yet.',
  noExceptions: 'No open exceptions.',
  configGood: (
    dir: string,
    parts: Record<'systems' | 'flows' | 'jobs' | 'schedules', string[]>,
    missing: readonly string[],
  ) => {
    const lines = Object.entries(parts).map(([part, names]) => `  ${part.padEnd(10)} ${names.join(', ') || 'none'}`);
    const secrets =
      missing.length === 0
        ? ', and all its secrets are there'
        : `. Not set here, and needed before anything starts:\n  ${missing.join('\n  ')}`;
    return `The configuration in ${dir} is good${secrets}${missing.length === 0 ? '.' : ''}\n${lines.join('\n')}`;
  },
  configNext: (command: string) => `Whether the systems answer, and have the fields that the mappings read: ${command}`,
  check: {
    columns: ['system', 'state', 'answered in', 'what is missing'],
    numbers: ['answered in'],
    ok: 'ok',
    missing: 'MISSING',
    good: (systems: number) =>
      systems === 1
        ? 'The system answers, and lets the hub do what it needs.'
        : `All ${systems} systems answer, and let the hub do what it needs.`,
    bad: (systems: number) =>
      `${systems} ${systems === 1 ? 'system lacks' : 'systems lack'} something: do, or ask its administrator for, what stands behind the arrows.`,
    unasked: (system: string, streams: string) =>
      `${system} cannot be asked for the fields of ${streams}: one that vanishes or is misspelt shows only when records are parked.`,
    describeIt: (kind: string) =>
      kind === 'http'
        ? 'Where the system has a call for it, add `describe` to the stream in the connector.'
        : undefined,
    correctField: (file: string, near: string | undefined) =>
      near === undefined
        ? `The system has no such field: correct ${file}, or ask the administrator why the integration user does not see it.`
        : `The system has no such field, but ${near}: correct ${file}.`,
    fieldsUnseen: (system: string, why: string) => `Could not look up the fields of ${system}: ${why}`,
  },
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
    serial: (text: string, lot: string) => `${text} is the serial number of a piece of lot ${lot}; traced is the lot.`,
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
  replay: {
    noMapping: (given: string) => `--mapping ${given}: it is same or newest`,
    noMappingFix: 'newest: the version that is published now; same: the one that parked the record.',
    which: 'Say which exceptions to replay, or --all',
    columns: ['id', 'result'],
    result: {
      taken: 'taken into the store; the next run of its flow goes on with it',
      planned: 'planned again; the next run of its flow writes it',
      parked: 'still parked',
      byItself: 'nothing to replay: the next run looks at it by itself',
    },
  },
  sandbox: {
    columns: ['system', 'kind', 'address'],
    files: (at: { hub: string; secrets: string; truth: string }) =>
      `\nhub.yaml        ${at.hub}\nusers, secrets  ${at.secrets}\nplanted faults  ${at.truth}`,
    making: (materials: number, lots: number, minutes: number) =>
      `Making a simulated plant of ${materials.toLocaleString('en')} materials and about ${lots.toLocaleString('en')} lots …${
        minutes > 0
          ? ` It is a large one: that takes about ${minutes} minutes and ${Math.ceil(minutes * 1.6)} GB of memory.`
          : ''
      }`,
    running: 'The simulated plant keeps running. Stop it with Ctrl-C.',
    noSeed: (text: string) => `\`${text}\` is no seed`,
    noSeedFix: 'Write a whole number of up to nine digits, e.g. --seed 7.',
    noSize: (text: string) => `\`${text}\` is no size`,
    noSizeFix: (largest: number) =>
      `Write a number above 0 and up to ${largest}, e.g. --size 0.5; 1 is about 300 materials and 3,000 lots.`,
    noMaterials: (text: string) => `\`${text}\` is no number of materials`,
    noMaterialsFix: (most: number) => `Write a whole number from 60 to ${most}, e.g. --materials 5000.`,
  },
  backup: {
    table: (table: string) => `  ${table} …`,
    columns: ['table', 'rows'],
    numbers: ['rows'],
    done: (file: string, size: string, at: string) => `\n${file}: ${size} MiB, the store as it was at ${at}.`,
    snapshots: {
      included: (files: number) => `Snapshots: ${files} Parquet files are in it.`,
      referenced: () => 'Snapshots: only named, not in it (--with-snapshots takes them along).',
    },
    notIncluded: (what: readonly string[]) => `Not in it:\n${what.map((one) => `  - ${one}`).join('\n')}`,
    restored: (at: string) =>
      `\nRestored: the store as it was at ${at}.\nDocuments that may have been written since are looked up in their systems before they are sent.`,
    otherTemporal:
      'TEMPORAL_ADDRESS is set: end the workflows of lotbridge that still run there, they belong to the store as it was.',
  },
  doctorColumns: ['what', 'state', 'found'],
  doctor: {
    item: {
      node: 'Node',
      temporal: 'Temporal',
      postgres: 'PostgreSQL',
      dataFolder: 'data folder',
      disk: 'disk',
      port: 'port',
      configuration: 'configuration',
      hub: 'hub',
      worker: 'worker elsewhere',
      store: 'store',
      healthz: 'health',
      readyz: 'readiness',
      metrics: 'metrics',
      lastNight: 'last complete night',
      exceptions: 'exceptions',
      mapping: 'mapping',
      fields: 'fields',
    },
    state: { ok: 'ok', missing: 'MISSING', unseen: 'NOT SEEN', note: 'note' },
    verdict: {
      0: 'Nothing is missing.',
      2: 'Something is missing: do what stands behind the arrows.',
      3: 'Something could not be looked at.',
    },
    noHub: (dir: string) => `no hub.yaml in ${dir}`,
    makeHub:
      'Try it with a simulated plant: npx lotbridge up --sandbox. For your own: write hub.yaml, --config its folder.',
    configGood: (dir: string, systems: string[]) => `${dir}: ${systems.join(', ')}; all secrets are there`,
    hubStopped: (pid: number | undefined) => (pid === undefined ? 'not running' : `starting or stopping (pid ${pid})`),
    hubRuns: (pid: number, since: string) => `runs (pid ${pid}), started ${since}`,
    noHealth: 'no answer on /healthz',
    ready: (url: string) => `${url}: ready`,
    notReady: (url: string, what: string[]) => `${url}: ${what.join(', ')}`,
    open: (open: number) => `${open} open`,
  },
  machine: {
    installNode: 'Install Node 20.19 or newer: https://nodejs.org',
    temporalAddress: 'Check host, port and that the namespace exists, or unset TEMPORAL_ADDRESS.',
    temporalLater: (how: string, folder: string) =>
      `not here yet: the first start downloads it with ${how} to ${folder}`,
    temporalOffline: (file: string) =>
      `Without a way to the internet: install the Temporal CLI (https://docs.temporal.io/cli), or put the program at ${file}.`,
    databaseInFile: 'database.url of hub.yaml',
    databaseUrl: 'DATABASE_URL is set',
    embedded: (version: string, root: string) => `${version}, embedded: ${root}`,
    willBeMade: (folder: string) => `${folder} (will be made)`,
    noRight: (folder: string) => `no right to write ${folder}`,
    noRightFix: 'Start lotbridge as the user who owns that folder, or choose another one with --data.',
    free: (gib: string) => `${gib} GiB free`,
    makeRoom: 'Make room: database and snapshots want 2 GiB and more.',
    port: (port: number, name: string) => `${port} for ${name}`,
    portTaken: (port: number, name: string) => `${port} for ${name} is taken: another one will be chosen`,
  },
  engines: {
    creating: 'Creating the database (first start)',
    downloading: (version: string, folder: string) =>
      `Downloading Temporal ${version} to ${folder} (first start, about 50 MB)`,
    userMade: 'Created the system user lotbridge: PostgreSQL does not run as root',
    livesIn: (user: string, dataDir: string, folder: string) =>
      `User ${user} can't enter ${dataDir}: the database lives in ${folder}`,
    copied: (folder: string) =>
      `The PostgreSQL programs in node_modules can't be used where they are: a copy goes to ${folder}`,
    stillRunning: (engine: string, pid: number) => `${engine} is still running from the last time (pid ${pid})`,
    portTaken: (engine: string, wanted: number, port: number) =>
      `Port ${wanted} is taken: ${engine} listens on ${port}`,
  },
} as const;
