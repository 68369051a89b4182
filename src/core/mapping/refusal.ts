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

/** The same refusal, told of a field of the whole. */
export const within = (name: string, error: unknown): unknown => {
  if (error instanceof Refusal) error.field = error.field === '' ? name : `${name}.${error.field}`;
  return error;
};

/** @throws what is no refusal */
export const refusalOf = (error: unknown): { ok: false; code: string; field: string; message: string } => {
  if (!(error instanceof Refusal)) throw error;
  return { ok: false, code: error.code, field: error.field, message: error.message };
};

/** What a record that is refused there has: nothing. @throws what is no refusal */
export const nothingOf = (error: unknown): '' => {
  if (error instanceof Refusal) return '';
  throw error;
};

/** At most 40 characters of a value, for messages. */
export const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
};
