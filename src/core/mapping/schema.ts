/**
 * The mapping file: what one system's words mean. One declaration per stream; whoever edits it needs no programming.
 *
 * Values are never guessed: a path that the record does not have, a value that no table holds, a quantity in a wrong
 * spelling fail that one record with its reason. A default is written down together with why it is right.
 */
import Type, { type Static } from 'typebox';
import { LotFormat, NormaliseSteps } from '../lot/format-schema.js';

const closed = { additionalProperties: false };
const Text = Type.String({ minLength: 1 });
const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);

const Entity = Type.Union([
  Type.Literal('material'),
  Type.Literal('lot'),
  Type.Literal('movement'),
  Type.Literal('order'),
  Type.Literal('balance'),
  Type.Literal('traceEvent'),
  Type.Literal('serial'),
]);

const definitions = {
  Condition: Type.Union(
    [
      Type.Object(
        {
          path: Text,
          equals: Type.Optional(Scalar),
          in: Type.Optional(Type.Array(Scalar, { minItems: 1 })),
          matches: Type.Optional(Type.String({ description: 'Regular expression that the whole value must match' })),
          empty: Type.Optional(Type.Boolean()),
          exists: Type.Optional(Type.Boolean()),
          sameAs: Type.Optional(Type.String({ minLength: 1, description: 'Another path with the same value' })),
        },
        { ...closed, minProperties: 2, maxProperties: 2 },
      ),
      Type.Object({ all: Type.Array(Type.Ref('Condition'), { minItems: 1 }) }, closed),
      Type.Object({ any: Type.Array(Type.Ref('Condition'), { minItems: 1 }) }, closed),
      Type.Object({ not: Type.Ref('Condition') }, closed),
    ],
    {
      description:
        'A test of a record: {path, equals | in | matches | empty | exists | sameAs}, joined by all, any, not',
    },
  ),
  Rule: Type.Object(
    {
      from: Type.Optional(
        Type.Union([Text, Type.Array(Text, { minItems: 1 })], {
          description:
            'Path in the record; of several, the first that is not empty. ^.path begins at the whole record; List[Name=EXPIRY].Value and List[Unit={OrderUnit}].Factor look for one element of a list',
        }),
      ),
      const: Type.Optional(Scalar),
      join: Type.Optional(
        Type.Object({ with: Type.String(), of: Type.Array(Type.Ref('Field'), { minItems: 2 }) }, closed),
      ),
      choose: Type.Optional(
        Type.Array(Type.Ref('Rule'), {
          minItems: 1,
          description: 'The first rule whose when holds; a rule without when always holds',
        }),
      ),
      fields: Type.Optional(
        Type.Record(Type.String(), Type.Ref('Field'), { description: 'A record within the record' }),
      ),
      each: Type.Optional(
        Type.Union([Text, Type.Literal('.')], {
          description: 'Path of a list; fields or item make one element of each',
        }),
      ),
      item: Type.Optional(Type.Ref('Field')),
      list: Type.Optional(
        Type.Array(Type.Ref('Field'), { minItems: 1, description: 'A list of these values; empty ones are left out' }),
      ),
      set: Type.Optional(
        Type.Record(Type.String(), Type.Ref('Field'), { description: 'Name/value set; empty values are left out' }),
      ),
      when: Type.Optional(Type.Ref('Condition')),
      do: Type.Optional(Type.Array(Text, { minItems: 1, description: 'Named transforms, in this order' })),
      table: Type.Optional(Type.String({ description: 'Table of this file; in writes it is read backwards' })),
      optional: Type.Optional(
        Type.Literal(true, { description: 'May be missing or empty; then the field is left out' }),
      ),
      default: Type.Optional(Type.Object({ value: Scalar, why: Text }, closed)),
    },
    closed,
  ),
  Field: Type.Union([Text, Type.Ref('Rule')], { description: 'A path, or a rule' }),
  Stream: Type.Object(
    {
      like: Type.Optional(Text),
      without: Type.Optional(
        Type.Array(Text, { minItems: 1, description: 'Fields of the stream named by like that this one has not' }),
      ),
      entity: Type.Optional(Entity),
      key: Type.Optional(
        Type.Array(Text, { minItems: 1, description: 'Paths that together name a record in this system' }),
      ),
      each: Type.Optional(
        Type.String({ minLength: 1, description: 'Path of the lines, where one record holds several' }),
      ),
      where: Type.Optional(Type.Ref('Condition')),
      fields: Type.Record(Type.String(), Type.Ref('Field'), {
        description: 'Field of the model ← where it comes from',
      }),
    },
    { ...closed, description: 'One stream; with like it takes over what it does not say itself from that stream' },
  ),
  Write: Type.Object(
    {
      like: Type.Optional(
        Type.String({ minLength: 1, description: 'A stream of this file, whose declaration is turned round' }),
      ),
      without: Type.Optional(
        Type.Array(Text, { minItems: 1, description: 'Fields of the stream named by like that are not turned round' }),
      ),
      entity: Type.Optional(Entity),
      when: Type.Optional(Type.Ref('Condition')),
      record: Type.Optional(
        Type.Record(Type.String(), Type.Ref('Field'), {
          description: 'Field of the system’s record ← where it comes from; beside like, what is added or otherwise',
        }),
      ),
    },
    { ...closed, description: 'What is written: entity and record, or what a stream of this file reads, turned round' },
  ),
  Test: Type.Union([
    Type.Object(
      {
        name: Text,
        stream: Text,
        raw: Type.Record(Type.String(), Type.Unknown()),
        record: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'What must come out, whole' })),
        records: Type.Optional(
          Type.Array(Type.Record(Type.String(), Type.Unknown()), { description: 'For a stream with each' }),
        ),
        fails: Type.Optional(Type.Object({ code: Text, field: Type.Optional(Type.String()) }, closed)),
        filtered: Type.Optional(Type.Literal(true)),
      },
      closed,
    ),
    Type.Object(
      {
        name: Text,
        write: Text,
        document: Type.Record(Type.String(), Type.Unknown()),
        record: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
        fails: Type.Optional(Type.Object({ code: Text, field: Type.Optional(Type.String()) }, closed)),
      },
      closed,
    ),
    Type.Object(
      {
        name: Text,
        lot: Type.String(),
        attributes: Type.Optional(
          Type.Record(Type.String(), Type.String(), { description: 'date, scope, plant of its record' }),
        ),
        format: Type.Optional(Text),
        parts: Type.Optional(Type.Record(Type.String(), Type.String())),
        dummy: Type.Optional(Type.Literal(true)),
        fails: Type.Optional(Type.Object({ code: Text, field: Type.Optional(Type.String()) }, closed)),
      },
      closed,
    ),
  ]),
  MappingFile: Type.Object(
    {
      system: Text,
      description: Type.Optional(Type.String()),
      timeZone: Type.Optional(
        Type.String({ description: 'Zone of times without one, for the tests; hub.yaml decides' }),
      ),
      lotScope: Type.Union([Type.Literal('none'), Type.Literal('plant'), Type.Literal('org')], {
        description: 'Within what a lot number is unique: everywhere, in a plant, in an org',
      }),
      dummyLots: Type.Array(Type.String(), { description: 'Words that stand where no lot is' }),
      lotYears: Type.Optional(
        Type.Object(
          { around: Type.Integer({ minimum: 1900, maximum: 2999 }), ahead: Type.Integer({ minimum: 0, maximum: 99 }) },
          {
            ...closed,
            description:
              'Short years mean the hundred years up to around + ahead; around is the year of the record where it has a date',
          },
        ),
      ),
      lotScopes: Type.Optional(
        Type.Array(Type.String({ minLength: 1 }), {
          minItems: 1,
          description: 'All plants or orgs whose lots this system keeps, as the hub names them, in quotes',
        }),
      ),
      lotNormalise: Type.Optional(NormaliseSteps),
      lotLength: Type.Optional(
        Type.Integer({ minimum: 1, description: 'How many characters this system keeps of a lot number' }),
      ),
      tables: Type.Record(Type.String(), Type.Record(Type.String(), Type.String()), {
        description: 'The system’s word → the hub’s word',
      }),
      lotFormats: Type.Record(Type.String(), LotFormat),
      streams: Type.Record(Type.String(), Type.Ref('Stream')),
      writes: Type.Optional(
        Type.Record(Type.String(), Type.Union([Type.Ref('Write'), Type.Array(Type.Ref('Write'), { minItems: 1 })])),
      ),
      tests: Type.Array(Type.Ref('Test')),
    },
    closed,
  ),
};

export const MappingFile = Type.Cyclic(definitions, 'MappingFile');
export type MappingFile = Static<typeof MappingFile>;

const ConditionSchema = Type.Cyclic(definitions, 'Condition');
const RuleSchema = Type.Cyclic(definitions, 'Rule');
const WriteSchema = Type.Cyclic(definitions, 'Write');
const StreamSchema = Type.Cyclic(definitions, 'Stream');
const TestSchema = Type.Cyclic(definitions, 'Test');
export type Condition = Static<typeof ConditionSchema>;
export type Rule = Static<typeof RuleSchema>;
export type Field = string | Rule;
export type StreamRule = Static<typeof StreamSchema>;
export type WriteRule = Static<typeof WriteSchema>;
export type MappingTest = Static<typeof TestSchema>;
