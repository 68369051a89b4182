/** The nightly job on the simulated plant, through the command line, against what really happened there. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type PlantHub, startPlantHub } from '../support/plant-hub.js';
import { tracesBeside } from '../trace/beside-truth.js';

let hub: PlantHub;
beforeAll(async () => {
  hub = await startPlantHub();
}, 600_000);
afterAll(async () => {
  expect(await hub.stop()).toBe(0);
}, 60_000);

interface Posted {
  system: string;
  document: string;
  reference: string;
  kind: string;
  plant: string;
  order: string;
  material: string;
  lot: string;
  to_lot: string | null;
  colour: string | null;
  quantity: string;
  unit: string;
  from: string | null;
  to: string | null;
}

/** The lines of our own documents, as the ERPs gave them when they were read. */
const postedLines = (): Promise<Posted[]> =>
  hub.query<Posted>(
    `select m.system, m.document, m.kind, m.plant, coalesce(o.code, '') as order, mat.code as material,
            case when m.system = 'kingdee' then m.document else m.reference end as reference,
            coalesce(m.details->>'lot', '') as lot, m.details->>'toLot' as to_lot, v.values->>'colour' as colour,
            trim_scale(m.quantity)::text as quantity, m.unit,
            m.from_place->>'location' as from, m.to_place->>'location' as to
       from movement m join material mat on mat.id = m.material_id
       left join thing o on o.id = m.order_id left join variant v on v.id = m.variant_id
      where m.origin = 'ours' and m.state = 'posted' and m.system in ('sap', 'kingdee')`,
  );

const lineText = (line: {
  material: string;
  lot: string;
  toLot?: string | null;
  colour?: string | null;
  quantity: string;
  unit: string;
  from: string | null;
  to: string | null;
}) =>
  [
    line.material,
    line.lot,
    line.toLot ?? '',
    line.colour ?? '',
    line.quantity,
    line.unit,
    line.from ?? '',
    line.to ?? '',
  ].join(' ');

const documentText = (one: { system: string; kind: string; plant: string; order: string; lines: string[] }): string =>
  [one.system, one.kind, one.plant, one.order, ...one.lines.sort()].join(' | ');

describe('the first night', () => {
  test('posts every document of the go-live day once in its ERP, and nothing else', async () => {
    const documents = new Map<string, Posted[]>();
    for (const line of await postedLines()) {
      const key = `${line.system}/${line.document}`;
      documents.set(key, [...(documents.get(key) ?? []), line]);
    }
    const posted = [...documents.values()].map((lines) =>
      documentText({
        system: lines[0]?.system ?? '',
        kind: lines[0]?.kind ?? '',
        plant: lines[0]?.plant ?? '',
        order: lines[0]?.order ?? '',
        lines: lines.map((line) => lineText({ ...line, toLot: line.to_lot })),
      }),
    );
    const expected = hub.truth.expectedDocuments.map((one) =>
      documentText({ ...one, lines: one.lines.map((line) => lineText({ ...line, from: line.from, to: line.to })) }),
    );
    expect(expected.length).toBeGreaterThan(50);
    expect(posted.sort()).toEqual(expected.sort());
  });

  test('settles every write, each under its own key', async () => {
    const open = await hub.query(`select key, state from intent where state <> 'written'`);
    expect(open).toEqual([]);
    const keys = (await postedLines()).map((line) => `${line.reference} ${line.document}`);
    const byKey = new Map<string, Set<string>>();
    for (const pair of keys) {
      const [key = '', document = ''] = pair.split(' ');
      byKey.set(key, (byKey.get(key) ?? new Set()).add(document));
    }
    expect([...byKey.values()].every((documents) => documents.size === 1)).toBe(true);
  });

  test('every count adds up: read = unchanged + changed + parked', async () => {
    const runs = await hub.query<{ name: string; read: string; sum: string }>(
      `select name, read, unchanged + changed + parked as sum from run where kind = 'sync'`,
    );
    expect(runs.length).toBeGreaterThanOrEqual(4);
    for (const run of runs) expect({ name: run.name, read: run.sum }).toEqual({ name: run.name, read: run.read });
  });

  test('a material changed in SAP, or missing in the WMS, is brought in step', async () => {
    const written = await hub.query<{ code: string }>(
      `select m.code from intent i join material m on m.id::text = i.document_id
        where i.entity = 'material' and i.target = 'wms' and i.state = 'written'`,
    );
    const wanted = hub.truth.faults
      .filter((fault) => fault.kind.startsWith('material-'))
      .map((fault) => fault.material);
    expect(written.map((row) => row.code).sort()).toEqual(wanted.sort());
  });

  test('a lot of one system reaches the others in their own numbers', async () => {
    const rows = await hub.query<{ target: string; lot: string }>(
      `select target, document->>'lot' as lot from intent where entity = 'lot' and state = 'written'`,
    );
    const lots = (target: string) => rows.filter((row) => row.target === target).map((row) => row.lot);
    expect(lots('sap').filter((lot) => /^261122[ABC]\d{3}$/.test(lot)).length).toBeGreaterThan(0);
    expect(lots('wms').filter((lot) => /^(S1|K2)-261122-\d-\d{3}$/.test(lot)).length).toBeGreaterThan(0);
    expect(lots('mes').filter((lot) => /^R261122-\d{3}$/.test(lot)).length).toBeGreaterThan(0);
  });
});

interface OpenDifference {
  class: string;
  systems: string[];
  plant: string;
  location: string;
  material: string;
  lot: string;
  difference: string;
  unit: string;
  causes: { cause: string; quantity: string; documents: string[] }[];
  evidence: { status?: string };
}

describe('the comparison of stock', () => {
  const differences = async (): Promise<OpenDifference[]> => {
    const { stdout } = await hub.run('exceptions', 'list', '--json');
    const all = JSON.parse(stdout) as OpenDifference[];
    return all.filter((one) => ['drift', 'missing-here', 'could-not-look'].includes(one.class));
  };
  const planted = () => hub.truth.faults.filter((fault) => fault.kind === 'drift');

  test('finds every planted fault, names its cause, and finds no other', async () => {
    const found = (await differences()).map(({ causes, difference, evidence, class: _class, ...where }) => ({
      ...where,
      quantity: difference,
      cause: causes.map(({ cause }) => cause).join(' '),
    }));
    const row = (one: (typeof found)[number]) =>
      [one.cause, ...one.systems, one.plant, one.location, one.material, one.lot, one.quantity, one.unit].join(' ');
    expect(planted().length).toBeGreaterThan(10);
    expect(found.map(row).sort()).toEqual(planted().map(row).sort());
  });

  test('each kind of fault was there to be found', () => {
    const kinds = new Set(planted().map((fault) => fault.cause));
    const wanted = 'cut-off location lot-swap lot-unmapped not-posted posted-twice sign status unit-factor';
    expect([...kinds].sort().join(' ')).toBe(wanted);
  });

  test('proves each by the document that is wrong', async () => {
    const open = await differences();
    const proved = planted().filter((fault) =>
      open.some(
        (one) =>
          one.material === fault.material &&
          one.difference === fault.quantity &&
          one.causes.some(({ documents }) => documents.some((name) => name.endsWith(`/${fault.document}`))),
      ),
    );
    expect(proved).toEqual(planted());
  });

  test('runs alone, job by job, and refuses a job that nobody wrote', async () => {
    const { code, stdout } = await hub.run('reconcile', 'line-1010', '--json');
    const answer = JSON.parse(stdout) as { outcome: string; runs: Record<string, unknown>[]; exceptions: unknown };
    expect(code).toBe(1);
    expect(answer).toMatchObject({ outcome: 'differences', exceptions: { opened: 0, closed: 0 } });
    expect(answer.runs).toMatchObject([{ kind: 'reconcile', job: 'line-1010', outcome: 'differences', changed: 3 }]);
    expect((await hub.run('reconcile', 'nobody')).code).toBe(2);
  }, 60_000);
});

describe('the trace index', () => {
  test('gives the traces of 100 lots as they really were', async () => {
    expect(hub.truth.traces.length).toBeGreaterThanOrEqual(100);
    const { walked, truth } = await tracesBeside(hub.pool, hub.truth.traces);
    expect(walked).toEqual(truth);
  }, 120_000);

  test('is asked by any system’s number, and asks back where a number means two lots', async () => {
    const made = hub.truth.traces.find((one) => one.scope === '1010' && /^\d{6}[ABC]\d{3}$/.test(one.lot));
    const lot = made?.lot ?? '';
    const line = { A: '3', B: '4', C: '5' }[lot.charAt(6)] ?? '';
    const wms = `S1-${lot.slice(0, 6)}-${line}-${lot.slice(7)}`;
    const [asSap, asWms] = await Promise.all([
      hub.run('trace', lot, '--backward', '--json'),
      hub.run('trace', wms, '--backward', '--json'),
    ]);
    expect(asSap.code).toBe(0);
    const { asked, asKnownAt, ...answer } = JSON.parse(asSap.stdout) as Record<string, unknown>;
    expect(answer).toMatchObject({ lot, direction: 'backward' });
    expect(JSON.parse(asWms.stdout)).toMatchObject(answer);
    const two = await hub.run('trace', 'LOT7', '--json');
    expect(two.code).toBe(2);
    expect(JSON.parse(two.stdout)).toMatchObject({ candidates: [{ scope: '1010' }, { scope: '200' }] });
    expect((await hub.run('trace', 'LOT7', '--scope', '200')).stdout).toContain('Where it came from: LOT7');
    const none = await hub.run('trace', 'LOT9999');
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('trace.lot-unknown') });
  }, 180_000);
});

describe('reports that contradict each other', () => {
  interface Contradiction {
    class: string;
    evidence: { says: { document: string }; counts: { document: string } };
  }

  test('are those of the documents that are wrong, and no others', async () => {
    const { stdout } = await hub.run('exceptions', 'list', '--json');
    const open = (JSON.parse(stdout) as Contradiction[]).filter((one) => one.class === 'contradiction');
    const causes = open.map(({ evidence: { says, counts } }) => {
      const documents = [says.document, counts.document];
      const fault = hub.truth.faults.find(
        ({ document }) =>
          document !== '' && documents.some((name) => name === document || name.endsWith(`/${document}`)),
      );
      return fault?.cause ?? documents.join(' and ');
    });
    expect(causes.sort()).toEqual(['lot-swap', 'lot-unmapped', 'sign', 'unit-factor']);
  });
});

describe('the second night', () => {
  test('writes nothing again', async () => {
    const { code, stdout } = await hub.run('nightly', '--json');
    const night = JSON.parse(stdout) as {
      outcome: string;
      runs: { kind: string; written: number }[];
      exceptions: { opened: number; closed: number };
    };
    expect(code).toBe(1);
    expect(night.outcome).toBe('differences');
    expect(night.runs.filter((run) => run.kind === 'sync').map((run) => run.written)).toEqual([0, 0, 0, 0]);
    expect(night.runs).toContainEqual(expect.objectContaining({ kind: 'trace', read: 0, changed: 0 }));
    expect(night.exceptions).toMatchObject({ opened: 0, closed: 0 });
  }, 120_000);
});
