// A hub that has engines and nothing else, for the tests of the engines: prints its state, then waits for a signal.
// Arguments: compiled folder, data folder, and `handles-signals` for a hub that stops in its own signal handler.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [compiled, dataDir, mode] = process.argv.slice(2);
const { startEngines } = await import(pathToFileURL(join(compiled, 'engines', 'index.js')).href);
process.stdin.once('end', () => process.exit(7)).resume(); // the test run was killed: so are we, with the engines
const progress = [];
try {
  const engines = await startEngines({ dataDir, progress: (text) => progress.push(text) });
  process.stdout.write(`${JSON.stringify({ state: engines.state, progress })}\n`);
  if (mode === 'handles-signals') {
    process.on('SIGTERM', async () => {
      await engines.stop();
      process.exit(0);
    });
  }
  if (mode === 'exits-without-stop') process.exit(5);
  setInterval(() => {}, 1000);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ code: error.code, message: error.message, progress })}\n`);
  process.exit(2);
}
