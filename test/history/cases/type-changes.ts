/** Changes of a column's type, as migrations make them, and what values of before are in the new type. */
import { type DataType, DataTypes, type Sequelize } from 'sequelize';
import type { Dialect } from '../../record/cases/type-case.js';
import type { Database } from '../../setup/databases.js';

export interface Retyping {
  readonly from: DataType;
  readonly to: DataType;
  /** The type in the SQL of PostgreSQL. */
  readonly postgres: string;
  /** SQLite does not turn the values of one type into those of another by itself: the SQL that does. */
  readonly sqlite?: string;
}

export interface TypeChange extends Retyping {
  readonly title: string;
  /** What was written before, and what `at` gives of it afterwards; a function gives it by dialect. */
  readonly values: readonly (readonly [unknown, unknown])[];
  /** @default every dialect */
  readonly on?: readonly Dialect[];
}

const inText = (dialect: Dialect) => dialect === 'postgres' || dialect === 'mysql';
const byDialect = (text: string, number: unknown) => (dialect: Dialect) => (inText(dialect) ? text : number);
const json = { city: 'London', list: [1, 'two', null] };
const midnight = new Date('2024-02-29T00:00:00.000Z');

export const typeChanges: readonly TypeChange[] = [
  {
    title: 'INTEGER to STRING',
    from: DataTypes.INTEGER,
    to: DataTypes.STRING(40),
    postgres: 'varchar(40)',
    values: [
      [5, '5'],
      [-1, '-1'],
      [0, '0'],
    ],
  },
  {
    title: 'STRING to INTEGER',
    from: DataTypes.STRING,
    to: DataTypes.INTEGER,
    postgres: 'integer',
    values: [
      ['5', 5],
      ['-12', -12],
    ],
  },
  {
    title: 'INTEGER to BIGINT',
    from: DataTypes.INTEGER,
    to: DataTypes.BIGINT,
    postgres: 'bigint',
    values: [[5, (dialect: Dialect) => (dialect === 'postgres' ? '5' : 5)]],
  },
  {
    title: 'BIGINT to INTEGER',
    from: DataTypes.BIGINT,
    to: DataTypes.INTEGER,
    postgres: 'integer',
    values: [[5, 5]],
  },
  {
    title: 'INTEGER to DECIMAL',
    from: DataTypes.INTEGER,
    to: DataTypes.DECIMAL(10, 2),
    postgres: 'numeric(10, 2)',
    values: [[5, byDialect('5.00', 5)]],
  },
  {
    title: 'DECIMAL to INTEGER',
    from: DataTypes.DECIMAL(10, 2),
    to: DataTypes.INTEGER,
    postgres: 'integer',
    values: [['5.00', 5]],
  },
  {
    title: 'DECIMAL to DOUBLE',
    from: DataTypes.DECIMAL(10, 2),
    to: DataTypes.DOUBLE,
    postgres: 'double precision',
    values: [
      ['5.00', 5],
      ['0.10', 0.1],
      ['-7.25', -7.25],
    ],
  },
  {
    title: 'DOUBLE to DECIMAL',
    from: DataTypes.DOUBLE,
    to: DataTypes.DECIMAL(10, 2),
    postgres: 'numeric(10, 2)',
    values: [
      [5, byDialect('5.00', 5)],
      [0.1, byDialect('0.10', 0.1)],
    ],
  },
  {
    title: 'DECIMAL to one with more digits',
    from: DataTypes.DECIMAL(10, 2),
    to: DataTypes.DECIMAL(12, 4),
    postgres: 'numeric(12, 4)',
    values: [['1.50', byDialect('1.5000', 1.5)]],
  },
  {
    title: 'DECIMAL to one with fewer digits',
    from: DataTypes.DECIMAL(12, 4),
    to: DataTypes.DECIMAL(10, 2),
    postgres: 'numeric(10, 2)',
    values: [['1.5000', byDialect('1.50', 1.5)]],
  },
  {
    title: 'BOOLEAN to INTEGER',
    from: DataTypes.BOOLEAN,
    to: DataTypes.INTEGER,
    postgres: 'integer',
    values: [
      [true, 1],
      [false, 0],
    ],
  },
  {
    title: 'INTEGER to BOOLEAN',
    from: DataTypes.INTEGER,
    to: DataTypes.BOOLEAN,
    postgres: 'boolean',
    values: [
      [1, true],
      [0, false],
    ],
  },
  {
    title: 'BOOLEAN to STRING',
    from: DataTypes.BOOLEAN,
    to: DataTypes.STRING(40),
    postgres: 'varchar(40)',
    values: [
      [true, (dialect: Dialect) => (dialect === 'postgres' ? 'true' : '1')],
      [false, (dialect: Dialect) => (dialect === 'postgres' ? 'false' : '0')],
    ],
  },
  {
    title: 'DATE to DATEONLY',
    from: DataTypes.DATE,
    to: DataTypes.DATEONLY,
    postgres: 'date',
    sqlite: 'substr(value, 1, 10)',
    values: [
      [midnight, '2024-02-29'],
      [new Date('2024-12-31T23:59:59.000Z'), '2024-12-31'],
    ],
  },
  {
    title: 'DATEONLY to DATE',
    from: DataTypes.DATEONLY,
    to: DataTypes.DATE,
    postgres: 'timestamptz',
    sqlite: "value || ' 00:00:00.000 +00:00'",
    values: [['2024-02-29', midnight]],
  },
  {
    title: 'TEXT to JSON, where what was text stays text',
    from: DataTypes.TEXT,
    to: DataTypes.JSON,
    postgres: 'json',
    values: [
      [JSON.stringify(json), JSON.stringify(json)],
      ['[1,2]', '[1,2]'],
      ['5', '5'],
    ],
  },
  {
    title: 'JSON to TEXT',
    from: DataTypes.JSON,
    to: DataTypes.TEXT,
    postgres: 'text',
    values: [
      [json, JSON.stringify(json)],
      [[1, 2], '[1,2]'],
    ],
  },
  {
    title: 'STRING to TEXT',
    from: DataTypes.STRING,
    to: DataTypes.TEXT,
    postgres: 'text',
    values: [
      ['Ada', 'Ada'],
      ['0123', '0123'],
      ['1e3', '1e3'],
    ],
  },
  {
    title: 'STRING to CHAR',
    from: DataTypes.STRING,
    to: DataTypes.CHAR(4),
    postgres: 'char(4)',
    values: [['ab', (dialect: Dialect) => (dialect === 'postgres' ? 'ab  ' : 'ab')]],
  },
  {
    title: 'ENUM to STRING',
    from: DataTypes.ENUM('on', 'off'),
    to: DataTypes.STRING(40),
    postgres: 'varchar(40)',
    values: [['on', 'on']],
  },
  {
    title: 'STRING to UUID',
    from: DataTypes.STRING,
    to: DataTypes.UUID,
    postgres: 'uuid',
    on: ['postgres'],
    values: [['3F2504E0-4F89-11D3-9A0C-0305E82C3301', '3f2504e0-4f89-11d3-9a0c-0305e82c3301']],
  },
  {
    title: 'INTEGER to JSON',
    from: DataTypes.INTEGER,
    to: DataTypes.JSON,
    postgres: 'json USING to_json(value)',
    values: [[5, 5]],
  },
];

/** Changes the type of the column `value` as a migration would. */
export async function retype(
  sequelize: Sequelize,
  { dialect }: Database,
  table: string,
  column: string,
  { to, postgres, sqlite }: Pick<Retyping, 'to' | 'postgres' | 'sqlite'>,
): Promise<void> {
  const name = quoted(dialect, column);
  if (dialect === 'postgres') {
    const using = postgres.includes('USING') ? '' : ` USING ${name}::${postgres}`;
    await sequelize.query(`ALTER TABLE ${quoted(dialect, table)} ALTER COLUMN ${name} TYPE ${postgres}${using}`);
    return;
  }
  await sequelize.getQueryInterface().changeColumn(table, column, { type: to, allowNull: true });
  if (dialect === 'sqlite' && sqlite)
    await sequelize.query(`UPDATE ${table} SET ${name} = ${sqlite.replaceAll('value', name)}`);
}

export function quoted(dialect: string, name: string): string {
  return dialect === 'postgres' ? `"${name}"` : `\`${name}\``;
}
