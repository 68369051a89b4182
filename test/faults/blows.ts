/** The blows: what happens to processes, files and whole systems in the middle of a night. */
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from './campaign.js';
import {
  cutConnections,
  deadlock,
  lateRows,
  lockTables,
  lockTimeout,
  noConnections,
  notTaken,
  stirMes,
} from './mes.js';
import { type Blow, type PlannedBlow, random } from './schedule.js';

/** Strikes when the plant has accepted enough writes, when the time has come, or when the night is over. Says whether it fell. */
export const strike = async (
  scene: Scene,
  blow: PlannedBlow,
  over: Promise<'over'>,
  callOff: () => void,
): Promise<boolean> => {
  const fall = async () => (await actions[blow.kind](scene, blow, over)) !== false;
  if (wholeNight.has(blow.kind)) return fall();
  let ended = false;
  void over.then(() => {
    ended = true;
  });
  const until = Date.now() + blow.afterMs;
  const writes = scene.plant.accepted() + blow.afterWrites;
  // Half of the blows wait for writes, so that they fall in the middle of them.
  const byWrites = blow.afterMs % 2 === 0;
  while (!ended && (byWrites ? scene.plant.accepted() < writes : Date.now() < until)) await sleep(20);
  if (fatal.has(blow.kind)) callOff();
  return fall();
};

/** From the beginning of the night to its end. */
const wholeNight = new Set<Blow>(['system-down', 'disk-full', 'rows-moved', 'mes-deadlock', 'mes-late-rows']);

/** The hub is started anew, and whoever asked it for a night is not waited for. */
const fatal = new Set<Blow>(['hub-kill', 'hub-term', 'postgres-kill', 'temporal-kill', 'temporal-wiped']);

/** False: nothing met it. */
type Action = (scene: Scene, blow: PlannedBlow, over: Promise<'over'>) => Promise<unknown>;

const killed = (pid: number | undefined): void => {
  if (pid === undefined) throw new Error('the hub says of no such process');
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It had ended already.
  }
};

/** Whoever looks after the hub starts it again when its engine is gone. */
const restart = async ({ hub, fail }: Scene): Promise<void> => {
  await sleep(1000);
  const end = await hub.end('SIGTERM');
  if (end === 'hangs') fail('the hub did not end within a minute after SIGTERM, with an engine gone');
  await hub.start();
};

const actions: Record<Blow, Action> = {
  'hub-kill': async ({ hub }) => {
    await hub.end('SIGKILL');
    await hub.start();
  },
  'hub-term': async ({ hub, fail }) => {
    const end = await hub.end('SIGTERM');
    if (end !== 0) fail(`SIGTERM in the middle of a night ended the hub with ${end}`);
    await hub.start();
  },
  'worker-kill': async ({ worker, hub }) => {
    if (worker === undefined) throw new Error('the round has no worker');
    for (const pid of hub.systemProcesses()) killed(pid);
    await worker.end('SIGKILL');
    await sleep(1000);
    await worker.start();
  },
  'postgres-kill': async (scene) => {
    killed(scene.hub.engines.postgres.process?.pid);
    await restart(scene);
  },
  'temporal-kill': async (scene) => {
    killed(scene.hub.engines.temporal.process?.pid);
    await restart(scene);
  },
  'temporal-wiped': async (scene) => {
    for (const end of ['', '-wal', '-shm'])
      rmSync(join(scene.hub.dataDir, `temporal/temporal.db${end}`), { force: true });
    killed(scene.hub.engines.temporal.process?.pid);
    await restart(scene);
  },
  'plant-frozen': ({ plant }, { afterMs }) => plant.freeze(500 + (afterMs % 2500)),
  'rows-moved': async ({ plant }, { n }, over) => {
    const draw = random(n);
    let ended = false;
    void over.then(() => {
      ended = true;
    });
    while (!ended) {
      const system = draw.pick(['sap', 'kingdee', 'wms', 'mes'] as const);
      const [from, count] = [draw.below(1000), 1 + draw.below(6)];
      if (system === 'mes') await stirMes(plant, from, count);
      else await plant.stir(system, { from, count, ghost: draw.below(2) === 0 });
      await sleep(60);
    }
    await plant.stir('sap', { from: 0, count: 0, ghost: false });
  },
  'mes-cut': ({ plant }) => cutConnections(plant),
  'mes-locked': ({ plant }) => lockTables(plant),
  'mes-lock-timeout': ({ plant }) => lockTimeout(plant),
  'mes-deadlock': ({ plant }, _blow, over) => deadlock(plant, over),
  'mes-connections': ({ plant }) => noConnections(plant),
  'mes-not-taken': ({ plant }) => notTaken(plant),
  'mes-late-rows': ({ plant }, _blow, over) => lateRows(plant, over),
  'system-down': async ({ plant }, { system }, over) => {
    await plant.arm(system, [{ times: 1_000_000, action: { kind: 'reset' } }]);
    await over;
  },
  'two-syncs': async ({ hub }) => {
    const both = [hub.command('sync', 'movements', '--json'), hub.command('sync', 'movements', '--json')];
    await Promise.all(both.map(({ answer }) => answer));
  },
  'disk-full': async ({ snapshots }, _blow, over) => {
    const filler = join(snapshots, 'filler');
    chmodSync(snapshots, 0o555);
    try {
      writeFileSync(filler, Buffer.alloc(24 << 20));
    } catch {
      // Full.
    }
    await over;
    chmodSync(snapshots, 0o755);
    rmSync(filler, { force: true });
  },
};
