/** Systems of a test's own making: one that says what it is told to say, one that keeps what it is sent. */
import type {
  Adapter,
  Idempotency,
  LookupOutcome,
  Page,
  RawRecord,
  StreamCapabilities,
  WriteOutcome,
  WriteRecord,
} from '../../src/adapters/contract.js';

const streams = ['item', 'lot', 'posting', 'issue', 'produce', 'transfer'];

export class ScriptedSystem implements Adapter {
  /** What a read brings, by stream: always everything. */
  readonly says: Record<string, RawRecord[]> = {};
  /** The count that the system itself gives, by stream. */
  readonly counts: Record<string, number> = {};
  /** What it was sent and took, in order. */
  readonly took: { stream: string; key: string; action: string; record: RawRecord }[] = [];
  /** Every record that reached it, taken or not. */
  readonly sent: string[] = [];
  lookups = 0;
  idempotency: Idempotency = 'key';
  /** What it answers in place of taking a record. */
  answer: (stream: string, write: WriteRecord) => WriteOutcome | undefined = () => undefined;

  /** As new, for the next test. */
  reset(): void {
    for (const told of [this.says, this.counts]) for (const name of Object.keys(told)) delete told[name];
    this.took.length = 0;
    this.sent.length = 0;
    this.lookups = 0;
    this.idempotency = 'key';
    this.answer = () => undefined;
  }

  constructor(readonly system: string) {}

  get capabilities() {
    const one: StreamCapabilities = {
      read: true,
      incremental: false,
      counts: true,
      write: true,
      idempotency: this.idempotency,
      discover: false,
    };
    return { streams: Object.fromEntries(streams.map((name) => [name, one])) };
  }

  async check() {
    return { ok: true, missing: [], latencyMs: 0 };
  }
  async discover() {
    return [];
  }
  async *read(stream: string): AsyncGenerator<Page> {
    const sourceCount = this.counts[stream];
    const cursor = `read ${this.says[stream]?.length ?? 0}`;
    yield { records: this.says[stream] ?? [], cursor, ...(sourceCount !== undefined && { sourceCount }) };
  }
  async write(stream: string, records: WriteRecord[]): Promise<WriteOutcome[]> {
    return records.map((write): WriteOutcome => {
      const { key, action, record } = write;
      this.sent.push(key);
      const said = this.answer(stream, write);
      if (said) return said;
      this.take(stream, write);
      return { key, status: 'written', reference: action === 'reverse' ? `back-${record.reference}` : `doc-${key}` };
    });
  }
  take(stream: string, { key, action, record }: WriteRecord): void {
    this.took.push({ stream, key, action, record });
  }
  async lookup(_stream: string, records: WriteRecord[]): Promise<LookupOutcome[]> {
    this.lookups += 1;
    return records.map(({ key }) =>
      this.took.some((one) => one.key === key)
        ? { key, found: true, reference: `doc-${key}`, complete: true }
        : { key, found: false },
    );
  }
  async close() {}
}
