import { expect } from 'chai';
import { DataTypes } from 'sequelize';
import { codecOf } from '../../lib/record/codec.js';
import { lite, maria, notLite, postgres } from './cases/type-case.js';
import { type CodecCase, checkCodecs } from './codecs.js';

const beyond = '9007199254740993';

const cases: readonly CodecCase[] = [
  {
    title: 'BOOLEAN',
    type: DataTypes.BOOLEAN,
    stored: [
      [true, true],
      [false, false],
      [1, true],
      [0, false],
      ['1', true],
      ['0', false],
      ['true', true],
      ['false', false],
      [Buffer.from([1]), true],
      [Buffer.from([0]), false],
      [Buffer.from([1, 1]), 'AQE='],
      [2, 2],
      ['2', '2'],
    ],
    held: [
      [true, true],
      ['false', false],
    ],
    exact: [true, false],
    inexact: [1, 0, 'true'],
  },
  {
    title: 'INTEGER',
    type: DataTypes.INTEGER,
    stored: [
      [42, 42],
      ['-42', -42],
      [beyond, beyond],
      [1.5, 1.5],
      ['1e3', '1e3'],
      ['4x', '4x'],
      ['', ''],
    ],
    held: [
      ['42', 42],
      [42n, '42'],
    ],
    exact: [0, -1, Number.MAX_SAFE_INTEGER],
    inexact: [-0, 1.5, '1', 2 ** 53, Number.NaN],
  },
  { title: 'TINYINT', type: DataTypes.TINYINT, held: [['42', 42]], exact: [42] },
  { title: 'SMALLINT', type: DataTypes.SMALLINT, held: [['42', 42]], exact: [42] },
  { title: 'MEDIUMINT', type: DataTypes.MEDIUMINT, held: [['42', 42]], exact: [42] },
  {
    title: 'BIGINT',
    type: DataTypes.BIGINT,
    stored: [
      [5, '5'],
      [5n, '5'],
      [beyond, beyond],
    ],
    held: [
      [5, '5'],
      [-5n, '-5'],
      ['007', '7'],
      ['1e3', '1e3'],
      [' 7', ' 7'],
    ],
    exact: [5, 5n, '5', '-9223372036854775808'],
    inexact: [1.5, '1.5', 'text', 1e21],
  },
  {
    title: 'BIGINT, which is text',
    type: DataTypes.BIGINT,
    on: postgres,
    decoded: [
      ['5', '5'],
      [beyond, beyond],
    ],
  },
  {
    title: 'BIGINT, which is a number as long as that is exact',
    type: DataTypes.BIGINT,
    on: [...lite, ...maria],
    decoded: [
      ['5', 5],
      ['-100', -100],
      ['9007199254740991', 9007199254740991],
      ['9007199254740992', '9007199254740992'],
      ['-9007199254740992', '-9007199254740992'],
      [beyond, beyond],
      ['text', 'text'],
    ],
  },
  {
    title: 'DECIMAL(10,2)',
    type: DataTypes.DECIMAL(10, 2),
    on: notLite,
    stored: [
      ['1.50', '1.50'],
      [1.5, '1.5'],
    ],
    held: [
      ['1.5', '1.50'],
      [2.5, '2.50'],
      [3, '3.00'],
      ['-0.01', '-0.01'],
      ['-0.00', '0.00'],
      [-1e-7, '0.00'],
      ['1e5', '100000.00'],
      ['-1.5e3', '-1500.00'],
      ['1e10', '10000000000.00'],
      ['007.1', '7.10'],
      ['-00.5', '-0.50'],
      ['100', '100.00'],
      ['1.005', '1.005'],
      [1e21, '1e+21'],
      ['text', 'text'],
      ['e5', 'e5'],
      ['x1e5', 'x1e5'],
      ['1e5x', '1e5x'],
    ],
    exact: ['1.50', '-0.01', '0.00', '12345678.90'],
    inexact: [1.5, 1, '1.5', '1.500', '-0.00', '01.50', '1.5x', 'x1.50', 'text'],
  },
  {
    title: 'DECIMAL(10)',
    type: DataTypes.DECIMAL(10),
    on: notLite,
    held: [
      [7, '7'],
      ['007', '7'],
      ['-0', '0'],
      ['2.5', '2.5'],
    ],
    exact: ['7', '-12'],
    inexact: [7, '7.0', '07'],
  },
  {
    title: 'DECIMAL of any scale',
    type: DataTypes.DECIMAL,
    on: postgres,
    held: [
      ['1.50', '1.50'],
      [0.1, '0.1'],
      ['1e-7', '1e-7'],
    ],
    inexact: ['1.50', '1', 1],
  },
  {
    title: 'DECIMAL without a scale, which is of whole numbers',
    type: DataTypes.DECIMAL,
    on: maria,
    held: [['07', '7']],
    exact: ['7'],
  },
  {
    title: 'DECIMAL, which is text',
    type: DataTypes.DECIMAL(10, 2),
    on: ['postgres', 'mysql'],
    decoded: [['1.50', '1.50']],
  },
  {
    title: 'DECIMAL, which is a number as long as that is exact',
    type: DataTypes.DECIMAL(40, 10),
    on: ['sqlite', 'mariadb'],
    decoded: [
      ['1.50', 1.5],
      ['-0.0100000000', -0.01],
      ['100', 100],
      ['10203', 10203],
      ['1e+300', 1e300],
      ['1e-7', 1e-7],
      ['0.0000001000', 1e-7],
      ['9007199254740991.0000000000', 9007199254740991],
      ['9007199254740992', '9007199254740992'],
      ['1234567890123456789012345678.0123456789', '1234567890123456789012345678.0123456789'],
      ['0.30000000000000000001', '0.30000000000000000001'],
      ['text', 'text'],
    ],
  },
  {
    title: 'DECIMAL, which is stored as a number',
    type: DataTypes.DECIMAL(10, 2),
    on: lite,
    held: [
      ['1.50', '1.5'],
      [0.1, '0.1'],
      ['007', '7'],
      [beyond, beyond],
      ['1e3', '1000'],
      ['text', 'text'],
      ['', ''],
      [' ', ' '],
    ],
    exact: [0, 1.5, 3],
    inexact: [-0, '1.5', 5n],
  },
];

/** Values of double precision, as they are. */
const double: Pick<CodecCase, 'stored' | 'held' | 'decoded'> = {
  stored: [
    [0.1, 0.1],
    [1 / 3, 1 / 3],
    [Number.NaN, 'NaN'],
    [-0, '-0'],
  ],
  held: [
    [1 / 3, 1 / 3],
    [16777217, 16777217],
    [Infinity, 'Infinity'],
    ['1.5', '1.5'],
  ],
  decoded: [
    [0.1, 0.1],
    ['NaN', Number.NaN],
    ['Infinity', Infinity],
    ['-Infinity', -Infinity],
    ['-0', -0],
    ['text', 'text'],
  ],
};

/** Of single precision the shortest decimal that no other number is nearer to, as IEEE 754 has its values. */
const single: Pick<CodecCase, 'held' | 'exact' | 'inexact'> = {
  held: [
    [0.1, 0.1],
    [Math.fround(0.1), 0.1],
    [1 / 3, 0.33333334],
    [-1 / 3, -0.33333334],
    [16777217, 16777216],
    [123456789, 123456790],
    [1021.3981323242188, 1021.39813],
    [1e-45, 1e-45],
    [0, 0],
    [-0, '-0'],
    [-Infinity, '-Infinity'],
    ['0.1', '0.1'],
  ],
  exact: [0.5, 0, 16777216, 1021.3981323242188],
  inexact: [0.1, 16777217, -0, '0.5'],
};

const floats: readonly CodecCase[] = [
  { title: 'NUMBER', type: DataTypes.NUMBER, ...double, exact: [0.1] },
  { title: 'DOUBLE', type: DataTypes.DOUBLE, ...double, exact: [0.1, 0, Number.NaN], inexact: [-0, '0.1', 1n] },
  { title: 'FLOAT', type: DataTypes.FLOAT, on: [...lite, ...postgres], ...double, exact: [0.1], inexact: [-0] },
  { title: 'FLOAT(25)', type: DataTypes.FLOAT(25), on: notLite, ...double, exact: [0.1], inexact: [-0] },
  { title: 'FLOAT(24) of SQLite', type: DataTypes.FLOAT(24), on: lite, ...double, exact: [0.1] },
  { title: 'REAL, where it is DOUBLE', type: DataTypes.REAL, on: [...lite, ...maria], ...double, exact: [0.1] },
  { title: 'REAL', type: DataTypes.REAL, on: postgres, ...single },
  { title: 'FLOAT(24)', type: DataTypes.FLOAT(24), on: notLite, ...single },
  {
    title: 'FLOAT of single precision, read as a double',
    type: DataTypes.FLOAT,
    on: maria,
    ...single,
    stored: [
      [Math.fround(0.1), 0.1],
      [Math.fround(1 / 3), 0.33333334],
    ],
  },
  {
    title: 'FLOAT(53,2), which is of single precision and rounded',
    type: DataTypes.FLOAT(53, 2),
    on: maria,
    stored: [[Math.fround(0.1), 0.1]],
    inexact: [0.5, 0.125],
  },
  { title: 'DOUBLE(10,2), which is rounded', type: DataTypes.DOUBLE(10, 2), on: maria, inexact: [0.5, 0.125] },
];

describe('The codec of whole and decimal numbers', () => checkCodecs(cases));

describe('The codec of floating-point numbers', () => {
  checkCodecs(floats);

  it('reads a DOUBLE as one on postgres, which knows no length of it', () => {
    const type = { key: 'DOUBLE PRECISION', _length: 11, constructor: null };

    expect(codecOf(type, { dialect: 'postgres', timezone: '+00:00' }).fromInstance(1 / 3)).to.equal(1 / 3);
  });
});
