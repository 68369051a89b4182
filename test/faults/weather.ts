/** Bad answers of the simulated servers: which request of which system meets what. */
import type { SandboxFault } from '../../src/sandbox/misbehave.js';
import type { Random } from './schedule.js';

export const weatherKinds = [
  'latency',
  'rate-limit',
  'vendor-limit',
  'server-error',
  'reset',
  'timeout-before-commit',
  'timeout-after-commit',
  'late-commit',
  'session-expired',
  'html',
  'empty',
  'garbage',
  'burst',
] as const;
export type WeatherKind = (typeof weatherKinds)[number];
export type Http = 'sap' | 'kingdee' | 'wms';

export interface Weather {
  n: number;
  kind: WeatherKind;
  system: Http;
  fault: SandboxFault;
}

/** Requests that change something, and those that only ask. */
const requests: Record<Http, { write: SandboxFault; read: SandboxFault }> = {
  sap: { write: { method: 'POST', path: '/sap/' } as SandboxFault, read: { method: 'GET' } as SandboxFault },
  kingdee: {
    write: { path: '\\.(Save|BatchSave|Submit|Audit|Allocate)\\.common' } as SandboxFault,
    read: { path: '\\.(ExecuteBillQuery|BillQuery|View)\\.common' } as SandboxFault,
  },
  wms: { write: { path: 'bulkImport' } as SandboxFault, read: { path: '/search' } as SandboxFault },
};

/** The warehouse is told of few things. */
const sides: Record<Http, readonly ('write' | 'read')[]> = {
  sap: ['write', 'write', 'read'],
  kingdee: ['write', 'write', 'read'],
  wms: ['write', 'read', 'read', 'read'],
};

const json = 'application/json; charset=utf-8';
const kingdeeRefusal = (code: number, message: string): string =>
  JSON.stringify({
    Result: { ResponseStatus: { ErrorCode: 500, IsSuccess: false, MsgCode: code, Errors: [{ Message: message }] } },
  });

const expired = (system: Http): SandboxFault['action'] => {
  if (system === 'sap')
    return {
      kind: 'status',
      status: 403,
      headers: { 'x-csrf-token': 'Required' },
      body: 'CSRF token validation failed',
    };
  if (system === 'wms') return { kind: 'status', status: 401, body: { success: false } };
  return { kind: 'body', contentType: json, body: kingdeeRefusal(1, '会话信息已丢失，请重新登录') };
};

const limited = (system: Http): SandboxFault['action'] =>
  system === 'kingdee'
    ? { kind: 'body', contentType: json, body: kingdeeRefusal(14, '调用次数超过限制') }
    : { kind: 'status', status: 429, headers: { 'retry-after': '1' }, body: '' };

export const faultyAnswer = (n: number, kind: WeatherKind, draw: Random): Weather => {
  const system = draw.pick(['sap', 'kingdee', 'wms'] as const);
  const side = kind === 'session-expired' && system === 'sap' ? 'write' : draw.pick(sides[system]);
  const ms = 100 + draw.below(1400);
  const status = draw.pick([500, 502, 503, 504]);
  const actions: Record<WeatherKind, SandboxFault['action']> = {
    latency: { kind: 'latency', ms: ms * 2 },
    'rate-limit': { kind: 'status', status: 429, headers: { 'retry-after': '1' }, body: '' },
    'vendor-limit': limited(system),
    'server-error': { kind: 'status', status, body: 'Internal Server Error' },
    reset: { kind: 'reset' },
    'timeout-before-commit': { kind: 'timeout-before', ms },
    'timeout-after-commit': { kind: 'timeout-after-commit', ms },
    'late-commit': { kind: 'late-commit', ms },
    'session-expired': expired(system),
    html: { kind: 'body', contentType: 'text/html', body: '<html><body>Wartungsarbeiten 系统维护</body></html>' },
    empty: { kind: 'body', contentType: json, body: '' },
    garbage: { kind: 'body', contentType: json, body: '{"d":{"results":[{"Mat' },
    burst: { kind: 'status', status: 503, headers: { 'retry-after': '1' }, body: '' },
  };
  const fault = {
    ...requests[system][side],
    skip: draw.below(side === 'write' && system === 'wms' ? 1 : 5),
    times: kind === 'burst' ? 4 : 1,
    action: actions[kind],
  };
  return { n, kind, system, fault };
};

/** Sent with the fault, so that it can be told from the others when the server is asked what is left. */
export const marked = ({ n, fault }: Weather): SandboxFault & { n: number } => ({ ...fault, n });
