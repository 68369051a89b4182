/** The stock of three systems over HTTP in pages, ready in memory before anybody asks: `node balance-server.js BALANCES`; GET /wms?page=3. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { balancePage, pageSize, type System, systems } from './balance-hub.js';

const count = Number(process.argv[2]);
const pagesOf = (system: System): Buffer[] =>
  Array.from({ length: Math.ceil(count / pageSize) }, (_, page) => Buffer.from(balancePage(system, count, page)));
const pages = new Map(systems.map((system) => [`/${system}`, pagesOf(system)]));

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const page = pages.get(url.pathname)?.[Number(url.searchParams.get('page'))];
  const body = page ?? Buffer.from(`{"total":${count},"data":[]}`);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.once('disconnect', () => process.exit());
