/** Reads rows as they are stored, before and after a write, in the transaction that writes them. */
import type { Model, Sequelize } from 'sequelize';
import { queryGeneratorOf } from '../internals.js';
import type { Run } from '../log/append.js';
import type { AuditedModel } from '../record/audited-model.js';
import { columnList, type Image, imageOf } from '../record/image.js';
import type { Values } from './call.js';

/** A row that was read: its image where its table is audited, and what else was asked for. */
export interface StoredRow {
  readonly image: Image | null;
  readonly extra: readonly unknown[];
}

export interface Selection {
  /** null reads nothing but what is asked for besides. */
  readonly audited: AuditedModel | null;
  readonly table: unknown;
  /** WHERE and the condition, or empty for all rows. */
  readonly where: string;
  /** What follows the condition: an order, a limit, a lock. */
  readonly end: string;
  /** Those of the condition, in order. */
  readonly parameters?: readonly unknown[] | undefined;
  /** SQL expressions to read besides. */
  readonly extra?: readonly string[];
}

/** How a row is locked; SQLite locks the whole file. */
export type Lock = 'FOR UPDATE' | 'FOR NO KEY UPDATE' | null;

/** The rows of a selection, as they are now. */
export async function readRows(sequelize: Sequelize, run: Run, selection: Selection): Promise<StoredRow[]> {
  const rows = await run(lookOf(sequelize, selection), selection.parameters);
  return rowsOf(selection, rows as Values[]);
}

/** The SELECT of a selection. */
export function lookOf(sequelize: Sequelize, { audited, table, where, end, extra = [] }: Selection): string {
  const generator = queryGeneratorOf(sequelize);
  const extras = extra.map((sql, index) => `${sql} AS ${generator.quoteIdentifier(extraAlias(index))}`);
  const list = [...(audited ? [columnList(sequelize, audited)] : []), ...extras].join(', ');
  return `SELECT ${list || '1'} FROM ${generator.quoteTable(table)} ${where} ${end};`;
}

/** What the SELECT of a selection has given back. */
export function rowsOf(
  { audited, extra = [] }: Pick<Selection, 'audited' | 'extra'>,
  rows: readonly Values[],
): StoredRow[] {
  return rows.map((row) => ({
    image: audited && imageOf(audited, row),
    extra: extra.map((_, index) => row[extraAlias(index)]),
  }));
}

/** The rows of an audited table with these primary keys, as they are now. */
export async function readByKeys(
  sequelize: Sequelize,
  run: Run,
  { audited, table }: { readonly audited: AuditedModel; readonly table: unknown },
  keys: readonly (readonly unknown[])[],
): Promise<Image[]> {
  if (keys.length === 0) return [];
  return imagesOf(await readRows(sequelize, run, selectionByKeys(sequelize, { audited, table }, keys)));
}

/** The rows of an audited table with these primary keys. */
export function selectionByKeys(
  sequelize: Sequelize,
  { audited, table }: { readonly audited: AuditedModel; readonly table: unknown },
  keys: readonly (readonly unknown[])[],
): Selection {
  const where = `WHERE ${whereKeyIn(sequelize, audited, keys)}`;
  // InnoDB shows a plain SELECT an older version of a row that an UPDATE left as it was; a locking one never.
  const end = `${inKeyOrder(sequelize, audited)} ${lockOf(sequelize, 'FOR NO KEY UPDATE')}`;
  return { audited, table, where, end };
}

/** The primary key that an instance holds; null where it is not as the database would give it. */
export function keyOfInstance({ keyColumns }: AuditedModel, instance: Model): unknown[] | null {
  const key = keyColumns.map(({ attribute }) => instance.getDataValue(attribute as never) as unknown);
  return key.every(isPlainKey) ? key : null;
}

/** Whether a value of a key is written to the database as it is. */
export function isPlainKey(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

/** The images among rows that were read. */
export function imagesOf(rows: readonly StoredRow[]): Image[] {
  return rows.flatMap(({ image }) => (image ? [image] : []));
}

/** The order by primary key, in which every writer of many rows locks them. */
export function inKeyOrder(sequelize: Sequelize, audited: AuditedModel | null): string {
  const generator = queryGeneratorOf(sequelize);
  return audited
    ? `ORDER BY ${audited.keyColumns.map(({ field }) => generator.quoteIdentifier(field)).join(', ')}`
    : '';
}

/**
 * As strong as the lock of the write itself (PostgreSQL, 13.3.2): a stronger one would block readers that hold a key
 * share, a weaker one would have to grow later, which can deadlock.
 */
export function lockOf(sequelize: Sequelize, lock: Lock): string {
  const dialect = sequelize.getDialect();
  if (dialect === 'sqlite' || lock === null) return '';
  return dialect === 'postgres' ? lock : 'FOR UPDATE';
}

/** The condition that finds rows by the values of some columns. */
export function whereIn(
  sequelize: Sequelize,
  fields: readonly string[],
  rows: readonly (readonly unknown[])[],
): string {
  const generator = queryGeneratorOf(sequelize);
  return whereSqlIn(
    sequelize,
    fields,
    rows.map((row) => row.map((value) => generator.escape(value))),
  );
}

/** The same for values that are SQL already. */
export function whereSqlIn(
  sequelize: Sequelize,
  fields: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) return '1=0';
  const generator = queryGeneratorOf(sequelize);
  const tuples = new Set(rows.map((row) => (fields.length > 1 ? `(${row.join(',')})` : String(row[0]))));
  const columns = fields.map((field) => generator.quoteIdentifier(field)).join(',');
  if (fields.length === 1) return `${columns} IN (${[...tuples].join(',')})`;
  // SQLite takes row values only from a query.
  const list = `${sequelize.getDialect() === 'sqlite' ? 'VALUES ' : ''}${[...tuples].join(',')}`;
  return `(${columns}) IN (${list})`;
}

/** The condition that finds rows of an audited table by their primary keys, as the database gave them. */
export function whereKeyIn(sequelize: Sequelize, audited: AuditedModel, keys: readonly (readonly unknown[])[]): string {
  const fields = audited.keyColumns.map(({ field }) => field);
  return whereIn(sequelize, fields, keys);
}

/** What the expression of this place is called among the columns that are read. */
export function extraAlias(index: number): string {
  return `audit$x${index}`;
}
