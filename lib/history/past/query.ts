/** A query of the past: reads what was kept as the application's database gave it, and writes nothing. */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { AuditError } from '../../errors.js';
import { type Connection, internalsOf, type QueryClass, type QueryOptions } from '../../internals.js';
import type { Stored } from './storage.js';
import { isPastType } from './type.js';

type Row = Readonly<Record<string, Stored | null>>;

interface Included {
  readonly model?: ModelStatic<Model>;
  readonly includeMap?: Readonly<Record<string, Included>>;
}

/** What a statement that changes nothing begins with. */
const reading = /^(SELECT|WITH|VALUES|EXPLAIN|BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE)\b/i;
const reflecting = /^PRAGMA\s+(\w+\.)?(table_x?info|table_list|index_x?info|index_list|foreign_key_list)\b/i;

/**
 * @param connection the only one the past has
 * @param mark what stands in columns for what the log does not hold
 * @param refusal the error for a write
 */
export function pastQueryClass(
  past: Sequelize,
  connection: Connection,
  mark: Buffer,
  refusal: (what: string) => AuditError,
): QueryClass {
  class PastQuery extends (internalsOf(past).dialect.Query as QueryClass) {
    override async run(sql: string, parameters?: unknown): Promise<unknown> {
      const statement = sql.replace(/^(\s+|--[^\n]*(\n|$)|\/\*.*?\*\/)+/s, '');
      if (statement !== '' && !reading.test(statement) && !reflecting.test(statement))
        throw refusal(`"${statement.slice(0, 40)}"`);
      if (this.connection !== connection)
        throw new AuditError(
          'ERR_AUDIT_TRANSACTION_FOREIGN',
          'A query of the past was given a transaction of another Sequelize instance: expected one of the past, or none',
        );
      return super.run(sql, parameters).catch((error: unknown) => {
        // PRAGMA query_only: SQLITE_READONLY.
        if (!/SQLITE_READONLY/.test(String(error))) throw error;
        throw refusal(`"${statement.slice(0, 40)}"`);
      });
    }

    /** Called with all rows of a SELECT, before Sequelize puts together what it has joined. */
    handleSelectQuery(rows: readonly Row[]): unknown {
      const { handleSelectQuery } = Object.getPrototypeOf(PastQuery.prototype) as {
        handleSelectQuery(rows: unknown): unknown;
      };
      const readers = new Map(Object.keys(rows[0] ?? {}).map((name) => [name, readerOf(this.options, name)]));
      const read = (row: Row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [
            name,
            Buffer.isBuffer(value) && value.equals(mark) ? undefined : readers.get(name)?.(value),
          ]),
        );
      return handleSelectQuery.call(this, rows.map(read));
    }
  }
  return PastQuery as unknown as QueryClass;
}

/** How a column of a result is read: by the attribute it is called like, else as it is. */
function readerOf(options: QueryOptions, name: string): (value: Stored | null) => unknown {
  const path = name.split('.');
  const attribute = path.pop() as string;
  const owner = path.reduce<Included | undefined>((parent, as) => parent?.includeMap?.[as], options as Included);
  const attributes = owner?.model?.getAttributes() ?? {};
  const isByField = (options as { readonly fieldMap?: unknown }).fieldMap !== undefined;
  const byField = Object.values(attributes).find(({ field }) => field === attribute);
  const type = ((isByField ? byField : undefined) ?? attributes[attribute] ?? byField)?.type;
  return isPastType(type) ? type.read : (value) => value;
}
