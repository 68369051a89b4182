// A system that keeps the time of each request on a clock of its own process: argument is the number of pages of its list.
// Prints its address. `POST /login {password}`, `GET /items?after=N` with the session, `GET /__seen`, `POST /__expire`.
import { createServer } from 'node:http';

const pages = Number(process.argv[2]);
const seen = [];
let session = 0;
process.stdin.once('end', () => process.exit(0)).resume(); // the test run was killed: so are we

const answers = {
  '/login': () => [200, { token: `session-${++session}` }],
  '/items': ({ headers, url }) => {
    if (headers.authorization !== `Bearer session-${session}`) return [401, {}];
    const after = Number(new URL(url, 'http://x').searchParams.get('after'));
    const row = (n) => ({
      ...{ id: String(n), code: `M${n}`, name: `Material ${n}`, baseUnit: 'KGM', tracking: 'lot' },
      plants: [{ plant: '1010' }],
    });
    return [200, { rows: after + 2 > pages * 2 ? [] : [row(after + 1), row(after + 2)] }];
  },
};

const server = createServer((request, response) => {
  const at = performance.now();
  const [path] = request.url.split('?');
  const end = ([status, body], ms) =>
    setTimeout(() => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }, ms);
  request.resume().on('end', () => {
    if (path === '/__seen') return end([200, seen], 0);
    if (path === '/__expire') return end([200, { session: ++session }], 0);
    const answer = answers[path]?.(request) ?? [404, {}];
    seen.push({ at, path, status: answer[0], worker: request.headers['x-worker'] });
    end(answer, 20);
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}\n`));
