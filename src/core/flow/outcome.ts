/** How the outcomes of parts make the outcome of the whole: could not look wins over differences, differences over agreed. */
export type Outcome = 'agreed' | 'differences' | 'incomplete';

export const worst = (outcomes: readonly Outcome[]): Outcome =>
  outcomes.includes('incomplete') ? 'incomplete' : outcomes.includes('differences') ? 'differences' : 'agreed';
