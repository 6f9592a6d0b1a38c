import { DataTypes } from 'sequelize';
import { lite, maria, postgres } from './cases/type-case.js';
import { type CodecCase, checkCodecs } from './codecs.js';

const bytes = Buffer.from([0, 255]);
const id = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const instant = new Date('2026-01-02T03:04:05.678Z');
const summer = '2026-07-01 12:00:00';

const asText: Omit<CodecCase, 'title' | 'type'> = {
  stored: [
    ['a', 'a'],
    [bytes, { base64: 'AP8=' }],
    [42, 42],
  ],
  held: [
    ['a ', 'a '],
    [42, '42'],
    [42n, '42'],
    [true, 'true'],
    [instant, '2026-01-02T03:04:05.678Z'],
    [new Date(Number.NaN), 'Invalid Date'],
    [bytes, { base64: 'AP8=' }],
    [['a'], ['a']],
    [-0, '-0'],
  ],
  decoded: [
    ['AP8=', 'AP8='],
    [{ base64: 'AP8=' }, bytes],
    // What other types made.
    [42, '42'],
    [{ a: [1] }, '{"a":[1]}'],
    [{ base64: 'no bytes' }, '{"base64":"no bytes"}'],
    [['a', null], '["a",null]'],
  ],
  exact: ['', 'a', ' a '],
  inexact: [42, bytes, true],
};

const texts: readonly CodecCase[] = [
  {
    title: 'BLOB',
    type: DataTypes.BLOB,
    stored: [
      [bytes, 'AP8='],
      [new Uint8Array([0, 255]), 'AP8='],
      ['text', 'dGV4dA=='],
    ],
    held: [['text', 'dGV4dA==']],
    decoded: [
      ['AP8=', bytes],
      // What other types made.
      ['no bytes', 'no bytes'],
      [42, 42],
      [{ a: 1 }, { a: 1 }],
    ],
    exact: [bytes],
    inexact: ['text', new Uint8Array(1)],
  },
  { title: 'STRING.BINARY, which is bytes', type: DataTypes.STRING(20, true), on: postgres, stored: [[bytes, 'AP8=']] },
  { title: 'STRING', type: DataTypes.STRING, ...asText },
  { title: 'TEXT', type: DataTypes.TEXT, ...asText },
  { title: 'CITEXT', type: DataTypes.CITEXT, on: [...lite, ...postgres], ...asText },
  {
    title: 'STRING.BINARY',
    type: DataTypes.STRING(20, true),
    on: [...lite, ...maria],
    held: [['A', 'A']],
    exact: ['A'],
  },
  {
    title: 'CHAR(5), which is padded',
    type: DataTypes.CHAR(5),
    on: postgres,
    held: [
      ['ab', 'ab   '],
      ['', '     '],
      ['\u{1f600}', '\u{1f600}    '],
      ['abcde', 'abcde'],
      ['abcdef', 'abcdef'],
      [bytes, { base64: 'AP8=' }],
    ],
    exact: ['ab', 'abcde'],
    inexact: [5],
  },
  {
    title: 'CHAR(5), which is trimmed',
    type: DataTypes.CHAR(5),
    on: maria,
    held: [
      ['ab  ', 'ab'],
      [' a b', ' a b'],
      [bytes, { base64: 'AP8=' }],
    ],
    exact: ['ab  '],
  },
  { title: 'CHAR(5) of any length', type: DataTypes.CHAR(5), on: lite, held: [['ab  ', 'ab  ']], exact: ['ab  '] },
  {
    title: 'UUID in small letters',
    type: DataTypes.UUID,
    on: postgres,
    held: [
      [id.toUpperCase(), id],
      ['TEXT', 'TEXT'],
    ],
  },
  {
    title: 'UUID as it is',
    type: DataTypes.UUID,
    on: [...lite, ...maria],
    held: [[id.toUpperCase(), id.toUpperCase()]],
  },
  {
    title: 'UUID',
    type: DataTypes.UUID,
    exact: [id, id.toUpperCase()],
    inexact: [`${id}0`, `0${id}`, id.replaceAll('-', ''), id.replace('6', 'g'), '0012', 12],
  },
  { title: 'STRING in capital letters', type: DataTypes.STRING, held: [[id.toUpperCase(), id.toUpperCase()]] },
  { title: 'ENUM', type: DataTypes.ENUM('a', 'b'), on: [...lite, ...postgres], exact: ['a'], inexact: [1] },
  { title: 'ENUM in any case', type: DataTypes.ENUM('a', 'b'), on: maria, held: [['A', 'A']], inexact: ['a'] },
  {
    title: 'TIME',
    type: DataTypes.TIME,
    exact: ['00:00:00', '12:34:56'],
    inexact: ['12', '4:05', '12:34', '12:34:56.5', '-12:34:56', '12:34:56 PM', '1:02 PM'],
  },
  { title: 'INET', type: DataTypes.INET, on: postgres, held: [['10.0.0.1', '10.0.0.1']], inexact: ['10.0.0.1'] },
];

const dates: readonly CodecCase[] = [
  {
    title: 'DATEONLY',
    type: DataTypes.DATEONLY,
    stored: [
      ['2026-01-02', '2026-01-02'],
      ['infinity', 'Infinity'],
      ['-infinity', '-Infinity'],
    ],
    held: [
      [Infinity, 'Infinity'],
      [-Infinity, '-Infinity'],
    ],
    decoded: [
      ['2026-01-02', '2026-01-02'],
      ['Infinity', Infinity],
      ['-Infinity', -Infinity],
    ],
    exact: ['2026-01-02'],
    inexact: ['2026-1-2', '12026-01-02', '2026-01-021', instant, Infinity, '2026-01-02 BC', 20260102],
  },
  {
    title: 'DATE',
    type: DataTypes.DATE(6),
    stored: [['2026-01-02 03:04:05.678901', '2026-01-02T03:04:05.678901Z']],
    held: [
      [instant, '2026-01-02T03:04:05.678Z'],
      [instant.getTime(), '2026-01-02T03:04:05.678Z'],
      ['2026-01-02T03:04:05.678+01:00', '2026-01-02T02:04:05.678Z'],
      [Infinity, 'Infinity'],
      [new Date(Number.NaN), 'Invalid Date'],
    ],
    decoded: [
      ['2026-01-02T03:04:05.678Z', instant],
      ['Infinity', Infinity],
      ['-Infinity', -Infinity],
      [5, 5],
    ],
    exact: [instant],
    inexact: [instant.toISOString(), instant.getTime(), Infinity],
  },
  {
    title: 'DATE of milliseconds',
    type: DataTypes.DATE,
    on: [...lite, ...postgres],
    held: [[instant, instant.toJSON()]],
  },
  {
    title: 'DATE of whole seconds',
    type: DataTypes.DATE,
    on: maria,
    held: [
      [instant, '2026-01-02T03:04:05.000Z'],
      [new Date('1969-12-31T23:59:59.678Z'), '1969-12-31T23:59:59.000Z'],
    ],
    exact: [instant],
  },
  {
    title: 'DATE(1)',
    type: DataTypes.DATE(1),
    on: maria,
    held: [[instant, '2026-01-02T03:04:05.600Z']],
    exact: [new Date('2026-01-02T03:04:05.600Z')],
    inexact: [instant, instant.getTime()],
  },
  { title: 'DATE(1) of milliseconds', type: DataTypes.DATE(1), on: [...lite, ...postgres], exact: [instant] },
  {
    title: 'DATE in the time zone of the connection',
    type: DataTypes.DATE,
    timezone: '+05:30',
    stored: [
      [summer, '2026-07-01T06:30:00.000Z'],
      [`${summer}+00`, '2026-07-01T12:00:00.000Z'],
    ],
  },
  {
    title: 'DATE in a named time zone',
    type: DataTypes.DATE(6),
    on: maria,
    timezone: 'Europe/Amsterdam',
    stored: [
      [summer, '2026-07-01T10:00:00.000Z'],
      ['2026-01-01 12:00:00', '2026-01-01T11:00:00.000Z'],
      [`${summer}.123`, '2026-07-01T10:00:00.123Z'],
      [`${summer}.123456`, '2026-07-01T10:00:00.123456Z'],
      [`${summer}.123010`, '2026-07-01T10:00:00.12301Z'],
      [`${summer}.123100`, '2026-07-01T10:00:00.1231Z'],
      ['0000-00-00 00:00:00', '0000-00-00 00:00:00'],
    ],
  },
  {
    title: 'DATE, which has an offset in any time zone',
    type: DataTypes.DATE,
    on: [...lite, ...postgres],
    timezone: 'Europe/Amsterdam',
    stored: [[`${summer}+02`, '2026-07-01T10:00:00.000Z']],
  },
];

describe('The codec of text and bytes', () => checkCodecs(texts));

describe('The codec of days and instants', () => checkCodecs(dates));
