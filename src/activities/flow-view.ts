/** A flow as its steps need it: which streams to read, where to write, and whose word counts. */
import type { FlowConfig, Where } from '../config/hub.js';
import { LotbridgeError } from '../core/errors.js';
import type { Entity } from '../core/model/records.js';
import type { Deps } from './deps.js';
import type { StreamRead } from './read-stream.js';

export interface TargetView {
  system: string;
  /** Where the target's own records of this entity are read; empty where it has none. */
  stream: string;
  /** The plants that it is kept in step for. */
  plants: string[];
  where: Where | undefined;
}

export interface FlowView {
  name: string;
  entity: Entity;
  mode: 'observe' | 'propose' | 'write';
  /** Documents of before are history: read, never written. */
  start: string | undefined;
  where: Where | undefined;
  sources: StreamRead[];
  targets: TargetView[];
  /** Read before anything is written. */
  reads: StreamRead[];
  /** Read when all is written: what a target of movements has on record now, the hub's own documents too. */
  readsAfter: StreamRead[];
}

const ownable: Record<Entity, readonly string[]> = {
  material: ['name', 'spec', 'baseUnit', 'gtin', 'type', 'tracking', 'shelfLifeDays', 'status'],
  lot: ['made', 'received', 'expiry', 'supplier', 'supplierLot', 'status'],
  movement: [],
  order: [],
  balance: [],
  traceEvent: [],
  serial: [],
};

export const flowView = (deps: Deps, name: string): FlowView => {
  const flow = deps.config.flows?.[name];
  if (!flow)
    throw new LotbridgeError({
      code: 'config.flow-unknown',
      class: 'config',
      message: `hub.yaml has no flow ${name}`,
      fix: `Flows are: ${Object.keys(deps.config.flows ?? {}).join(', ')}`,
    });
  const from = listOf(flow.from);
  const sources = from.flatMap((system) => streamsOf(deps, flow, system, from));
  const targets = (flow.to ?? []).map((target) => targetView(deps, flow, target, from));
  const targetReads = targets
    .filter((target) => !from.includes(target.system))
    .flatMap((target) => streamsOf(deps, flow, target.system, from));
  const late = flow.entity === 'movement';
  return {
    name,
    entity: flow.entity,
    mode: flow.mode ?? 'observe',
    start: flow.start,
    where: flow.where,
    sources,
    targets,
    reads: late ? sources : [...sources, ...targetReads],
    readsAfter: late ? targetReads : [],
  };
};

export const listOf = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** Fields of which this system's word counts in the flow. */
const ownedBy = (flow: FlowConfig, system: string, from: string[]): string[] =>
  ownable[flow.entity].filter((field) => ownerOf(flow, field, from) === system);

const ownerOf = (flow: FlowConfig, field: string, from: string[]): string | undefined => {
  if (typeof flow.owner === 'string') return flow.owner;
  return flow.owner?.[field] ?? flow.owner?.['*'] ?? from[0];
};

const streamsOf = (deps: Deps, flow: FlowConfig, system: string, from: string[]): StreamRead[] => {
  const chosen = flow.streams?.[system];
  const wanted = chosen === undefined ? undefined : listOf(chosen);
  return [...deps.mapping(system).compiled.reads]
    .filter(([stream, entity]) => entity === flow.entity && (wanted?.includes(stream) ?? true))
    .map(([stream]) => ({ system, stream, entity: flow.entity, owned: ownedBy(flow, system, from) }));
};

const targetView = (
  deps: Deps,
  flow: FlowConfig,
  target: NonNullable<FlowConfig['to']>[number],
  from: string[],
): TargetView => {
  const { system, where } = typeof target === 'string' ? { system: target, where: undefined } : target;
  return {
    system,
    stream: flow.entity === 'movement' ? '' : (streamsOf(deps, flow, system, from)[0]?.stream ?? ''),
    plants: where?.plant === undefined ? (deps.config.systems[system]?.plants ?? []) : listOf(where.plant),
    where,
  };
};
