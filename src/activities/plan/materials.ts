/** What a target's material masters lack or have different, as documents to write. */
import { isDeepStrictEqual } from 'node:util';
import { intentKey } from '../../core/intent-key.js';
import type { Json } from '../../core/json.js';
import type { Client } from '../../store/database.js';
import type { ExceptionInput } from '../../store/exceptions.js';
import type { IntentPlan } from '../../store/intents.js';
import { type MasterGap, materialGaps } from '../../store/materials.js';
import type { Deps } from '../deps.js';
import type { FlowView, TargetView } from '../flow-view.js';
import type { StreamRead } from '../read-stream.js';
import { passes } from './where.js';

type Fields = { [key: string]: Json };

/** A document, and what to say when the target had it before and changed it again. */
export interface MasterPlan {
  intent: IntentPlan;
  fight: ExceptionInput;
}

export const planMaterials = async (
  client: Client,
  deps: Deps,
  view: FlowView,
  source: StreamRead,
  target: TargetView,
): Promise<MasterPlan[]> => {
  const gaps = await materialGaps(client, {
    source: source.system,
    sourceStream: source.stream,
    target: target.system,
    targetStream: target.stream,
    owned: source.owned,
    plants: target.plants,
  });
  const { compiled } = deps.mapping(target.system);
  return gaps.flatMap((gap) => {
    const { type, status, plants } = gap.fields as { type?: string; status?: string; plants?: string[] };
    const seen = { plant: plants ?? [], type: [type], status: [status] };
    if (!passes(view.where, seen) || !passes(target.where, seen)) return [];
    const document = wanted(gap, source.owned);
    const [stream] = compiled.writesOf('material', document);
    if (stream === undefined) return [];
    const now = gap.target_fields === null ? undefined : compiled.render(stream, gap.target_fields as Fields);
    const then = compiled.render(stream, document);
    // What the target cannot tell apart in its own words is no difference.
    if (now?.ok && then.ok && isDeepStrictEqual(now.record, then.record)) return [];
    return [{ intent: intentOf(view, source, target, gap, stream, document), fight: fight(source, target, gap) }];
  });
};

/** A new record takes what the source says; of one that is there only the owned fields change. */
const wanted = (gap: MasterGap, owned: string[]): Fields => {
  const fields = gap.fields as Fields;
  if (gap.target_fields === null) return { ...fields, ...(gap.target_key !== null && { code: gap.target_key }) };
  const own = Object.fromEntries(owned.filter((name) => name in fields).map((name) => [name, fields[name] ?? null]));
  return { ...(gap.target_fields as Fields), ...own, ...(gap.target_key !== null && { code: gap.target_key }) };
};

const intentOf = (
  view: FlowView,
  source: StreamRead,
  target: TargetView,
  gap: MasterGap,
  stream: string,
  document: Fields,
): IntentPlan => {
  const identity = {
    target: target.system,
    flow: view.name,
    sourceSystem: source.system,
    documentId: gap.our_id,
    part: '',
    sourceVersion: gap.version,
  };
  return {
    ...identity,
    key: intentKey(identity),
    stream,
    entity: 'material',
    action: 'upsert',
    mode: view.mode === 'write' ? 'write' : 'propose',
    document,
    orderAt: '1970-01-01T00:00:00Z',
  };
};

const fight = (source: StreamRead, target: TargetView, gap: MasterGap): ExceptionInput => {
  const differing = source.owned.filter(
    (field) => field in gap.fields && !isDeepStrictEqual(gap.fields[field], gap.target_fields?.[field]),
  );
  return {
    class: 'field-fight',
    key: `${target.system}/${gap.our_id}`,
    systems: [source.system, target.system],
    material: String(gap.fields.code ?? ''),
    evidence: {
      fields: Object.fromEntries(
        differing.map((field) => [
          field,
          { [source.system]: gap.fields[field], [target.system]: gap.target_fields?.[field] ?? null },
        ]),
      ),
    },
  };
};
