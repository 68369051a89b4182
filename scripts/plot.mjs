// `node scripts/plot.mjs docs/performance.jsonl docs/growth.svg`: lines of `npm run bench -- … --growth` as a picture: seconds and peak memory by number of records.
import { readFileSync, writeFileSync } from 'node:fs';

const [source, target] = process.argv.slice(2);
if (!source || !target) {
  console.error('usage: node scripts/plot.mjs LINES.jsonl PICTURE.svg');
  process.exit(2);
}

const lines = readFileSync(source, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('{'))
  .map((line) => JSON.parse(line))
  .filter(({ peakMiB }) => peakMiB !== undefined);
const secondsOf = ({ n, ours, unit }) => (unit === 's' ? ours : n / ours);
const names = [...new Set(lines.map(({ name }) => name))];
const colours = ['#1b6ca8', '#c8553d', '#3a7d44', '#7b4b94'];

const size = { width: 380, height: 260, left: 56, top: 34, right: 14, bottom: 40 };
const text = (x, y, words, extra = '') => `<text x="${x}" y="${y}" ${extra}>${words}</text>`;
const largest = (values) => {
  const top = Math.max(...values);
  const step = 10 ** Math.floor(Math.log10(top));
  return Math.ceil(top / step) * step;
};

const panel = (title, measure, shift) => {
  const [most, high] = [largest(lines.map(({ n }) => n)), largest(lines.map(measure))];
  const x = (n) => shift + size.left + (n / most) * (size.width - size.left - size.right);
  const y = (value) => size.height - size.bottom - (value / high) * (size.height - size.top - size.bottom);
  const parts = [text(shift + size.left, 20, title, 'font-weight="bold"')];
  for (let step = 0; step <= 4; step += 1) {
    const value = (high / 4) * step;
    parts.push(`<line x1="${x(0)}" x2="${x(most)}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/>`);
    parts.push(text(x(0) - 6, y(value) + 4, Number(value.toPrecision(3)), 'text-anchor="end"'));
  }
  for (const n of [...new Set(lines.map((line) => line.n))].sort((a, b) => a - b))
    parts.push(text(x(n), size.height - 22, `${n / 1e6}M`, 'text-anchor="middle"'));
  names.forEach((name, index) => {
    const own = lines.filter((line) => line.name === name).sort((a, b) => a.n - b.n);
    const points = own.map((line) => [x(line.n), y(measure(line))]);
    parts.push(
      `<polyline fill="none" stroke="${colours[index % colours.length]}" stroke-width="2" points="${points.map((at) => at.map(Math.round).join(',')).join(' ')}"/>`,
      ...points.map(
        ([cx, cy]) =>
          `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="3" fill="${colours[index % colours.length]}"/>`,
      ),
    );
  });
  return parts.join('\n');
};

const legend = names
  .map((name, index) =>
    text(size.left + index * 130, size.height + 4, `■ ${name}`, `fill="${colours[index % colours.length]}"`),
  )
  .join('\n');
writeFileSync(
  target,
  `<svg xmlns="http://www.w3.org/2000/svg" width="${2 * size.width}" height="${size.height + 14}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
${panel('seconds by records', secondsOf, 0)}
${panel('peak memory of the process, MiB', ({ peakMiB }) => peakMiB, size.width)}
${legend}
</svg>
`,
);
