/** How a database has run a statement. */
import { QueryTypes, type Sequelize } from 'sequelize';

/**
 * @param statement as Sequelize logs it
 * @returns one line for each step in the words of the database, with the rows it has read except on SQLite
 */
export async function explain(sequelize: Sequelize, statement: string): Promise<string[]> {
  const sql = statement.replace(/^Executing \(.*?\): /, '');
  const dialect = sequelize.getDialect();
  const command =
    { sqlite: 'EXPLAIN QUERY PLAN', postgres: 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF)' }[
      dialect as string
    ] ?? 'ANALYZE';
  const rows = await sequelize.query<Record<string, unknown>>(`${command} ${sql}`, {
    type: QueryTypes.SELECT,
    logging: false,
  });
  return rows.map((row) => {
    if (dialect === 'sqlite') return String(row.detail);
    if (dialect === 'postgres') return String(row['QUERY PLAN']);
    const { type, key, r_rows: read, Extra: extra } = row;
    return `${type} ${key ?? 'no key'}, read ${read}${extra ? `, ${extra}` : ''}`;
  });
}
