/** What is wrong with a mapping file, all at once, each with its place in the file and what to do. */
import { LotbridgeError } from '../errors.js';

/** Keys from the top of the file: `['streams', 'product', 'fields', 'code']`. */
export type Place = readonly (string | number)[];

export interface MappingFault {
  place: Place;
  code: string;
  message: string;
  fix: string;
}

export interface Faults {
  readonly list: readonly MappingFault[];
  add(place: Place, code: string, message: string, fix: string): void;
}

export const collectFaults = (): Faults => {
  const list: MappingFault[] = [];
  return { list, add: (place, code, message, fix) => list.push({ place, code, message, fix }) };
};

export const mappingError = (system: string, faults: readonly MappingFault[]): LotbridgeError => {
  const lines = faults.map((fault) => `${fault.place.join('.')}: ${fault.message} [${fault.code}] ${fault.fix}`);
  return new LotbridgeError({
    code: 'mapping.invalid',
    class: 'config',
    message: `The mapping file of ${system} has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n  ${lines.join('\n  ')}`,
    fix: 'Correct each of them; the last good version keeps running.',
  });
};
