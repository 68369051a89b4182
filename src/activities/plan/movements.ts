/** What MES and WMS did since go-live, as documents of the target: each once, with all its lines, in its own words. */
import { intentKey } from '../../core/intent-key.js';
import type { Json } from '../../core/json.js';
import type { Place } from '../../core/model/records.js';
import type { Client } from '../../store/database.js';
import { closeByKey, type ExceptionInput } from '../../store/exceptions.js';
import { type IntentPlan, resumePostings } from '../../store/intents.js';
import {
  earlierReversals,
  type PostedAsk,
  type PostedLine,
  parkDocuments,
  postedLines,
  reversalsOfHistory,
  type TakenBack,
  takenBack,
  withdrawIntents,
} from '../../store/postings.js';
import type { Deps } from '../deps.js';
import type { FlowView, TargetView } from '../flow-view.js';
import { lotTextFor } from './lot-text.js';
import { numberMoved } from './number-lot.js';
import { passes } from './where.js';

/** Receipts and shipments belong to purchasing and sales documents: they are read, not written. */
const written = ['issue', 'produce', 'transfer', 'merge', 'status'];

type Document = { [key: string]: Json };

export interface MovementPlans {
  intents: IntentPlan[];
  refused: ExceptionInput[];
}

/** First what is to be taken back, then what was posted, some documents at a time. */
export async function* planMovements(
  client: Client,
  deps: Deps,
  view: FlowView,
  ask: { runId: string; source: string; target: TargetView; start: string },
): AsyncGenerator<MovementPlans> {
  const { source, target } = ask;
  const pair = { flow: view.name, source, target: target.system };
  const postedAsk: PostedAsk = { ...pair, start: ask.start, kinds: written, plants: target.plants };
  const back = await takenBack(client, pair);
  const withdrawn = back.filter((one) => one.never_sent || one.state === 'rejected');
  await withdrawIntents(
    client,
    withdrawn.map((one) => one.key),
  );
  await closeByKey(client, view.name, ask.runId, 'parked', exceptionKeys(pair, withdrawn));
  if (view.mode === 'write') await resumePostings(client, { ...pair, runId: ask.runId, start: ask.start });
  const reversals = back.filter((one) => !withdrawn.includes(one)).map((one) => reversalOf(view, pair, one));
  const history = (await reversalsOfHistory(client, postedAsk)).map((one) => historyReversed(pair, one));
  const park = (refused: ExceptionInput[]): Promise<void> =>
    parkDocuments(
      client,
      ask.runId,
      source,
      refused.map((one) => String(one.evidence.document)),
    );
  await park(history);
  yield { intents: reversals, refused: history };

  const reversed = reversals.map(({ key, documentId, part }) => ({ key, document: documentId, part }));
  for await (const all of postedLines(client, postedAsk)) {
    const lines = all.filter((line) => isMeant(view, target, line));
    const documents = [...new Set(lines.map((line) => line.document))];
    const before = [...reversed, ...(await earlierReversals(client, { ...pair, documents }))];
    const plans: MovementPlans = { intents: [], refused: [] };
    for (const group of documentsOf(lines)) {
      const made = await documentFor(client, deps, pair, group);
      if ('refused' in made) plans.refused.push(made.refused);
      else plans.intents.push(postingOf(view, pair, group, made.stream, made.document, before));
    }
    await park(plans.refused);
    yield plans;
  }
}

interface Pair {
  flow: string;
  source: string;
  target: string;
}

const isMeant = (view: FlowView, target: TargetView, line: PostedLine): boolean => {
  const seen = {
    plant: [line.plant],
    scope: [line.scope],
    kind: [line.kind],
    location: [line.from_place?.location, line.to_place?.location],
    status: [line.from_place?.status, line.to_place?.status],
  };
  return passes(view.where, seen) && passes(target.where, seen);
};

interface Group {
  lines: [PostedLine, ...PostedLine[]];
  part: string;
}

/** A target document has one kind, one plant, one scope and one order; a source document that has more is split by them. */
const documentsOf = (lines: PostedLine[]): Group[] => {
  const documents = new Map<string, Map<string, [PostedLine, ...PostedLine[]]>>();
  for (const line of lines) {
    const groups = documents.get(line.document) ?? new Map<string, [PostedLine, ...PostedLine[]]>();
    documents.set(line.document, groups);
    const kindOf = [line.kind, line.plant, line.scope, line.order ?? ''].join('/');
    const group = groups.get(kindOf);
    if (group) group.push(line);
    else groups.set(kindOf, [line]);
  }
  return [...documents.values()].flatMap((groups) =>
    [...groups].map(([kindOf, own]): Group => {
      // Lines that came after the document was planned are a document of their own, named by the first of them.
      const part = own[0].later ? `${kindOf}/${own[0].line}` : groups.size > 1 ? kindOf : '';
      return { lines: own, part };
    }),
  );
};

const documentFor = async (
  client: Client,
  deps: Deps,
  pair: Pair,
  { lines }: Group,
): Promise<{ stream: string; document: Document } | { refused: ExceptionInput }> => {
  const [first] = lines;
  const made: Document[] = [];
  for (const line of lines) {
    if (line.material === null)
      return refused(pair, line, 'movement.material-missing', `${pair.target} has no material ${line.material_code}`);
    const lot = await textOf(client, deps, pair, line, { text: line.lot, known: line.known_lot, id: line.lot_id });
    if (!lot.ok) return refused(pair, line, lot.code, lot.message);
    const toLot = await textOf(client, deps, pair, line, {
      text: line.to_lot,
      known: line.known_to_lot,
      id: line.to_lot_id,
    });
    if (!toLot.ok) return refused(pair, line, toLot.code, toLot.message);
    made.push({
      line: line.line,
      material: line.material,
      ...(line.variant && { variant: line.variant }),
      ...(lot.text !== undefined && { lot: lot.text }),
      ...(toLot.text !== undefined && { toLot: toLot.text }),
      ...(line.made !== null && { made: line.made }),
      ...(line.expiry !== null && { expiry: line.expiry }),
      quantity: line.quantity,
      unit: line.unit,
      ...(line.from_place && { from: placeFor(line.from_place, line.known_from) }),
      ...(line.to_place && { to: placeFor(line.to_place, line.known_to) }),
    });
  }
  const document: Document = {
    kind: first.kind,
    plant: first.plant,
    scope: first.scope,
    ...(first.order !== null && { order: first.order }),
    ...(first.delivery !== null && { delivery: first.delivery }),
    postingDate: first.posting_date ?? first.happened_at.slice(0, 10),
    happenedAt: first.happened_at,
    lines: made,
  };
  const [stream] = deps.mapping(pair.target).compiled.writesOf('movement', document);
  if (stream !== undefined) return { stream, document };
  return refused(
    pair,
    first,
    'mapping.not-written',
    `The mapping of ${pair.target} has no document for a movement of kind ${first.kind}`,
  );
};

/** As the source's mapping gives it, unless a person bound it to a location of the target. */
const placeFor = (place: Place, known: string | null): Document => ({
  ...place,
  ...(known !== null && { location: known }),
});

/** By alias or format; else, where the target's file says so, by a number of the hub: the lot's own in that system. */
const textOf = async (
  client: Client,
  deps: Deps,
  pair: Pair,
  line: PostedLine,
  { text, known, id }: { text: string | null; known: string | null; id: string | null },
) => {
  if (text === null) return { ok: true as const, text: undefined };
  const attributes = {
    scope: line.scope,
    plant: line.plant,
    date: line.lot_date ?? line.posting_date ?? line.happened_at.slice(0, 10),
  };
  const source = { system: pair.source, text };
  const written = lotTextFor(deps, pair.target, { ...source, known }, attributes);
  if (written.ok || id === null || line.material === null) return written;
  return (await numberMoved(client, deps, pair.target, source, { id, material: line.material }, attributes)) ?? written;
};

const exceptionKeys = (pair: Pair, documents: TakenBack[]): string[] =>
  documents.map(({ key }) => `${pair.target}/${key}`);

const exceptionKey = (pair: Pair, document: string): string => `${pair.target}/${pair.source}/${document}`;

const refused = (pair: Pair, line: PostedLine, code: string, message: string): { refused: ExceptionInput } => ({
  refused: {
    class: 'parked',
    key: exceptionKey(pair, line.document),
    systems: [pair.source, pair.target],
    plant: line.plant,
    material: line.material_code,
    lot: line.lot ?? undefined,
    quantities: { [pair.source]: line.quantity },
    unit: line.unit,
    evidence: { code, message, document: line.document, line: line.line },
  },
});

const historyReversed = (pair: Pair, one: { document: string; reverses: string; plant: string }): ExceptionInput => ({
  class: 'parked',
  key: exceptionKey(pair, one.document),
  systems: [pair.source, pair.target],
  plant: one.plant,
  evidence: {
    code: 'movement.reverses-history',
    message: `${one.document} takes back ${one.reverses}, which was posted before go-live: take it back in ${pair.target} by hand`,
    document: one.document,
  },
});

const reversalOf = (view: FlowView, pair: Pair, one: TakenBack): IntentPlan => {
  const identity = {
    target: pair.target,
    flow: pair.flow,
    sourceSystem: pair.source,
    documentId: one.document_id,
    part: `${one.part}/reversal`,
    sourceVersion: one.source_version,
  };
  return {
    ...identity,
    key: intentKey(identity),
    stream: one.stream,
    entity: 'movement',
    action: 'reverse',
    mode: modeOf(view),
    document: {},
    afterKey: one.key,
    orderAt: one.order_at,
  };
};

/** A new version of a document waits until the old one is taken back. */
const postingOf = (
  view: FlowView,
  pair: Pair,
  { lines, part }: Group,
  stream: string,
  document: Document,
  reversals: { key: string; document: string; part: string }[],
): IntentPlan => {
  const [first] = lines;
  const identity = {
    target: pair.target,
    flow: pair.flow,
    sourceSystem: pair.source,
    documentId: first.document,
    part,
    sourceVersion: first.revision,
  };
  const before = reversals.filter((one) => one.document === first.document);
  return {
    ...identity,
    key: intentKey(identity),
    stream,
    entity: 'movement',
    action: 'post',
    mode: modeOf(view),
    document,
    afterKey: (before.find((one) => one.part === `${part}/reversal`) ?? before[0])?.key,
    orderAt: first.happened_at,
  };
};

const modeOf = (view: FlowView): 'write' | 'propose' => (view.mode === 'write' ? 'write' : 'propose');
