import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

test('the list of licences is that of the packages which are installed', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/licences.mjs', '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('no package has a licence that would bind those who use Lotbridge', () => {
  const listed = [...readFileSync('docs/licences.md', 'utf8').matchAll(/^\| (\S+) \| [\d.]\S* \| (.+) \|$/gm)];
  expect(listed.length).toBeGreaterThan(100);
  const binding = listed.filter(([, , licence = '']) => /GPL|SSPL|BUSL|not stated/.test(licence));
  expect(binding.map(([, name, licence]) => `${name}: ${licence}`)).toEqual([]);
});
