/** Whatever rules a stream has: if it may be turned round, what is written of any document is read as it was. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../../src/core/json.js';
import { compileMapping, lintMapping } from '../../../src/core/mapping/compile.js';
import type { Field, MappingFile, Rule } from '../../../src/core/mapping/schema.js';

const runs = 150;

type Document = { [key: string]: Json };

const text = fc.oneof(
  // Nothing but blanks is nothing.
  fc.string({ minLength: 1, maxLength: 8 }).filter((one) => one.trim() !== ''),
  fc.constantFrom(
    '007',
    '7',
    '-5',
    '5-',
    '1,234.50',
    '2026-11-22',
    'true',
    'N',
    'X',
    'K-77',
    'K-',
    ' A',
    'b',
    'Ａ',
    'A/B',
    'A-1-2',
  ),
);
const day = fc
  .date({ min: new Date('1901-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const decimal = fc
  .tuple(fc.integer(), fc.option(fc.stringMatching(/^[0-9]{1,4}$/), { nil: undefined }))
  .map(([whole, part]) => (part === undefined ? String(whole) : `${whole === 0 ? 1 : whole}.${part}`));
const instant = fc
  .tuple(day, fc.constantFrom('T02:30:00Z', 'T23:59:59.123+08:00', 'T00:00:00-05:30'))
  .map((parts) => parts.join(''));

const tables = {
  units: { KG: 'KGM', G: 'GRM', ' st': 'C62' },
  twice: { KG: 'KGM', kg: 'KGM' },
  flags: { true: 'lot', false: 'none' },
  states: { X: 'active', '': 'blocked' },
  numbers: { '1': 'active', '02': 'deleted' },
};
const step = fc.constantFrom(
  ...[
    'trim',
    'upper',
    'lower',
    'halfWidth',
    'toText',
    'stripLeadingZeros',
    'pad(3)',
    'prefix(K-)',
    'before(-)',
    'after(-)',
  ],
  ...[
    'piece(2,-)',
    'match(K-(.*))',
    'decimal',
    'decimal(1.234,50)',
    'decimal(1,234)',
    'absolute',
    'negate',
    'integer',
    'boolean',
  ],
  ...[
    'isoDay',
    'day(d.M.yy)',
    'day(dd/MM/yyyy)',
    'day(dMyyyy)',
    'instant',
    'localInstant',
    'localDay',
    'yesNo(Y/N)',
    'yesNo(X/)',
  ],
);
const scalar = fc.constantFrom<string | boolean | number>('Y', 'N', '', 'X', true, false, 1, 'lot', 'active');

/** At places that meet now and then. */
const pathTo = (name: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(name, `In.${name}`, `In.Deep.${name}`, `^.${name}`) },
    { weight: 1, arbitrary: fc.constantFrom('Shared', 'In', `List[Name=${name}].Value`, 'List[0]') },
  );
const like = <T>(chance: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc
    .integer({ min: 1, max: 100 })
    .chain((at): fc.Arbitrary<T | undefined> => (at <= chance ? value : fc.constant(undefined)));

const plainRule = (name: string, steps: readonly string[]): fc.Arbitrary<Rule> =>
  fc
    .record({
      from: fc.oneof(
        pathTo(name),
        fc.tuple(pathTo(name), pathTo(`${name}2`)).map((both) => [...both]),
      ),
      do: like(
        60,
        fc.array(steps.length > 0 ? fc.oneof(fc.constantFrom(...steps), step) : step, { minLength: 1, maxLength: 2 }),
      ),
      table: like(30, fc.constantFrom(...Object.keys(tables))),
      optional: like(40, fc.constant(true as const)),
      default: like(
        15,
        scalar.map((value) => ({ value, why: 'so' })),
      ),
    })
    .map((rule) => JSON.parse(JSON.stringify(rule)) as Rule);
const choice = (name: string): fc.Arbitrary<Rule> =>
  fc.record({
    choose: fc.array(fc.record({ when: fc.record({ path: fc.constant(name), equals: scalar }), const: scalar }), {
      minLength: 1,
      maxLength: 3,
    }),
  });
const ruleFor = (name: string, steps: readonly string[]): fc.Arbitrary<Field> =>
  fc.oneof(
    { weight: 6, arbitrary: pathTo(name) },
    { weight: 12, arbitrary: plainRule(name, steps) },
    { weight: 1, arbitrary: choice(name) },
  );

const fields: Record<string, { rule: fc.Arbitrary<Field>; value: fc.Arbitrary<Json> }> = {
  spec: { rule: ruleFor('Spec', ['toText', 'prefix(K-)']), value: text },
  type: { rule: ruleFor('Type', ['yesNo(Y/N)']), value: fc.oneof(text, fc.constantFrom('KGM', 'GRM', 'lot')) },
  tracking: { rule: ruleFor('Tracking', ['boolean', 'lower']), value: fc.constantFrom('lot', 'serial', 'none') },
  status: { rule: ruleFor('Status', ['yesNo(X/)']), value: fc.constantFrom('active', 'blocked', 'deleted') },
  shelfLifeDays: {
    rule: fc.oneof(
      ruleFor('Life', ['integer', 'trim']),
      fc.record({
        from: pathTo('Life'),
        do: fc.constantFrom<string[]>(['integer'], ['trim', 'integer'], ['pad(3)', 'integer']),
      }),
    ),
    value: fc.nat(),
  },
  changedAt: { rule: ruleFor('At', ['instant', 'trim']), value: instant },
  plants: {
    rule: fc.oneof(
      fc.record({ each: pathTo('Plants'), item: ruleFor('Plant', ['toText']) }),
      fc.record({ each: pathTo('Plants'), item: fc.constant('.'), optional: fc.constant(true as const) }),
    ),
    value: fc.array(text, { maxLength: 3 }),
  },
  units: {
    rule: fc.record({
      each: pathTo('Units'),
      fields: fc.record({
        unit: ruleFor('Unit', ['toText']),
        numerator: ruleFor('Up', ['decimal', 'decimal(1.234,50)', 'negate']),
        denominator: ruleFor('Down', ['decimal', 'decimal(1,234)']),
      }),
    }),
    value: fc.array(fc.record({ unit: fc.constantFrom('KGM', 'C62'), numerator: decimal, denominator: decimal }), {
      maxLength: 2,
    }),
  },
};
const lotFields: typeof fields = {
  made: { rule: ruleFor('Made', ['isoDay', 'day(d.M.yy)', 'day(dd/MM/yyyy)']), value: day },
  supplierLot: { rule: ruleFor('Theirs', ['prefix(K-)']), value: text },
  variant: {
    rule: fc.oneof(
      fc.record({ set: fc.record({ colour: ruleFor('Colour', ['toText']), size: ruleFor('Size', []) }) }),
      fc.record({ fields: fc.record({ colour: ruleFor('Colour', ['toText']) }) }),
    ),
    value: fc.record({ colour: text, size: text }),
  },
};

const entities = {
  material: { fields, required: { code: '7', name: 'Salt', baseUnit: 'KGM' } },
  lot: { fields: lotFields, required: { material: '7', lot: 'L1' } },
};

type Rules = Record<string, Field>;

const mapped = (entity: keyof typeof entities, rules: Rules): MappingFile => {
  const required = Object.keys(entities[entity].required);
  return {
    ...{
      system: 'small',
      timeZone: 'Europe/Berlin',
      lotScope: 'none',
      dummyLots: [],
      tables,
      lotFormats: {},
      tests: [],
    },
    streams: {
      one: {
        entity,
        key: required.slice(0, 1),
        fields: { ...Object.fromEntries(required.map((field) => [field, field])), ...rules },
      },
    },
    writes: { one: { like: 'one' } },
  };
};

/** Only what the stream reads of it. */
const concerned = (value: Json, rule: Field): Json => {
  const names = typeof rule === 'object' && rule.each === undefined ? (rule.set ?? rule.fields) : undefined;
  return names && typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([name]) => name in names))
    : value;
};

const hasDefault = (rule: Field | undefined): boolean => JSON.stringify(rule).includes('"default":');

/** How many of the documents are written; each is read again as it was. */
const writtenOf = (entity: keyof typeof entities, rules: Rules, documents: readonly Document[]): number => {
  const mapping = compileMapping(mapped(entity, rules));
  let count = 0;
  for (const said of documents) {
    const known = Object.entries(said).map(([name, value]) => [name, concerned(value, rules[name] ?? '')]);
    const document: Document = { ...entities[entity].required, ...Object.fromEntries(known) };
    const written = mapping.render('one', document);
    if (!written.ok) continue;
    count += 1;
    const read = mapping.read('one', written.record);
    const found = read.ok ? { ...read.record } : read;
    // Where the document says nothing, a default of theirs is theirs.
    for (const name of Object.keys(rules))
      if (hasDefault(rules[name]) && !(name in document)) delete (found as Document)[name];
    expect([written.record, found]).toEqual([written.record, document]);
  }
  return count;
};

const cases = (Object.keys(entities) as (keyof typeof entities)[]).flatMap((entity) =>
  Object.entries(entities[entity].fields).map(([name, field]) => ({ entity, name, ...field })),
);

test.each(cases)('a rule for $name of a $entity', ({ entity, name, rule, value }) => {
  const seen = { accepted: 0, written: 0 };
  const documents = fc.array(
    value.map((one): Document => ({ [name]: one })),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(rule, documents, (one, said) => {
      if (lintMapping(mapped(entity, { [name]: one })).length > 0) return;
      seen.accepted += 1;
      seen.written += writtenOf(entity, { [name]: one }, said);
    }),
    { numRuns: runs },
  );
  expect(seen.accepted).toBeGreaterThan(0);
  expect(seen.written).toBeGreaterThan(0);
});

test.each(Object.keys(entities) as (keyof typeof entities)[])('all rules of a %s together', (entity) => {
  const { fields } = entities[entity];
  const names = Object.keys(fields);
  const rules = fc.record(
    Object.fromEntries(
      cases
        .filter((one) => one.entity === entity)
        .map(({ name, rule }) => [
          name,
          rule.filter((one) => lintMapping(mapped(entity, { [name]: one })).length === 0),
        ]),
    ),
    { requiredKeys: [] },
  );
  const document = fc.record(Object.fromEntries(names.map((name) => [name, fields[name]?.value ?? text])), {
    requiredKeys: [],
  });
  const seen = { accepted: 0, written: 0 };
  fc.assert(
    fc.property(rules, fc.array(document, { minLength: 1, maxLength: 20 }), (some, said) => {
      const chosen: Rules = Object.fromEntries(Object.entries(some).map(([name, rule]) => [name, rule ?? name]));
      if (lintMapping(mapped(entity, chosen)).length > 0) return;
      seen.accepted += 1;
      const known = said.map(
        (one): Document =>
          Object.fromEntries(
            Object.entries(one).flatMap(([name, value]) =>
              name in chosen && value !== undefined ? [[name, value]] : [],
            ),
          ),
      );
      seen.written += writtenOf(entity, chosen, known);
    }),
    { numRuns: runs },
  );
  expect(seen.accepted).toBeGreaterThan(0);
  expect(seen.written).toBeGreaterThan(0);
});
