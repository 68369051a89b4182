// `npm run faults -- --seed S --count N [--from ROUND] [--size X] [--quick] [--keep]`: a fault campaign on the build (docs/faults.md). Ends with 1 on a violation.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { transformSync } from '@swc/core';
import { startPostgres } from '../dist/engines/postgres.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    size: { type: 'string', default: '0.2' },
    keep: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url));

/** The campaign is written like a test; plain Node needs it as JavaScript. */
const compiled = join(root, 'node_modules/.cache/lotbridge', `faults-${process.pid}`);
mkdirSync(compiled, { recursive: true });
for (const name of readdirSync(join(root, 'test/faults')).filter((file) => !file.endsWith('.test.ts'))) {
  const text = readFileSync(join(root, 'test/faults', name), 'utf8');
  const swc = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } };
  writeFileSync(join(compiled, name.replace(/\.ts$/, '.js')), transformSync(text, { ...swc, filename: name }).code);
}

const work = mkdtempSync(join(tmpdir(), 'lotbridge-faults-'));
const { chmodSync } = await import('node:fs');
chmodSync(work, 0o755);
const mes = join(work, 'mes');
mkdirSync(mes, { mode: 0o755 });
const postgres = await startPostgres({ dataDir: mes, progress: () => {}, env: {}, usualPort: 0 });
let failed = true;
try {
  const { campaign, total } = await import(pathToFileURL(join(compiled, 'campaign.js')).href);
  const { usualShape } = await import(pathToFileURL(join(compiled, 'schedule.js')).href);
  const options = {
    seed: Number(values.seed),
    count: Number(values.count),
    from: Number(values.from),
    size: Number(values.size),
    shape: usualShape,
  };
  const say = (line) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
  const done = await campaign({ ...options, root, work, databaseUrl: postgres.url, undisturbed: !values.quick, say });
  failed = done.violations.length > 0;
  console.log('');
  for (const [kind, n] of Object.entries(done.met).sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`  ${kind.padEnd(24)}${n}`);
  console.log(
    `seed ${values.seed}: ${done.planned} faults planned, ${total(done)} met, in ${done.rounds} rounds with ${done.hubStarts} starts of the hub; ` +
      `${done.lost} lost, ${done.doubled} doubled, ${done.parked} parked, ${done.violations.length} violations`,
  );
  for (const one of done.violations) console.log(`  ${one}`);
  if (failed)
    console.log(`Replay: npm run faults -- --seed ${values.seed} --count ${values.count}; evidence in ${work}`);
} finally {
  await postgres.stop();
  rmSync(compiled, { recursive: true, force: true });
  if (!failed && !values.keep) rmSync(work, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
