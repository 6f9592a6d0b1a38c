/** What a database itself says of its tables, in plain SQL. */
import { QueryTypes, type Sequelize } from 'sequelize';

/** By table, whatever the database knows of its columns, constraints and indexes, in its own words. */
export type StoredTables = Readonly<Record<string, unknown>>;

/** @param others tables that are none of ours. Other tests leave schemas of theirs, which are not looked at. */
export async function storedTables(sequelize: Sequelize, others: readonly string[] = []): Promise<StoredTables> {
  const rows = (sql: string) => sequelize.query<Record<string, unknown>>(sql, { type: QueryTypes.SELECT });
  const named = async (sql: string) =>
    (await rows(sql)).map(({ name }) => String(name)).filter((name) => !others.includes(name));
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const tables: Record<string, unknown> = {};

  switch (sequelize.getDialect()) {
    case 'sqlite':
      for (const name of await named(
        `SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'sqlite_sequence'`,
      )) {
        tables[name] = {
          columns: await rows(`PRAGMA table_xinfo(${quoted(name)})`),
          indexes: await rows(
            `SELECT name, replace(sql, 'IF NOT EXISTS ', '') AS sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ${quoted(name)} ORDER BY name`,
          ),
          sql: await rows(`SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ${quoted(name)}`),
        };
      }
      return tables;
    case 'postgres':
      for (const name of await named(
        `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'Second log', 'history'))`,
      )) {
        const oid = `${quoted(name)}::regclass`;
        tables[name] = {
          columns: await rows(
            `SELECT attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid) AS default
             FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
             WHERE attrelid = ${oid} AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
          ),
          indexes: await rows(
            `SELECT pg_get_indexdef(indexrelid) AS sql FROM pg_index WHERE indrelid = ${oid} ORDER BY 1`,
          ),
          constraints: await rows(
            `SELECT conname, pg_get_constraintdef(oid) AS sql FROM pg_constraint WHERE conrelid = ${oid} ORDER BY 1`,
          ),
        };
      }
      return tables;
    default:
      for (const name of await named(
        'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = database()',
      )) {
        const [made] = await rows(`SHOW CREATE TABLE \`${name.replaceAll('`', '``')}\``);
        tables[name] = String(made?.['Create Table'])
          .split('\n')
          .map((line) => line.trim());
      }
      return tables;
  }
}
