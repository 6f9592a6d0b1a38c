import { DataTypes, literal } from 'sequelize';
import { maria, notPostgres, postgres, type TypeCase, Unwritable } from './type-case.js';

const { ARRAY, RANGE } = DataTypes;

/** `__proto__` is a member like any other only where it is written as JSON. */
const oddKeys = JSON.parse(
  '{ "": 1, "a/b": 2, "~": 3, "~1": 4, "__proto__": { "polluted": true }, "constructor": { "prototype": 5 }, "é": null }',
) as unknown;
const deep = { a: [{ b: [[[{ c: { d: [null, { e: 'deep' }] } }]]] }] };
const list = Array.from({ length: 100 }, (_, index) => ({ index }));
const jsonValues: readonly unknown[] = [
  {},
  [],
  { a: 1, b: [true, null, 'null', 0.1, -1e-300, 9007199254740991] },
  oddKeys,
  { ...(oddKeys as object), 'a/b': { changed: true } },
  deep,
  { ...deep, list },
  { ...deep, list: list.slice(1) },
  { ...deep, list: [...list, 'tail'] },
  { text: 'x'.repeat(200_000) },
  'text',
  'null',
  '12',
  '',
  12,
  0.1,
  true,
  false,
  '\u{1f600} é "\\\'',
  { date: new Date('2026-01-01T00:00:00.123Z'), gone: undefined, nan: NaN },
];

const point = (...coordinates: number[]) => ({ type: 'Point', coordinates });
const polygon = {
  type: 'Polygon',
  coordinates: [
    [
      [0, 0],
      [10, 0],
      [10, 10],
      [0, 0],
    ],
  ],
};

const inUtc = (text: string) => new Date(`${text}Z`);

export const containerCases: readonly TypeCase[] = [
  { title: 'JSON', type: DataTypes.JSON, values: jsonValues, reading: 'json' },
  { title: 'JSONB', type: DataTypes.JSONB, values: jsonValues, on: postgres, reading: 'json' },
  {
    title: 'JSON with a NUL',
    type: DataTypes.JSON,
    values: [{ a: '\u0000' }, ['\u0000']],
    on: notPostgres,
    reading: 'json',
  },
  {
    title: 'GEOMETRY',
    type: DataTypes.GEOMETRY,
    values: [
      point(1, 2),
      point(0.1, 1 / 3),
      polygon,
      {
        type: 'LineString',
        coordinates: [
          [0, 0],
          [1e-300, 1e300],
        ],
      },
    ],
    on: maria,
    reading: 'bytes',
  },
  {
    title: 'GEOMETRY(POINT)',
    type: DataTypes.GEOMETRY('POINT'),
    values: [point(1, 2), point(-1, 0)],
    on: maria,
    reading: 'bytes',
  },
  {
    title: 'GEOMETRY, where PostGIS is installed',
    type: DataTypes.GEOMETRY,
    values: [point(1, 2), { ...point(0.1, 1 / 3), crs: { type: 'name', properties: { name: 'EPSG:3857' } } }, polygon],
    on: postgres,
    extension: 'postgis',
  },
  {
    title: 'GEOGRAPHY, where PostGIS is installed',
    type: DataTypes.GEOGRAPHY('POINT', 4326),
    values: [point(1, 2), point(0.1, 1 / 3)],
    on: postgres,
    extension: 'postgis',
  },
  {
    title: 'ARRAY(INTEGER)',
    type: ARRAY(DataTypes.INTEGER),
    values: [[1, null, -2], [], [null], new Unwritable(literal("'{{1,2},{3,NULL}}'"), /^\[\[1,2\],\[3,null\]\]$/)],
    on: postgres,
  },
  {
    title: 'ARRAY(ARRAY(INTEGER))',
    type: ARRAY(ARRAY(DataTypes.INTEGER)),
    values: [
      [
        [1, 2],
        [3, 4],
      ],
      [],
    ],
    on: postgres,
  },
  {
    title: 'ARRAY(ARRAY(ARRAY(TEXT)))',
    type: ARRAY(ARRAY(ARRAY(DataTypes.TEXT))),
    values: [[[['a', null]], [['', '{},"\\']]]],
    on: postgres,
  },
  {
    title: 'ARRAY(BIGINT)',
    type: ARRAY(DataTypes.BIGINT),
    values: [['9007199254740993', null, 1], ['-9223372036854775808']],
    on: postgres,
  },
  {
    title: 'ARRAY(DECIMAL)',
    type: ARRAY(DataTypes.DECIMAL(30, 2)),
    values: [['1.5', null, 2], ['12345678901234567890.12']],
    on: postgres,
  },
  {
    title: 'ARRAY(DOUBLE)',
    type: ARRAY(DataTypes.DOUBLE),
    values: [[0.1, null, NaN, Infinity, -Infinity], []],
    on: postgres,
  },
  { title: 'ARRAY(REAL)', type: ARRAY(DataTypes.REAL), values: [[0.1, null, 1e-45]], on: postgres },
  { title: 'ARRAY(BOOLEAN)', type: ARRAY(DataTypes.BOOLEAN), values: [[true, null, false]], on: postgres },
  {
    title: 'ARRAY(DATE)',
    type: ARRAY(DataTypes.DATE),
    values: [
      [inUtc('2026-01-01T00:00:00.123'), inUtc('1970-01-01T00:00:00')],
      [],
      new Unwritable(
        literal("ARRAY['2026-01-01 00:00:00.123456+00', NULL, 'infinity']::timestamptz[]"),
        /^\["2026-01-01T00:00:00.123456Z",null,"Infinity"\]$/,
      ),
    ],
    on: postgres,
  },
  {
    title: 'ARRAY(DATEONLY)',
    type: ARRAY(DataTypes.DATEONLY),
    values: [
      ['2026-01-01', '1900-12-31'],
      new Unwritable(literal("ARRAY['2026-01-01', NULL, '-infinity']::date[]"), /^\["2026-01-01",null,"-Infinity"\]$/),
    ],
    on: postgres,
  },
  { title: 'ARRAY(TIME)', type: ARRAY(DataTypes.TIME), values: [['10:00', null, '12:34:56.123456']], on: postgres },
  {
    title: 'ARRAY(ENUM)',
    type: ARRAY(DataTypes.ENUM('a', 'b c', 'd"e')),
    values: [['a', 'b c', 'd"e'], ['a', null], []],
    on: postgres,
  },
  {
    title: 'ARRAY(JSON)',
    type: ARRAY(DataTypes.JSON),
    values: [[{ a: 1 }, [1, [2]], 'x', 1, true], [null, { 'a/b': 'x' }], []],
    on: postgres,
  },
  {
    title: 'ARRAY(JSONB)',
    type: ARRAY(DataTypes.JSONB),
    values: [
      [{ a: 1 }, ['"'], 'x'],
      [oddKeys, null],
    ],
    on: postgres,
  },
  {
    title: 'ARRAY(STRING)',
    type: ARRAY(DataTypes.STRING),
    values: [['a"b', 'NULL', '', null, '{},\\', "'"]],
    on: postgres,
  },
  { title: 'ARRAY(CHAR(4))', type: ARRAY(DataTypes.CHAR(4)), values: [['a', 'abcd', null]], on: postgres },
  {
    title: 'ARRAY(UUID)',
    type: ARRAY(DataTypes.UUID),
    values: [['6BA7B810-9DAD-11D1-80B4-00C04FD430C8', null]],
    on: postgres,
  },
  { title: 'ARRAY(CITEXT)', type: ARRAY(DataTypes.CITEXT), values: [['a', 'B', null]], on: postgres },
  { title: 'ARRAY(INET)', type: ARRAY(DataTypes.INET), values: [['10.0.0.1', null]], on: postgres },
  { title: 'ARRAY(HSTORE)', type: ARRAY(DataTypes.HSTORE), values: [[{ a: '1', 'b"': null }, {}], []], on: postgres },
  {
    title: 'ARRAY(BLOB), of which Sequelize writes the SQL literal instead of the bytes',
    type: ARRAY(DataTypes.BLOB),
    values: [new Unwritable(literal("ARRAY['\\x00ff'::bytea, NULL]"), /^\["AP8=",null\]$/)],
    on: postgres,
  },
  {
    title: 'ARRAY(RANGE(INTEGER))',
    type: ARRAY(RANGE(DataTypes.INTEGER)),
    values: [
      [
        [1, 5],
        [2, null],
      ],
      [[1, 5], null, []],
      [],
    ],
    on: postgres,
  },
  {
    title: 'ARRAY(RANGE(DATE))',
    type: ARRAY(RANGE(DataTypes.DATE)),
    values: [
      [[inUtc('2026-01-01T00:00:00.123'), null], []],
      new Unwritable(
        literal("ARRAY['[2026-01-01 00:00:00.123456+00,]'::tstzrange]"),
        /^\[\[\{"value":"2026-01-01T00:00:00.123456Z","inclusive":true\},\{"value":null,"inclusive":false\}\]\]$/,
      ),
    ],
    on: postgres,
  },
  {
    title: 'RANGE(INTEGER)',
    type: RANGE(DataTypes.INTEGER),
    values: [
      [1, 5],
      [
        { value: 1, inclusive: false },
        { value: 5, inclusive: true },
      ],
      [],
      [null, 5],
      [1, null],
      [null, null],
    ],
    on: postgres,
  },
  {
    title: 'RANGE(BIGINT)',
    type: RANGE(DataTypes.BIGINT),
    values: [
      ['1', '9007199254740993'],
      [1, 2],
      ['-9223372036854775808', null],
    ],
    on: postgres,
  },
  {
    title: 'RANGE(DECIMAL)',
    type: RANGE(DataTypes.DECIMAL),
    values: [['1.50', '2.5'], [1.5, { value: 2, inclusive: true }], ['0.1', `1${'0'.repeat(30)}.1`], []],
    on: postgres,
  },
  {
    title: 'RANGE(DATE)',
    type: RANGE(DataTypes.DATE),
    values: [
      [inUtc('2026-01-01T00:00:00.123'), inUtc('2026-02-01T00:00:00')],
      [null, { value: inUtc('2026-02-01T00:00:00'), inclusive: true }],
      [-Infinity, Infinity],
      new Unwritable(
        literal("'[2026-01-01 00:00:00.123456+00,2026-02-01 00:00:00+00]'::tstzrange"),
        /^\[\{"value":"2026-01-01T00:00:00.123456Z","inclusive":true\},\{"value":"2026-02-01T00:00:00.000Z","inclusive":true\}\]$/,
      ),
      [],
    ],
    on: postgres,
  },
  {
    title: 'RANGE(DATEONLY)',
    type: RANGE(DataTypes.DATEONLY),
    values: [
      ['2026-01-01', '2026-02-01'],
      ['2026-01-01', null],
      [-Infinity, { value: Infinity, inclusive: true }],
      ['2026-01-01', Infinity],
      [],
    ],
    on: postgres,
  },
];
