// Once a jest run, before the first test: one PostgreSQL and one Temporal for all test files.
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compileEngines } from './compile-engines.js';

export default async () => {
  const script = fileURLToPath(new URL('./engines.js', import.meta.url));
  const compiled = compileEngines();
  // A process group of its own: Ctrl-C ends jest, and the end of its pipe ends the engines in good order.
  const child = spawn(process.execPath, [script, compiled], {
    detached: true,
    cwd: tmpdir(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-4000);
  });
  child.stdin.on('error', () => {});
  const line = await new Promise((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`The test engines did not start (exit ${code}):\n${said}`)));
    child.once('error', reject);
  });
  const { databaseUrl, temporalAddress } = JSON.parse(line);
  process.env.TEST_DATABASE_URL = databaseUrl;
  process.env.TEST_TEMPORAL_ADDRESS = temporalAddress;
  process.env.TEST_ENGINES_COMPILED = compiled; // for tests that start a hub of their own
  globalThis.testEngines = child;
};
