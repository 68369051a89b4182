/**
 * Why a text is not a lot number of a format, told so that the person with the label in hand sees it: which part, at
 * which character, what was expected there and what stands there.
 */
import { LotbridgeError } from '../errors.js';

export interface LotFault {
  code: string;
  format: string;
  /** Name of the part; empty in a literal. */
  part: string;
  /** Character, from 1. */
  position: number;
  expected: string;
  found: string;
}

const shown = (text: string): string => (text === '' ? 'the end' : `"${text.slice(0, 40)}"`);

export class LotError extends LotbridgeError {
  readonly fault: LotFault;

  constructor(text: string, fault: LotFault) {
    const part = fault.part === '' ? '' : `, part ${fault.part}`;
    super({
      code: fault.code,
      class: 'data',
      message: `Lot ${shown(text)} is not of format ${fault.format}${part}: at character ${fault.position} expected ${fault.expected}, found ${shown(fault.found)}`,
      fix: 'Correct the lot number where it was entered, or add its format to lotFormats of this system’s mapping file.',
    });
    this.name = 'LotError';
    this.fault = fault;
  }
}

export const isFault = <T extends object>(result: T | LotFault): result is LotFault => 'expected' in result;
