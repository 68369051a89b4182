export { nightly } from './nightly.js';
export { reconcile } from './reconcile.js';
export type { Unread } from './stock.js';
export { sync } from './sync.js';
export { trace } from './trace.js';
