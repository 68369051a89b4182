import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { intentKey, isIntentKey } from '../../src/core/intent-key.js';

const source = {
  target: 'sap',
  flow: 'movements',
  sourceSystem: 'mes',
  documentId: 'C-1',
  part: '',
  sourceVersion: '1',
};

test('one source document makes one key, 16 characters that fit SAP ReferenceDocument', () => {
  expect(intentKey(source)).toBe(intentKey({ ...source }));
  expect(intentKey(source)).toHaveLength(16);
});

test('the key is the first 70 bits of the SHA-256 of the JSON array, in Crockford base32', () => {
  expect(intentKey(source)).toBe('LB1T0YK6HR0WZJQ4');
});

test('a changed document, another target or another flow make another key', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('target', 'flow', 'sourceSystem', 'documentId', 'part', 'sourceVersion'),
      fc.string(),
      (field, value) => {
        const other = { ...source, [field]: value };
        expect(isIntentKey(intentKey(other))).toBe(true);
        expect(intentKey(other) === intentKey(source)).toBe(source[field as keyof typeof source] === value);
      },
    ),
  );
});

test('a text that merely starts with LB is not ours', () => {
  expect(isIntentKey('LB-2026-000000001')).toBe(false);
  expect(isIntentKey(undefined)).toBe(false);
});
