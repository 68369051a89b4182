export { nightly } from './nightly.js';
export { reconcile } from './reconcile.js';
export { sync } from './sync.js';
