import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { callDeadMan } from '../../src/activities/dead-man.js';

test('the dead-man URL is called; a call that fails does not fail the night', async () => {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    calls.push(request.url ?? '');
    response.writeHead(calls.length === 1 ? 200 : 500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const call = (url: string) => new MockActivityEnvironment().run(callDeadMan, url);
  await call(`http://127.0.0.1:${port}/night`);
  await call(`http://127.0.0.1:${port}/refused`);
  server.close();
  expect(calls).toEqual(['/night', '/refused']);
  await call('http://127.0.0.1:1/nobody');
});
