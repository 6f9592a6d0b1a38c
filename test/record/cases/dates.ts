import { DataTypes, literal } from 'sequelize';
import { Beyond, lite, maria, postgres, type TypeCase, Unwritable } from './type-case.js';

/** PostgreSQL holds microseconds; a Date has no place for them, so only the text in the log can. */
const micros = (text: string) => literal(`'${text}'::timestamptz`);

/** Values are instants, whatever the time zone of the Sequelize instance. */
export const dateCases: readonly TypeCase[] = [
  {
    title: 'DATE',
    type: DataTypes.DATE(3),
    values: [
      new Date('2026-01-02T03:04:05.678Z'),
      new Date('2026-01-02T03:04:05.679Z'),
      '2026-07-01T12:00:00.5Z',
      '2026-07-01T12:00:00+02:00',
      1_767_225_600_000,
      new Date('1970-01-01T00:00:00.000Z'),
      new Date('1900-01-01T00:00:00.001Z'),
      new Date('9999-12-30T00:00:00.999Z'),
      // The same hour twice, and one that is not there, in Amsterdam.
      new Date('2026-10-25T01:30:00.000Z'),
      new Date('2026-03-29T01:30:00.000Z'),
    ],
  },
  {
    title: 'DATE of whole seconds',
    type: DataTypes.DATE,
    values: [new Date('2026-01-02T03:04:05.678Z'), new Date('2026-01-02T03:04:06.000Z')],
  },
  {
    title: 'DATE(1)',
    type: DataTypes.DATE(1),
    values: [new Date('2026-01-02T03:04:05.678Z'), new Date('1969-01-02T03:04:05.678Z')],
    on: maria,
  },
  {
    title: 'DATE(6)',
    type: DataTypes.DATE(6),
    values: [
      new Unwritable(literal("'2026-01-01 00:00:00.123456'"), /\.123456Z"$/),
      new Unwritable(literal("'2026-01-01 00:00:00.123457'"), /\.123457Z"$/),
      new Date('2026-01-01T00:00:00.123Z'),
      new Unwritable(literal("'2026-06-01 00:00:00.000001'"), /\.000001Z"$/),
      new Unwritable(literal("'2026-06-01 00:00:00.000100'"), /\.0001Z"$/),
    ],
    on: maria,
  },
  {
    title: 'DATE of microseconds',
    type: DataTypes.DATE,
    values: [
      new Unwritable(micros('2026-01-01 00:00:00.123456+00'), /^"2026-01-01T00:00:00\.123456Z"$/),
      new Unwritable(micros('2026-01-01 00:00:00.123457+00'), /^"2026-01-01T00:00:00\.123457Z"$/),
      new Date('2026-01-01T00:00:00.123Z'),
      new Unwritable(micros('1969-12-31 23:59:59.999999+00'), /^"1969-12-31T23:59:59\.999999Z"$/),
      new Unwritable(micros('0044-03-15 12:00:00.5+00 BC'), /^"-000043-03-15T12:00:00\.500Z"$/),
    ],
    on: postgres,
  },
  {
    title: 'DATEONLY',
    type: DataTypes.DATEONLY,
    values: ['2026-02-28', '1900-01-01', '9999-12-31', new Date('2026-03-01T12:00:00Z')],
  },
  {
    title: 'DATEONLY beyond the calendar of four digits',
    type: DataTypes.DATEONLY,
    values: [
      Infinity,
      -Infinity,
      new Unwritable(literal("'0044-03-15 BC'::date"), /^"0044-03-15 BC"$/),
      new Unwritable(literal("'12026-01-01'::date"), /^"12026-01-01"$/),
      '2026-01-01',
    ],
    on: postgres,
  },
];

/** SQLite has no time zones, and Sequelize writes no instant of a year 1 of a zone with seconds in its offset. */
export const utcDateCases: readonly TypeCase[] = [
  {
    title: 'DATE beyond the calendar of four digits',
    type: DataTypes.DATE,
    values: [Infinity, -Infinity, new Date('0001-01-01T00:00:00Z'), new Date('0099-12-31T23:59:59.999Z')],
    on: postgres,
  },
  {
    title: 'DATE, which is text',
    type: DataTypes.DATE,
    values: [
      new Unwritable(literal("'2026-01-01 00:00:00.123456 +00:00'"), /^"2026-01-01T00:00:00\.123456Z"$/),
      new Date('2026-01-01T00:00:00.123Z'),
      new Unwritable(literal("'2026-01-01 02:00:00 +02:00'"), /^"2026-01-01T00:00:00\.000Z"$/),
      // Sequelize reads 1999.
      new Beyond(new Date('0099-01-01T00:00:00.000Z'), new Date('0099-01-01T00:00:00.000Z'), lite),
      // Sequelize writes no "Z", and reads an invalid date.
      new Unwritable(
        literal("'2026-01-01T00:00:00Z'"),
        /^"2026-01-01T00:00:00\.000Z"$/,
        new Date('2026-01-01T00:00:00.000Z'),
      ),
    ],
    on: lite,
  },
];
