/** Mapping records of twelve fields with a lot format, against the same mapping written by hand. */
import { isDeepStrictEqual } from 'node:util';
import { parseMappingText } from '../config/mapping-file.js';
import type { CompiledMapping } from '../core/mapping/compile.js';
import { lotKey } from '../core/mapping/lot-identity.js';
import { type HandMade, mapByHand } from './mapping-by-hand.js';
import { type Benchmark, result } from './result.js';

const file = `system: wms
timeZone: Asia/Shanghai
lotScope: org
dummyLots: ['', 'N/A', '0']
lotYears: { around: 2026, ahead: 20 }
tables:
  plants: { '1010': '1010', '200': '200', '210': '200' }
  status: { Available: unrestricted, Quality: inspection, Hold: blocked }
  site: { S1: '1010', K2: '200', K3: '210' }
lotFormats:
  made: { pattern: '{site:table(site)}-{made:yyMMdd}-{line:1}-{seq:3}', attributes: { site: scope } }
  received: { pattern: 'R{received:yyMMdd}-{seq:3}' }
streams:
  batch:
    entity: lot
    key: [ItemId, BatchNumberId, BusinessUnitId]
    where: { path: State, equals: Active }
    fields:
      material: { from: ItemId, do: [stripLeadingZeros] }
      variant: { set: { colour: { from: Colour, optional: true } } }
      lot: { from: BatchNumberId, do: [trim] }
      scope: BusinessUnitId
      plant: { from: BusinessUnitId, table: plants }
      made: { from: ManufactureDate, do: [isoDay], optional: true }
      received: { from: ReceivedDate, do: [isoDay], optional: true }
      expiry: { from: ExpirationDate, do: [isoDay], optional: true }
      supplier: { from: SupplierId, optional: true }
      supplierLot: { from: SupplierBatchNumber, optional: true }
      status: { from: Status, table: status }
      changedAt: { from: UpdatedTimestamp, do: [localInstant] }
tests: []
`;

type Raw = Record<string, string | null>;

const two = (value: number): string => String(value).padStart(2, '0');

const rawRecords = (n: number): Raw[] =>
  Array.from({ length: n }, (_, at) => {
    const day = `2026-${two((at % 12) + 1)}-${two((at % 28) + 1)}`;
    const short = day.slice(2).replaceAll('-', '');
    const received = at % 4 === 0;
    const number = String(at % 1000).padStart(3, '0');
    return {
      ItemId: `000${100_000 + (at % 5000)}`,
      BatchNumberId: received ? `R${short}-${number}` : `K2-${short}-${at % 10}-${number}`,
      BusinessUnitId: '200',
      Colour: at % 5 === 0 ? 'red' : null,
      ManufactureDate: received ? null : day,
      ReceivedDate: received ? day : null,
      ExpirationDate: `2027-${day.slice(5)}T00:00:00`,
      SupplierId: received ? 'V100' : null,
      SupplierBatchNumber: received ? `S-${at}` : null,
      Status: at % 7 === 0 ? 'Quality' : 'Available',
      State: 'Active',
      UpdatedTimestamp: `${day}T${two(at % 24)}:${two(at % 60)}:00`,
    };
  });

const byMapping = (mapping: CompiledMapping, raw: Raw): HandMade | undefined => {
  const [read] = mapping.readAll('batch', raw);
  if (!read?.ok || read.entity !== 'lot') return undefined;
  const { record } = read;
  const { lot, scope, plant } = record;
  return { record, identity: lotKey(mapping.lots, lot, { date: record.made ?? record.received, scope, plant }) };
};

/** Millions of a second for each record, the best of some rounds: what else the machine does is not counted. */
const best = (records: readonly Raw[], map: (raw: Raw) => HandMade | undefined): number => {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    let mapped = 0;
    for (const raw of records) if (map(raw) !== undefined) mapped += 1;
    if (mapped !== records.length) throw new Error(`${records.length - mapped} records were not mapped`);
    least = Math.min(least, performance.now() - begun);
  }
  return least / 1000;
};
const rounds = 5;
/** All at once would measure the garbage collector. */
const held = 50_000;

const mapping: Benchmark['run'] = async (n) => {
  const { mapping: loaded, problems } = parseMappingText(file, 'batch', {});
  if (!loaded) throw new Error(JSON.stringify(problems));
  const { compiled } = loaded;
  for (const raw of rawRecords(1000))
    if (!isDeepStrictEqual(byMapping(compiled, raw), mapByHand(raw)))
      throw new Error(`mapped otherwise: ${JSON.stringify([byMapping(compiled, raw), mapByHand(raw)])}`);
  let [ours, peer] = [0, 0];
  for (let from = 0; from < n; from += held) {
    const records = rawRecords(Math.min(held, n - from));
    ours += best(records, (raw) => byMapping(compiled, raw));
    peer += best(records, mapByHand);
  }
  return [result(n, 'records/s', n / ours, n / peer, 'the same mapping written by hand in TypeScript')];
};

export const mappingBenchmarks: Record<string, Benchmark> = { mapping: { usual: 1_000_000, run: mapping } };
