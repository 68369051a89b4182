/** Which lots a target lacks or knows otherwise, as documents in the target's own numbers. */
import { isDeepStrictEqual } from 'node:util';
import { intentKey } from '../../core/intent-key.js';
import type { Json } from '../../core/json.js';
import type { LotAttributes } from '../../core/lot/formats.js';
import type { Client } from '../../store/database.js';
import type { ExceptionInput } from '../../store/exceptions.js';
import { type LotGap, lotGaps } from '../../store/lots.js';
import type { Deps } from '../deps.js';
import type { FlowView, TargetView } from '../flow-view.js';
import { type LotText, lotTextFor } from './lot-text.js';
import type { MasterPlan } from './materials.js';
import { numberLot } from './number-lot.js';
import { passes } from './where.js';

type Document = { [key: string]: Json };

export interface LotPlans {
  plans: MasterPlan[];
  /** What cannot be written, with its reason. */
  refused: ExceptionInput[];
}

export const planLots = async (client: Client, deps: Deps, view: FlowView, target: TargetView): Promise<LotPlans> => {
  const { compiled } = deps.mapping(target.system);
  const found: LotPlans = { plans: [], refused: [] };
  if (compiled.writesOf('lot', {}).length === 0) return found;
  const gaps = await lotGaps(client, {
    target: target.system,
    targetStream: target.stream,
    sources: view.sources.map((source) => source.system),
    fields: ownedByOthers(view, target),
    plants: target.plants,
  });
  for (const gap of gaps) {
    const seen = { plant: [gap.plant ?? undefined], scope: [gap.scope], status: [gap.fields.status] };
    if (!passes(view.where, seen) || !passes(target.where, seen)) continue;
    const made = await documentFor(client, deps, view, target, gap);
    if ('refused' in made) {
      found.refused.push(made.refused);
      continue;
    }
    const [stream] = compiled.writesOf('lot', made.document);
    if (stream === undefined) continue;
    const now = gap.target_fields === null ? undefined : compiled.render(stream, gap.target_fields as Document);
    const then = compiled.render(stream, made.document);
    // What the target cannot tell apart in its own words is no difference.
    if (now?.ok && then.ok && isDeepStrictEqual(now.record, then.record)) continue;
    found.plans.push(planOf(view, target, gap, stream, made.document));
  }
  return found;
};

const ownedByOthers = (view: FlowView, target: TargetView): string[] =>
  view.sources.filter((source) => source.system !== target.system).flatMap((source) => source.owned);

const documentFor = async (
  client: Client,
  deps: Deps,
  view: FlowView,
  target: TargetView,
  gap: LotGap,
): Promise<{ document: Document } | { refused: ExceptionInput }> => {
  if (gap.target_fields !== null) {
    const changed = ownedByOthers(view, target).filter((field) => field in gap.fields);
    const said = Object.fromEntries(changed.map((field) => [field, gap.fields[field] ?? null]));
    return { document: { ...(gap.target_fields as Document), ...said } };
  }
  if (gap.material === null)
    return refused(target, gap, 'lot.material-missing', `${target.system} has no material ${gap.material_code}`);
  const attributes = {
    scope: gap.scope,
    plant: gap.plant ?? undefined,
    date: gap.fields.made ?? gap.fields.received,
  };
  const written = lotTextFor(deps, target.system, { system: gap.source, text: gap.lot, known: null }, attributes);
  const text = written.ok ? written : ((await numberGap(client, deps, target.system, gap, attributes)) ?? written);
  if (!text.ok) return refused(target, gap, text.code, text.message);
  return {
    document: {
      material: gap.material,
      ...(gap.variant && { variant: gap.variant }),
      lot: text.text,
      scope: gap.scope,
      ...(gap.plant !== null && { plant: gap.plant }),
      ...gap.fields,
    },
  };
};

/** A number of the hub, where the target's file says so of the lot's format; undefined where it does not. */
const numberGap = (
  client: Client,
  deps: Deps,
  target: string,
  gap: LotGap,
  attributes: LotAttributes,
): Promise<LotText | undefined> =>
  numberLot(
    client,
    deps,
    target,
    { system: gap.source, text: gap.lot },
    { id: gap.id, material: gap.material ?? '', variant: gap.variant ?? {}, scope: gap.scope },
    { ...attributes, material: gap.material_code, ...gap.fields },
  );

const refused = (target: TargetView, gap: LotGap, code: string, message: string): { refused: ExceptionInput } => ({
  refused: {
    class: 'parked',
    key: `${target.system}/lot/${gap.id}`,
    systems: [gap.source, target.system],
    plant: gap.plant ?? undefined,
    material: gap.material_code,
    lot: gap.lot,
    evidence: { code, message },
  },
});

const planOf = (view: FlowView, target: TargetView, gap: LotGap, stream: string, document: Document): MasterPlan => {
  const identity = {
    target: target.system,
    flow: view.name,
    sourceSystem: gap.source,
    documentId: gap.id,
    part: '',
    sourceVersion: gap.version,
  };
  return {
    intent: {
      ...identity,
      key: intentKey(identity),
      stream,
      entity: 'lot',
      action: 'upsert',
      mode: view.mode === 'write' ? 'write' : 'propose',
      document,
      orderAt: '1970-01-01T00:00:00Z',
    },
    fight: {
      class: 'field-fight',
      key: `${target.system}/lot/${gap.id}`,
      systems: [gap.source, target.system],
      plant: gap.plant ?? undefined,
      material: gap.material_code,
      lot: gap.lot,
      evidence: { hub: gap.fields, [target.system]: gap.target_fields ?? 'missing' },
    },
  };
};
