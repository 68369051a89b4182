/**
 * A plant that reports movements, and a system that takes them as documents: 20 ms each, ten at a time, 429 beyond:
 * `node document-server.js DOCUMENTS`.
 *
 *     GET  /items               the item master of both, in one page
 *     GET  /postings?page=3     {total, postings: […]}
 *     POST /documents           one document
 *     GET  /taken               {documents, refused, firstAt}; the next count begins
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { items, postingsPage } from './document-hub.js';

const count = Number(process.argv[2]);
const latencyMs = 20;
const most = 10;

let atOnce = 0;
let taken = { documents: 0, refused: 0, firstAt: 0 };

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length }).end(text);
};

const take = (response: ServerResponse): void => {
  if (atOnce >= most) {
    taken.refused += 1;
    answer(response, 429, {});
    return;
  }
  atOnce += 1;
  taken.firstAt ||= Date.now();
  setTimeout(() => {
    atOnce -= 1;
    taken.documents += 1;
    answer(response, 201, { number: `D${taken.documents}` });
  }, latencyMs);
};

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (request.method === 'POST') request.resume().on('end', () => take(response));
  else if (url.pathname === '/items') answer(response, 200, { items: items() });
  else if (url.pathname === '/postings')
    answer(response, 200, postingsPage(count, Number(url.searchParams.get('page'))));
  else {
    answer(response, 200, taken);
    taken = { documents: 0, refused: 0, firstAt: 0 };
  }
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.once('disconnect', () => process.exit());
