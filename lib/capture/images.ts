/** Reads rows as they are stored, before and after a write, in the transaction that writes them. */
import type { Sequelize } from 'sequelize';
import { queryGeneratorOf } from '../internals.js';
import type { Run } from '../log/append.js';
import type { Json } from '../patch/operation.js';
import type { AuditedModel, Snapshot } from '../record/audited-model.js';

/** A stored row: its snapshot, and the SQL condition that finds it again. */
export interface Image {
  readonly snapshot: Snapshot;
  readonly condition: string;
}

export type Row = Readonly<Record<string, unknown>>;

/** The columns of an audited model as a SELECT or RETURNING list. */
export function columnList(sequelize: Sequelize, audited: AuditedModel): string {
  const generator = queryGeneratorOf(sequelize);
  const columns = audited.columns.map(
    ({ field, codec }, index) =>
      `${codec.select(generator.quoteIdentifier(field))} AS ${generator.quoteIdentifier(alias(index))}`,
  );
  return columns.join(', ');
}

/** The name a column goes by in our own lists; no column of an application is likely to be called so. */
export function alias(index: number): string {
  return `audit$${index}`;
}

/** The image of a row read with `columnList`. */
export function imageOf(sequelize: Sequelize, audited: AuditedModel, row: Row): Image {
  const generator = queryGeneratorOf(sequelize);
  const values: Record<string, Json> = {};
  const condition: string[] = [];
  audited.columns.forEach((column, index) => {
    const stored = row[alias(index)];
    values[column.attribute] = column.codec.fromStored(stored);
    if (audited.keyColumns.includes(column)) {
      condition.push(`${generator.quoteIdentifier(column.field)} = ${generator.escape(stored)}`);
    }
  });
  return { snapshot: audited.snapshot(values), condition: `(${condition.join(' AND ')})` };
}

/**
 * The rows of a table that fulfil an SQL condition.
 *
 * @param lock how to lock them until the transaction ends; empty where the dialect has no row locks
 */
export async function readImages(
  sequelize: Sequelize,
  run: Run,
  { audited, table, condition, lock }: { audited: AuditedModel; table: unknown; condition: string; lock: string },
): Promise<Image[]> {
  const from = queryGeneratorOf(sequelize).quoteTable(table);
  const where = condition ? ` WHERE ${condition}` : '';
  const rows = await run(`SELECT ${columnList(sequelize, audited)} FROM ${from}${where}${lock}`);
  return (rows as Row[]).map((row) => imageOf(sequelize, audited, row));
}
