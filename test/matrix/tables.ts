/** The tables of the matrix in plain SQL: emptied, filled, and read in the form of the log. */
import type { Sequelize } from 'sequelize';
import type { AnyModel, Row } from './area.js';

/** A row as it is stored, by attribute, with what the log may show of it. */
export interface StoredRecord {
  readonly values: Row;
  readonly document: Row;
  readonly isDeleted: boolean;
}

/** By what the log calls the record: the model, a space, the id. */
export type Records = ReadonlyMap<string, StoredRecord>;

const longAgo = new Date('2020-01-01T00:00:00Z');
const times = ['createdAt', 'updatedAt'];

interface Attribute {
  readonly name: string;
  readonly field: string;
  readonly type: string;
}

/** One table: the statements that are needed of it, and how its rows are read. */
export class Table {
  readonly #sequelize: Sequelize;
  readonly #model: AnyModel;
  readonly #quoted: string;
  readonly #attributes: readonly Attribute[];
  readonly #audit: { readonly exclude?: readonly string[]; readonly redact?: readonly string[] } | null;

  constructor(model: AnyModel) {
    this.#sequelize = model.sequelize as Sequelize;
    this.#model = model;
    this.#quoted = quotedTable(model);
    this.#attributes = Object.entries(model.getAttributes()).map(([name, { field, type }]) => ({
      name,
      field: field ?? name,
      type: (type as unknown as { key: string }).key,
    }));
    const { audit = {} } = model.options;
    this.#audit = audit === false ? null : Object(audit);
  }

  get name(): string {
    return this.#model.name;
  }

  get select(): string {
    return `SELECT * FROM ${this.#quoted}`;
  }

  get empty(): string {
    return `DELETE FROM ${this.#quoted}`;
  }

  /** Keys that the database generates begin far above those that are given. */
  get generateHighKeys(): string | null {
    const key = Object.keys(this.#model.getAttributes()).find(
      (name) => this.#model.getAttributes()[name]?.autoIncrement,
    );
    if (!key) return null;
    const field = this.#model.getAttributes()[key]?.field ?? key;
    const name = this.#sequelize.escape(this.#quoted);
    switch (this.#sequelize.getDialect()) {
      case 'postgres':
        return `SELECT setval(pg_get_serial_sequence(${name}, '${field}'), 1000)`;
      case 'sqlite':
        return `INSERT INTO sqlite_sequence (name, seq) VALUES (${name.replaceAll('`', '')}, 1000)`;
      default:
        return `ALTER TABLE ${this.#quoted} AUTO_INCREMENT = 1001`;
    }
  }

  insert(rows: readonly Row[]): string {
    const given = this.#attributes.filter(({ name }) => times.includes(name) || rows.some((row) => name in row));
    const names = given.map(({ field }) => quoted(this.#sequelize, field));
    const tuples = rows.map((row) => given.map(({ name }) => this.#literal(row[name], name)).join(', '));
    return `INSERT INTO ${this.#quoted} (${names.join(', ')}) VALUES ${tuples.map((tuple) => `(${tuple})`).join(', ')}`;
  }

  /** The rows that `select` has read; none of a model that is not audited. */
  *records(rows: readonly Row[]): Generator<[string, StoredRecord]> {
    if (!this.#audit) return;
    const { exclude = [], redact = [] } = this.#audit;
    const { deletedAt } = this.#model.options as { deletedAt?: string };
    for (const row of rows) {
      const entries = this.#attributes.map(({ name, field, type }) => [name, encoded(row[field], type)] as const);
      const seen = entries.filter(([name]) => !exclude.includes(name));
      const document = seen.map(([name, value]) => [name, redact.includes(name) ? { $redacted: true } : value]);
      const values = Object.fromEntries(seen) as Row;
      const key = this.#model.primaryKeyAttributes.map((name) => values[name]);
      const id = key.length > 1 ? JSON.stringify(key) : String(key[0]);
      const isDeleted = this.#isParanoid && values[deletedAt ?? 'deletedAt'] !== null;
      yield [`${this.#model.name} ${id}`, { values, document: Object.fromEntries(document), isDeleted }];
    }
  }

  get #isParanoid(): boolean {
    return this.#model.options.paranoid === true;
  }

  #literal(value: unknown, name: string): string {
    const given = value === undefined && times.includes(name) ? longAgo : (value ?? null);
    const isJson = typeof given === 'object' && given !== null && !(given instanceof Date);
    return this.#sequelize.escape((isJson ? JSON.stringify(given) : given) as string);
  }
}

function quoted(sequelize: Sequelize, name: string): string {
  return sequelize.getDialect() === 'postgres' ? `"${name}"` : `\`${name}\``;
}

/** Where Sequelize knows no schemas, it makes them part of the name. */
function quotedTable(model: AnyModel): string {
  const sequelize = model.sequelize as Sequelize;
  const table = model.getTableName();
  if (typeof table === 'string') return quoted(sequelize, table);
  const { schema, tableName } = table as unknown as { schema: string; tableName: string };
  return ['sqlite', 'mysql'].includes(sequelize.getDialect())
    ? quoted(sequelize, `${schema}.${tableName}`)
    : `${quoted(sequelize, schema)}.${quoted(sequelize, tableName)}`;
}

/** A value as the log writes it, for the types that the matrix uses. */
export function encoded(value: unknown, type: string): unknown {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'JSON':
    case 'JSONB':
      return typeof value === 'string' ? JSON.parse(value) : value;
    case 'DATE':
      return (
        value instanceof Date ? value : new Date(/[+Z]/.test(String(value)) ? String(value) : `${value}Z`)
      ).toISOString();
    case 'BOOLEAN':
      return value === 1 || value === true;
    case 'BIGINT':
      return String(value);
    default:
      return value;
  }
}
