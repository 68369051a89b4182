/** Connection values of a K3Cloud system, checked once. */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';
import type { AdapterContext } from '../contract.js';

export interface KingdeeSettings {
  /** `https://host/k3cloud/` */
  baseUrl: string;
  acctId: string;
  user: string;
  appId: string;
  appSecret: string;
  orgNumber: string;
  lcid: string;
  /** Rows a query; K3Cloud's documentation allows 2000. */
  pageSize: number;
  timeoutMs: number;
  perSecond?: number;
  concurrency?: number;
  /** How far a read reaches back before its cursor: the server stamps a change before it commits it. */
  overlapSeconds: number;
  /** Wait after the answer `call limit` (MsgCode 14). */
  limitWaitMs: number;
  /** Some builds know `ExecuteOperation` only. */
  operationMethod: string;
  /** `fields-<stream>`: further field keys, comma separated. */
  extraFields(stream: string): string[];
  /** `filter-<stream>`: a further condition on what is read. */
  filter(stream: string): string | undefined;
}

export const readSettings = ({ system, connection }: AdapterContext): KingdeeSettings => {
  const optional = (name: string): string | undefined => {
    const value = connection[name];
    return value === undefined || value === null || value === '' ? undefined : String(value);
  };
  const required = (name: string): string => {
    const value = optional(name);
    if (value !== undefined) return value;
    throw new LotbridgeError({
      code: 'kingdee.connection-incomplete',
      class: ErrorClass.config,
      message: `${system}: connection.${name} is missing`,
      fix: `Set connection.${name} of the system in hub.yaml; secrets as \${env:NAME} or \${file:PATH}.`,
    });
  };
  const number = (name: string, fallback: number): number => {
    const value = Number(optional(name) ?? fallback);
    if (Number.isFinite(value) && value >= 0) return value;
    throw new LotbridgeError({
      code: 'kingdee.connection-invalid',
      class: ErrorClass.config,
      message: `${system}: connection.${name} is not a number`,
      fix: `Write a number for connection.${name} in hub.yaml, or leave it out.`,
    });
  };
  const appId = required('appId');
  // Of a system that is worked elsewhere the reference itself stands here; what it leads to is checked there.
  if (!appId.startsWith('${') && !/^[^_]+_[^_=]{32}$/.test(appId)) {
    throw new LotbridgeError({
      code: 'kingdee.connection-invalid',
      class: ErrorClass.config,
      message: `${system}: connection.appId is not <client id>_<32 characters>`,
      fix: 'Copy the application id as a whole from 第三方系统登录授权 in K3Cloud.',
    });
  }
  return {
    baseUrl: `${required('baseUrl').replace(/\/+$/, '')}/`,
    acctId: required('acctId'),
    user: required('user'),
    appId,
    appSecret: required('appSecret'),
    orgNumber: optional('orgNumber') ?? '0',
    lcid: optional('lcid') ?? '2052',
    // The server cuts off silently at 10000.
    pageSize: Math.min(10_000, Math.max(1, number('pageSize', 2000))),
    timeoutMs: number('timeoutMs', 30_000),
    ...(optional('perSecond') === undefined ? {} : { perSecond: number('perSecond', 0) }),
    ...(optional('concurrency') === undefined ? {} : { concurrency: number('concurrency', 4) }),
    overlapSeconds: number('overlapSeconds', 300),
    limitWaitMs: number('limitWaitMs', 60_000),
    operationMethod: optional('operationMethod') ?? 'ExcuteOperation',
    extraFields: (stream) =>
      (optional(`fields-${stream}`) ?? '')
        .split(',')
        .map((field) => field.trim())
        .filter((field) => field !== ''),
    filter: (stream) => optional(`filter-${stream}`),
  };
};
