/** Writes, for one table, the calls of the query interface that make it and that take it away. */
import type { AuditTable } from '../index.js';
import { arrayLiteral, keyLiteral, objectLiteral, stringLiteral } from './literals.js';
import { type Partitions, partitionsOf } from './partitions.js';

/** Lines of a migration, without their indentation. */
export interface Calls {
  /** Makes the schema that the table stands in. */
  readonly schema: readonly string[];
  readonly up: readonly string[];
  readonly down: readonly string[];
}

export interface CallOptions {
  readonly dialect: string;
  readonly partition: 'monthly' | null;
  /** Whether all of it is one transaction, called `transaction`. */
  readonly isTransactional: boolean;
}

type Index = AuditTable['indexes'][number];

export function callsOf(table: AuditTable, options: CallOptions): Calls {
  const { model, indexes, ownIndexes } = table;
  const name = tableLiteral(model);
  const last = options.isTransactional ? ', { transaction }' : '';
  const query = (sql: string) => `await queryInterface.sequelize.query(${stringLiteral(sql)}${last});`;
  const partitions = options.partition === null ? null : partitionsOf(model);
  const own = ownIndexes.map(({ sql }) => query(sql));
  const added = indexes.flatMap((index) => addIndex(name, index, options.isTransactional));

  return {
    schema: options.dialect === 'postgres' ? schemaOf(model).map(query) : [],
    up: [
      ...(partitions ? partitions.table.map(query) : createTable(name, model, last)),
      ...added,
      ...own,
      ...(partitions ? partitions.functions.map(query) : []),
    ],
    down: [
      `await queryInterface.dropTable(${name}${last});`,
      ...((partitions as Partitions | null)?.down ?? []).map(query),
    ],
  };
}

/** Whether the lines need `literal` of Sequelize. */
export function usesLiteral(lines: readonly string[]): boolean {
  return lines.some((line) => /\bliteral\(/.test(line));
}

function createTable(name: string, model: AuditTable['model'], last: string): string[] {
  const columns = Object.entries(model.getAttributes()).map(([attribute, { field, ...column }]) => {
    const text = objectLiteral({
      type: typeLiteral(column.type),
      primaryKey: column.primaryKey ? 'true' : null,
      autoIncrement: column.autoIncrement ? 'true' : null,
      allowNull: column.allowNull === false && !column.primaryKey ? 'false' : null,
    });
    return `  ${keyLiteral(field ?? attribute)}: ${text},`;
  });
  return [`await queryInterface.createTable(${name}, {`, ...columns, `}${last});`];
}

function addIndex(name: string, { name: index, fields, where }: Index, isTransactional: boolean): string[] {
  const members = {
    name: stringLiteral(index as string),
    fields: arrayLiteral((fields ?? []).map(fieldLiteral)),
    where: where === undefined ? null : fieldLiteral(where),
    transaction: isTransactional ? 'transaction' : null,
  };
  const line = `await queryInterface.addIndex(${name}, ${objectLiteral(members)});`;
  if (line.length <= 110) return [line];
  const lines = Object.entries(members).flatMap(([key, text]) =>
    text === null ? [] : [`  ${key === text ? key : `${key}: ${text}`},`],
  );
  return [`await queryInterface.addIndex(${name}, {`, ...lines, '});'];
}

/** A column, or SQL as `Sequelize.literal` holds it. */
function fieldLiteral(field: unknown): string {
  return typeof field === 'string'
    ? stringLiteral(field)
    : `literal(${stringLiteral(String((field as { val: unknown }).val))})`;
}

function typeLiteral(type: unknown): string {
  const { key, options } = type as { key: string; options?: { length?: number | string; binary?: boolean } };
  const { length, binary } = options ?? {};
  const size = typeof length === 'string' ? stringLiteral(length) : length;
  return `DataTypes.${key}${size === undefined ? '' : `(${size})`}${binary ? '.BINARY' : ''}`;
}

function tableLiteral(model: AuditTable['model']): string {
  const table = model.getTableName();
  if (typeof table === 'string') return stringLiteral(table);
  return objectLiteral({ tableName: stringLiteral(table.tableName), schema: stringLiteral(table.schema) });
}

function schemaOf(model: AuditTable['model']): string[] {
  const table = model.getTableName();
  if (typeof table === 'string') return [];
  const quoted = model.sequelize?.getQueryInterface().quoteIdentifier(table.schema, true);
  return [`CREATE SCHEMA IF NOT EXISTS ${quoted}`];
}
