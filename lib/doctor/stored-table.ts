/** Reads what a database has of one table, in its own words. */
import type { Model, ModelStatic, QueryTypes, Sequelize } from 'sequelize';

export interface StoredColumn {
  /** In lower case, with its size: `character varying(255)`. */
  readonly type: string;
  readonly isNullable: boolean;
  /** Whether the database has a value for it when none is given: a default, a number, or an expression. */
  readonly hasValue: boolean;
  /** How MySQL and MariaDB compare it; null for what is no text, and on other databases. */
  readonly collation: string | null;
}

export interface StoredIndex {
  readonly name: string;
  /** null in the place of an expression. */
  readonly columns: readonly (string | null)[];
  /** Whether it holds only some rows. */
  readonly isPartial: boolean;
}

export interface StoredTable {
  readonly columns: ReadonlyMap<string, StoredColumn>;
  readonly indexes: readonly StoredIndex[];
  readonly isPartitioned: boolean;
}

type Row = Readonly<Record<string, unknown>>;
type Rows = (sql: string, bind?: Readonly<Record<string, unknown>>) => Promise<Row[]>;

/** @returns null when there is none */
export async function storedTable(sequelize: Sequelize, model: ModelStatic<Model>): Promise<StoredTable | null> {
  const rows = rowsOf(sequelize);
  const { tableName, schema } = placeOf(model);
  switch (sequelize.getDialect()) {
    case 'sqlite':
      return onSqlite(rows, schema === null ? tableName : `${schema}.${tableName}`);
    case 'postgres':
      return onPostgres(rows, quotedTable(sequelize, model));
    case 'mysql':
      return onMysql(rows, null, schema === null ? tableName : `${schema}.${tableName}`);
    default:
      return onMysql(rows, schema, tableName);
  }
}

/** Runs a SELECT. Values stand for `$name`. */
export function rowsOf(sequelize: Sequelize): Rows {
  return (sql, bind) => sequelize.query<Row>(sql, { type: 'SELECT' as QueryTypes.SELECT, ...(bind ? { bind } : {}) });
}

/** @param schema null where the model has none */
export function placeOf(model: ModelStatic<Model>): { readonly tableName: string; readonly schema: string | null } {
  const table = model.getTableName();
  return typeof table === 'string' ? { tableName: table, schema: null } : table;
}

/** The table as a statement of PostgreSQL names it. */
export function quotedTable(sequelize: Sequelize, model: ModelStatic<Model>): string {
  const { tableName, schema } = placeOf(model);
  const queryInterface = sequelize.getQueryInterface();
  return [schema, tableName].flatMap((name) => (name === null ? [] : [queryInterface.quoteIdentifier(name)])).join('.');
}

async function onSqlite(rows: Rows, table: string): Promise<StoredTable | null> {
  const columns = await rows('SELECT * FROM pragma_table_xinfo($table)', { table });
  if (columns.length === 0) return null;
  const indexes = await rows(
    `SELECT l.name, l.partial, i.name AS "column" FROM pragma_index_list($table) l, pragma_index_info(l.name) i
     ORDER BY l.seq, i.seqno`,
    { table },
  );
  return {
    columns: new Map(
      columns.map(({ name, type, notnull, dflt_value: value, pk, hidden }) => {
        const text = String(type).toLowerCase();
        // SQLite, "ROWID Tables": a key of just this type is the number of the row.
        const hasValue = value !== null || hidden !== 0 || (pk === 1 && text === 'integer');
        return [String(name), { type: text, isNullable: notnull === 0, hasValue, collation: null }];
      }),
    ),
    indexes: grouped(indexes, ({ partial }) => partial === 1),
    isPartitioned: false,
  };
}

async function onPostgres(rows: Rows, table: string): Promise<StoredTable | null> {
  const [found] = await rows('SELECT relkind AS kind FROM pg_class WHERE oid = to_regclass($table)', { table });
  if (!found) return null;
  const columns = await rows(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS "notNull",
       atthasdef OR attidentity <> '' AS "hasValue"
     FROM pg_attribute WHERE attrelid = to_regclass($table) AND attnum > 0 AND NOT attisdropped`,
    { table },
  );
  const indexes = await rows(
    `SELECT c.relname AS name, a.attname AS "column", indpred IS NOT NULL AS partial
     FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
     CROSS JOIN LATERAL unnest(x.indkey::int[]) WITH ORDINALITY AS k(number, place)
     LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number AND k.number > 0
     WHERE x.indrelid = to_regclass($table) AND x.indisvalid ORDER BY c.relname, k.place`,
    { table },
  );
  return {
    columns: new Map(
      columns.map(({ name, type, notNull, hasValue }) => [
        String(name),
        { type: String(type), isNullable: !notNull, hasValue: hasValue === true, collation: null },
      ]),
    ),
    indexes: grouped(indexes, ({ partial }) => partial === true),
    isPartitioned: found.kind === 'p',
  };
}

async function onMysql(rows: Rows, schema: string | null, table: string): Promise<StoredTable | null> {
  const place = 'table_schema = coalesce($schema, database()) AND table_name = $table';
  const columns = await rows(
    `SELECT column_name AS name, column_type AS type, is_nullable AS nullable, column_default AS value, extra,
       collation_name AS collation FROM information_schema.columns WHERE ${place}`,
    { schema, table },
  );
  if (columns.length === 0) return null;
  const indexes = await rows(
    `SELECT index_name AS name, column_name AS "column" FROM information_schema.statistics WHERE ${place}
     ORDER BY index_name, seq_in_index`,
    { schema, table },
  );
  return {
    columns: new Map(
      columns.map(({ name, type, nullable, value, extra, collation }) => [
        String(name),
        {
          type: String(type).toLowerCase(),
          isNullable: nullable === 'YES',
          hasValue: value !== null || /auto_increment|generated/i.test(String(extra)),
          collation: collation === null ? null : String(collation),
        },
      ]),
    ),
    indexes: grouped(indexes, () => false),
    isPartitioned: false,
  };
}

function grouped(rows: readonly Row[], isPartial: (row: Row) => boolean): StoredIndex[] {
  const names = [...new Set(rows.map(({ name }) => String(name)))];
  return names.map((name) => {
    const own = rows.filter((row) => row.name === name);
    const columns = own.map(({ column }) => (column === null ? null : String(column)));
    return { name, columns, isPartial: own.some(isPartial) };
  });
}
