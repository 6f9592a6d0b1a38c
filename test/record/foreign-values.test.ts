import { expect } from 'chai';
import fc from 'fast-check';
import { DataTypes, type DataType as SequelizeType } from 'sequelize';
import type { Json } from '../../lib/index.js';
import { codecOf, type DataType } from '../../lib/record/codec.js';
import { json } from '../patch/json.js';

const places = ['sqlite', 'postgres', 'mariadb', 'mysql'].map((dialect) => ({ dialect, timezone: '+02:00' }));
const instant = new Date('2024-02-29T22:30:00.000Z');
const bytes = { base64: 'AP8=' };

/** What PostgreSQL makes in a type of JSON that the codec of another wrote; as it is where it has no form there. */
const cases: Readonly<Record<string, readonly [SequelizeType, readonly (readonly [Json, unknown])[]]>> = {
  INTEGER: [
    DataTypes.INTEGER,
    [
      ['5', 5],
      ['5.00', 5],
      [true, 1],
      ['5.50', '5.50'],
      ['many', 'many'],
      [1.5, 1.5],
      ['9007199254740993', '9007199254740993'],
      [bytes, bytes],
    ],
  ],
  BIGINT: [
    DataTypes.BIGINT,
    [
      [5, '5'],
      ['5.00', '5'],
      [false, '0'],
      ['many', 'many'],
      [bytes, bytes],
    ],
  ],
  DECIMAL: [
    DataTypes.DECIMAL(10, 2),
    [
      [5, '5.00'],
      ['1.5', '1.50'],
      ['1.5000', '1.50'],
      ['1.2345', '1.2345'],
      [true, '1.00'],
      ['many', 'many'],
      [[1], [1]],
    ],
  ],
  DOUBLE: [
    DataTypes.DOUBLE,
    [
      ['1.50', 1.5],
      ['-7', -7],
      ['1e+21', 1e21],
      [true, 1],
      ['many', 'many'],
      [bytes, bytes],
    ],
  ],
  BOOLEAN: [
    DataTypes.BOOLEAN,
    [
      [1, true],
      ['0', false],
      ['true', true],
      [5, 5],
      ['many', 'many'],
    ],
  ],
  STRING: [
    DataTypes.STRING,
    [
      [5, '5'],
      [true, 'true'],
      [{ a: 1 }, '{"a":1}'],
      [[1], '[1]'],
      ['0123', '0123'],
    ],
  ],
  CHAR: [
    DataTypes.CHAR(3),
    [
      [5, '5  '],
      ['ab', 'ab '],
    ],
  ],
  UUID: [
    DataTypes.UUID,
    [
      ['3F2504E0-4F89-11D3-9A0C-0305E82C3301', '3f2504e0-4f89-11d3-9a0c-0305e82c3301'],
      [5, 5],
    ],
  ],
  DATE: [
    DataTypes.DATE,
    [
      ['2024-03-01', new Date('2024-02-29T22:00:00.000Z')],
      ['2024-03-01 00:30:00', instant],
      ['today', 'today'],
      [5, 5],
      [true, true],
    ],
  ],
  DATEONLY: [
    DataTypes.DATEONLY,
    [
      [instant.toISOString(), '2024-03-01'],
      ['today', 'today'],
      [5, 5],
      [bytes, bytes],
    ],
  ],
  BLOB: [
    DataTypes.BLOB,
    [
      ['no bytes', 'no bytes'],
      [5, 5],
      [bytes, bytes],
    ],
  ],
  JSON: [
    DataTypes.JSON,
    [
      ['{"a":1}', '{"a":1}'],
      [5, 5],
      [true, true],
    ],
  ],
  HSTORE: [
    DataTypes.HSTORE,
    [
      ['text', 'text'],
      [5, 5],
      [true, true],
    ],
  ],
  ARRAY: [
    DataTypes.ARRAY(DataTypes.INTEGER),
    [
      ['5', 5],
      [['5'], [5]],
      [{ a: 1 }, { a: 1 }],
    ],
  ],
  RANGE: [
    DataTypes.RANGE(DataTypes.INTEGER),
    [
      ['text', 'text'],
      [5, 5],
      [{ a: 1 }, { a: 1 }],
      [
        [1, 2],
        [1, 2],
      ],
    ],
  ],
};

function resolved(type: SequelizeType): DataType {
  return (typeof type === 'function' ? new (type as unknown as new () => DataType)() : type) as unknown as DataType;
}

describe('A value that another type wrote', () => {
  for (const [name, [type, values]] of Object.entries(cases)) {
    for (const [value, expected] of values) {
      it(`is in ${name} of ${JSON.stringify(value)} ${JSON.stringify(expected)}`, () => {
        const codec = codecOf(resolved(type), { dialect: 'postgres', timezone: '+02:00' });

        expect(codec.decode(value)).to.deep.equal(expected);
      });
    }

    it(`never throws in ${name}`, () => {
      const codecs = places.map((place) => codecOf(resolved(type), place));

      fc.assert(
        fc.property(
          fc.oneof(json, fc.constantFrom<Json>('', '0', '-', '2024', '0000-00-00', '2024-13-45 99:99:99')),
          (value) => {
            for (const codec of codecs) codec.decode(value);
          },
        ),
      );
    });
  }
});
