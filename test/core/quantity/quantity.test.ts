import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { convert } from '../../../src/core/quantity/convert.js';
import { add, decimal, decimalText, sameQuantity, subtract } from '../../../src/core/quantity/decimal.js';

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
};

const flour = {
  baseUnit: 'KGM',
  units: [
    { unit: 'XBX', numerator: '25', denominator: '2' },
    { unit: 'C62', numerator: '1', denominator: '3' },
  ],
};

describe('quantities', () => {
  test('a tenth and two tenths are three tenths', () => {
    expect(add('0.1', '0.2')).toBe('0.3');
    expect(subtract('0', '0.000')).toBe('0');
    expect(sameQuantity('12.500', '12.5')).toBe(true);
  });

  test.each(['1,234.50', '1.234,50', '１２', '1e400', '', ' 1', '.5', '1.', '+1', 'NaN'])('%p is no quantity', (text) =>
    expect(codeOf(() => decimal(text))).toBe('quantity.malformed'),
  );

  test('the material’s own factor, physics, and both in a chain', () => {
    expect(convert('3', 'XBX', 'KGM', flour)).toBe('37.5');
    expect(convert('12.5', 'KGM', 'XBX', flour)).toBe('1');
    expect(convert('1500', 'GRM', 'KGM', flour)).toBe('1.5');
    expect(convert('6', 'C62', 'GRM', flour)).toBe('2000');
    expect(
      convert('2', 'XBX', 'C62', {
        baseUnit: 'GRM',
        units: [
          { unit: 'XBX', numerator: '2', denominator: '1' },
          { unit: 'C62', numerator: '4', denominator: '1' },
        ],
      }),
    ).toBe('1');
  });

  test('what does not come out exactly is refused, not rounded', () => {
    expect(codeOf(() => convert('1', 'C62', 'KGM', flour))).toBe('quantity.not-exact');
    expect(codeOf(() => convert('1.0005', 'KGM', 'XBX', flour))).toBe('quantity.not-exact');
    expect(codeOf(() => convert('0.5', 'GRM', 'KGM', flour))).toBe('quantity.not-exact');
    expect(codeOf(() => convert('1', 'MTR', 'KGM', flour))).toBe('quantity.no-factor');
    expect(codeOf(() => convert('1', 'KGM', 'PF', flour))).toBe('quantity.unknown-unit');
    expect(
      codeOf(() =>
        convert('1', 'XBX', 'KGM', { baseUnit: 'KGM', units: [{ unit: 'XBX', numerator: '0', denominator: '1' }] }),
      ),
    ).toBe('quantity.factor-malformed');
  });

  test('there and back is the same quantity', () => {
    const factor = fc.integer({ min: 1, max: 99_999 });
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
        factor,
        factor,
        (boxes, numerator, denominator) => {
          const factors = {
            baseUnit: 'KGM',
            units: [{ unit: 'XBX', numerator: String(numerator), denominator: String(denominator) }],
          };
          const quantity = decimalText(decimal(String(boxes)).times(denominator));
          expect(convert(convert(quantity, 'XBX', 'KGM', factors), 'KGM', 'XBX', factors)).toBe(quantity);
        },
      ),
    );
  });
});
