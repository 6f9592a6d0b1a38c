/** Reads the rows of an audited table as documents, in the order of their keys. */
import type { Sequelize } from 'sequelize';
import { queryGeneratorOf, typeKeyOf } from '../internals.js';
import type { AuditedModel, Column } from '../record/audited-model.js';
import { isMysql } from '../record/encoding.js';
import { columnList, type Image, imageOf } from '../record/image.js';
import type { Read } from './moment.js';

export class Table {
  readonly #sequelize: Sequelize;
  readonly #read: Read;
  readonly #audited: AuditedModel;

  constructor(sequelize: Sequelize, read: Read, audited: AuditedModel) {
    this.#sequelize = sequelize;
    this.#read = read;
    this.#audited = audited;
  }

  /** The next rows. @param after the key of the last row before them; null for the first rows */
  page(after: readonly unknown[] | null, limit: number): Promise<Image[]> {
    return this.#images(after ? `WHERE ${this.#isAfter(after)}` : '', `LIMIT ${limit}`);
  }

  /** The rows with these keys that are there. @param lock SQL at the end that locks them */
  async byKeys(keys: readonly (readonly unknown[])[], lock: string): Promise<Image[]> {
    if (keys.length === 0) return [];
    const conditions = keys.map((key) => `(${key.map((value, index) => this.#equals(index, value)).join(' AND ')})`);
    const [only] = this.#audited.keyColumns.length === 1 ? [this.#column(0)] : [];
    const isPlain = only !== undefined && keys.every(([value]) => value !== null);
    const list = keys.map(([value]) => this.#literal(0, value)).join(', ');
    return this.#images(`WHERE ${isPlain ? `${only} IN (${list})` : conditions.join(' OR ')}`, lock);
  }

  async #images(where: string, end: string): Promise<Image[]> {
    const generator = queryGeneratorOf(this.#sequelize);
    const table = generator.quoteTable(this.#audited.model.getTableName());
    const order = this.#audited.keyColumns.map((_, index) => this.#column(index)).join(', ');
    const list = columnList(this.#sequelize, this.#audited);
    const rows = await this.#read(`SELECT ${list} FROM ${table} ${where} ORDER BY ${order} ${end};`);
    return rows.map((row) => imageOf(this.#audited, row));
  }

  /** Not by comparing tuples, for which MySQL reads the whole table. */
  #isAfter(key: readonly unknown[]): string {
    const after = key.reduceRight<string>((rest, value, index) => {
      const isGreater = value === null ? `${this.#column(index)} IS NOT NULL` : this.#compared(index, '>', value);
      return rest === '' ? isGreater : `(${isGreater} OR (${this.#equals(index, value)} AND ${rest}))`;
    }, '');
    return key.length > 1 && key[0] !== null ? `${this.#compared(0, '>=', key[0])} AND ${after}` : after;
  }

  /** SQLite lets a key be NULL. */
  #equals(index: number, value: unknown): string {
    return value === null ? `${this.#column(index)} IS NULL` : this.#compared(index, '=', value);
  }

  #compared(index: number, operator: string, value: unknown): string {
    return `${this.#column(index)} ${operator} ${this.#literal(index, value)}`;
  }

  #column(index: number): string {
    const { field } = this.#audited.keyColumns[index] as Column;
    const column = queryGeneratorOf(this.#sequelize).quoteIdentifier(field);
    // MySQL sorts an ENUM by its numbers, and compares it by its labels.
    return this.#isMysql && this.#type(index) === 'ENUM' ? `CAST(${column} AS CHAR)` : column;
  }

  /** A part of a key as SQL. @param value as `select` of its codec has read it */
  #literal(index: number, value: unknown): string {
    // MySQL compares a number with text as a double.
    if (this.#isMysql && typeof value === 'string' && ['BIGINT', 'DECIMAL'].includes(this.#type(index))) return value;
    // PostgreSQL takes a literal in quotes for one of the column's type.
    const isQuoted = this.#sequelize.getDialect() === 'postgres' && !Buffer.isBuffer(value);
    return queryGeneratorOf(this.#sequelize).escape(isQuoted ? String(value) : value);
  }

  get #isMysql(): boolean {
    return isMysql(this.#sequelize.getDialect());
  }

  #type(index: number): string {
    return typeKeyOf(this.#audited.model, (this.#audited.keyColumns[index] as Column).attribute);
  }
}
