import { DataTypes } from 'sequelize';
import { Beyond, lite, maria, notPostgres, postgres, type TypeCase } from './type-case.js';

const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
const longText = 'long \u{1f600} text '.repeat(20_000);

export const textCases: readonly TypeCase[] = [
  {
    title: 'STRING',
    type: DataTypes.STRING,
    values: ['', 'a', 'null', '42', ' a\t\n', '\'"\\`~/%_$1?:x', '\u{1f600} é ü ß', 'e\u0301', '{"a":1}', 42],
  },
  { title: 'STRING with a NUL', type: DataTypes.STRING, values: ['a\u0000b', '\u0000'], on: notPostgres },
  { title: 'STRING(1234)', type: DataTypes.STRING(1234), values: ['x'.repeat(1234), 'y'] },
  {
    title: 'STRING.BINARY, which is text',
    type: DataTypes.STRING(255, true),
    values: ['a', 'A', 'é'],
    on: notPostgres,
  },
  {
    title: 'STRING.BINARY, which is bytes',
    type: DataTypes.STRING(255, true),
    values: [bytes, Buffer.alloc(0), 'text'],
    on: postgres,
  },
  { title: 'a Buffer in a STRING', type: DataTypes.STRING, values: [Buffer.from([0, 255]), 'text'], on: lite },
  { title: 'CHAR(5)', type: DataTypes.CHAR(5), values: ['abcde', 'ab', '', 'a b', '\u{1f600}'] },
  { title: 'CHAR(5).BINARY', type: DataTypes.CHAR(5).BINARY, values: ['abcde', 'ab '], on: notPostgres },
  { title: 'TEXT', type: DataTypes.TEXT, values: ['', 'a\r\nb', ' '] },
  { title: 'TEXT of any length', type: DataTypes.TEXT('long'), values: ['', longText, `${longText}.`] },
  {
    title: 'UUID',
    type: DataTypes.UUID,
    values: ['0E984725-C51C-4BF4-9960-E1C80E27ABA0', '6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
  },
  {
    title: 'ENUM',
    type: DataTypes.ENUM('a', 'B c', "d'e", '\u{1f600}'),
    values: ['a', 'B c', "d'e", '\u{1f600}'],
  },
  { title: 'ENUM in another case', type: DataTypes.ENUM('a', 'B c'), values: ['A', 'b C'], on: maria },
  { title: 'TIME', type: DataTypes.TIME, values: ['00:00:00', '23:59:59', '1:02:03', '04:05'] },
  { title: 'TIME of days', type: DataTypes.TIME, values: ['-838:59:59', '838:59:59', '12:34:56.789'], on: maria },
  {
    title: 'TIME of microseconds',
    type: DataTypes.TIME,
    values: ['12:34:56.123456', '24:00:00', '1:02 PM'],
    on: postgres,
  },
  { title: 'CITEXT', type: DataTypes.CITEXT, values: ['a', 'A', 'É'], on: [...lite, ...postgres] },
  { title: 'INET', type: DataTypes.INET, values: ['192.168.0.1', '192.168.0.1/24', '2001:DB8::1'], on: postgres },
  { title: 'CIDR', type: DataTypes.CIDR, values: ['192.168.0.0/24', '10.0.0.0/8', '2001:DB8::/32'], on: postgres },
  {
    title: 'MACADDR',
    type: DataTypes.MACADDR,
    values: ['08:00:2b:01:02:03', '08002B010204', '08-00-2B-01-02-05'],
    on: postgres,
  },
  { title: 'TSVECTOR', type: DataTypes.TSVECTOR, values: ['fat cat', "'a':1A 'b c':2,3", ''], on: postgres },
  {
    title: 'BLOB',
    type: DataTypes.BLOB('long'),
    values: [bytes, Buffer.alloc(0), 'text é', Buffer.alloc(300_000, 7)],
    reading: 'bytes',
  },
  { title: 'BLOB(tiny)', type: DataTypes.BLOB('tiny'), values: [Buffer.from([1]), 'text'], reading: 'bytes' },
  {
    title: 'HSTORE',
    type: DataTypes.HSTORE,
    values: [
      { a: '1', '': 'x', 'a"b': null, 'a=>b': '\\', '\\': '"', "it's": "it''s", NULL: 'NULL', ключ: '\u{1f600}, ' },
      {},
      { n: 1, t: true, 'a\nb': 'c\nd', 'a\\"': '\\"' },
      new Beyond(JSON.parse('{"__proto__":"1"}'), JSON.parse('{"__proto__":"1"}'), postgres),
      { constructor: '1', toString: null },
    ],
    on: postgres,
  },
];
