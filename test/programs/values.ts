/** The values of random programs: few of each type, so that they collide, and plain, so that a program can be printed. */

import type { Model } from 'sequelize';
import { DataTypes, type ModelStatic, Sequelize } from 'sequelize';

export type Kind =
  | 'integer'
  | 'bigint'
  | 'decimal'
  | 'float'
  | 'double'
  | 'string'
  | 'text'
  | 'boolean'
  | 'date'
  | 'dateonly'
  | 'uuid'
  | 'json'
  | 'blob'
  | 'enum'
  | 'array';

/** JSON, and what JSON has no form for: `$date`, `$bytes`, `$literal` (SQL), `$add` (to the column's own value). */
export type Value = unknown;

export const uuid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

const pools: Readonly<Record<Kind, readonly Value[]>> = {
  integer: [0, 1, 2, 3, '2', { $add: 1 }, { $literal: '1 + 1' }],
  bigint: ['1', 2, '9007199254740993', '-9223372036854775808'],
  decimal: ['1.50', 1.5, 0, '0.10', '99999999.99', -2],
  float: [0, 0.5, -1.5, 2],
  double: [0, 0.1, -1.5, 1e21],
  string: ['', 'a', 'A', 'b', 'é', 'a '],
  text: ['', 'a', "it's", 'null', 'a\nb'],
  boolean: [true, false],
  date: [{ $date: '2026-01-02T03:04:05.678Z' }, { $date: '2026-01-02T03:04:06.000Z' }, '2026-07-01T12:00:00+02:00'],
  dateonly: ['2026-01-01', '2026-02-28', '1900-01-01'],
  uuid: [uuid(1), uuid(2), 'ABCDEF00-0000-4000-8000-000000000000'],
  json: [{ a: 1 }, { a: 1, b: [1, { c: null }] }, { a: 2, b: [1] }, [], [1, 2], 'text', 0, { 'x/y~z': true }],
  blob: [{ $bytes: 'AP8=' }, { $bytes: '' }, 'text'],
  enum: ['a', 'b', 'c d'],
  array: [[], [1], [1, null, 2], [2, 1]],
};

/** The values a column of this kind is written with; without null. */
export function poolOf(kind: Kind): readonly Value[] {
  return pools[kind];
}

/** Whether equality of columns of this kind is simple enough for a condition on every dialect. */
export function isComparable(kind: Kind): boolean {
  return ['integer', 'bigint', 'string', 'boolean', 'dateonly', 'uuid', 'enum'].includes(kind);
}

export function typeOf(kind: Kind, dialect: string) {
  switch (kind) {
    case 'decimal':
      return DataTypes.DECIMAL(10, 2);
    case 'string':
      return DataTypes.STRING(40);
    case 'date':
      return dialect === 'mariadb' || dialect === 'mysql' ? DataTypes.DATE(3) : DataTypes.DATE;
    case 'json':
      return dialect === 'postgres' ? DataTypes.JSONB : DataTypes.JSON;
    case 'enum':
      return DataTypes.ENUM('a', 'b', 'c d');
    case 'array':
      return DataTypes.ARRAY(DataTypes.INTEGER);
    default:
      return DataTypes[kind.toUpperCase() as 'INTEGER' | 'BIGINT' | 'FLOAT' | 'DOUBLE' | 'TEXT' | 'BOOLEAN'];
  }
}

/** The value that Sequelize is given; always a fresh one. */
export function materialize(value: Value, model?: ModelStatic<Model>, attribute?: string): unknown {
  if (Array.isArray(value)) return value.map((item) => materialize(item));
  if (typeof value !== 'object' || value === null) return value;
  const { $date, $bytes, $literal, $add } = value as Record<string, string | undefined>;
  if ($date !== undefined) return new Date($date);
  if ($bytes !== undefined) return Buffer.from($bytes, 'base64');
  if ($literal !== undefined) return Sequelize.literal($literal);
  if ($add !== undefined) return model && attribute ? Sequelize.literal(`${columnOf(model, attribute)} + ${$add}`) : 1;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, materialize(member)]));
}

/** The quoted column of an attribute. */
function columnOf(model: ModelStatic<Model>, attribute: string): string {
  const field = model.getAttributes()[attribute]?.field ?? attribute;
  return model.sequelize?.getDialect() === 'postgres' ? `"${field}"` : `\`${field}\``;
}
