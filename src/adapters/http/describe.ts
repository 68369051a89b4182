/** The fields of a stream by the system's own description of it, where it has a call for that (a list of a form's widgets). */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import type { AdapterContext, FieldInfo } from '../contract.js';
import { type Caller, failure } from './call.js';
import { at, inBody, textAt } from './path.js';
import type { Describe, Stream } from './schema.js';

export const describeStream = async (
  of: { name: string; stream: Stream; describe: Describe; caller: Caller; context: AdapterContext },
  signal?: AbortSignal,
): Promise<FieldInfo[]> => {
  const { name, stream, describe, caller, context } = of;
  const where = `${context.system}/${name}`;
  const { verdict } = await caller.patiently(describe.request, {
    ...{ scope: {}, answers: stream.answers, idempotent: true, what: name, permission: stream.permission },
    signal,
  });
  if (!('body' in verdict)) throw failure(verdict, where, stream.permission);
  const { body } = verdict;
  const fields = [describe.fields].flat().flatMap((path) => at(body, inBody(path)) ?? []);
  const found = fields.flatMap((field): FieldInfo[] => {
    const path = textAt(field, describe.name);
    if (path === undefined || path === '') return [];
    const label = describe.label === undefined ? undefined : textAt(field, describe.label);
    const type = describe.type === undefined ? undefined : textAt(field, describe.type);
    return [{ path, type: type ?? '', ...(label !== undefined && { label }) }];
  });
  // An empty description would make an alarm of every field.
  if (found.length === 0)
    throw new LotbridgeError({
      code: 'http.no-description',
      class: ErrorClass.config,
      message: `${where}: the answer describes no fields at \`${[describe.fields].flat().join(', ')}\` by \`${describe.name}\``,
      fix: 'Correct `describe` of the stream in the connector.',
    });
  return [...found, ...(describe.also ?? []).map((path) => ({ path, type: '' }))];
};
