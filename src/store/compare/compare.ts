/** Runs the comparison of a job over two whole snapshots. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobPlan } from '../../core/drift/job.js';
import { type Difference, type Dimension, type Dims, dimensions, keyOf } from '../../core/drift/model.js';
import { snapshotFolder } from '../snapshots.js';
import { inTurn, withDuckDb } from './duckdb.js';
import { compareStatement, grainColumn } from './statement.js';

export interface FoundDifference extends Difference {
  material: string;
  variant: string;
  /** `0` for no lot. */
  lotId: string;
  /** The lot as each side writes it, where it has one. */
  lotTexts: { first?: string; second?: string };
}

export interface Comparison {
  differences: FoundDifference[];
  /** Balance records in the job's scope, parked ones included. */
  balances: number;
  parked: number;
  /** Records with a value in a dimension that the job does not name. */
  leftOut: number;
  agreed: number;
  /** Keys that could not be judged, because a balance of theirs is parked. */
  unseen: number;
  hidden: { materialId: string; lotId: string }[];
}

/** What both sides had of these materials, by key. */
export const quantitiesOf = async (
  plan: JobPlan,
  parts: { first: readonly string[]; second: readonly string[] },
  folderUrl: string,
  materials: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, { first: string; second: string }>> => {
  const { differences } = await compareParts(plan, parts, folderUrl, signal, materials);
  return new Map(differences.map(({ key, first, second }) => [key, { first: first ?? '0', second: second ?? '0' }]));
};

/** @param parts `file:` URLs of the manifest's parts */
export const compareParts = (
  plan: JobPlan,
  parts: { first: readonly string[]; second: readonly string[] },
  folderUrl: string,
  signal?: AbortSignal,
  materials: readonly string[] = [],
): Promise<Comparison> => {
  const paths = (urls: readonly string[]): string[] => urls.map((url) => fileURLToPath(url));
  const statement = compareStatement(plan, { first: paths(parts.first), second: paths(parts.second) }, materials);
  return withDuckDb(join(snapshotFolder(folderUrl), 'tmp'), signal, async (connection) => {
    const reader = await inTurn('query', () => connection.runAndReadAll(statement));
    return comparisonOf(plan, reader.getRowObjectsJson() as Record<string, string | null>[]);
  });
};

const comparisonOf = (plan: JobPlan, rows: Record<string, string | null>[]): Comparison => {
  const count = (what: string, name: string): number => Number(rows.find((row) => row.what === what)?.[name] ?? 0);
  return {
    differences: rows.filter((row) => row.what === 'key').map((row) => differenceOf(plan, row)),
    balances: count('scope', 'balances'),
    parked: count('scope', 'parked'),
    leftOut: count('scope', 'left_out'),
    agreed: count('keys', 'agreed'),
    unseen: count('keys', 'unseen'),
    hidden: rows
      .filter((row) => row.what === 'hidden')
      .map((row) => ({ materialId: row.material ?? '', lotId: row.batch_id ?? '0' })),
  };
};

const differenceOf = (plan: JobPlan, row: Record<string, string | null>): FoundDifference => {
  const value = (dimension: Dimension): string =>
    plan.grain.includes(dimension) ? (row[grainColumn(dimension)] ?? '') : '';
  const dims = Object.fromEntries(dimensions.map((dimension) => [dimension, value(dimension)])) as Dims;
  const text = (name: string): string => row[name] ?? '';
  return {
    key: keyOf(dims, plan.grain),
    dims,
    first: row.first_quantity === null ? null : trimmed(text('first_quantity')),
    second: row.second_quantity === null ? null : trimmed(text('second_quantity')),
    difference: trimmed(text('difference')),
    unit: text('unit'),
    material: text('material'),
    variant: text('variant'),
    lotId: plan.grain.includes('lot') ? value('lot') : '0',
    lotTexts: {
      ...(row.first_lot ? { first: row.first_lot } : {}),
      ...(row.second_lot ? { second: row.second_lot } : {}),
    },
  };
};

/** `12.500000` as `12.5`. */
const trimmed = (quantity: string): string => (quantity.includes('.') ? quantity.replace(/\.?0+$/, '') : quantity);
