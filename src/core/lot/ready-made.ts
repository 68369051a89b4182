/** A label as a lot format that needs no pattern: what GS1 and MH10.8.2 have in common. */
import type { LotFault } from './error.js';

export interface ReadyMade {
  pattern: string;
  /** The label as the pattern reads it, with all that stands on it; any other text as it is. */
  normalise(text: string): string;
  /** The label as the pattern reads it, without what the format does not list; undefined when the text is none. */
  pick(text: string): string | undefined;
  /** Why it is no label of this format, where more can be said than what the pattern says. */
  refusal(text: string): Omit<LotFault, 'format'> | undefined;
  /** A text of the pattern, as it stands on the label. */
  dress(text: string): string;
}
