/** A stream that is like another one says only what is different. */
import type { Entity } from '../model/records.js';
import type { Faults } from './faults.js';
import type { StreamRule } from './schema.js';

export type WholeStream = StreamRule & { entity: Entity; key: string[] };

/** Undefined, with a fault, when the stream lacks its entity or key. */
export const completeStream = (
  streams: Readonly<Record<string, StreamRule>>,
  name: string,
  faults: Faults,
): WholeStream | undefined => {
  const own = streams[name];
  if (!own) return undefined;
  const { like, without = [], ...said } = own;
  const model = like === undefined || !Object.hasOwn(streams, like) ? undefined : streams[like];
  if (like !== undefined && (!model || model.like !== undefined)) {
    const fix = 'Name a stream of this file that is not like another one itself.';
    faults.add(
      ['streams', name, 'like'],
      'mapping.like-unknown',
      model ? `stream ${like} is like another one itself` : `there is no stream ${like} to be like`,
      fix,
    );
    return undefined;
  }
  const taken = { ...model?.fields };
  for (const field of without) {
    if (!Object.hasOwn(taken, field))
      faults.add(
        ['streams', name, 'without'],
        'mapping.without-unknown',
        `stream ${like ?? 'that it is like'} has no field ${field}`,
        `Remove ${field} from without.`,
      );
    delete taken[field];
  }
  const whole = { ...model, ...said, fields: { ...taken, ...said.fields } };
  const { entity, key } = whole;
  if (entity !== undefined && key !== undefined) return { ...whole, entity, key };
  const fix = 'Say which entity of the model the records are, and which paths name a record.';
  faults.add(
    ['streams', name],
    'mapping.stream-lacking',
    `the stream has no ${entity === undefined ? 'entity' : 'key'}`,
    fix,
  );
  return undefined;
};
