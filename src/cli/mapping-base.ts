/**
 * Which published version each draft was written upon: noted beside the files (`mappings/.base.json`), so that it travels
 * with them to another machine or through git, and nobody publishes over what he has not seen.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const pathOf = (configDir: string): string => join(configDir, 'mappings', '.base.json');

export const baseOf = (configDir: string, system: string): string | undefined => {
  if (!existsSync(pathOf(configDir))) return undefined;
  try {
    const noted: unknown = JSON.parse(readFileSync(pathOf(configDir), 'utf8'));
    const found = typeof noted === 'object' && noted !== null ? Object.entries(noted) : [];
    const [, version] = found.find(([name]) => name === system) ?? [];
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
};

/** A folder that cannot be written is left without the note; publishing then asks for --base. */
export const noteBase = (configDir: string, versions: Readonly<Record<string, string>>): void => {
  if (Object.keys(versions).length === 0) return;
  const file = pathOf(configDir);
  try {
    const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as object) : {};
    writeFileSync(file, `${JSON.stringify({ ...before, ...versions }, null, 2)}\n`);
  } catch {
    return;
  }
};
