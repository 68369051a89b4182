/** A fault campaign: rounds of bad nights on small plants, each followed by good nights and by everything that must hold. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { strike } from './blows.js';
import {
  differences,
  documentsHold,
  type Picture,
  picture,
  secretsHold,
  snapshotsHold,
  storeHolds,
  type Verdict,
} from './checks.js';
import { copyFolder, Hub, processesOf } from './hub.js';
import { type Plant, startPlant } from './plant.js';
import { type Night, type Round, type Shape, schedule } from './schedule.js';
import { type Http, marked } from './weather.js';
import { Worker } from './worker.js';

export interface CampaignOptions {
  seed: number;
  count: number;
  /** The first round that is fought; 1 by default. */
  from?: number;
  shape: Shape;
  size: number;
  /** Of the repository, with its build. */
  root: string;
  /** An empty folder that other users may enter. */
  work: string;
  /** Where the MES of the plant has its database. */
  databaseUrl: string;
  /** Compares with a night without faults on the same plant, which takes a minute for each plant. */
  undisturbed: boolean;
  say(line: string): void;
}

export interface Summary extends Verdict {
  planned: number;
  /** Faults that really happened, by kind; a bad answer counts when a request met it. */
  met: Record<string, number>;
  rounds: number;
  hubStarts: number;
}

export interface Scene {
  options: CampaignOptions;
  hub: Hub;
  plant: Plant;
  /** Where a system of this round is not worked by the hub. */
  worker?: Worker;
  snapshots: string;
  met(kind: string): void;
  fail(what: string): void;
}

const nightMs = 300_000;

export const campaign = async (options: CampaignOptions): Promise<Summary> => {
  const all = schedule(options.seed, options.count, options.shape);
  const rounds = all.slice((options.from ?? 1) - 1);
  const summary: Summary = {
    planned: options.count,
    met: {},
    rounds: 0,
    hubStarts: 0,
    violations: [],
    lost: 0,
    doubled: 0,
    parked: 0,
  };
  const calm = new Map<number, Picture>();
  for (const round of rounds) {
    if (options.undisturbed && !calm.has(round.plantSeed)) {
      const { elsewhere: _, clockFault: __, ...plain } = round;
      const quiet = { ...plain, number: 0, clocks: { kingdee: 0, wms: 0 }, nights: [] };
      calm.set(round.plantSeed, await fight(options, quiet, summary, undefined));
    }
    const begun = Date.now();
    const before = summary.violations.length;
    await fight(options, round, summary, calm.get(round.plantSeed));
    summary.rounds += 1;
    const bad = summary.violations.length - before;
    const seconds = Math.round((Date.now() - begun) / 1000);
    const verdict = bad === 0 ? 'all holds' : `${bad} VIOLATIONS`;
    options.say(
      `round ${round.number} of ${all.length}: ${verdict}, ${seconds} s, ${total(summary)} faults met so far`,
    );
    if (bad > 0) keepEvidence(options, round);
  }
  return summary;
};

export const total = ({ met }: Summary): number => Object.values(met).reduce((sum, n) => sum + n, 0);

const fight = async (
  options: CampaignOptions,
  round: Round,
  summary: Summary,
  calm: Picture | undefined,
): Promise<Picture> => {
  const at = (name: string) => join(options.work, name);
  const snapshots = at('snapshots');
  makeDisk(snapshots);
  const fail = (what: string) => {
    summary.violations.push(`round ${round.number}: ${what}`);
    options.say(
      `VIOLATION  round ${round.number}: ${what}   (replay: --seed ${options.seed} --count ${options.count} --from ${round.number})`,
    );
  };
  const met = (kind: string) => {
    summary.met[kind] = (summary.met[kind] ?? 0) + 1;
  };
  const plant = await startPlant({
    root: options.root,
    dir: at('plant'),
    databaseUrl: options.databaseUrl,
    seed: round.plantSeed,
    size: options.size,
    clocks: round.clocks,
    snapshots: pathToFileURL(snapshots).href,
    processes: round.processes,
    ...(round.elsewhere !== undefined && { elsewhere: round.elsewhere }),
    ...(options.shape.pageSize !== undefined && { pageSize: options.shape.pageSize }),
  });
  const hub = new Hub(options.root, at('hub'), at('plant'), at('hub.log'));
  writeFileSync(hub.log, '');
  const worker = round.elsewhere === undefined ? undefined : new Worker(options.root, hub, round.elsewhere);
  const scene: Scene = { options, hub, plant, snapshots, met, fail, ...(worker && { worker }) };
  try {
    hub.fresh(at('template'));
    await hub.start();
    if (options.count > 20 && !existsSync(at('template'))) await keepTemplate(hub, at('template'));
    if (round.clockFault !== undefined) {
      met('clock-8h');
      options.say(`fault ${round.clockFault}  clock of ${round.clocks.wms === 0 ? 'kingdee' : 'wms'} 8 h off`);
    }
    if (round.processes > 0) options.say(`${round.processes} processes of the hub speak to the systems`);
    if (worker) {
      await worker.start();
      options.say(`${worker.system} is worked by a worker beside the hub`);
    }
    for (const night of round.nights) await badNight(scene, night);
    await goodNights(scene);
    // What the hub wrote in one night it knows from the next.
    if (round.number === 0) await goodNights(scene);
    return await hold(scene, round, summary, calm);
  } catch (error) {
    fail(`the round could not go on: ${error instanceof Error ? error.message : String(error)}`);
    return { aliases: new Map(), exceptions: new Set() };
  } finally {
    const left = await worker?.end('SIGTERM');
    if (left !== undefined && left !== 0) fail(`SIGTERM ended the worker with ${left}`);
    const end = await hub.end('SIGTERM');
    if (end !== 0 && end !== 'not running') fail(`SIGTERM ended the hub with ${end}`);
    await plant.stop();
    summary.hubStarts += hub.starts;
    await sleep(200);
    for (const left of processesOf(hub.dataDir)) {
      fail(`a process is left: ${left}`);
      process.kill(Number(left.split(' ')[0]), 'SIGKILL');
    }
    removeDisk(snapshots);
  }
};

/** A night in bad weather; the blow falls when its time has come, and whoever is down afterwards is started again. */
const badNight = async (scene: Scene, { weather, blow }: Night): Promise<void> => {
  const { hub, plant, options, fail } = scene;
  for (const one of weather) await plant.arm(one.system, [marked(one)]);
  const night = hub.command('nightly', '--json');
  const over = night.answer.then(() => 'over' as const);
  // A command that comes to a dead hub would be a hub itself.
  await Promise.race([over, nightBegins(hub)]);
  if (blow !== undefined) {
    options.say(`fault ${blow.n}  ${blow.kind}${blow.kind === 'system-down' ? ` ${blow.system}` : ''}`);
    const fell = await strike(scene, blow, over, () => night.child.kill('SIGKILL'));
    if (fell) scene.met(blow.kind);
    else options.say(`fault ${blow.n}  ${blow.kind} was not met`);
  }
  await hub.start();
  if (await scene.worker?.start()) options.say('the worker had ended and was started again');
  if (!(await nightIsOver(hub))) fail(`a night did not end within ${nightMs / 60_000} minutes`);
  night.child.kill('SIGKILL');
  for (const system of ['sap', 'kingdee', 'wms'] as Http[]) {
    const left = await plant.left(system);
    for (const one of weather.filter((fault) => fault.system === system)) {
      const rest = left.find(({ n }) => n === one.n);
      const hit = rest === undefined || (rest.times ?? 1) < (one.fault.times ?? 1);
      if (hit) scene.met(one.kind);
      const where = one.fault.path ?? one.fault.method;
      options.say(`fault ${one.n}  ${one.kind} ${system} ${where}${hit ? '' : '  (no request met it)'}`);
    }
  }
  await plant.clear();
};

const inStore = async <T>(hub: Hub, work: (pool: pg.Pool) => Promise<T>): Promise<T> => {
  const pool = new pg.Pool({ connectionString: hub.engines.databaseUrl, max: 2 });
  pool.on('error', () => undefined);
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
};

const running = async (pool: pg.Pool): Promise<number> =>
  (await pool.query('select 1 from run where finished_at is null')).rowCount ?? 0;

const nightBegins = (hub: Hub): Promise<void> =>
  inStore(hub, async (pool) => {
    for (const until = Date.now() + 60_000; Date.now() < until && (await running(pool)) === 0; ) await sleep(50);
  });

const nightIsOver = (hub: Hub): Promise<boolean> =>
  inStore(hub, async (pool) => {
    for (const until = Date.now() + nightMs; Date.now() < until; await sleep(200))
      if ((await running(pool)) === 0) return true;
    return false;
  });

/** The weather has passed: within a few nights one is complete. */
const goodNights = async ({ hub, fail }: Scene): Promise<void> => {
  const told: string[] = [];
  for (let night = 1; night <= 4; night++) {
    const { child, answer } = hub.command('nightly', '--json');
    const late = new AbortController();
    const { code, stdout, stderr } = await Promise.race([
      answer,
      sleep(nightMs, { code: -1, stdout: '', stderr: 'no end within its time' }, { signal: late.signal }),
    ]);
    late.abort();
    child.kill();
    if (code === 0 || code === 1) return;
    told.push(
      notesIn(stdout) ||
        stderr
          .split('\n')
          .filter((line) => !line.startsWith('{'))
          .slice(-3)
          .join(' '),
    );
  }
  fail(`no night was complete after the faults: ${told.join(' / ')}`);
};

const notesIn = (stdout: string): string => {
  try {
    const { runs } = JSON.parse(stdout) as { runs: { flow?: string; job?: string; outcome: string; note?: string }[] };
    return runs
      .filter((run) => run.outcome === 'incomplete')
      .map((run) => `${run.flow ?? run.job}: ${run.note ?? run.outcome}`)
      .join('; ');
  } catch {
    return '';
  }
};

const hold = (scene: Scene, round: Round, summary: Summary, calm: Picture | undefined): Promise<Picture> =>
  inStore(scene.hub, async (pool) => {
    const { hub, plant, fail, options } = scene;
    const documents = documentsHold(plant);
    for (const one of documents.violations) fail(one);
    summary.lost += documents.lost;
    summary.doubled += documents.doubled;
    for (const one of [...(await storeHolds(pool)), ...(await snapshotsHold(pool))]) fail(one);
    const password = readFileSync(join(hub.dataDir, 'postgres-password'), 'utf8').trim();
    const places = [hub.log, join(hub.dataDir, 'temporal'), join(hub.dataDir, 'postgres/server.log')];
    for (const one of secretsHold([...plant.secrets, password], places)) fail(one);
    const parked = await pool.query(`select 1 from exception where class = 'unknown-write' and state <> 'closed'`);
    summary.parked += parked.rowCount ?? 0;
    const seen = await picture(pool);
    const clockWrong = round.clocks.kingdee !== 0 || round.clocks.wms !== 0;
    if (calm !== undefined && !clockWrong) for (const one of differences(seen, calm)) fail(one);
    if (round.number === 0)
      options.say(`plant ${round.plantSeed} without faults: ${plant.truth.expectedDocuments.length} documents`);
    return seen;
  });

/** A cluster with the hub's tables, so that later rounds need not make one. */
const keepTemplate = async (hub: Hub, template: string): Promise<void> => {
  await hub.end('SIGTERM');
  copyFolder(hub.dataDir, template);
  hub.fresh(template);
  await hub.start();
};

/** A small disk of its own where the machine allows that, so that it can be full. */
const makeDisk = (folder: string): void => {
  removeDisk(folder);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'lotbridge-faults', folder], { stdio: 'ignore' });
  } catch {
    // Without the right to mount, a folder that nobody may write to stands for it.
  }
};

const removeDisk = (folder: string): void => {
  try {
    execFileSync('umount', [folder], { stdio: 'ignore' });
  } catch {
    // It was none.
  }
  rmSync(folder, { recursive: true, force: true });
};

const keepEvidence = (options: CampaignOptions, round: Round): void => {
  const folder = join(options.work, `evidence-${round.number}`);
  mkdirSync(folder, { recursive: true });
  for (const name of ['hub.log', 'plant/state', 'plant/truth.json', 'plant/hub.yaml'])
    cpSync(join(options.work, name), join(folder, name), { recursive: true });
};
