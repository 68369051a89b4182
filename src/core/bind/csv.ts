/**
 * Review lists as CSV that spreadsheets cannot spoil: every text is written as `="00123"`, which Excel, WPS and LibreOffice show
 * as text and never make a number or a date of (`26E0004`, `1-2`), and which cannot run as a formula. Read back with or without it,
 * with comma, semicolon or tab, in UTF-8 or GBK, as those programs save it.
 */
import { LotbridgeError } from '../errors.js';

/** With a byte order mark, by which spreadsheets know that it is UTF-8. */
export const writeCsv = (rows: readonly (readonly (string | number)[])[]): string =>
  `\ufeff${rows.map((row) => row.map(cellOf).join(',')).join('\r\n')}\r\n`;

const cellOf = (value: string | number): string => {
  if (typeof value === 'number') return String(value);
  const text = value.replace(/[\r\n]+/g, ' ');
  return text === '' || /^[A-Za-z][A-Za-z ]*$/.test(text) ? quoted(text) : quoted(`="${text.replaceAll('"', '""')}"`);
};

const quoted = (text: string): string => (/[",;\t=]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** @throws LotbridgeError `bind.csv-malformed` with the line */
export const readCsv = (bytes: Uint8Array): string[][] => {
  const text = decoded(bytes);
  const separator = separatorOf(text);
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let inside = false;
  let line = 1;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '\n') line += 1;
    if (inside) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else inside = false;
    } else if (character === '"' && (cell === '' || cell === '=')) inside = true;
    else if (character === separator || character === '\n') {
      row.push(plain(cell));
      cell = '';
      if (character === '\n') {
        if (row.some((one) => one !== '')) rows.push(row);
        row = [];
      }
    } else if (character !== '\r') cell += character;
  }
  if (inside)
    throw new LotbridgeError({
      code: 'bind.csv-malformed',
      class: 'config',
      message: `Line ${line}: a quote is not closed`,
      fix: 'Save the list from the spreadsheet as CSV again.',
    });
  row.push(plain(cell));
  if (row.some((one) => one !== '')) rows.push(row);
  return rows;
};

/** `="00123"` and `=00123` (its quotes were taken by the parser) are the text. */
const plain = (cell: string): string => {
  const text = cell.trim();
  const formula = /^="(.*)"$/s.exec(text);
  return formula?.[1] !== undefined ? formula[1].replaceAll('""', '"') : text.replace(/^=/, '');
};

const decoded = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
};

const separatorOf = (text: string): string => {
  const [first = ''] = text.split('\n', 1);
  const count = (one: string): number => first.split(one).length;
  return [',', ';', '\t'].reduce((best, one) => (count(one) > count(best) ? one : best));
};
