/** A rule and the rule that turns it round, tried on words: what is written of each is read again as it was. */
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../json.js';
import { collectFaults } from './faults.js';
import { Refusal, shown } from './refusal.js';
import { compileField, type RuleScope } from './rule.js';
import type { Rule } from './schema.js';

/** Each word that may come is written and read again. Undefined: all come back. */
export const unlike = (
  rule: Rule,
  turned: Rule,
  at: readonly string[],
  model: string,
  tried: readonly (string | number | boolean)[],
  tables: RuleScope['tables'],
): string | undefined => {
  const faults = collectFaults();
  const context = { timeZone: undefined };
  const write = compileField(turned, [], { tables, direction: 'write', context, faults });
  const read = compileField(rule, [], { tables, direction: 'read', context, faults: collectFaults() });
  const [fault] = faults.list;
  if (fault) return fault.message;
  for (const word of tried) {
    const document = under(model === '.' ? [] : model.split('.'), word);
    try {
      const written = write({ here: document, root: document });
      const record = under(at, written ?? null);
      const back = read({ here: record, root: record });
      if (!isDeepStrictEqual(back, word))
        return `${shown(word)} would be written as ${shown(written)}, and come back as ${shown(back)}`;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return `${shown(word)} would not come back: ${error.message}`;
    }
  }
  return undefined;
};

const under = (names: readonly string[], value: Json): Json =>
  names.reduceRight<Json>((inner, name) => ({ [name]: inner }), value);
