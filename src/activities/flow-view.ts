/** A flow as its steps need it: which streams to read and write, by the mapping files, and whose word counts. */
import type { FlowConfig } from '../config/hub.js';
import { LotbridgeError } from '../core/errors.js';
import type { Entity } from '../core/model/records.js';
import type { Deps } from './deps.js';
import type { StreamRead } from './read-stream.js';

export interface TargetView {
  system: string;
  /** Where the target's own records of this entity are read; empty where it has none. */
  stream: string;
  writeStream: string;
  plants: string[] | null;
}

export interface FlowView {
  name: string;
  entity: Entity;
  mode: 'observe' | 'propose' | 'write';
  start?: string;
  sources: StreamRead[];
  targets: TargetView[];
  reads: StreamRead[];
  /** Fields of which this system's word counts. */
  owned(system: string): string[];
}

const ownable: Record<Entity, readonly string[]> = {
  material: ['name', 'spec', 'baseUnit', 'gtin', 'type', 'tracking', 'shelfLifeDays', 'status'],
  lot: ['made', 'received', 'expiry', 'supplier', 'supplierLot', 'status'],
  movement: [],
  order: [],
  balance: [],
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
  const from = Array.isArray(flow.from) ? flow.from : [flow.from];
  const sources = from.flatMap((system) => streamsOf(deps, flow, system, true));
  const targets = flow.to.map((target) => targetView(deps, flow, target));
  const targetReads = targets
    .filter((target) => target.stream !== '')
    .map(({ system, stream }) => ({ system, stream, entity: flow.entity, owns: false }));
  return {
    name,
    entity: flow.entity,
    mode: flow.mode ?? 'observe',
    start: flow.start,
    sources,
    targets,
    reads: [...sources, ...targetReads],
    owned: (system) => ownable[flow.entity].filter((field) => ownerOf(flow, field, from) === system),
  };
};

const ownerOf = (flow: FlowConfig, field: string, from: string[]): string | undefined => {
  if (typeof flow.owner === 'string') return flow.owner;
  return flow.owner?.[field] ?? flow.owner?.['*'] ?? from[0];
};

const streamsOf = (deps: Deps, flow: FlowConfig, system: string, owns: boolean): StreamRead[] => {
  const chosen = flow.streams?.[system];
  const wanted = chosen === undefined ? undefined : Array.isArray(chosen) ? chosen : [chosen];
  return [...deps.mapping(system).compiled.reads]
    .filter(([stream, entity]) => entity === flow.entity && (wanted?.includes(stream) ?? true))
    .map(([stream]) => ({ system, stream, entity: flow.entity, owns }));
};

const targetView = (deps: Deps, flow: FlowConfig, target: FlowConfig['to'][number]): TargetView => {
  const system = typeof target === 'string' ? target : target.system;
  const plant = typeof target === 'string' ? undefined : target.where?.plant;
  const writes = Object.entries(deps.mapping(system).compiled.file.writes ?? {});
  const takes = writes.find(([, rules]) => [rules].flat().some((rule) => rule.entity === flow.entity));
  return {
    system,
    stream: flow.entity === 'movement' ? '' : (streamsOf(deps, flow, system, false)[0]?.stream ?? ''),
    writeStream: takes?.[0] ?? '',
    plants: plant === undefined ? null : Array.isArray(plant) ? plant : [plant],
  };
};
