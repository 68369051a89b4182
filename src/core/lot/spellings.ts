/** One lot has one number in a system: no two alternatives, valid at one time, may write the same parts. */

import { type Alternative, type CompiledFormat, configFault, holdTogether } from './alternatives.js';
import { automatonOf, sharedText } from './automaton.js';
import type { NamedPart } from './compile.js';

/** Undefined: the two can have no value in common. A date's common value is not told. */
const sharedValue = (left: NamedPart, right: NamedPart): string | undefined => {
  if (left.part.date && right.part.date) return left.part.date.grain === right.part.date.grain ? '' : undefined;
  if (!left.values || !right.values) return undefined;
  return sharedText(automatonOf(left.values), automatonOf(right.values))?.text;
};

const canBeTheSame = (one: Alternative, other: Alternative): boolean => {
  const [left, right] = [one.pattern.parts, other.pattern.parts];
  const needed = (parts: readonly NamedPart[], names: readonly string[]): boolean =>
    parts.every(({ name, groups }) => groups.length > 0 || names.includes(name));
  if (!needed(left, other.pattern.names) || !needed(right, one.pattern.names)) return false;
  return left.every((part) => {
    const same = right.find(({ name }) => name === part.name);
    return same === undefined || part.groups.length > 0 || sharedValue(part, same) !== undefined;
  });
};

export const refuseTwoSpellings = ({ name, alternatives }: CompiledFormat): void => {
  alternatives.forEach((one, at) => {
    for (const other of alternatives.slice(at + 1)) {
      if (!holdTogether(one, other) || !canBeTheSame(one, other)) continue;
      throw configFault(
        'lot.two-spellings',
        `Lot format ${name}: "${one.pattern.text}" and "${other.pattern.text}" write one lot in two ways`,
        'Say from and until which day each holds, or make two formats of them.',
      );
    }
  });
};
