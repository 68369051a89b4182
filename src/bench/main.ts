/** `npm run bench -- NAME… [--n N]`: runs benchmarks and prints one JSON line for each; what goes on is told on stderr. */
import { parseArgs } from 'node:util';
import { compareEndBenchmarks } from './compare-end.js';
import { growth } from './growth.js';
import { mappingBenchmarks } from './mapping.js';
import { nightBenchmarks } from './nights.js';
import type { Benchmark } from './result.js';
import { syncBenchmarks } from './sync.js';
import { openWorkshop } from './workshop.js';
import { writeBackBenchmarks } from './write-back.js';

const speed = { ...syncBenchmarks, ...writeBackBenchmarks, ...compareEndBenchmarks };
const benchmarks: Record<string, Benchmark> = { ...speed, ...nightBenchmarks, ...mappingBenchmarks };
/** Several under one name. */
const groups: Record<string, string[]> = { sync: Object.keys(speed), all: Object.keys(benchmarks) };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    n: { type: 'string' },
    growth: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
const names = (positionals.length === 0 ? ['all'] : positionals).flatMap((name) => groups[name] ?? [name]);
const wrong = names.find((name) => benchmarks[name] === undefined);
const given = values.n === undefined ? undefined : Number(values.n);

if (values.help || wrong !== undefined || (given !== undefined && !(Number.isInteger(given) && given > 0))) {
  process.stderr.write(
    `npm run -s bench -- [NAME…] [--n N] [--growth]\n` +
      `  names    ${Object.keys(benchmarks).join(', ')}\n  groups   ${Object.keys(groups).join(', ')}\n` +
      '  --n      how many records; each benchmark has its own usual number\n' +
      '  --growth at 0.3, 1 and 3 times that number\n' +
      'Prints JSON lines {name, n, ours, peer, against, ratio, unit}: docs/performance.md\n',
  );
  process.exit(values.help ? 0 : 2);
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const run = async (name: string, n: number): Promise<void> => {
  say(`${name}: ${n.toLocaleString('en')} …`);
  const workshop = await openWorkshop(say);
  try {
    for (const result of (await benchmarks[name]?.run(n, workshop)) ?? [])
      process.stdout.write(`${JSON.stringify({ name, ...result })}\n`);
  } finally {
    await workshop.close();
  }
};

for (const name of new Set(names)) {
  const usual = given ?? benchmarks[name]?.usual ?? 0;
  for (const n of values.growth ? growth(usual) : [usual])
    await run(name, n).catch((error: Error) => {
      say(`${name}: ${error.message}`);
      process.exitCode = 1;
    });
}
