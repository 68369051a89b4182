/**
 * The container of a backup: an ordinary tar file (ustar), so that any machine can look inside. Written and read as a
 * stream; no entry but a snapshot's Parquet file is larger than one piece of a table.
 */
import type { FileHandle } from 'node:fs/promises';

const block = 512;

/** ustar: name, mode, owner, size, time, checksum, type, "ustar" version 00. */
const header = (name: string, size: number, time: Date): Buffer => {
  if (Buffer.byteLength(name) > 100) throw new RangeError(`the name ${name} is too long for a tar header`);
  const head = Buffer.alloc(block);
  const octal = (value: number, at: number, digits: number): void => {
    head.write(`${value.toString(8).padStart(digits, '0')}\0`, at, 'latin1');
  };
  head.write(name, 0);
  octal(0o600, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(Math.floor(time.getTime() / 1000), 136, 11);
  head.write('        ', 148, 'latin1');
  head.write('0', 156, 'latin1');
  head.write('ustar\0' + '00', 257, 'latin1');
  let sum = 0;
  for (const byte of head) sum += byte;
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return head;
};

const padding = (size: number): Buffer => Buffer.alloc((block - (size % block)) % block);

export class TarWriter {
  readonly #file: FileHandle;
  readonly #time: Date;

  constructor(file: FileHandle, time: Date) {
    this.#file = file;
    this.#time = time;
  }

  async add(name: string, content: Buffer): Promise<void> {
    await this.#write(Buffer.concat([header(name, content.length, this.#time), content, padding(content.length)]));
  }

  /** `size` bytes, as they come. */
  async addStream(name: string, size: number, content: AsyncIterable<Buffer>): Promise<void> {
    await this.#write(header(name, size, this.#time));
    let written = 0;
    for await (const chunk of content) {
      written += chunk.length;
      await this.#write(chunk);
    }
    if (written !== size) throw new RangeError(`${name} changed while it was copied`);
    await this.#write(padding(size));
  }

  /** Two empty blocks end a tar file. */
  async end(): Promise<void> {
    await this.#write(Buffer.alloc(2 * block));
  }

  async #write(bytes: Buffer): Promise<void> {
    let at = 0;
    while (at < bytes.length) at += (await this.#file.write(bytes, at)).bytesWritten;
  }
}

export interface TarEntry {
  name: string;
  size: number;
  /** In order; what is not read is skipped. */
  read(): AsyncGenerator<Buffer>;
}

const chunkSize = 1 << 20;

const parseHeader = (head: Buffer): { name: string; size: number } | undefined => {
  const text = (at: number, length: number): string =>
    head
      .subarray(at, at + length)
      .toString('utf8')
      .replace(/\0.*$/s, '');
  const stated = Number.parseInt(text(148, 8), 8);
  let sum = 8 * 32;
  head.forEach((byte, at) => {
    if (at < 148 || at >= 156) sum += byte;
  });
  const size = Number.parseInt(text(124, 12), 8);
  return stated === sum && text(257, 5) === 'ustar' && size >= 0 ? { name: text(0, 100), size } : undefined;
};

/** The entries in order. `damaged` makes the error for a file that is cut short or is no tar file. */
export async function* readTar(file: FileHandle, damaged: (why: string) => Error): AsyncGenerator<TarEntry> {
  let at = 0;
  const exactly = async (size: number): Promise<Buffer> => {
    const bytes = Buffer.alloc(size);
    let got = 0;
    while (got < size) {
      const { bytesRead } = await file.read(bytes, got, size - got, at + got);
      if (bytesRead === 0) throw damaged('it ends too early');
      got += bytesRead;
    }
    at += size;
    return bytes;
  };
  for (;;) {
    const head = await exactly(block);
    if (head.every((byte) => byte === 0)) return;
    const parsed = parseHeader(head);
    if (parsed === undefined) throw damaged('it is no tar file, or a header in it is damaged');
    const { name, size } = parsed;
    const start = at;
    const next = start + size + padding(size).length;
    yield {
      name,
      size,
      async *read() {
        at = start;
        while (at < start + size) yield await exactly(Math.min(chunkSize, start + size - at));
      },
    };
    at = next;
  }
}
