import { expect } from 'chai';
import { DataTypes } from 'sequelize';
import { lite, maria, postgres } from './cases/type-case.js';
import { type CodecCase, checkCodecs, codecIn } from './codecs.js';

const { ARRAY, RANGE } = DataTypes;
const instant = new Date('2026-01-02T03:04:05.678Z');
const bytes = Buffer.from([0, 255]);

const range = (lower: unknown, upper: unknown) => [
  { value: lower, inclusive: true },
  { value: upper, inclusive: false },
];

const point = { type: 'Point', coordinates: [1, 2] };
const asPoint: Omit<CodecCase, 'title' | 'type'> = {
  stored: [[point, point]],
  decoded: [[point, point]],
  inexact: [point],
};

const cases: readonly CodecCase[] = [
  {
    title: 'JSON, which is text',
    type: DataTypes.JSON,
    on: [...lite, ...maria],
    stored: [
      ['{"a":[1]}', { a: [1] }],
      ['"12"', '12'],
      ['12', 12],
      ['{"a"', '{"a"'],
      [12, 12],
    ],
  },
  {
    title: 'JSON, which is read',
    type: DataTypes.JSONB,
    on: postgres,
    stored: [
      [{ a: [1] }, { a: [1] }],
      ['12', '12'],
    ],
    held: [[12, 12]],
  },
  {
    title: 'JSON',
    type: DataTypes.JSON,
    held: [
      ['12', '12'],
      [
        { a: instant, b: undefined, c: Number.NaN },
        { a: '2026-01-02T03:04:05.678Z', c: null },
      ],
      [() => 1, null],
    ],
    decoded: [[{ a: [1] }, { a: [1] }]],
    exact: [{}, [], '12', true],
    inexact: [12],
  },
  {
    title: 'ARRAY(INTEGER)',
    type: ARRAY(DataTypes.INTEGER),
    on: postgres,
    stored: [
      [
        ['1', null],
        [1, null],
      ],
      [
        [[1], ['2']],
        [[1], [2]],
      ],
      [[], []],
      ['text', 'text'],
    ],
    held: [
      [
        ['1', null],
        [1, null],
      ],
    ],
    exact: [[1, null], [[1], [[2]]], []],
    inexact: [1, ['1'], [[1], [1.5]]],
  },
  {
    title: 'ARRAY(DATE)',
    type: ARRAY(DataTypes.DATE),
    on: postgres,
    stored: [[[['2026-01-02T03:04:05.678+00:00', null]], [['2026-01-02T03:04:05.678Z', null]]]],
    held: [[[[instant, null]], [['2026-01-02T03:04:05.678Z', null]]]],
    decoded: [[[['2026-01-02T03:04:05.678Z', null]], [[instant, null]]]],
    exact: [[[instant, null]]],
  },
  {
    title: 'ARRAY(BLOB)',
    type: ARRAY(DataTypes.BLOB),
    on: postgres,
    stored: [
      [
        [bytes, null],
        ['AP8=', null],
      ],
    ],
    decoded: [[['AP8='], [bytes]]],
    inexact: [[bytes], []],
  },
  {
    title: 'ARRAY(RANGE(INTEGER))',
    type: ARRAY(RANGE(DataTypes.INTEGER)),
    on: postgres,
    stored: [[['[1,5)', 'empty', null], [range(1, 5), [], null] as never]],
    held: [[[[1, 5], range('2', null)], [[1, 5], range(2, null)] as never]],
    inexact: [[[1, 5]]],
  },
  {
    title: 'ARRAY(ARRAY(RANGE(INTEGER)))',
    type: ARRAY(ARRAY(RANGE(DataTypes.INTEGER))),
    on: postgres,
    held: [
      [
        [[['1', 5]], [[]]],
        [[[1, 5]], [[]]],
      ],
    ],
  },
  {
    title: 'RANGE(INTEGER)',
    type: RANGE(DataTypes.INTEGER),
    on: postgres,
    stored: [
      ['[1,5)', range(1, 5) as never],
      [
        '(1,5]',
        [
          { value: 1, inclusive: false },
          { value: 5, inclusive: true },
        ],
      ],
      ['(,5)', [{ value: null, inclusive: false }, range(1, 5)[1]] as never],
      ['[1,)', range(1, null) as never],
      ['empty', []],
      ['[1]', '[1]'],
      ['x[1,5)', 'x[1,5)'],
      ['[1,5)x', '[1,5)x'],
    ],
    held: [
      [
        ['1', 5],
        [1, 5],
      ],
      [range('1', null), range(1, null) as never],
      [[], []],
      ['empty', 'empty'],
    ],
    decoded: [[range(1, null) as never, range(1, null)]],
    inexact: [[1, 5], []],
  },
  {
    title: 'RANGE(DATE)',
    type: RANGE(DataTypes.DATE),
    on: postgres,
    stored: [
      [
        '["2026-01-02 03:04:05.678+00","2026-01-03 00:00:00+00")',
        range('2026-01-02T03:04:05.678Z', '2026-01-03T00:00:00.000Z') as never,
      ],
      ['["2026-01-02 03:04:05.678+00",infinity)', range('2026-01-02T03:04:05.678Z', 'Infinity') as never],
    ],
    held: [
      [
        [instant, null],
        ['2026-01-02T03:04:05.678Z', null],
      ],
    ],
    decoded: [[range('2026-01-02T03:04:05.678Z', 'Infinity') as never, range(instant, Infinity)]],
  },
  {
    title: 'HSTORE',
    type: DataTypes.HSTORE,
    on: postgres,
    stored: [
      ['', {}],
      ['"a"=>"1", "b"=>NULL', { a: '1', b: null }],
      ['""=>"", "NULL"=>"NULL"', { '': '', NULL: 'NULL' }],
      ['"a\\"=>"=>"\\\\ \\"", "c\nd"=>"e\nf"', { 'a"=>': '\\ "', 'c\nd': 'e\nf' }],
      ['"it\'\'s"=>"it\'\'s"', { "it''s": "it''s" }],
    ],
    held: [
      ['"a"=>"1"', { a: '1' }],
      [
        { "it's": "it's", n: 1, none: null },
        { "it''s": "it''s", n: '1', none: null },
      ],
    ],
    decoded: [
      [
        { "it''s": "it''s", none: null },
        { "it's": "it's", none: null },
      ],
    ],
    inexact: [{ a: '1' }],
  },
  { title: 'GEOMETRY', type: DataTypes.GEOMETRY, on: [...postgres, ...maria], ...asPoint },
  { title: 'GEOGRAPHY', type: DataTypes.GEOGRAPHY, on: postgres, ...asPoint },
];

describe('The codec of values that hold others', () => {
  checkCodecs(cases);

  it('gives JSON that may be changed', () => {
    const codec = codecIn('sqlite', { type: DataTypes.JSON });
    const document = { a: [1] };

    const { a } = codec.decode(document) as { a: number[] };
    a.push(2);

    expect(document).to.deep.equal({ a: [1] });
  });
});
