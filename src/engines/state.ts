/** What the running hub tells other commands on the same data folder: where its engines are. Holds the password: 0600. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseServer } from '../core/servers.js';
import { readMemory, writePrivate } from './files.js';
import { isRunning, type ProcessMark } from './process.js';

export interface EngineState {
  /** Port and process are absent when the engine is not ours (DATABASE_URL, TEMPORAL_ADDRESS). */
  port?: number;
  process?: ProcessMark;
}

export interface HubState extends DatabaseServer {
  version: 1;
  /** The hub itself. */
  hub: ProcessMark;
  startedAt: string;
  temporalAddress: string;
  postgres: EngineState;
  temporal: EngineState;
}

const stateFile = (dataDir: string): string => join(dataDir, 'engines.json');

export const writeState = (dataDir: string, state: HubState): void =>
  writePrivate(stateFile(dataDir), `${JSON.stringify(state, null, 2)}\n`);

export const removeState = (dataDir: string): void => rmSync(stateFile(dataDir), { force: true });

const isMark = (value: unknown): value is ProcessMark =>
  typeof value === 'object' && value !== null && 'pid' in value && 'startTime' in value;

/** The hub that runs on this data folder now; undefined when none does. */
export const readRunningHub = (dataDir: string): HubState | undefined => {
  const state = readMemory(stateFile(dataDir)) as Partial<HubState>;
  const complete = typeof state.databaseUrl === 'string' && typeof state.temporalAddress === 'string';
  return state.version === 1 && complete && isMark(state.hub) && isRunning(state.hub) ? (state as HubState) : undefined;
};
