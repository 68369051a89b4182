/** The gauges that are read from the store when somebody looks: they are true also after a restart of the hub. */
import { Gauge, type Registry } from 'prom-client';
import type { Pool } from '../store/database.js';
import { type LastRun, readStanding, type Standing } from '../store/standing.js';

const outcomes = ['agreed', 'differences', 'incomplete'] as const;
const counts = ['read', 'unchanged', 'changed', 'written', 'parked'] as const;
/** Two monitors that look at once ask the store once. */
const freshMs = 5_000;

export const registerStanding = (registry: Registry, pool: Pool): void => {
  let asked = 0;
  let standing: Promise<Standing | undefined> | undefined;
  const look = (): Promise<Standing | undefined> => {
    if (standing === undefined || Date.now() - asked > freshMs) {
      asked = Date.now();
      standing = readStanding(pool).catch(() => undefined);
    }
    return standing;
  };
  const gauge = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    set: (gauge: Gauge<L>, standing: Standing) => void,
  ): void => {
    new Gauge<L>({
      ...{ name, help, labelNames, registers: [registry] },
      async collect() {
        this.reset();
        const now = await look();
        if (now !== undefined) set(this, now);
      },
    });
  };

  new Gauge({
    name: 'lotbridge_store_up',
    help: '1 when the store could be read for this page, else 0; then the figures of the store are missing from it',
    registers: [registry],
    async collect() {
      this.set((await look()) === undefined ? 0 : 1);
    },
  });
  gauge('lotbridge_intents', 'Writes by target and state', ['target', 'state'], (to, { intents }) => {
    for (const { target, state, count } of intents) to.set({ target, state }, count);
  });
  gauge(
    'lotbridge_intent_oldest_seconds',
    'How long the oldest write has been in an open state: planned, sending, unknown or rejected',
    ['target', 'state'],
    (to, { intents }) => {
      for (const { target, state, oldest_seconds } of intents)
        if (state !== 'written') to.set({ target, state }, oldest_seconds);
    },
  );
  gauge('lotbridge_exceptions_open', 'Open exceptions by class', ['class'], (to, { exceptions }) => {
    for (const one of exceptions) to.set({ class: one.class }, one.count);
  });
  const ofRuns = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    set: (gauge: Gauge<L>, run: LastRun) => void,
  ): void =>
    gauge(name, help, labelNames, (to, { runs }) => {
      for (const run of runs) set(to, run);
    });
  ofRuns(
    'lotbridge_last_complete_run_age_seconds',
    'Since the end of the last run that could look everywhere, by flow, job or night',
    ['kind', 'name'],
    (to, { kind, name, complete_age_seconds }) => {
      if (complete_age_seconds !== null) to.set({ kind, name }, complete_age_seconds);
    },
  );
  ofRuns(
    'lotbridge_last_run_outcome',
    '1 for the outcome of the last run that ended, 0 for the others',
    ['kind', 'name', 'outcome'],
    (to, { kind, name, outcome: was }) => {
      if (was !== null) for (const outcome of outcomes) to.set({ kind, name, outcome }, was === outcome ? 1 : 0);
    },
  );
  ofRuns(
    'lotbridge_last_run_records',
    'Counts of the last run that ended',
    ['kind', 'name', 'count'],
    (to, { kind, name, ...run }) => {
      if (run.outcome !== null) for (const count of counts) to.set({ kind, name, count }, run[count]);
    },
  );
  ofRuns('lotbridge_run_running', '1 while the flow, job or night runs', ['kind', 'name'], (to, run) => {
    to.set({ kind: run.kind, name: run.name }, run.running ? 1 : 0);
  });
};
