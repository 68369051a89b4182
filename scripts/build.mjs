// Builds dist/: compiled TypeScript, the SQL migrations beside it, and the workflow bundle that the hub's worker loads.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));

rmSync(`${root}dist`, { recursive: true, force: true });
const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json'], { cwd: root, stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
cpSync(`${root}src/store/migrations`, `${root}dist/store/migrations`, { recursive: true });

const workflows = `${root}dist/workflows/index.js`;
if (existsSync(workflows)) {
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error };
  const bundle = async (file, workflowInterceptorModules) => {
    const { code } = await bundleWorkflowCode({ workflowsPath: workflows, workflowInterceptorModules, logger: quiet });
    writeFileSync(`${root}dist/${file}`, code);
  };
  await bundle('workflow-bundle.js', []);
  // The same workflows with spans around their steps, loaded only where traces are switched on.
  const spans = createRequire(import.meta.url).resolve(
    '@temporalio/interceptors-opentelemetry/lib/workflow-interceptors',
  );
  await bundle('workflow-bundle-traced.js', [spans]);
}
