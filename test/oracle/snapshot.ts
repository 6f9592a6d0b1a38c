/** Reads tables by plain SQL, every column as text that the database itself prints, in the form of the log. */
import { type Model, type ModelStatic, QueryTypes, type Sequelize, type Transaction } from 'sequelize';

export type Document = Readonly<Record<string, unknown>>;

/** Every record of some tables, by model and id. */
export type Snapshot = ReadonlyMap<string, Document>;

/** @param transaction in which to read; null for what is committed */
export async function snapshot(
  sequelize: Sequelize,
  models: Readonly<Record<string, ModelStatic<Model>>>,
  transaction: Transaction | null,
): Promise<Snapshot> {
  const records = new Map<string, Document>();
  for (const [name, model] of Object.entries(models)) {
    for (const document of await read(sequelize, model, transaction)) {
      const key = model.primaryKeyAttributes.map((attribute) => document[attribute]);
      records.set(`${name} ${key.length > 1 ? JSON.stringify(key) : String(key[0])}`, document);
    }
  }
  return records;
}

async function read(
  sequelize: Sequelize,
  model: ModelStatic<Model>,
  transaction: Transaction | null,
): Promise<Document[]> {
  const dialect = sequelize.getDialect();
  const quote = (name: string) => (dialect === 'postgres' ? `"${name}"` : `\`${name}\``);
  const columns = Object.entries(model.getAttributes()).map(([attribute, { field, type }]) => ({
    attribute,
    key: (type as unknown as { key: string }).key,
    column: quote(field ?? attribute),
  }));
  const list = columns.map(({ key, column }, index) => `${printed(dialect, key, column)} AS c${index}`).join(', ');
  const rows = await sequelize.query<Record<string, string | null>>(`SELECT ${list} FROM ${quote(model.tableName)}`, {
    type: QueryTypes.SELECT,
    raw: true,
    transaction,
    logging: false,
  });
  return rows.map((row) =>
    Object.fromEntries(
      columns.map(({ attribute, key }, index) => {
        const text = row[`c${index}`] ?? null;
        const value = dialect === 'sqlite' && text !== null ? literal(text) : text;
        return [attribute, value === null ? null : encoded(dialect, key, value)];
      }),
    ),
  );
}

/** SQL that prints a column without loss. */
function printed(dialect: string, key: string, column: string): string {
  if (dialect === 'sqlite') return `quote(${column})`;
  if (dialect === 'postgres') {
    if (key === 'BLOB') return `encode(${column}, 'hex')`;
    return key === 'ARRAY' ? `array_to_json(${column})::text` : `${column}::text`;
  }
  return key === 'BLOB' ? `HEX(${column})` : `CAST(${column} AS CHAR)`;
}

/** A literal of SQLite: text, a number as its text, bytes. */
function literal(text: string): string | Buffer | null {
  if (text === 'NULL') return null;
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  if (text.startsWith("X'")) return Buffer.from(text.slice(2, -1), 'hex');
  return /^-?\d+$/.test(text) ? text : String(Number(text));
}

/** The value as the log has it. */
function encoded(dialect: string, key: string, value: string | Buffer): unknown {
  if (Buffer.isBuffer(value)) return value.toString('base64');
  switch (key) {
    case 'INTEGER':
    case 'FLOAT':
    case 'DOUBLE PRECISION':
      return Number(value);
    case 'BOOLEAN':
      return value === 'true' || value === '1';
    case 'DATE': {
      // The day that MySQL writes where none was given.
      if (value.startsWith('0000-00-00')) return value;
      // What the driver of SQLite makes of a Date that Sequelize has not written as text.
      if (/^\d+$/.test(value)) return Number(value);
      const hasOffset = /[+Z]/.test(value);
      return new Date(hasOffset ? value : `${value}Z`).toISOString();
    }
    case 'JSON':
    case 'JSONB':
    case 'ARRAY':
      return JSON.parse(value);
    case 'BLOB':
      return Buffer.from(value, dialect === 'sqlite' ? 'utf8' : 'hex').toString('base64');
    default:
      return value;
  }
}
