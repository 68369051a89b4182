/** Whether the fields of a stream are those of its entity: none that the model does not have, none forgotten. */
import { recordSchemas } from '../model/records.js';
import type { Faults, Place } from './faults.js';
import type { WholeStream } from './streams.js';

export const checkTargets = (rule: WholeStream, at: Place, lotScope: string, faults: Faults): void => {
  const { entity } = rule;
  const schema = recordSchemas[entity];
  const known = Object.keys(schema.properties);
  for (const name of Object.keys(rule.fields))
    if (!known.includes(name))
      faults.add(
        [...at, 'fields', name],
        'mapping.field-unknown',
        `a ${entity} has no field ${name}`,
        `It has ${known.join(', ')}.`,
      );
  for (const name of schema.required)
    if (!Object.hasOwn(rule.fields, name))
      faults.add(
        [...at, 'fields'],
        'mapping.field-lacking',
        `a ${entity} needs ${name}`,
        `Say where ${name} comes from.`,
      );
  if (entity === 'material' || entity === 'order') return;
  if (entity !== 'traceEvent' && !Object.hasOwn(rule.fields, 'lot')) return;
  if (lotScope !== 'none' && !Object.hasOwn(rule.fields, 'scope'))
    faults.add(
      [...at, 'fields'],
      'mapping.scope-lacking',
      `lots are unique per ${lotScope}, but scope is not mapped`,
      `Map scope to the ${lotScope} of the record.`,
    );
  if (lotScope === 'none' && Object.hasOwn(rule.fields, 'scope'))
    faults.add(
      [...at, 'fields', 'scope'],
      'mapping.scope-unused',
      'lotScope is none, but scope is mapped',
      'Remove scope, or declare lotScope.',
    );
};
