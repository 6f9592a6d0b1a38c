/** Turns stored rows into their images: how they are read, and what of them the log may show. */
import type { Sequelize } from 'sequelize';
import { queryGeneratorOf } from '../internals.js';
import type { Json } from '../patch/operation.js';
import type { AuditedModel, Column, Snapshot } from './audited-model.js';

type Values = Readonly<Record<string, unknown>>;

type Alias = 'alias' | 'oldAlias' | 'givenAs';

/** A stored row. What the log shows of it is worked out only when it is asked for. */
export class Image {
  /** Its primary key as the database gave it. */
  readonly key: readonly unknown[];
  readonly recordId: string;
  readonly #audited: AuditedModel;
  readonly #row: Values;
  readonly #name: Alias;
  #snapshot: Snapshot | undefined;

  constructor(audited: AuditedModel, row: Values, name: Alias) {
    this.#audited = audited;
    this.#row = row;
    this.#name = name;
    this.key = audited.keyColumns.map((column) => row[column[name]]);
    this.recordId = audited.recordIdOfStored(this.key);
  }

  get snapshot(): Snapshot {
    if (this.#snapshot) return this.#snapshot;
    const values: Record<string, Json> = {};
    for (const column of this.#audited.columns)
      values[column.attribute] = column.codec.fromStored(this.#row[column[this.#name]]);
    this.#snapshot = this.#audited.part(this.recordId, values);
    return this.#snapshot;
  }

  /** The record before and after what was done to it since an earlier image: only what is stored in another way. */
  since(earlier: Image): { readonly before: Snapshot; readonly after: Snapshot } {
    const before: Record<string, Json> = {};
    const after: Record<string, Json> = {};
    for (const { attribute, codec, [this.#name]: name, [earlier.#name]: oldName } of this.#audited.columns) {
      const [old, next] = [earlier.#row[oldName], this.#row[name]];
      // To === a zero is the same with either sign.
      if (Object.is(old, next)) continue;
      before[attribute] = codec.fromStored(old);
      after[attribute] = codec.fromStored(next);
    }
    return { before: this.#audited.part(earlier.recordId, before), after: this.#audited.part(this.recordId, after) };
  }
}

/** The columns of an audited model as a SELECT or RETURNING list. */
export function columnList(sequelize: Sequelize, audited: AuditedModel): string {
  return audited.text('columns', () => listOf(sequelize, audited.columns, 'alias'));
}

/** Columns that a statement is asked for, and what the columns of its rows go by. */
export interface Given {
  readonly list: string;
  readonly name: Alias;
}

/**
 * What a statement has to give back besides what it gives back by itself.
 *
 * @param own a list of quoted names; null where it gives nothing back
 */
export function givenBeside(sequelize: Sequelize, audited: AuditedModel, own: string | null): Given {
  const all = columnList(sequelize, audited);
  if (own === null) return { list: all, name: 'alias' };
  const list = audited.text(`beside ${own}`, () => {
    const generator = queryGeneratorOf(sequelize);
    const names = new Set(own.match(/"(?:[^"]|"")*"/g));
    const others = audited.columns.filter(({ alias, givenAs }) => givenAs === alias);
    // Sequelize leaves quotes out of a name and PostgreSQL the end of a long one, so that its row has another.
    const isGiven = ({ field }: Column) =>
      /^[A-Za-z]\w{0,62}$/.test(field) && names.has(generator.quoteIdentifier(field));
    const areGiven = audited.columns.every((column) => others.includes(column) || isGiven(column));
    return areGiven ? listOf(sequelize, others, 'alias') : all;
  });
  return { list, name: list === all ? 'alias' : 'givenAs' };
}

/**
 * Whether a statement of PostgreSQL can give these columns back besides its own: 1,664 are the most (appendix K).
 *
 * @param times how often
 */
export function canReturnColumns({ model, columns }: AuditedModel, times: number): boolean {
  return Object.keys(model.getAttributes()).length + times * columns.length < 1660;
}

/** The image of a row read with `columnList`, or with what was given beside other columns. */
export function imageOf(audited: AuditedModel, row: Values, name: Alias = 'alias'): Image {
  return new Image(audited, row, name);
}

/** The image of a row as it was, where both stand side by side. */
export function oldImageOf(audited: AuditedModel, row: Values): Image {
  return new Image(audited, row, 'oldAlias');
}

/** The columns of the primary key alone, as such a list. */
export function keyList(sequelize: Sequelize, audited: AuditedModel): string {
  return audited.text('key', () => listOf(sequelize, audited.keyColumns, 'alias'));
}

/** The primary key of a row read with any of these lists. */
export function keyOf(audited: AuditedModel, row: Values): unknown[] {
  return audited.keyColumns.map(({ alias }) => row[alias]);
}

/** Some columns as such a list, under one of their names. */
export function listOf(sequelize: Sequelize, columns: readonly Column[], name: Alias): string {
  const generator = queryGeneratorOf(sequelize);
  return columns
    .map(
      ({ field, codec, [name]: alias }) =>
        `${codec.select(generator.quoteIdentifier(field))} AS ${generator.quoteIdentifier(alias)}`,
    )
    .join(', ');
}
