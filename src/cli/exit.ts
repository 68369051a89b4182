/** Exit codes: 0 done and agreed, 1 differences or parked records, 2 wrong usage or configuration, 3 could not look. */
import { LotbridgeError } from '../core/errors.js';
import type { Outcome } from '../core/flow/outcome.js';

export const exitCode = { agreed: 0, differences: 1, usage: 2, incomplete: 3 } as const;

export const exitOf = (outcome: Outcome): number => exitCode[outcome];

export const exitOfError = (error: unknown): number =>
  error instanceof LotbridgeError && (error.class === 'config' || error.class === 'data')
    ? exitCode.usage
    : exitCode.incomplete;
