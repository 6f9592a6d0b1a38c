import { expect } from 'chai';
import type { Json } from '../../lib/index.js';
import { codecOf, type DataType } from '../../lib/record/codec.js';
import { isSameValue } from '../../lib/record/same-value.js';

const noon = '2024-02-29T12:00:00.000Z';

/** Two values, the type of today where it matters, and a zone where it does. */
const same: readonly (readonly [Json, Json, (Partial<DataType> | undefined)?, string?])[] = [
  [5, 5],
  [
    { a: 1, b: 2 },
    { b: 2, a: 1 },
  ],
  [5, '5'],
  [5, '5.00'],
  [-7.25, '-7.250'],
  ['5', '5.00'],
  ['1.50', '1.5000'],
  [true, 1],
  [false, 0],
  [true, 'true'],
  [true, '1'],
  [{ a: [1, null] }, '{"a": [1, null]}'],
  [[1, 2], '[1,2]'],
  [noon, '2024-02-29 12:00:00+00'],
  [noon, '2024-02-29 12:00:00.000 +00:00'],
  [noon, '2024-02-29 14:00:00', undefined, '+02:00'],
  [noon, '2024-02-29'],
  ['2024-02-29T23:00:00.000Z', '2024-03-01', undefined, '+02:00'],
  ['ab', 'ab  ', { key: 'CHAR', _length: 4 }],
  ['3F2504E0-4F89-11D3-9A0C-0305E82C3301', '3f2504e0-4f89-11d3-9a0c-0305e82c3301', { key: 'UUID' }],
];

const different: readonly (readonly [Json, Json, (Partial<DataType> | undefined)?, string?])[] = [
  [5, 6],
  [5, '6'],
  [5, null],
  ['null', null],
  ['', null],
  [0, null],
  [false, null],
  ['0123', '123'],
  ['0123', 123],
  ['Ada', 'ada'],
  ['9007199254740993', '9007199254740992'],
  [true, 2],
  [true, false],
  [{ a: 1 }, { a: true }],
  [{ a: 1 }, { a: '1' }],
  [{ a: 1 }, '{"a":2}'],
  [[], {}],
  [noon, '2024-02-29T12:00:00.000001Z', { key: 'DATE' }],
  [noon, '2024-02-29 12:00:01+00'],
  [noon, '2024-03-01'],
  ['2024-02-29T23:00:00.000Z', '2024-02-29', undefined, '+02:00'],
  [noon, '2024-02-29', undefined, 'Europe/Berlin'],
  ['ab', 'ab  ', { key: 'STRING' }],
];

describe('isSameValue', () => {
  for (const [cases, expected] of [
    [same, true],
    [different, false],
  ] as const) {
    for (const [left, right, type, timezone = '+00:00'] of cases) {
      it(`is ${expected} of ${JSON.stringify(left)} and ${JSON.stringify(right)}${type ? ` as ${type.key}` : ''}`, () => {
        const codec = type && codecOf(type as DataType, { dialect: 'postgres', timezone });

        expect(isSameValue(codec, left, right, timezone)).to.equal(expected);
        expect(isSameValue(codec, right, left, timezone)).to.equal(expected);
      });
    }
  }
});
