/** What a database holds in one column of one row, as exact text, by plain SQL and past all of our code. */
import { QueryTypes, type Sequelize } from 'sequelize';

/** How the columns of a type are read where their text alone would not be exact. */
export type Reading = 'text' | 'bytes' | 'float' | 'json';

/** @returns text that differs whenever the stored values differ; null for an SQL NULL */
export async function storedText(
  sequelize: Sequelize,
  table: string,
  id: number,
  reading: Reading,
  column = 'value',
): Promise<string | null> {
  const dialect = sequelize.getDialect();
  const quote = (name: string) => (dialect === 'postgres' ? `"${name}"` : `\`${name}\``);
  const sql = `SELECT ${expression(dialect, quote(column), reading)} AS stored FROM ${quote(table)} WHERE id = ${id}`;
  const rows = await sequelize.query<{ stored: unknown }>(sql, { type: QueryTypes.SELECT, raw: true });
  if (rows.length !== 1) throw new Error(`${rows.length} rows in ${table} with id ${id}`);
  const stored = rows[0]?.stored;
  if (stored === null || stored === undefined) return null;
  return reading === 'json' ? canonical(JSON.parse(String(stored))) : String(stored);
}

function expression(dialect: string, column: string, reading: Reading): string {
  if (dialect === 'postgres') return `${column}::text`;
  if (dialect === 'sqlite') {
    if (reading === 'json') return column;
    // Sequelize reads text in a BLOB as bytes, so there only the bytes count. A text may hold a NUL, which quote()
    // does not pass.
    if (reading === 'bytes') return `CASE WHEN ${column} IS NOT NULL THEN hex(${column}) END`;
    return `CASE typeof(${column}) WHEN 'null' THEN NULL WHEN 'text' THEN 'text ' || hex(${column}) ELSE typeof(${column}) || ' ' || quote(${column}) END`;
  }
  if (reading === 'bytes') return `HEX(${column})`;
  if (reading === 'float') return `(${column} + 0e0)`;
  return `CAST(${column} AS CHAR)`;
}

/** JSON text with its keys in order: an object is the same whatever their order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
}
