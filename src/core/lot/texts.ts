/** A lot number, cut into the texts of its parts. */
import { type Shape, widthOf } from './shape.js';

export type Parts = Readonly<Record<string, string>>;
/** In the order of the pattern, undefined in a group that is not there. */
export type Values = readonly (string | undefined)[];

export const partsOf = (names: readonly string[], values: Values): Parts => {
  const parts: Record<string, string> = {};
  for (const [at, name] of names.entries()) {
    const value = values[at];
    if (value !== undefined) parts[name] = value;
  }
  return parts;
};

/**
 * The texts of the parts from index 1, undefined in a group that is not there. Where each piece of the pattern has one
 * width, as most have, they stand at known places.
 */
export const splitter = (shape: Shape, whole: RegExp): ((text: string) => Values | undefined) => {
  const width = widthOf(shape);
  if (shape.kind !== 'seq' || width === undefined) return (text) => whole.exec(text) ?? undefined;
  const cuts: number[][] = [];
  let at = 0;
  for (const piece of shape.of) {
    const from = at;
    at += widthOf(piece) ?? 0;
    if (piece.kind === 'part') cuts.push([from, at]);
  }
  return (text) => {
    if (text.length !== width || !whole.test(text)) return undefined;
    const texts = [text];
    for (const [from, to] of cuts) texts.push(text.slice(from, to));
    return texts;
  };
};
