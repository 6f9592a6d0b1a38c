/** How much room the table of the log takes, its indexes included. */
import type { QueryTypes } from 'sequelize';
import type { Audit } from '../index.js';

/** @returns bytes; null where the database does not say */
export async function logSize({ AuditLog, sequelize }: Audit): Promise<number | null> {
  const found: unknown = AuditLog.getTableName();
  const { tableName, schema } = typeof found === 'string' ? { tableName: found, schema: '' } : (found as Name);
  const dialect = sequelize.getDialect();
  // What is no PostgreSQL has schemas in the names of tables.
  const table = schema && dialect !== 'postgres' ? `${schema}.${tableName}` : tableName;
  const sql = statements[dialect];
  if (!sql) return null;
  try {
    const [row] = await sequelize.query<{ bytes: unknown }>(sql, {
      type: 'SELECT' as QueryTypes.SELECT,
      replacements: { table, schema: schema || null },
    });
    return row?.bytes == null ? null : Number(row.bytes);
  } catch {
    // An SQLite that was built without dbstat.
    return null;
  }
}

interface Name {
  readonly tableName: string;
  readonly schema: string;
}

const mysql = `SELECT data_length + index_length AS bytes FROM information_schema.tables
  WHERE table_schema = DATABASE() AND table_name = :table`;

const statements: Readonly<Record<string, string>> = {
  sqlite:
    'SELECT SUM(pgsize) AS bytes FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = :table)',
  postgres: `SELECT pg_total_relation_size(to_regclass(
    CASE WHEN :schema IS NULL THEN quote_ident(:table) ELSE quote_ident(:schema) || '.' || quote_ident(:table) END)) AS bytes`,
  mysql,
  mariadb: mysql,
};
