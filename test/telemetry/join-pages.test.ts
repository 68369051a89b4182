import { expect, test } from '@jest/globals';
import { joinPages } from '../../src/telemetry/join-pages.js';

const page = (process: string): string => `# HELP a_total Of a.
# TYPE a_total counter
a_total{process="${process}"} 1

# HELP b Of b.
# TYPE b histogram
b_bucket{process="${process}",le="1"} 2
b_sum{process="${process}"} 3
`;

test('pages become one: each figure is told once, with the lines of all', () => {
  expect(joinPages([page('one'), page('two'), '# TYPE c gauge\nc 4\n'])).toBe(`# HELP a_total Of a.
# TYPE a_total counter
a_total{process="one"} 1
a_total{process="two"} 1

# HELP b Of b.
# TYPE b histogram
b_bucket{process="one",le="1"} 2
b_sum{process="one"} 3
b_bucket{process="two",le="1"} 2
b_sum{process="two"} 3

# TYPE c gauge
c 4
`);
});

test('one page stays as it is, and pages that nobody sent are left out', () => {
  expect(joinPages([page('one')])).toBe(page('one'));
  expect(joinPages(['', page('one'), ''])).toBe(page('one'));
  expect(joinPages([])).toBe('');
});
