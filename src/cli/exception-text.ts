/** One exception for whoever must act on it: what differs, what each system says, why, the evidence, and what to do. */
import { en } from '../messages/en.js';
import type { ExceptionRow } from '../store/exceptions.js';
import { commandFor, type GlobalOptions } from './options.js';
import { ago } from './time.js';

export const exceptionText = (row: ExceptionRow, options: GlobalOptions): string =>
  [
    [en.exception.title(row.id, classWord(row.class), stateOf(row))],
    block(facts(row)),
    ...(quantities(row).length > 0 ? [[`${en.exception.says}:`, ...indented(block(quantities(row)))]] : []),
    ...causesOf(row),
    ...more(row),
    [`${en.exception.whatToDo}:`, ...indented(advice(row, options))],
  ]
    .map((lines) => lines.join('\n'))
    .join('\n\n');

export const classWord = (name: string): string => en.exceptionClass[name as keyof typeof en.exceptionClass] ?? name;

const stateOf = (row: ExceptionRow): string =>
  [
    row.state,
    row.closed_at === null ? en.exception.found(ago(row.opened_at), row.flow) : en.exception.closed(ago(row.closed_at)),
    ...(row.baseline ? [en.exception.baseline] : []),
    ...(row.reopened > 0 ? [en.exception.reopened(row.reopened)] : []),
    ...(row.owner === null ? [] : [en.exception.owner(row.owner)]),
  ].join(', ');

type Pair = [name: string, value: string];

const block = (pairs: Pair[]): string[] => {
  const widest = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(widest)}  ${value}`);
};
const indented = (lines: string[]): string[] => lines.map((line) => `  ${line.replaceAll('\n', '\n  ')}`);

const textIn = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const partsOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

const facts = (row: ExceptionRow): Pair[] => {
  const { evidence } = row;
  const names = en.exception.fact;
  const lots = partsOf(evidence.lots).filter(([, lot]) => lot !== row.lot);
  const own = lots.map(([system, lot]) => en.exception.ownLot(system, String(lot)));
  const lot = row.lot === undefined || row.lot === null ? undefined : [row.lot, ...own].join(', ');
  const found: [string, string | undefined | null][] = [
    [names.what, textIn(evidence.message) ?? row.key],
    [names.systems, row.systems.join(' ↔ ')],
    [names.plant, row.plant],
    [names.location, row.location],
    [names.material, row.material],
    [names.variant, partsOf(evidence.variant).map(String).join(' ') || textIn(evidence.variant)],
    [names.lot, lot],
    [names.status, textIn(evidence.status)],
  ];
  return found.flatMap(([name, value]): Pair[] => (value ? [[name, value]] : []));
};

/** Each system's own quantity; a contradiction also has each system's lot and document. */
const quantities = ({ quantities: said, unit, difference, evidence, systems }: ExceptionRow): Pair[] => {
  const amount = (value: string): string => [value, unit ?? ''].join(' ').trim();
  const [counts, says] = [new Map(partsOf(evidence.counts)), new Map(partsOf(evidence.says))];
  const reported = (of: Map<string, unknown>): string =>
    of.size === 0 ? '' : en.exception.reported(String(of.get('lot') ?? en.exception.noLot), String(of.get('document')));
  const lines = Object.entries(said).map(([system, value]): Pair => {
    const more = system === systems[0] ? reported(counts) : reported(says);
    return [system, [amount(value), more].filter((text) => text !== '').join(', ')];
  });
  if (difference === undefined || difference === null) return lines;
  return [...lines, [en.exception.fact.difference, amount(difference)]];
};

const causesOf = ({ causes, unit }: ExceptionRow): string[][] =>
  causes.map(({ cause, quantity, evidence }) => [
    en.exception.cause(cause, [quantity, unit ?? ''].join(' ').trim()),
    ...indented(evidence.split('; ')),
  ]);

/** Said already, or a number that only the store knows. */
const told = new Set(['message', 'status', 'variant', 'lots', 'lotId', 'materialId', 'group', 'counts', 'says']);

/** What else is known, and the record itself where one was parked. */
const more = ({ evidence, payload }: ExceptionRow): string[][] => {
  const pairs = Object.entries(evidence).flatMap(([name, value]): Pair[] =>
    told.has(name) || value === null || value === ''
      ? []
      : [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]],
  );
  return [
    ...(pairs.length > 0 ? [[`${en.exception.evidence}:`, ...indented(block(pairs))]] : []),
    ...(payload === null || payload === undefined
      ? []
      : [[`${en.exception.record}:`, ...indented(JSON.stringify(payload, null, 2).split('\n'))]]),
  ];
};

const advice = (row: ExceptionRow, options: GlobalOptions): string[] => {
  const byCause = row.causes.flatMap(
    ({ cause }) => en.exception.byCause[cause as keyof typeof en.exception.byCause] ?? [],
  );
  const byCode = en.exception.byCode[row.evidence.code as keyof typeof en.exception.byCode] as string | undefined;
  const byClass = byCode ?? en.exception.byClass[row.class as keyof typeof en.exception.byClass];
  const replay =
    row.class === 'parked' ? [en.exception.replay(commandFor(options, `exceptions replay ${row.id}`))] : [];
  return [
    ...new Set([...byCause, ...(byCause.length === 0 && byClass !== undefined ? [byClass] : []), ...replay]),
  ].concat(en.exception.closes);
};
