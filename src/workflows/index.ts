export { nightly } from './nightly.js';
export { sync } from './sync.js';
