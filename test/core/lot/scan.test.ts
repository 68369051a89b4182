/** What scanners send. */
import { expect, test } from '@jest/globals';
import { compileLotFormats, type SystemLotFormats } from '../../../src/core/lot/formats.js';
import { readScan } from '../../../src/core/lot/scan.js';

const lots = (system: string, pattern: string): SystemLotFormats =>
  compileLotFormats({
    system,
    formats: { made: { pattern }, part: { pattern: `${pattern}-S{shift:1}`, partOf: 'made' } },
    tables: {},
    dummyLots: ['', 'N/A', '无'],
    years: { around: 2026, ahead: 20 },
  });
const systems = [lots('erp', 'K{made:yyMM}{seq:3}'), lots('mes', 'L{line:1}-{made:yyDDD}-{seq:3}')];
const readBy = (raw: string) => readScan(raw, systems).readings.map(({ system, text }) => `${system} ${text}`);

test.each([
  ['a plain text with a line end', 'K2611005\r\n'],
  ['a Code 128 with its prefix', ']C0K2611005'],
  ['a GS1 DataMatrix', ']d2010690123450000417271130' + '10K2611005\u001d21A21F8\r\n'],
  ['brackets', '(01)06901234500004(10)K2611005'],
  ['a Digital Link', 'https://id.gs1.org/01/06901234500004/10/K2611005'],
  ['a reel', '[)>\u001e06\u001d1PRC0402-10K\u001d1TK2611005\u001dQ5000\u001e\u0004\n'],
])('%s', (_, raw) => {
  expect(readBy(raw)).toEqual(['erp K2611005']);
});

test('a label with more on it than the format of the system lists is still its lot', () => {
  const labels = compileLotFormats({
    system: 'wms',
    formats: { label: { gs1: '01 10', attributes: { gtin: 'gtin' } }, reel: { mh10: '1T' } },
    tables: {},
    dummyLots: [],
  });
  const more = ']d2010690123450000417271130' + '10K2611005\u001d21A21F8\r\n';
  expect(readScan(more, [...systems, labels])).toMatchObject({
    texts: [expect.any(String), 'K2611005', '(01)06901234500004(10)K2611005'],
    readings: [
      { system: 'erp', text: 'K2611005' },
      { system: 'wms', text: '(01)06901234500004(10)K2611005', parts: { lot: 'K2611005' } },
    ],
  });
  const reel = '[)>\u001e06\u001d1PRC0402-10K\u001d1TL2647A091\u001dQ5000\u001e\u0004\n';
  expect(readScan(reel, [labels]).readings).toMatchObject([{ format: 'reel', parts: { lot: 'L2647A091' } }]);
  // Where the label fits as it is, it stays as it was scanned.
  const fits = '\u001d010690123450000410K2611005';
  expect(readScan(fits, [labels]).readings).toMatchObject([{ text: fits }]);
});

test('a part of a lot says of which', () => {
  expect(readScan('L1-26305-001-S2\t', systems).readings).toMatchObject([
    { system: 'mes', format: 'part', partOf: 'L1-26305-001' },
  ]);
});

test('what it is none of, and why', () => {
  const scan = readScan(']C1\u001d10N/A\r', systems);
  expect(scan).toMatchObject({ label: { kind: 'gs1', lot: 'N/A' }, readings: [] });
  expect(scan.unread).toEqual([
    { system: 'erp', why: '"N/A" is no lot in erp' },
    { system: 'mes', why: '"N/A" is no lot in mes' },
  ]);
  expect(readScan('L1-26366-001', systems).unread[1]?.why).toContain(
    'part made: at character 4 expected a day that exists',
  );
});
