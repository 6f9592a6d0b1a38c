/** Writes entries into the table of the log: one INSERT for many, in the order given. */
import type { Sequelize } from 'sequelize';
import { AuditError, messageOf } from '../errors.js';
import { internalsOf, queryGeneratorOf } from '../internals.js';
import type { Entry } from './entry.js';
import type { AuditLogModel } from './model.js';

/** Sends one statement on the connection that holds the transaction. */
export type Run = (sql: string, parameters?: readonly unknown[]) => Promise<unknown>;

/** Characters of JSON that go into one INSERT; longer lists are sent in several. */
const chunkLength = 1_000_000;

const columns = ['modelName', 'recordId', 'action', 'patch', 'actor', 'reason', 'meta', 'changesetId'] as const;

/** What one transaction has changed. */
export interface Change {
  readonly changesetId: string;
  readonly entries: Iterable<Entry>;
}

/**
 * Inserts the entries of some changesets, in order, with one time for all of them.
 *
 * @throws AuditError ERR_AUDIT_ENTRY_NOT_WRITTEN with the database's error as its cause
 */
export async function append(
  sequelize: Sequelize,
  AuditLog: AuditLogModel,
  run: Run,
  changes: Iterable<Change>,
): Promise<void> {
  const createdAt = new Date();
  let isFirst = true;
  for (const chunk of chunksOf(changes)) {
    try {
      // A statement before may have left the connection in the schema of a tenant, and the log is in one place.
      if (isFirst && internalsOf(sequelize).options.dialectOptions?.prependSearchPath)
        await run('SET search_path TO DEFAULT;');
      isFirst = false;
      const [sql, parameters] = insertOf(sequelize, AuditLog, chunk, createdAt);
      await run(sql, parameters);
    } catch (error) {
      throw notWritten(chunk, error);
    }
  }
}

/** An INSERT as text without parameters, so that it can be sent with what comes after it. */
export interface Insert {
  readonly sql: string;
  readonly entries: readonly Entry[];
}

/**
 * The INSERT for the entries of some changesets on SQLite, MySQL or MariaDB.
 *
 * @returns null where there is none, or more than one statement takes
 */
export function insertAloneOf(
  sequelize: Sequelize,
  AuditLog: AuditLogModel,
  changes: readonly Change[],
): (Insert & { readonly changesetId: string }) | null {
  const [lines, ...others] = chunksOf(changes);
  const last = lines?.at(-1);
  if (!lines || !last || others.length > 0) return null;
  const [sql] = insertOf(sequelize, AuditLog, lines, new Date());
  return { sql: `${sql};`, entries: lines, changesetId: last.changesetId };
}

/** What SQLite inserts. */
export interface SqliteInsert extends Insert {
  /** A question that has an answer once the entries are there, in the transaction that wrote them. */
  readonly isThere: string;
}

/** The same for SQLite. */
export function sqliteInsertOf(
  sequelize: Sequelize,
  AuditLog: AuditLogModel,
  changes: readonly Change[],
): SqliteInsert | null {
  const insert = insertAloneOf(sequelize, AuditLog, changes);
  if (!insert) return null;
  const generator = queryGeneratorOf(sequelize);
  const attributes = AuditLog.getAttributes();
  const [table, key, changeset] = [
    generator.quoteTable(AuditLog.getTableName()),
    generator.quoteIdentifier(attributes.id.field ?? 'id'),
    generator.quoteIdentifier(attributes.changesetId.field ?? 'changesetId'),
  ];
  const of = (value: string) => `WHERE ${key} = (SELECT MAX(${key}) FROM ${table}) AND ${changeset} = '${value}'`;
  return { ...insert, isThere: `SELECT 1 FROM ${table} ${of(insert.changesetId)};` };
}

/** The error of a write that is refused because its entry could not be written. */
export function notWritten(entries: readonly Entry[], cause: unknown): AuditError {
  const [first] = entries;
  const what =
    entries.length === 1 && first
      ? `The entry of ${first.modelName} ${first.recordId}`
      : 'The entries of a transaction';
  return new AuditError(
    'ERR_AUDIT_ENTRY_NOT_WRITTEN',
    `${what} could not be written, so neither is the row: ${messageOf(cause)}`,
    cause,
  );
}

/** An entry with the changeset that it belongs to. */
type Line = Entry & { readonly changesetId: string };

/** The INSERT for some entries, and its parameters in the driver's own form. */
function insertOf(
  sequelize: Sequelize,
  AuditLog: AuditLogModel,
  lines: readonly Line[],
  createdAt: Date,
): [sql: string, parameters?: readonly unknown[]] {
  const generator = queryGeneratorOf(sequelize);
  const attributes = AuditLog.getAttributes();
  const into = heads.get(AuditLog) ?? headOf(sequelize, AuditLog);
  heads.set(AuditLog, into);
  // As Sequelize writes a date, so that the application's own conditions on createdAt compare well.
  const time = generator.escape(createdAt, attributes.createdAt);

  if (sequelize.getDialect() === 'postgres') {
    const values = columns.map((column, index) => {
      const type = { patch: '::jsonb', meta: '::jsonb', changesetId: '::uuid' }[column as string] ?? '';
      return column === 'patch' ? `e->${index}` : `(e->>${index})${type}`;
    });
    const rows = 'jsonb_array_elements($1::jsonb) WITH ORDINALITY AS t(e, n) ORDER BY n';
    return [
      `${into} SELECT ${values.join(',')},${time}::timestamptz FROM ${rows}`,
      [`[${lines.map(jsonOf).join(',')}]`],
    ];
  }
  const text = sequelize.getDialect() === 'sqlite' ? sqliteLiteral : mysqlText;
  const values = lines.map((line) => `(${columns.map((column) => text(line[column])).join(',')},${time})`);
  return [`${into} VALUES ${values.join(',')}`];
}

/** The start of every INSERT into a log. */
const heads = new WeakMap<AuditLogModel, string>();

function headOf(sequelize: Sequelize, AuditLog: AuditLogModel): string {
  const generator = queryGeneratorOf(sequelize);
  const attributes = AuditLog.getAttributes();
  const fields = [...columns, 'createdAt' as const].map((column) =>
    generator.quoteIdentifier(attributes[column]?.field ?? column),
  );
  return `INSERT INTO ${generator.quoteTable(AuditLog.getTableName())} (${fields.join(',')})`;
}

/** An entry as a JSON array, in which the patch stands as it is: as text in it, it would be read twice. */
function jsonOf(line: Line): string {
  return `[${columns.map((column) => (column === 'patch' ? line.patch : JSON.stringify(line[column]))).join(',')}]`;
}

/** A text as SQL of SQLite. */
export function sqliteLiteral(text: string | null): string {
  return text === null ? 'NULL' : `'${text.replaceAll("'", "''")}'`;
}

/** Text as SQL that means the same whatever `sql_mode` says of backslashes. */
export function mysqlText(text: string | null): string {
  return text?.includes('\\') ? `_utf8mb4 X'${Buffer.from(text).toString('hex')}'` : sqliteLiteral(text);
}

function* chunksOf(changes: Iterable<Change>): Generator<readonly Line[]> {
  let chunk: Line[] = [];
  let length = 0;
  for (const { changesetId, entries } of changes) {
    for (const entry of entries) {
      const size = entry.patch.length + (entry.meta?.length ?? 0) + 200;
      if (chunk.length > 0 && length + size > chunkLength) {
        yield chunk;
        chunk = [];
        length = 0;
      }
      chunk.push({ ...entry, changesetId });
      length += size;
    }
  }
  if (chunk.length > 0) yield chunk;
}
