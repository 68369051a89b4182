/** A short text that is equal for equal content, whatever the order of its keys. */
import { hash } from 'node:crypto';

/** 132 bits of SHA-256, in base64url. */
export const contentHash = (value: unknown): string =>
  hash('sha256', JSON.stringify(sorted(value)), 'base64url').slice(0, 22);

const sorted = (value: unknown): unknown => {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sorted);
  const source = value as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const key of inOrder(Object.keys(source))) {
    const part = source[key];
    result[key] = part !== null && typeof part === 'object' ? sorted(part) : part;
  }
  return result;
};

/** Records of a stream have the same few sets of keys; each is sorted once. */
const orders = new Map<string, string[]>();
const mostOrders = 1000;

const inOrder = (keys: string[]): string[] => {
  const shape = keys.join('\u0000');
  const known = orders.get(shape);
  if (known) return known;
  if (orders.size >= mostOrders) orders.clear();
  const order = keys.sort();
  orders.set(shape, order);
  return order;
};
