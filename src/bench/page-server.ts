/**
 * An item master over HTTP in pages, ready in memory before anybody asks: `node page-server.js N SIZE`.
 *
 *     GET /items?page=3         {total, items: […]}
 *     POST /next                from now on every hundredth item has another name
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [count = 0, size = 1] = process.argv.slice(2).map(Number);

const item = (number: number, round: number): string => {
  const id = String(100_000_000 + number);
  const name = round > 0 && number % 100 === 0 ? `Part ${id}, revision ${round}` : `Part ${id}`;
  return (
    `{"ItemId":"${id}","Description":"${name}","Specification":"${number % 90}x${number % 70} mm","BaseUomId":"${number % 3 === 0 ? 'KG' : 'EA'}",` +
    `"PrimaryBarCode":"69${String(10_000_000_000 + number)}","ItemTypeId":"${number % 5 === 0 ? 'RAW' : 'FINISHED'}","LotControlled":${number % 2 === 0},` +
    `"ShelfLifeDays":${30 + (number % 700)},"Status":"Active","Plant":"${number % 2 === 0 ? '1010' : '200'}","Weight":${(number % 10_000) / 1000},` +
    `"UpdatedTimestamp":"2026-11-${String(1 + (number % 21)).padStart(2, '0')}T08:00:00"}`
  );
};

const pageAt = (page: number, round: number): Buffer => {
  const items: string[] = [];
  for (let number = page * size; number < Math.min(count, (page + 1) * size); number += 1)
    items.push(item(number, round));
  return Buffer.from(`{"total":${count},"items":[${items.join(',')}]}`);
};
const pagesOf = (round: number): Buffer[] =>
  Array.from({ length: Math.ceil(count / size) }, (_, page) => pageAt(page, round));

let round = 0;
let pages = pagesOf(round);

const server = createServer((request, response) => {
  if (request.method === 'POST') {
    round += 1;
    pages = pagesOf(round);
    response.writeHead(204).end();
    return;
  }
  const page = Number(new URL(request.url ?? '/', 'http://localhost').searchParams.get('page'));
  const body = pages[page] ?? pageAt(page, round);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.once('disconnect', () => process.exit());
