/**
 * The one error that Lotbridge throws on purpose: it has a stable code, a class that decides the retry, and says what to do.
 *
 * `config` and `data` are never retried, `transient` is retried by Temporal, `conflict` is looked up first, `bug` is ours.
 * Messages name the system, the stream and the record's key, and never hold a secret or a payload.
 */
export const ErrorClass = {
  config: 'config',
  data: 'data',
  transient: 'transient',
  conflict: 'conflict',
  bug: 'bug',
} as const;
export type ErrorClass = (typeof ErrorClass)[keyof typeof ErrorClass];

export interface LotbridgeErrorInit {
  /** Stable, dotted, lower case: `sap.csrf-refused`. Tests assert it. */
  code: string;
  class: ErrorClass;
  /** What happened and where: `file:line:column` or `system/stream/key`. */
  message: string;
  /** What the reader does about it. */
  fix: string;
  cause?: unknown;
}

export class LotbridgeError extends Error {
  readonly code: string;
  readonly class: ErrorClass;
  readonly fix: string;

  constructor(init: LotbridgeErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'LotbridgeError';
    this.code = init.code;
    this.class = init.class;
    this.fix = init.fix;
  }
}

/** The error as a person reads it: code, what and where, what to do. */
export const describeError = (error: unknown): string =>
  error instanceof LotbridgeError
    ? `${error.message} [${error.code}]\n  ${error.fix}`
    : error instanceof Error
      ? error.message
      : String(error);
