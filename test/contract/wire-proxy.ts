/**
 * Stands between a connector and PostgreSQL and misbehaves on request, on the wire: holds answers back, cuts
 * connections, swallows the answer of a COMMIT or delays the COMMIT itself. Counts refused logins and commits.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface WireProxy {
  port: number;
  refusedLogins(): number;
  commits(): number;
  clear(): void;
  resetOnce(): void;
  slow(ms: number): void;
  swallowCommitAnswer(): void;
  lateCommit(ms: number): void;
  close(): Promise<void>;
}

const isCommit = (chunk: Buffer): boolean =>
  chunk[0] === 0x51 && /^commit;?\0$/i.test(chunk.subarray(5).toString('latin1'));

export const startWireProxy = async (host: string, port: number): Promise<WireProxy> => {
  let refused = 0;
  let commits = 0;
  let fault: { kind: 'none' | 'reset' | 'swallow' } | { kind: 'slow' | 'late'; ms: number } = { kind: 'none' };
  const open = new Set<Socket>();

  const server = createServer((client) => {
    const backend = connect(port, host);
    let deaf = false;
    for (const socket of [client, backend]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      socket.on('error', () => undefined);
    }
    client.on('data', (chunk) => {
      const commit = isCommit(chunk);
      if (commit) commits++;
      if (fault.kind === 'reset') {
        fault = { kind: 'none' };
        client.resetAndDestroy();
        backend.destroy();
      } else if (fault.kind === 'late' && commit) {
        deaf = true;
        setTimeout(() => backend.write(chunk), fault.ms);
        fault = { kind: 'none' };
        client.resetAndDestroy();
      } else if (fault.kind === 'swallow' && commit) {
        deaf = true;
        fault = { kind: 'none' };
        backend.write(chunk);
      } else backend.write(chunk);
    });
    backend.on('data', (chunk) => {
      if (chunk[0] === 0x45 && chunk.includes('C28P01')) refused++;
      if (deaf) return;
      if (fault.kind === 'slow') setTimeout(() => client.writable && client.write(chunk), fault.ms).unref();
      else client.write(chunk);
    });
    client.on('close', () => deaf || backend.end());
    backend.on('close', () => client.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    refusedLogins: () => refused,
    commits: () => commits,
    clear: () => {
      fault = { kind: 'none' };
    },
    resetOnce: () => {
      fault = { kind: 'reset' };
    },
    slow: (ms) => {
      fault = { kind: 'slow', ms };
    },
    swallowCommitAnswer: () => {
      fault = { kind: 'swallow' };
    },
    lateCommit: (ms) => {
      fault = { kind: 'late', ms };
    },
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};
