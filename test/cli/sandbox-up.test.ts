import { expect, test } from '@jest/globals';
import { sandboxUp } from '../../src/cli/sandbox-up.js';

const global = { configDir: undefined, dataDir: '/nonexistent', json: false };

test.each([
  ['x', '1', 'sandbox.seed'],
  ['1.5', '1', 'sandbox.seed'],
  ['1', '0', 'sandbox.size'],
  ['1', '-2', 'sandbox.size'],
  ['1', '101', 'sandbox.size'],
])('a plant of seed %s and size %s is refused before anything starts', async (seed, size, code) => {
  await expect(sandboxUp(global, { seed, size })).rejects.toMatchObject({ code, class: 'data' });
});
