/** Turns stored rows into their images: how they are read, and what of them the log may show. */
import type { Sequelize } from 'sequelize';
import { queryGeneratorOf } from '../internals.js';
import type { Json } from '../patch/operation.js';
import type { AuditedModel, Snapshot } from './audited-model.js';

/** A stored row: its snapshot, and its primary key as the database gave it. */
export interface Image {
  readonly snapshot: Snapshot;
  readonly key: readonly unknown[];
}

type Values = Readonly<Record<string, unknown>>;

/** The columns of an audited model as a SELECT or RETURNING list. */
export function columnList(sequelize: Sequelize, audited: AuditedModel): string {
  return listOf(sequelize, audited, alias);
}

/** The same for a row as it was, where both stand side by side. */
export function oldColumnList(sequelize: Sequelize, audited: AuditedModel): string {
  return listOf(sequelize, audited, oldAlias);
}

/**
 * Whether a statement of PostgreSQL can give these columns back besides its own: 1,664 are the most (appendix K).
 *
 * @param times how often
 */
export function canReturnColumns({ model, columns }: AuditedModel, times: number): boolean {
  return Object.keys(model.getAttributes()).length + times * columns.length < 1660;
}

/** The image of a row read with `columnList`. */
export function imageOf(audited: AuditedModel, row: Values): Image {
  return imageIn(audited, row, alias);
}

/** The image of a row read with `oldColumnList`. */
export function oldImageOf(audited: AuditedModel, row: Values): Image {
  return imageIn(audited, row, oldAlias);
}

/** The columns of the primary key alone, as such a list. */
export function keyList(sequelize: Sequelize, audited: AuditedModel): string {
  const generator = queryGeneratorOf(sequelize);
  const columns = audited.keyColumns.map(
    ({ field, codec }, index) =>
      `${codec.select(generator.quoteIdentifier(field))} AS ${generator.quoteIdentifier(alias(index))}`,
  );
  return columns.join(', ');
}

/** The primary key of a row read with `keyList`. */
export function keyOf(audited: AuditedModel, row: Values): unknown[] {
  return audited.keyColumns.map((_, index) => row[alias(index)]);
}

/** The name a column goes by in our own lists; no column of an application is likely to be called so. */
function alias(index: number): string {
  return `audit$${index}`;
}

function oldAlias(index: number): string {
  return `audit$o${index}`;
}

function listOf(sequelize: Sequelize, audited: AuditedModel, name: (index: number) => string): string {
  const generator = queryGeneratorOf(sequelize);
  const columns = audited.columns.map(
    ({ field, codec }, index) =>
      `${codec.select(generator.quoteIdentifier(field))} AS ${generator.quoteIdentifier(name(index))}`,
  );
  return columns.join(', ');
}

function imageIn(audited: AuditedModel, row: Values, name: (index: number) => string): Image {
  const values: Record<string, Json> = {};
  const stored: Record<string, unknown> = {};
  audited.columns.forEach(({ attribute, codec }, index) => {
    stored[attribute] = row[name(index)];
    values[attribute] = codec.fromStored(stored[attribute]);
  });
  return { snapshot: audited.snapshot(values), key: audited.keyColumns.map(({ attribute }) => stored[attribute]) };
}
