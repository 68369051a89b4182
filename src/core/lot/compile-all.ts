/** The lot formats of one system as its mapping file declares them, refused where they contradict each other. */
import {
  type Alternative,
  type CompiledFormat,
  compileFormat,
  configFault,
  identifying,
  refuseOverlaps,
} from './alternatives.js';
import type { Tables } from './compile.js';
import type { LotFormat } from './format-schema.js';
import { longestOf } from './shape.js';
import { refuseTwoSpellings } from './spellings.js';

export interface LotSettings {
  system: string;
  formats: Readonly<Record<string, LotFormat>>;
  tables: Tables;
  dummyLots: readonly string[];
  /** Used where a record has no date of its own. */
  years?: { around: number; ahead: number };
  /** Steps for every text of the system, before those of a format. */
  normalise?: readonly string[];
  /** How many characters the system keeps of a lot number. */
  maxLength?: number;
  /** When its production day begins, `06:00`. */
  dayStart?: string;
  /** Within what a number is unique. */
  scope?: 'none' | 'plant' | 'org';
  /** All plants or orgs whose lots it keeps, as the hub names them. */
  scopes?: readonly string[];
}

const refuseTooLong = ({ maxLength, system }: LotSettings, format: CompiledFormat): void => {
  if (maxLength === undefined) return;
  for (const { pattern } of format.alternatives) {
    const longest = longestOf(pattern.shape);
    if (longest === undefined || longest > maxLength)
      throw configFault(
        'lot.pattern-too-long',
        `Lot pattern "${pattern.text}" of ${format.name} has texts of ${longest ?? 'any number of'} characters; ${system} keeps ${maxLength}`,
        'Bound the widths of its parts, or correct lotLength.',
      );
  }
};

/** The pattern of the parent that this one has the parts for. */
export const parentPattern = (child: readonly string[], parent: CompiledFormat): Alternative | undefined =>
  parent.alternatives.find((alternative) =>
    identifying(parent, alternative).every(({ name, groups }) => groups.length > 0 || child.includes(name)),
  );

/** @throws LotbridgeError class config when a format is malformed or ambiguous */
export const compileAll = (settings: LotSettings): Map<string, CompiledFormat> => {
  const formats = new Map<string, CompiledFormat>();
  for (const [name, format] of Object.entries(settings.formats)) {
    const compiled = compileFormat(name, format, settings.tables, settings.normalise ?? []);
    refuseTooLong(settings, compiled);
    refuseTwoSpellings(compiled);
    formats.set(name, compiled);
  }
  for (const { name, alternatives, partOf } of formats.values()) {
    if (partOf === undefined) continue;
    const parent = formats.get(partOf);
    if (!parent || parent.name === name)
      throw configFault(
        'lot.part-of-unknown',
        `Lot format ${name} is part of ${partOf}, which is no other format here`,
        'Name another format of this file.',
      );
    for (const { pattern } of alternatives) {
      if (parentPattern(pattern.names, parent)) continue;
      const [first] = parent.alternatives;
      const lacking = first && identifying(parent, first).find((one) => !pattern.names.includes(one.name))?.name;
      throw configFault(
        'lot.part-of-lacking',
        `Lot format ${name} has no part ${lacking ?? ''}, which ${partOf} needs`,
        `Add {${lacking ?? ''}:…} to the pattern.`,
      );
    }
  }
  const allocating = [...formats.values()].find(({ via }) => via === 'allocate');
  if (allocating && ![...formats.values()].some(({ counts }) => counts !== undefined))
    throw configFault(
      'lot.counts-missing',
      `Lot format ${allocating.name} says via: allocate, but the hub counts in no format of ${settings.system}`,
      "Add a format for the hub's own numbers: hub: {pattern: 'H{number:6}', counts: number}.",
    );
  refuseOverlaps([...formats.values()]);
  return formats;
};
