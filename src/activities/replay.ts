/** Parked records and refused writes, tried again with the newest mapping, by a person who has put something right. */
import type { RawRecord } from '../adapters/contract.js';
import { transaction } from '../store/database.js';
import { type ExceptionRow, noteReplay } from '../store/exceptions.js';
import { pageContext } from '../store/records.js';
import { planAgain } from '../store/replay.js';
import { type Deps, versionOf } from './deps.js';
import { flowView } from './flow-view.js';
import { rawPage } from './map-page.js';
import { beforePage, takePage } from './take-page.js';

export interface Replayed {
  id: string;
  /** `taken`: in the store now; `planned`: written with the next run; `parked`: still refused; `byItself`: no need. */
  result: 'taken' | 'planned' | 'parked' | 'byItself';
  message: string;
  /** Of the try before, and of this one. */
  mappingVersions: (string | null)[];
}

export const replay = async (deps: Pick<Deps, 'pool' | 'config' | 'mapping'>, row: ExceptionRow): Promise<Replayed> => {
  const { id, evidence } = row;
  if (typeof evidence.intent === 'string') {
    const planned = await planAgain(deps.pool, evidence.intent);
    return { id, result: planned ? 'planned' : 'byItself', message: '', mappingVersions: [] };
  }
  const [system] = row.systems;
  const stream = evidence.stream;
  const known = row.flow in (deps.config.flows ?? {});
  if (row.class !== 'parked' || !known || system === undefined || typeof stream !== 'string' || row.last_run === null)
    return { id, result: 'byItself', message: '', mappingVersions: [] };

  const view = flowView({ ...deps, adapter: noAdapter }, row.flow);
  const read = [...view.reads, ...view.readsAfter].find((one) => one.system === system && one.stream === stream);
  if (!read) return { id, result: 'byItself', message: '', mappingVersions: [] };
  const mapping = deps.mapping(system);
  const mappingVersion = await versionOf(deps, system, mapping);
  const before = typeof evidence.mappingVersion === 'string' ? evidence.mappingVersion : null;
  const page = pageContext({ ...read, runId: row.last_run, flow: row.flow, mappingVersion });
  const parked = await transaction(deps.pool, beforePage(page), async ({ client }) => {
    const raw = await rawPage(mapping, stream, [row.payload as RawRecord], 1);
    const { parked: left } = await takePage(client, page, mapping, raw);
    await noteReplay(client, id, { from: before, to: mappingVersion }, left.length === 0);
    return left;
  });
  const [first] = parked;
  return {
    id,
    result: first ? 'parked' : 'taken',
    message: first?.message ?? '',
    mappingVersions: [before, mappingVersion],
  };
};

const noAdapter = (): never => {
  throw new Error('a replay asks no system');
};
