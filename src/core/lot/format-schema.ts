/** A lot format as it stands in a mapping file. */
import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false };
const Pattern = Type.String({
  minLength: 1,
  description: 'Literals and parts: {made:yyMMdd}{line:table(lineLetter)}{seq:3}[-{split:2}]',
});
const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'a day in quotes, e.g. 2025-12-31' });

export const NormaliseSteps = Type.Array(Type.String({ minLength: 1 }), {
  description:
    'What a text is brought to before it is read: trim, noSpaces, upper, lower, halfWidth, dashes, pad(10), replace(O,0)',
});

export const LotFormat = Type.Object(
  {
    pattern: Type.Optional(Pattern),
    alternatives: Type.Optional(
      Type.Array(
        Type.Object(
          {
            pattern: Pattern,
            from: Type.Optional(Day),
            until: Type.Optional(Day),
            scopes: Type.Optional(
              Type.Array(Type.String({ minLength: 1 }), {
                minItems: 1,
                description: 'only for lots of these plants or orgs, in quotes',
              }),
            ),
          },
          closed,
        ),
        {
          minItems: 1,
          description: 'Several patterns instead of one, tried in order: old and new ones, valid from and until a day',
        },
      ),
    ),
    gs1: Type.Optional(
      Type.String({
        description:
          'A GS1 label instead of a pattern: its application identifiers, such as 01 10 17? 21?; a * passes over all others',
      }),
    ),
    mh10: Type.Optional(
      Type.String({
        description:
          'An MH10.8.2 label instead of a pattern: its data identifiers, such as 1P 1T 9D? Q?; a * passes over all others',
      }),
    ),
    as: Type.Optional(
      Type.Union([Type.Literal('brackets'), Type.Literal('fnc1'), Type.Literal('link')], {
        description: 'How a GS1 label is written: brackets (default), fnc1 (element string) or link (Digital Link)',
      }),
    ),
    normalise: Type.Optional(NormaliseSteps),
    partOf: Type.Optional(
      Type.String({
        description: 'Name of the format of the lot that a lot of this format is a part of (shift lot in a batch)',
      }),
    ),
    attributes: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description:
          'Parts that only repeat an attribute of the lot, e.g. site: scope. They are no part of its identity.',
      }),
    ),
    otherwise: Type.Optional(Type.Literal(true, { description: 'Reads only what no other format of the file reads' })),
    counts: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The part that the hub counts: it gives the numbers of this format itself',
      }),
    ),
    via: Type.Optional(
      Type.Union([Type.Literal('alias'), Type.Literal('allocate')], {
        description:
          'What to do where another system’s number cannot be written in this format: look it up (alias), or let the hub number it (allocate)',
      }),
    ),
  },
  closed,
);
export type LotFormat = Static<typeof LotFormat>;
