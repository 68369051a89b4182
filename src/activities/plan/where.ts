/** Whether a record is one that the flow, or one of its targets, is about. */
import type { Where } from '../../config/hub.js';

/** By the names of `where`; a field that the record has not, has no value that could pass. */
export type Seen = Partial<Record<keyof Where, readonly (string | undefined)[]>>;

export const passes = (where: Where | undefined, seen: Seen): boolean =>
  Object.entries(where ?? {}).every(([field, wanted]) => {
    const allowed = [wanted].flat();
    return (seen[field as keyof Where] ?? []).some((value) => value !== undefined && allowed.includes(value));
  });
