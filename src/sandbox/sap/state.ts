/** What the simulated SAP client holds: masters from the seed, documents, and the stock that these documents leave. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { Big } from 'big.js';
import type { SapBatch, SapDocument, SapDocumentItem, SapOrder, SapProduct, SapSeed } from '../plant/model.js';
import { localText } from './edm.js';

export interface Bucket {
  material: string;
  plant: string;
  storageLocation: string;
  batch: string;
  stockType: string;
}

export type Accepted = { kind: 'document'; document: SapDocument } | { kind: 'batch'; batch: SapBatch };

export interface OrderProgress {
  received: Big;
  withdrawn: Map<string, Big>;
}

export class SapState {
  readonly products = new Map<string, SapProduct>();
  readonly batches = new Map<string, SapBatch>();
  readonly orders = new Map<string, SapOrder>();
  readonly documents = new Map<string, SapDocument>();
  readonly stock = new Map<string, { bucket: Bucket; quantity: Big }>();
  readonly progress = new Map<string, OrderProgress>();
  /** Posting dates before this day are in a closed period. */
  openFrom: string;
  /** Services that the user may not start. */
  readonly forbidden = new Set<string>();
  /** Another one after every change. */
  version = 0;
  readonly #lastNumbers = new Map<string, number>();
  #lastNow = 0;

  constructor(
    seed: SapSeed,
    private readonly journal: string | undefined,
  ) {
    for (const product of seed.products) this.products.set(product.product, structuredClone(product));
    for (const batch of seed.batches) this.batches.set(batchKey(batch), structuredClone(batch));
    for (const order of seed.orders) this.orders.set(order.order, structuredClone(order));
    for (const document of seed.documents) this.#enter(structuredClone(document));
    const postingDays = seed.documents.map((one) => one.postingDate).sort();
    this.openFrom = monthBefore(postingDays.at(-1) ?? '');
    for (const accepted of this.#replayed()) this.#apply(accepted);
  }

  /** The plant's clock; never the same instant twice, so that etags and cursors tell changes apart. */
  now(): string {
    this.#lastNow = Math.max(Date.now(), this.#lastNow + 1);
    const ms = String(this.#lastNow % 1000).padStart(3, '0');
    return `${localText(this.#lastNow)}.${ms}`;
  }

  /** Whoever changes a record or a map by hand says so. */
  changed(): void {
    this.version += 1;
  }

  accept(accepted: Accepted): void {
    this.#apply(accepted);
    if (this.journal) appendFileSync(this.journal, `${JSON.stringify(accepted)}\n`);
  }

  quantityAt(bucket: Bucket): Big {
    return this.stock.get(bucketKey(bucket))?.quantity ?? new Big(0);
  }

  nextNumber(prefix: string, year: string): string {
    const last = this.#lastNumbers.get(`${year}/${prefix}`) ?? 0;
    return `${prefix}${String(last + 1).padStart(8, '0')}`;
  }

  *#replayed(): Iterable<Accepted> {
    if (!this.journal || !existsSync(this.journal)) return;
    for (const line of readFileSync(this.journal, 'utf8').split('\n')) {
      if (line.trim() !== '') yield JSON.parse(line) as Accepted;
    }
  }

  #apply(accepted: Accepted): void {
    this.changed();
    if (accepted.kind === 'batch') this.batches.set(batchKey(accepted.batch), accepted.batch);
    else this.#enter(accepted.document);
  }

  #enter(document: SapDocument): void {
    this.documents.set(documentKey(document), document);
    const range = `${document.year}/${document.number.slice(0, 2)}`;
    this.#lastNumbers.set(range, Math.max(this.#lastNumbers.get(range) ?? 0, Number(document.number.slice(2))));
    for (const item of document.items) {
      for (const { bucket, delta } of effects(item)) this.#move(bucket, delta);
      this.#progress(item);
      const reversed = item.reversedDocument;
      const original = reversed && this.documents.get(documentKey(reversed));
      for (const other of original?.items ?? []) if (other.item === reversed?.item) other.cancelled = true;
    }
  }

  #move(bucket: Bucket, delta: Big): void {
    const key = bucketKey(bucket);
    const held = this.stock.get(key);
    this.stock.set(key, { bucket, quantity: (held?.quantity ?? new Big(0)).plus(delta) });
  }

  #progress(item: SapDocumentItem): void {
    if (!item.order) return;
    const progress = this.progress.get(item.order) ?? { received: new Big(0), withdrawn: new Map<string, Big>() };
    this.progress.set(item.order, progress);
    if (/^10[12]$/.test(item.movementType)) progress.received = progress.received.plus(signed(item));
    else {
      const before = progress.withdrawn.get(item.material) ?? new Big(0);
      progress.withdrawn.set(item.material, before.minus(signed(item)));
    }
  }
}

const signed = (item: SapDocumentItem): Big =>
  item.debitCredit === 'S' ? new Big(item.baseQuantity) : new Big(item.baseQuantity).times(-1);

/** Which stock an item changes, and by how much in the base unit. */
export const effects = (item: SapDocumentItem): { bucket: Bucket; delta: Big }[] => {
  const { material, plant, storageLocation, batch, stockType, receiving } = item;
  const delta = signed(item);
  return [
    { bucket: { material, plant, storageLocation, batch, stockType }, delta },
    ...(receiving ? [{ bucket: receiving, delta: delta.times(-1) }] : []),
  ];
};

export const bucketKey = (bucket: Bucket): string =>
  [bucket.material, bucket.plant, bucket.storageLocation, bucket.batch, bucket.stockType].join('\u0000');
export const batchKey = (batch: { material: string; plant: string; batch: string }): string =>
  [batch.material, batch.plant, batch.batch].join('\u0000');
export const documentKey = (document: { year: string; number: string }): string =>
  `${document.year}/${document.number}`;

const monthBefore = (day: string): string => {
  if (day === '') return '0000-01-01';
  const [year = 0, month = 1] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month - 2, 1)).toISOString().slice(0, 10);
};
