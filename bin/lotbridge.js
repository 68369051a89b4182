#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

// A hub runs for months beside other programs: it gives memory back rather than grow into what the machine has.
setFlagsFromString('--heap-growing-percent=100');
await import('../dist/cli/main.js');
