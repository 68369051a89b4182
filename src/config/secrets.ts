/**
 * Puts the secrets in place of their references, in memory only, right before the adapters are made.
 *
 * All that are missing are named at once, by reference and place; a value is never part of an error.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LotbridgeError } from '../core/errors.js';
import { type HubConfig, ownSystems } from './hub.js';
import { referencesIn } from './secret-reference.js';
import type { YamlFile, YamlPath } from './yaml.js';

export interface ResolvedSecrets {
  /** Connection values by system, as `AdapterContext.connection` wants them. */
  connections: Record<string, Record<string, string | number | boolean>>;
  deadManUrl?: string;
  tracesUrl?: string;
  /** Every secret's value, for masking in logs. */
  values: string[];
}

export interface SecretSources {
  env?: Record<string, string | undefined>;
  /** What `${file:…}` paths start from: the folder of hub.yaml. */
  dir: string;
  /** Only the secrets of these are looked for; by default those of the hub: its own, and of the systems it speaks to. */
  systems?: readonly string[];
}

/** Puts secrets in place of their references; what leads nowhere on this machine is collected, with its place. */
export const secretFiller = (yaml: YamlFile<unknown>, { env = process.env, dir }: SecretSources) => {
  const missing: string[] = [];
  const values = new Set<string>();
  const fill = (text: string, path: YamlPath): string => {
    let filled = '';
    let from = 0;
    for (const { kind, name, text: reference, index } of referencesIn(text)) {
      const found = kind === 'env' ? env[name] : readSecretFile(resolve(dir, name));
      if (found === undefined || found === '') {
        const { file, line, column } = yaml.positionOf(path);
        missing.push(`${file}:${line}:${column}: ${reference} ${whyMissing(kind, found)}`);
      } else values.add(found);
      const before = text.slice(from, index);
      // Within `scheme://user:…@host` a secret may hold characters that would end the address's part.
      const inAddress =
        /:\/\/[^/?#@]*$/.test(text.slice(0, index)) && /^[^/?#]*@/.test(text.slice(index + reference.length));
      filled += before + (inAddress ? encodeURIComponent(found ?? '') : (found ?? ''));
      from = index + reference.length;
    }
    return filled + text.slice(from);
  };
  return { fill, values, missing };
};

/** @throws LotbridgeError `config.secret-missing`, naming every reference that leads nowhere */
export const refuseMissing = (missing: readonly string[]): void => {
  if (missing.length === 0) return;
  throw new LotbridgeError({
    code: 'config.secret-missing',
    class: 'config',
    message: missing.join('\n'),
    fix: 'Set the variables and create the files named above, readable for the user that runs lotbridge.',
  });
};

/** @throws LotbridgeError `config.secret-missing`, naming every reference that leads nowhere */
export const resolveSecrets = (yaml: YamlFile<HubConfig>, sources: SecretSources): ResolvedSecrets => {
  const { missing, ...resolved } = lookUp(yaml, sources);
  refuseMissing(missing);
  return resolved;
};

/** Every reference that leads nowhere on this machine, with its place. */
export const missingSecrets = (yaml: YamlFile<HubConfig>, sources: SecretSources): string[] =>
  lookUp(yaml, sources).missing;

const lookUp = (
  yaml: YamlFile<HubConfig>,
  { systems, ...sources }: SecretSources,
): ResolvedSecrets & { missing: string[] } => {
  const { fill, values, missing } = secretFiller(yaml, sources);
  const own = systems ?? ownSystems(yaml.value);
  const connections = Object.fromEntries(
    Object.entries(yaml.value.systems)
      .filter(([name]) => own.includes(name))
      .map(([name, { connection }]) => [
        name,
        Object.fromEntries(
          Object.entries(connection).map(([key, value]) => [
            key,
            typeof value === 'string' ? fill(value, ['systems', name, 'connection', key]) : value,
          ]),
        ),
      ]),
  );
  const { deadMan: { url: deadMan } = {}, telemetry } = systems === undefined ? yaml.value : {};
  const deadManUrl = deadMan === undefined ? undefined : fill(deadMan, ['deadMan', 'url']);
  const traces = telemetry?.traces?.url;
  const tracesUrl = traces === undefined ? undefined : fill(traces, ['telemetry', 'traces', 'url']);
  return {
    missing,
    connections,
    ...(deadManUrl !== undefined && { deadManUrl }),
    ...(tracesUrl !== undefined && { tracesUrl }),
    values: [...values],
  };
};

const whyMissing = (kind: 'env' | 'file', found: string | undefined): string =>
  found === '' ? 'is empty' : kind === 'env' ? 'is not set' : 'cannot be read';

const readSecretFile = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
};
