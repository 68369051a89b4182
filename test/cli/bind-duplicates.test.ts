/** What `bind … --duplicates` reads and shows: a code that two organisations mean two things by must not be lost on the way. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { everySaying, readForBinding } from '../../src/activities/bind-read.js';
import type { RawRecord } from '../../src/adapters/contract.js';
import { tellDuplicates } from '../../src/cli/bind-duplicates.js';
import { readCsv } from '../../src/core/bind/csv.js';
import { compileMapping } from '../../src/core/mapping/compile.js';
import type { MappingFile } from '../../src/core/mapping/schema.js';

const mapping = compileMapping({
  system: 'k3',
  lotScope: 'none',
  dummyLots: [],
  tables: {},
  lotFormats: {},
  streams: {
    item: {
      entity: 'material',
      key: ['code'],
      fields: { code: 'code', name: 'name', baseUnit: 'unit', plants: { list: ['org'] } },
    },
  },
  tests: [],
} satisfies MappingFile);

const row = (org: string, code: string, name: string, unit = 'KGM'): RawRecord => ({ org, code, name, unit });
const source = (...records: RawRecord[]) => ({
  mapping,
  materialId: () => undefined,
  adapter: {
    async *read() {
      yield { records, cursor: '' };
    },
  },
});

test('organisations that mean two things by one code are read each, those that agree once', async () => {
  const some = source(
    row('200', '7', 'Salt'),
    row('210', '7', 'Pepper'),
    row('200', '8', 'Oil'),
    row('210', '8', 'Oil'),
  );
  expect((await readForBinding(some, 'material')).map(({ code, name }) => `${code} ${name}`)).toEqual([
    '7 Salt',
    '8 Oil',
  ]);
  const said = await everySaying(some, 'material');
  expect(said.map(({ code, name, plant }) => `${code} ${name} ${plant}`)).toEqual([
    '7 Salt 200',
    '7 Pepper 210',
    '8 Oil 200 210',
  ]);
  const out = join(mkdtempSync(join(tmpdir(), 'duplicates-')), 'found.csv');
  expect(tellDuplicates({ configDir: undefined, dataDir: '', json: false }, 'k3', said, out)).toBe(1);
  expect(readCsv(readFileSync(out)).map((cells) => cells.join(' '))).toEqual([
    'find what score reason but scope plant key code name spec unit gtin',
    '1 one code, two things 95 code 7   200 7 7 Salt  KGM ',
    '1 one code, two things 95 code 7   210 7 7 Pepper  KGM ',
  ]);
});
