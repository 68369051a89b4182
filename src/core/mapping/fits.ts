/** Whether a value is right where it will stand: as the model has it, and without what the store cannot keep. */
import { Ajv, type ValidateFunction } from 'ajv';
import type { Json } from '../json.js';
import { holdsOdd, isOdd } from './storable.js';

/** A part of a record schema, as far as it is looked into. */
export interface ValueSchema {
  type?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
}

export type Fits = (value: Json | undefined) => boolean;

/** Lengths are counted as the store's indexes feel them, and quickly. */
const ajv = new Ajv({ strict: false, allErrors: false, unicode: false, logger: false });
const validators = new Map<object, ValidateFunction>();

export const validatorOf = (schema: object): ValidateFunction => {
  const known = validators.get(schema);
  if (known) return known;
  const made = ajv.compile(schema);
  validators.set(schema, made);
  return made;
};

const plainText = new Set(['type', 'minLength', 'maxLength']);

/** True only for what is right; what has an odd character is for others to judge. */
export const fitsIn = (schema: ValueSchema): Fits => {
  if (schema.type !== 'string' || Object.keys(schema).some((word) => !plainText.has(word)))
    return (value) => validatorOf(schema)(value) && !holdsOdd(value ?? null);
  const fits = lengthFits(schema);
  return (value) => fits(value) && !isOdd(value as string);
};

/** Of a text that the pattern surely matches. */
export const lengthFits = ({ minLength = 0, maxLength = Number.POSITIVE_INFINITY }: ValueSchema): Fits => {
  return (value) => typeof value === 'string' && value.length >= minLength && value.length <= maxLength;
};
