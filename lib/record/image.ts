/** Turns stored rows into their images: how they are read, and what of them the log may show. */
import type { Sequelize } from 'sequelize';
import { queryGeneratorOf } from '../internals.js';
import type { Json } from '../patch/operation.js';
import type { AuditedModel, Column, Snapshot } from './audited-model.js';

/** A stored row: its snapshot, and its primary key as the database gave it. */
export interface Image {
  readonly snapshot: Snapshot;
  readonly key: readonly unknown[];
}

type Values = Readonly<Record<string, unknown>>;

/** The columns of an audited model as a SELECT or RETURNING list. */
export function columnList(sequelize: Sequelize, audited: AuditedModel): string {
  return audited.text('columns', () => listOf(sequelize, audited.columns, 'alias'));
}

/** The same for a row as it was, where both stand side by side. */
export function oldColumnList(sequelize: Sequelize, audited: AuditedModel): string {
  return audited.text('old columns', () => listOf(sequelize, audited.columns, 'oldAlias'));
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
  return imageIn(audited, row, 'alias');
}

/** The image of a row read with `oldColumnList`. */
export function oldImageOf(audited: AuditedModel, row: Values): Image {
  return imageIn(audited, row, 'oldAlias');
}

/** The columns of the primary key alone, as such a list. */
export function keyList(sequelize: Sequelize, audited: AuditedModel): string {
  return audited.text('key', () => listOf(sequelize, audited.keyColumns, 'alias'));
}

/** The primary key of a row read with any of these lists but the old one. */
export function keyOf(audited: AuditedModel, row: Values): unknown[] {
  return audited.keyColumns.map(({ alias }) => row[alias]);
}

type Alias = 'alias' | 'oldAlias';

function listOf(sequelize: Sequelize, columns: readonly Column[], name: Alias): string {
  const generator = queryGeneratorOf(sequelize);
  return columns
    .map(
      ({ field, codec, [name]: alias }) =>
        `${codec.select(generator.quoteIdentifier(field))} AS ${generator.quoteIdentifier(alias)}`,
    )
    .join(', ');
}

function imageIn(audited: AuditedModel, row: Values, name: Alias): Image {
  const values: Record<string, Json> = {};
  for (const { attribute, codec, [name]: alias } of audited.columns) values[attribute] = codec.fromStored(row[alias]);
  return { snapshot: audited.snapshot(values, true), key: audited.keyColumns.map(({ [name]: alias }) => row[alias]) };
}
