/** The proof that a system showed us everything: what it had, and what it posted since, must be what it has. */
import { add, isZero, subtract } from '../quantity/decimal.js';
import type { Posting } from './model.js';

export interface RollForward {
  /** What the balance is more than its documents say; `0` when the proof holds. */
  break: string;
  holds: boolean;
}

/**
 * @param before balance of the key at the earlier snapshot; null when the documents reach back to the opening stock
 * @param postings of this key and system since then
 */
export const rollForward = (
  before: string | null,
  postings: readonly Pick<Posting, 'quantity' | 'state'>[],
  now: string | null,
): RollForward => {
  const said = postings
    .filter(({ state }) => state === 'posted')
    .reduce((sum, { quantity }) => add(sum, quantity), before ?? '0');
  const left = subtract(now ?? '0', said);
  return { break: left, holds: isZero(left) };
};
