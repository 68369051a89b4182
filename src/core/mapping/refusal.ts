/**
 * Why one record cannot be mapped. It parks that record and nothing else; messages name the field and the rule, and never
 * hold more than a short piece of the value.
 */
export class Refusal extends Error {
  readonly code: string;
  field: string;

  constructor(code: string, message: string, field = '') {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.field = field;
  }
}

/** At most 40 characters of a value, for messages. */
export const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
};
