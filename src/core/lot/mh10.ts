/**
 * Labels of electronic parts, ANSI MH10.8.2 in an ISO/IEC 15434 envelope, as a ready-made format: `mh10: '1P 1T 9D? Q?'`
 * names the data identifiers, those with `?` may be missing. Fields are read in any order; a label with one that is not listed is
 * refused, for it could not be written again as it was; with a `*` in the list others are passed over. A field that stands there
 * twice (two date codes on one reel) is read as both, joined by `+`.
 */
import { LotbridgeError } from '../errors.js';
import type { ReadyMade } from './ready-made.js';

const [eot, gs, rs] = ['\u0004', '\u001d', '\u001e'];

const known: Record<string, { name: string; type: string }> = {
  P: { name: 'item', type: 'ascii(1..40)' },
  '1P': { name: 'supplierItem', type: 'ascii(1..40)' },
  T: { name: 'lot', type: 'ascii(1..40)' },
  '1T': { name: 'lot', type: 'ascii(1..40)' },
  '9D': { name: 'dateCode', type: 'ascii(1..40)' },
  Q: { name: 'quantity', type: 'ascii(1..20)' },
  S: { name: 'serial', type: 'ascii(1..40)' },
  V: { name: 'supplier', type: 'ascii(1..20)' },
  K: { name: 'order', type: 'ascii(1..40)' },
  '4L': { name: 'origin', type: 'ascii(1..20)' },
};

const refuse = (text: string, message: string): LotbridgeError =>
  new LotbridgeError({
    code: 'lot.mh10',
    class: 'config',
    message: `mh10 "${text}": ${message}`,
    fix: "List data identifiers, those that may be missing with a question mark: mh10: '1P 1T 9D? Q?'; a * passes over all others.",
  });

/** Control characters as they are often shown. */
const plainText = (text: string): string => text.replace(/␞/g, rs).replace(/␝/g, gs).replace(/␄/g, eot);

/** What a label says, or undefined when the text is none. */
export const mh10Fields = (text: string): ReadonlyMap<string, string> | undefined => {
  const [, body] = /^\[\)>\x1e06\x1d([^\x04]*?)\x1e?\x04?$/.exec(plainText(text)) ?? [];
  if (body === undefined) return undefined;
  const fields = new Map<string, string>();
  for (const field of body.split(gs)) {
    const [, identifier, value] = /^(\d{0,3}[A-Z])(.+)$/.exec(field) ?? [];
    if (identifier === undefined || value === undefined) return undefined;
    const before = fields.get(identifier);
    fields.set(identifier, before === undefined ? value : `${before}+${value}`);
  }
  return fields;
};

/** @throws LotbridgeError `lot.mh10` */
export const mh10Format = (spec: string): ReadyMade => {
  const words = spec.trim().split(/\s+/);
  const passesOver = words.includes('*');
  const wanted = words
    .filter((word) => word !== '*')
    .map((word) => {
      const [, identifier, optional] = /^(\d{0,3}[A-Z])(\?)?$/.exec(word) ?? [];
      if (identifier === undefined) throw refuse(spec, `${word} is no data identifier`);
      return { identifier, optional: optional !== undefined };
    });
  if (new Set(wanted.map((one) => one.identifier)).size < wanted.length) throw refuse(spec, 'one stands there twice');
  if (wanted.every((one) => one.optional)) throw refuse(spec, 'not all can be optional');
  const nameOf = (identifier: string) => known[identifier] ?? { name: `di${identifier}`, type: 'ascii(1..90)' };
  const pattern = wanted
    .map(({ identifier, optional }) => {
      const { name, type } = nameOf(identifier);
      const field = `${identifier}{${name}:${type}}${gs}`;
      return optional ? `[${field}]` : field;
    })
    .join('');
  type Fields = NonNullable<ReturnType<typeof mh10Fields>>;
  const inOrder = (fields: Fields): string =>
    wanted
      .flatMap(({ identifier }) => {
        const value = fields.get(identifier);
        return value === undefined ? [] : [`${identifier}${value}${gs}`];
      })
      .join('');
  const unlisted = (fields: Fields): [string, string][] =>
    passesOver ? [] : [...fields].filter(([identifier]) => wanted.every((one) => one.identifier !== identifier));
  const format: ReadyMade = {
    pattern: `${rs}${pattern}`,
    normalise: (text) => {
      const fields = mh10Fields(text);
      if (!fields) return text;
      // No pattern has what follows a separator of its own.
      const rest = unlisted(fields).map(([identifier, value]) => `${rs}${identifier}${value}`);
      return [rs, inOrder(fields), ...rest].join('');
    },
    pick: (text) => {
      const fields = mh10Fields(text);
      return fields && format.dress(`${rs}${inOrder(fields)}`);
    },
    refusal: (text) => {
      const [other] = unlisted(mh10Fields(text) ?? new Map());
      if (!other) return undefined;
      const [identifier, value] = other;
      const all = wanted.map((one) => one.identifier).join(', ');
      return {
        code: 'lot.mh10-unlisted',
        part: nameOf(identifier).name,
        position: Math.max(text.indexOf(`${identifier}${value}`), 0) + 1,
        expected: `only ${all}, as the format lists them (add ${identifier}?, or * to pass over all others)`,
        found: `${identifier}${value}`,
      };
    },
    dress: (text) => {
      const fields = text
        .slice(1)
        .split(gs)
        .filter((field) => field !== '')
        .flatMap((field) => {
          const [, identifier = '', value = ''] = /^(\d{0,3}[A-Z])(.*)$/.exec(field) ?? [];
          return value.split('+').map((one) => identifier + one);
        });
      return `[)>${rs}06${gs}${fields.join(gs)}${rs}${eot}`;
    },
  };
  return format;
};
