/** Reads the entries of many records at once. */
import type { Sequelize } from 'sequelize';
import { queryGeneratorOf } from '../internals.js';
import type { AuditLogAttributes, AuditLogModel } from '../log/model.js';
import type { Read } from './moment.js';

/** What is needed to replay an entry. */
export interface RecordEntry extends Pick<AuditLogAttributes, 'recordId' | 'action' | 'patch'> {
  readonly id: string;
}

/** Entries that are read at once. */
const pageSize = 20_000;

export class RecordEntries {
  readonly #sequelize: Sequelize;
  readonly #AuditLog: AuditLogModel;
  readonly #read: Read;

  constructor({ sequelize, AuditLog }: { sequelize: Sequelize; AuditLog: AuditLogModel }, read: Read) {
    this.#sequelize = sequelize;
    this.#AuditLog = AuditLog;
    this.#read = read;
  }

  /**
   * All entries of some records, each record's oldest first. An entry can come twice, and some of other records whose
   * ids the database takes for the same, as MySQL does with spaces at their end.
   *
   * @param lock SQL at the end
   */
  async *of(modelName: string, recordIds: Iterable<string>, lock = ''): AsyncGenerator<RecordEntry> {
    const waiting = new Set(recordIds);
    let next = this.#isOneOf(waiting);
    while (next !== '') {
      const rows = await this.#read(
        `SELECT ${this.columns('id', 'recordId', 'action', 'patch')} FROM ${this.table} WHERE ` +
          `${this.column('modelName')} = ${this.literal(modelName)} AND (${next}) ` +
          `ORDER BY ${this.column('recordId')}, ${this.column('id')} LIMIT ${pageSize} ${lock};`,
      );
      for (const row of rows) {
        waiting.delete(String(row.recordId));
        yield { ...row, id: String(row.id), patch: parsed(row.patch) } as RecordEntry;
      }
      const last = rows.length < pageSize ? undefined : rows.at(-1);
      const rest = this.#isOneOf(waiting);
      next = last
        ? `${this.column('recordId')} = ${this.literal(last.recordId)} AND ${this.column('id')} > ${last.id}` +
          (rest === '' ? '' : ` OR ${rest}`)
        : '';
    }
  }

  get table(): string {
    return queryGeneratorOf(this.#sequelize).quoteTable(this.#AuditLog.getTableName());
  }

  /** Columns of the log as a list to read, each by its attribute. */
  columns(...attributes: (keyof AuditLogAttributes)[]): string {
    const generator = queryGeneratorOf(this.#sequelize);
    return attributes.map((name) => `${this.column(name)} AS ${generator.quoteIdentifier(name)}`).join(', ');
  }

  column(attribute: keyof AuditLogAttributes): string {
    const { field } = this.#AuditLog.getAttributes()[attribute];
    return queryGeneratorOf(this.#sequelize).quoteIdentifier(field ?? attribute);
  }

  literal(value: unknown): string {
    return queryGeneratorOf(this.#sequelize).escape(value);
  }

  #isOneOf(recordIds: ReadonlySet<string>): string {
    const list = [...recordIds].map((recordId) => this.literal(recordId));
    return list.length === 0 ? '' : `${this.column('recordId')} IN (${list.join(', ')})`;
  }
}

/** Some drivers give JSON as text. */
function parsed(patch: unknown): unknown {
  return typeof patch === 'string' ? JSON.parse(patch) : patch;
}
