// src/engines as JavaScript that plain Node can run before jest's own transform exists. Kept by content, so that test
// runs that start at the same moment share it and an edited source is never served stale.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const swc = {
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

/** Returns the folder that holds engines/, core/ and messages/. */
export const compileEngines = () => {
  const all = (room) =>
    readdirSync(join(root, 'src', room))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${room}/${name}`);
  const sources = ['core/errors.ts', 'core/servers.ts', ...all('messages'), ...all('engines')].map((name) => ({
    name,
    text: readFileSync(join(root, 'src', name), 'utf8'),
  }));
  const hash = createHash('sha256').update(JSON.stringify(sources)).digest('hex').slice(0, 16);
  const folder = join(root, 'node_modules/.cache/lotbridge', `engines-${hash}`);
  if (existsSync(folder)) return folder;
  const part = `${folder}.${randomBytes(4).toString('hex')}`;
  for (const { name, text } of sources) {
    const file = join(part, name.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, transformSync(text, { ...swc, filename: name }).code);
  }
  try {
    renameSync(part, folder);
  } catch {
    rmSync(part, { recursive: true, force: true }); // another test run was first
  }
  return folder;
};
