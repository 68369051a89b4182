/** Systems whose TLS certificate nobody looks at: allowed for a trial, and named in every summary until it ends. */
import type { LoadedConfig } from '../config/load.js';

/** What of the configuration says it. */
export type TlsConfig = Pick<LoadedConfig, 'hub' | 'connectors' | 'connections'>;

export const unverifiedSystems = (
  { hub, connectors, connections }: TlsConfig,
  env: NodeJS.ProcessEnv = process.env,
): string[] => {
  const systems = Object.keys(hub.systems);
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') return systems;
  return systems.filter((system) => {
    const { connection } = (connectors.get(system) ?? {}) as { connection?: { options?: unknown } };
    return switchedOff(connection?.options, connections[system] ?? {});
  });
};

/** As the drivers of pg, mysql2 and mssql spell it. */
const switchedOff = (value: unknown, connection: Record<string, unknown>, key = ''): boolean => {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).some(([name, inner]) => switchedOff(inner, connection, name));
  const text = String(value).replace(/\{\{connection\.(\w+)\}\}/g, (_, name: string) => String(connection[name] ?? ''));
  if (key === 'rejectUnauthorized') return text === 'false';
  if (key === 'trustServerCertificate') return text === 'true';
  return /sslmode=(no-verify|allow|prefer)\b|trustServerCertificate=true/i.test(text);
};
