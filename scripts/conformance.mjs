// Holds the sandbox servers to what other people's clients expect: the vendor's own Python SDK drives the Kingdee server,
// pyodata the SAP server. Run after the build. Ends with 1 when a check fails; without Python or its packages the checks
// are skipped with the reason, which is a failure too when CI=true.
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startKingdeeServer } from '../dist/sandbox/kingdee/server.js';
import { generatePlant } from '../dist/sandbox/plant/generate.js';
import { startSapServer } from '../dist/sandbox/sap/server.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const scripts = join(root, 'test/conformance');
const requirements = join(scripts, 'requirements.txt');
const venv = join(root, 'node_modules/.cache/lotbridge/conformance-venv');
const python = process.platform === 'win32' ? join(venv, 'Scripts/python.exe') : join(venv, 'bin/python');

class Unavailable extends Error {}

/** The last line that a program said, which names the reason. */
const lastLine = (text) => text.trim().split('\n').at(-1)?.trim() ?? '';

const run = (command, args) => {
  const { status, stderr, stdout, error } = spawnSync(command, args, { encoding: 'utf8', timeout: 300_000 });
  return { ok: status === 0, said: error?.message ?? lastLine(stderr || stdout || '') };
};

/** A Python environment with the pinned packages, made once for a set of pins. */
const prepare = () => {
  const stamp = join(venv, 'requirements.sha256');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(python) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const modern = 'import sys; sys.exit("Python " + sys.version.split()[0] if sys.version_info < (3, 10) else 0)';
  const found = ['python3', 'python'].find((name) => run(name, ['-c', modern]).ok);
  if (!found) throw new Unavailable('no Python 3.10 or newer is installed');
  process.stdout.write('conformance: installing the Python packages (once)\n');
  rmSync(venv, { recursive: true, force: true });
  mkdirSync(venv, { recursive: true });
  const made = run(found, ['-m', 'venv', venv]);
  if (!made.ok) throw new Unavailable(`Python can make no environment (its venv module is missing?): ${made.said}`);
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--quiet', '--retries', '2'];
  const installed = run(python, [...pip, '--timeout', '20', '-r', requirements]);
  if (!installed.ok) throw new Unavailable(`the Python packages can't be had: ${installed.said}`);
  writeFileSync(stamp, wanted);
};

const counts = { passed: 0, failed: 0 };

/** Runs one script; its lines begin with `ok` or `FAIL`, and whatever ends it otherwise is a failure too. */
const drive = (title, script, args) =>
  new Promise((resolve) => {
    const folder = mkdtempSync(join(tmpdir(), 'lotbridge-conformance-'));
    const env = { ...process.env, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1', PYTHONDONTWRITEBYTECODE: '1' };
    env.PYTHONIOENCODING = 'utf-8';
    const child = spawn(python, [join(scripts, script), ...args], { cwd: folder, env, timeout: 120_000 });
    let out = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors += text;
    });
    child.on('error', (error) => {
      errors += error.message;
    });
    child.on('close', (code) => {
      const passed = out.split('\n').filter((line) => line.startsWith('ok ')).length;
      const failed = out.split('\n').filter((line) => line.startsWith('FAIL ')).length;
      process.stdout.write(`${title}\n${out.replace(/^(?=.)/gm, '  ')}`);
      if (code !== 0 && failed === 0) process.stdout.write(`  FAIL ended with ${code ?? 'a signal'}\n${errors}\n`);
      counts.passed += passed;
      counts.failed += failed || (code === 0 && passed > 0 ? 0 : 1);
      rmSync(folder, { recursive: true, force: true });
      resolve();
    });
  });

const kingdee = async (seed) => {
  const account = {
    acctId: randomBytes(7).toString('hex'),
    user: 'integ',
    password: randomBytes(12).toString('hex'),
    appId: `200001_${randomBytes(24).toString('base64').replace(/[+/]/g, 'x')}`,
    appSecret: randomBytes(16).toString('hex'),
    orgNumber: '200',
  };
  const material = seed.materials.find(
    (one) => one.useOrg === '200' && one.baseUnit === 'kg' && one.batchManaged && !one.hasAux && one.status === 'C',
  );
  const server = await startKingdeeServer({ seed, ...account });
  const { acctId, user, appId, appSecret, orgNumber } = account;
  const args = [server.url, acctId, user, appId, appSecret, orgNumber, material?.number ?? ''];
  await drive("Kingdee, by the vendor's Python SDK", 'kingdee_sdk.py', args);
  await server.close();
};

const sap = async (seed) => {
  const logon = { user: 'LOTBRIDGE', password: randomBytes(12).toString('hex'), client: '100' };
  const server = await startSapServer({ seed, ...logon, pageSize: 7 });
  await drive('SAP, by pyodata', 'sap_pyodata.py', [server.url, logon.client, logon.user, logon.password, '1010']);
  await server.close();
};

try {
  prepare();
  const plant = generatePlant({ seed: 1, size: 0.05, lastDay: '2026-11-22' });
  await kingdee(plant.kingdee);
  await sap(plant.sap);
  process.stdout.write(`Conformance: ${counts.passed} passed, ${counts.failed} failed\n`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
} catch (error) {
  if (!(error instanceof Unavailable)) throw error;
  const required = process.env.CI === 'true';
  process.stdout.write(`conformance skipped: ${error.message}\n`);
  process.stdout.write(`Conformance: 0 passed, ${required ? 1 : 0} failed\n`);
  process.exitCode = required ? 1 : 0;
}
