/** A job of hub.yaml as its steps need it: the two sides, and the streams that hold their balances and movements. */

import type { JobConfig } from '../config/hub.js';
import { type JobPlan, planJob } from '../core/drift/job.js';
import { LotbridgeError } from '../core/errors.js';
import type { Entity } from '../core/model/records.js';
import type { Deps } from './deps.js';

export interface SystemStream {
  system: string;
  stream: string;
}

export interface JobView {
  plan: JobPlan;
  settle: string;
  balances: SystemStream[];
  movements: SystemStream[];
  /** URL of the folder for snapshots. */
  folder: string;
}

/** Everything that reads movements only to name causes shares this place in their streams. */
export const movementFlow = 'reconcile';

export const knownJob = (deps: Deps, name: string): JobConfig => {
  const job = deps.config.jobs?.[name];
  if (job) return job;
  throw new LotbridgeError({
    code: 'config.job-unknown',
    class: 'config',
    message: `hub.yaml has no job ${name}`,
    fix: `Jobs are: ${Object.keys(deps.config.jobs ?? {}).join(', ')}`,
  });
};

export const jobView = (deps: Deps, name: string): JobView => {
  const job = knownJob(deps, name);
  if (!job.grain.includes('material'))
    throw new LotbridgeError({
      code: 'job.grain-lacks-material',
      class: 'config',
      message: `jobs.${name}.grain does not name the material`,
      fix: 'Add material to the grain: quantities of different materials cannot be added up.',
    });
  const plan = planJob(name, job, (system) => deps.config.systems[system]?.role ?? 'other');
  const systems = [plan.first.system, plan.second.system];
  return {
    plan,
    settle: job.settle ?? '0s',
    balances: systems.flatMap((system) => balancesOf(deps, name, system)),
    movements: systems.flatMap((system) => streamsOf(deps, system, 'movement')),
    folder: folderOf(deps),
  };
};

const streamsOf = (deps: Deps, system: string, wanted: Entity): SystemStream[] =>
  [...deps.mapping(system).compiled.reads]
    .filter(([, entity]) => entity === wanted)
    .map(([stream]) => ({ system, stream }));

const balancesOf = (deps: Deps, job: string, system: string): SystemStream[] => {
  const streams = streamsOf(deps, system, 'balance');
  if (streams.length > 0) return streams;
  throw new LotbridgeError({
    code: 'job.no-balances',
    class: 'config',
    message: `jobs.${job} compares ${system}, but the mapping of ${system} has no stream of balances`,
    fix: `Add a stream with \`entity: balance\` to the mapping of ${system}.`,
  });
};

export const folderOf = (deps: Deps): string => {
  if (deps.snapshots !== undefined) return deps.snapshots;
  throw new LotbridgeError({
    code: 'snapshot.no-folder',
    class: 'config',
    message: 'This worker does not know where snapshots lie',
    fix: 'Start it with the URL of the snapshots.',
  });
};
