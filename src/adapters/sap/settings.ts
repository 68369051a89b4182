/** Connection values of an SAP system, checked once. */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import type { AdapterContext } from '../contract.js';

export interface SapSettings {
  /** `https://host:44300`; the services are looked for under /sap/opu/odata/sap/. */
  baseUrl: string;
  user: string;
  password: string;
  /** Three digits, `100`. */
  client: string;
  language: string;
  /** Entities a page; halved while the server refuses. 500 by default. */
  pageSize: number;
  timeoutMs: number;
  perSecond?: number;
  concurrency?: number;
  /** How far a later read reaches back before its cursor: SAP stamps a change before it commits it. 0 by default. */
  overlapSeconds: number;
}

export const readSettings = ({ system, connection }: AdapterContext): SapSettings => {
  const invalid = (name: string, fix: string) =>
    new LotbridgeError({
      code: 'sap.connection-invalid',
      class: ErrorClass.config,
      message: `${system}: connection.${name} is missing or not usable`,
      fix,
    });
  const text = (name: string): string | undefined => {
    const value = connection[name];
    return value === undefined || value === null || value === '' ? undefined : String(value);
  };
  const required = (name: string): string => {
    const value = text(name);
    if (value === undefined) throw invalid(name, `Set connection.${name} in hub.yaml; secrets as \${env:NAME}.`);
    return value;
  };
  const number = (name: string): number | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    const parsed = Number(value);
    if (Number.isFinite(parsed) && parsed >= 0) return parsed;
    throw invalid(name, `Write a number for connection.${name} in hub.yaml, or leave it out.`);
  };
  const perSecond = number('perSecond');
  const concurrency = number('concurrency');
  return {
    baseUrl: required('baseUrl').replace(/\/+$/, ''),
    user: required('user'),
    password: required('password'),
    client: required('client'),
    language: text('language') ?? 'EN',
    pageSize: Math.max(1, Math.floor(number('pageSize') ?? 500)),
    timeoutMs: number('timeoutMs') ?? 30_000,
    overlapSeconds: number('overlapSeconds') ?? 0,
    ...(perSecond === undefined ? {} : { perSecond }),
    ...(concurrency === undefined ? {} : { concurrency }),
  };
};
