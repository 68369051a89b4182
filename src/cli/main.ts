/**
 * The `lotbridge` command: verbs and options. Each verb has a file of its own, loaded when the verb runs: whoever asks for
 * help or for a lot number does not wait for Temporal, DuckDB and the adapters.
 */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { describeError } from '../core/errors.js';
import { en } from '../messages/en.js';
import { sayThrough } from '../workers/voice.js';
import type { BindOptions } from './bind.js';
import { exitCode, exitOfError } from './exit.js';
import type { ConvertOptions } from './lot-convert.js';
import type { NextOptions } from './lot-next.js';
import type { SerialsOptions } from './lot-serials.js';
import type { ValidateOptions } from './lot-validate.js';
import type { PublishOptions } from './mapping-publish.js';
import type { TryOptions } from './mapping-try.js';
import type { GlobalOptions } from './options.js';
import { progress } from './progress.js';
import type { ReplayOptions } from './replay.js';
import type { SandboxOptions } from './sandbox-up.js';
import type { ScanOptions } from './scan-answer.js';
import type { TraceCommand } from './trace.js';
import type { WorkerCommand } from './worker.js';

// Whoever reads has seen enough (`| head`): what was begun goes on to its end all the same.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

const program = new Command('lotbridge')
  .description(en.program)
  .option('--config <dir>', en.options.config)
  .option('--data <dir>', en.options.data, '.lotbridge')
  .option('--json', en.options.json, false)
  .option('--verbose', en.options.verbose, false)
  .configureHelp({ showGlobalOptions: true })
  .exitOverride((end) => process.exit(end.exitCode === 0 ? 0 : exitCode.usage));

const options = (): GlobalOptions => {
  const { config, data, json } = program.opts<{ config?: string; data: string; json: boolean }>();
  return { configDir: config === undefined ? undefined : resolve(config), dataDir: resolve(data), json };
};

const verb = (parent: Command, usage: string, text: string, example: string): Command =>
  parent.command(usage).description(text).addHelpText('after', `\nExample:\n  npx lotbridge ${example}`);

const run =
  <A extends unknown[]>(work: (global: GlobalOptions, ...args: A) => Promise<number>) =>
  async (...args: A): Promise<void> => {
    try {
      if (program.opts<{ verbose: boolean }>().verbose) (await import('../workers/log.js')).logVerbosely();
      else sayThrough(progress);
      process.exitCode = await work(options(), ...args);
    } catch (error) {
      process.stderr.write(`${describeError(error)}\n`);
      process.exitCode = exitOfError(error);
    }
  };

verb(program, 'up', en.verbs.up, 'up --sandbox')
  .option('--sandbox', en.verbs.upSandbox, false)
  .option('--once', en.verbs.upOnce, false)
  .action(run(async (global, own: { sandbox: boolean; once: boolean }) => (await import('./up.js')).up(global, own)));
verb(program, 'worker', en.verbs.worker, 'worker --system wms --system mes')
  .option('--system <name>', en.verbs.workerSystem, (name: string, before: string[]) => [...before, name], [])
  .option('--metrics <port>', en.verbs.workerMetrics)
  .action(run(async (global, own: WorkerCommand) => (await import('./worker.js')).worker(global, own)));
verb(program, 'nightly', en.verbs.nightly, 'nightly --json').action(
  run(async (global) => (await import('./jobs.js')).nightlyNow(global)),
);
verb(program, 'sync', en.verbs.sync, 'sync material-sap')
  .argument('[flows...]')
  .action(run(async (global, flows: string[]) => (await import('./jobs.js')).syncNow(global, flows)));
verb(program, 'reconcile', en.verbs.reconcile, 'reconcile stock-1010')
  .argument('[jobs...]')
  .action(run(async (global, jobs: string[]) => (await import('./reconcile.js')).reconcileNow(global, jobs)));
verb(program, 'check', en.verbs.check, 'check sap wms')
  .argument('[systems...]')
  .action(run(async (global, systems: string[]) => (await import('./check.js')).checkSystems(global, systems)));

verb(program, 'bind', en.bind.verb, 'bind kingdee material --with sap --out review.csv')
  .argument('<system>')
  .argument('<entity>')
  .option('--with <system>', en.bind.with)
  .option('--out <csv>', en.bind.out)
  .option('--in <csv>', en.bind.in)
  .option('--author <name>', en.bind.author)
  .option('--duplicates', en.bind.duplicates, false)
  .action(
    run(async (global, system: string, entity: string, own: BindOptions) =>
      (await import('./bind.js')).bind(global, system, entity, own),
    ),
  );
verb(program, 'discover', en.discover.verb, 'discover wms item')
  .argument('<system>')
  .argument('<stream>')
  .action(
    run(async (global, system: string, stream: string) =>
      (await import('./discover.js')).discover(global, system, stream),
    ),
  );

verb(program, 'doctor', en.verbs.doctor, 'doctor --json').action(
  run(async (global) => (await import('./doctor.js')).doctor(global)),
);

const config = program.command('config').description(en.verbs.config);
verb(config, 'check', en.verbs.configCheck, 'config check --config plant/').action(
  run(async (global) => (await import('./config-check.js')).checkConfig(global)),
);

const exceptions = program.command('exceptions').description(en.verbs.exceptions);
verb(exceptions, 'list', en.verbs.exceptionsList, 'exceptions list')
  .option('--all', en.verbs.all, false)
  .action(
    run(async (global, own: { all: boolean }) => (await import('./exceptions.js')).exceptionsList(global, own.all)),
  );
verb(exceptions, 'show', en.verbs.exceptionsShow, 'exceptions show 3')
  .argument('<id>')
  .action(run(async (global, id: string) => (await import('./exceptions.js')).exceptionsShow(global, id)));

verb(exceptions, 'replay', en.verbs.exceptionsReplay, 'exceptions replay 3 7')
  .argument('[ids...]')
  .option('--all', en.verbs.replayAll, false)
  .option('--mapping <same|newest>', en.verbs.replayMapping, 'newest')
  .action(
    run(async (global, ids: string[], own: ReplayOptions) =>
      (await import('./replay.js')).exceptionsReplay(global, ids, own),
    ),
  );

const mapping = program.command('mapping').description(en.mapping.verbs.mapping);
verb(mapping, 'lint', en.mapping.verbs.lint, 'mapping lint wms')
  .argument('[systems...]')
  .action(run(async (global, systems: string[]) => (await import('./mapping-lint.js')).mappingLint(global, systems)));
verb(mapping, 'test', en.mapping.verbs.test, 'mapping test wms')
  .argument('[systems...]')
  .action(run(async (global, systems: string[]) => (await import('./mapping-test.js')).mappingTest(global, systems)));
verb(mapping, 'diff', en.mapping.verbs.diff, 'mapping diff wms')
  .argument('<system>')
  .option('--from <version>', en.mapping.verbs.diffFrom)
  .option('--to <version>', en.mapping.verbs.diffTo)
  .action(
    run(async (global, system: string, own: { from?: string; to?: string }) =>
      (await import('./mapping-diff.js')).mappingDiff(global, system, own),
    ),
  );
verb(mapping, 'impact', en.mapping.verbs.impact, 'mapping impact wms --last 1000')
  .argument('<system>')
  .option('--last <records>', en.mapping.verbs.last)
  .action(
    run(async (global, system: string, own: { last?: string }) =>
      (await import('./mapping-impact.js')).mappingImpactOf(global, system, own),
    ),
  );
verb(mapping, 'try', en.mapping.verbs.try, 'mapping try wms item 100231')
  .argument('<system>')
  .argument('<stream>')
  .argument('[key]')
  .option('--file <json>', en.mapping.verbs.tryFile)
  .option('--published', en.mapping.verbs.tryPublished, false)
  .action(
    run(async (global, system: string, stream: string, key: string | undefined, own: TryOptions) =>
      (await import('./mapping-try.js')).mappingTry(global, system, stream, key, own),
    ),
  );
verb(mapping, 'publish', en.mapping.verbs.publish, "mapping publish wms --reason 'new unit PAL'")
  .argument('<system>')
  .option('--reason <text>', en.mapping.verbs.reason)
  .option('--author <name>', en.mapping.verbs.author)
  .option('--base <version>', en.mapping.verbs.base)
  .option('--accept <lots>', en.mapping.verbs.accept)
  .option('--no-reread', en.mapping.verbs.noReread)
  .action(
    run(async (global, system: string, own: PublishOptions) =>
      (await import('./mapping-publish.js')).mappingPublish(global, system, own),
    ),
  );
verb(mapping, 'history', en.mapping.verbs.history, 'mapping history wms')
  .argument('<system>')
  .action(
    run(async (global, system: string) => (await import('./mapping-history.js')).mappingHistoryOf(global, system)),
  );
verb(mapping, 'rollback', en.mapping.verbs.rollback, "mapping rollback wms 4 --reason 'PAL is no unit after all'")
  .argument('<system>')
  .argument('<version>')
  .option('--reason <text>', en.mapping.verbs.reason)
  .option('--author <name>', en.mapping.verbs.author)
  .option('--accept <lots>', en.mapping.verbs.accept)
  .option('--no-reread', en.mapping.verbs.noReread)
  .action(
    run(async (global, system: string, version: string, own: PublishOptions) =>
      (await import('./mapping-publish.js')).mappingRollback(global, system, version, own),
    ),
  );

const sandbox = program.command('sandbox').description(en.verbs.sandbox);
verb(sandbox, 'up', en.verbs.sandboxUp, 'sandbox up --seed 7')
  .option('--seed <number>', en.verbs.sandboxSeed, '1')
  .option('--size <number>', en.verbs.sandboxSize, '1')
  .option('--materials <number>', en.verbs.sandboxMaterials)
  .action(run(async (global, own: SandboxOptions) => (await import('./sandbox-up.js')).sandboxUp(global, own)));

const runs = program.command('runs').description(en.verbs.runs);
verb(runs, 'list', en.verbs.runsList, 'runs list').action(
  run(async (global) => (await import('./runs.js')).runsList(global)),
);
verb(runs, 'show', en.verbs.runsShow, 'runs show 12')
  .argument('<id>')
  .action(run(async (global, id: string) => (await import('./runs.js')).runsShow(global, id)));

verb(program, 'backup', en.verbs.backup, 'backup lotbridge-2026-11-23.tar')
  .argument('<file>')
  .option('--with-snapshots', en.verbs.withSnapshots, false)
  .action(
    run(async (global, file: string, own: { withSnapshots: boolean }) =>
      (await import('./backup.js')).backup(global, file, own),
    ),
  );
verb(program, 'restore', en.verbs.restore, '--data new-hub restore lotbridge-2026-11-23.tar')
  .argument('<file>')
  .option('--force', en.verbs.restoreForce, false)
  .action(
    run(async (global, file: string, own: { force: boolean }) =>
      (await import('./restore.js')).restore(global, file, own),
    ),
  );

verb(program, 'trace', en.verbs.trace, 'trace LOT7 --scope 1010 --backward')
  .argument('<lot>')
  .option('--forward', en.trace.forward, false)
  .option('--backward', en.trace.backward, false)
  .option('--system <name>', en.trace.system)
  .option('--scope <plant>', en.trace.scope)
  .option('--material <code>', en.trace.material)
  .option('--as-known-at <time>', en.trace.asKnownAt)
  .option('--limit <nodes>', en.trace.limit, '100000')
  .action(run(async (global, lot: string, own: TraceCommand) => (await import('./trace.js')).trace(global, lot, own)));

verb(mapping, 'matrix', en.lot.verbs.matrix, 'mapping matrix').action(
  run(async (global) => (await import('./mapping-matrix.js')).mappingMatrix(global)),
);

const lot = program.command('lot').description(en.lot.verbs.lot);
const about = (command: Command): Command =>
  command
    .option('--scope <plant>', en.lot.verbs.scope)
    .option('--plant <plant>', en.lot.verbs.plant)
    .option('--material <code>', en.lot.verbs.material)
    .option('--date <day>', en.lot.verbs.date);
about(verb(lot, 'convert', en.lot.verbs.convert, 'lot convert L1-26305-001 --from mes --to kingdee'))
  .argument('<text>')
  .requiredOption('--from <system>', en.lot.verbs.convertFrom)
  .requiredOption('--to <system>', en.lot.verbs.convertTo)
  .action(
    run(async (global, text: string, own: ConvertOptions) =>
      (await import('./lot-convert.js')).lotConvert(global, text, own),
    ),
  );
verb(lot, 'next', en.lot.verbs.next, 'lot next FG-0012 --plant 1010 --for 1000123')
  .argument('<material>')
  .requiredOption('--plant <plant>', en.lot.verbs.nextPlant)
  .option('--made <day>', en.lot.verbs.made)
  .option('--for <reference>', en.lot.verbs.nextFor)
  .action(
    run(async (global, material: string, own: NextOptions) =>
      (await import('./lot-next.js')).lotNext(global, material, own),
    ),
  );
about(verb(lot, 'resolve', en.lot.verbs.resolve, "lot resolve '(01)06901234500004(10)K2611005'"))
  .argument('[text]', en.lot.verbs.resolveText)
  .option('--system <name>', en.lot.verbs.resolveSystem)
  .action(
    run(async (global, text: string | undefined, own: ScanOptions) =>
      (await import('./lot-resolve.js')).lotResolve(global, text, own),
    ),
  );
verb(lot, 'serials', en.lot.verbs.serials, 'lot serials F261122001 --next 12')
  .argument('<lot>')
  .option('--next <count>', en.lot.verbs.serialsNext)
  .option('--plant <plant>', en.lot.verbs.serialsPlant)
  .option('--system <name>', en.lot.verbs.resolveSystem)
  .option('--scope <plant>', en.lot.verbs.scope)
  .option('--material <code>', en.lot.verbs.material)
  .action(
    run(async (global, text: string, own: SerialsOptions) =>
      (await import('./lot-serials.js')).lotSerials(global, text, own),
    ),
  );
about(verb(lot, 'validate', en.lot.verbs.validate, 'lot validate 261101A001 --system sap'))
  .argument('<text>')
  .requiredOption('--system <name>', en.lot.verbs.validateSystem)
  .action(
    run(async (global, text: string, own: ValidateOptions) =>
      (await import('./lot-validate.js')).lotValidate(global, text, own),
    ),
  );

await program.parseAsync();
