/** Sends statements of ours straight to the driver of SQLite, with Sequelize's logging and its errors. */
import type { Connection, Query } from './driver.js';

interface SqliteConnection {
  serialize(task: () => void): void;
  all(sql: string, parameters: readonly unknown[], done: (error: Error | null, rows?: unknown) => void): void;
  exec(sql: string, done: (error: Error | null) => void): void;
}

/** Sequelize's query, as far as its types leave it out. */
export type LoggedQuery = Query & {
  sql?: string;
};

/** Sequelize's query for a statement of ours, made only where it is needed: it takes as long as a small statement. */
export interface OwnQuery {
  readonly isLogged: boolean;
  readonly make: () => Query;
}

const isWithoutRows = /^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b/;

type Rows = readonly Record<string, unknown>[];

/**
 * Sends one statement, and gives its rows. `Query.run` of Sequelize does the same, at the cost of a stack trace and a
 * copy of each row.
 */
export function sendToSqlite(
  query: OwnQuery,
  connection: Connection,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<Rows> {
  // What gives no rows is one job for the driver, and not two: to prepare it, and to run it.
  if (parameters.length === 0 && isWithoutRows.test(sql)) return sendAllToSqlite(query, connection, sql);
  return sent(query, connection, sql, parameters, (driver, done) =>
    // The driver does not know bigints.
    driver.all(
      sql,
      parameters.map((each) => (typeof each === 'bigint' ? String(each) : each)),
      done,
    ),
  );
}

/** Sends several statements as one, which give no rows; those after one that fails are not run. */
export function sendAllToSqlite(query: OwnQuery, connection: Connection, sql: string): Promise<Rows> {
  return sent(query, connection, sql, undefined, (driver, done) => driver.exec(sql, done));
}

function sent(
  query: OwnQuery,
  connection: Connection,
  sql: string,
  parameters: readonly unknown[] | undefined,
  send: (driver: SqliteConnection, done: (error: Error | null, rows?: unknown) => void) => void,
): Promise<Rows> {
  const driver = connection as SqliteConnection;
  return new Promise((resolve, reject) => {
    const logged = query.isLogged ? (query.make() as LoggedQuery) : null;
    const complete = logged?._logQuery(sql, () => undefined, parameters);
    // In the order in which Sequelize and we have asked for them.
    driver.serialize(() =>
      send(driver, (error, rows) => {
        complete?.();
        if (!error) return resolve(Array.isArray(rows) ? rows : []);
        const known = logged ?? (query.make() as LoggedQuery);
        known.sql = sql;
        reject(known.formatError(Object.assign(error, { sql })));
      }),
    );
  });
}

/** Whether SQLite refuses what another connection stands in the way of (SQLITE_BUSY). */
export function isBusy(error: unknown): boolean {
  return /SQLITE_BUSY/.test(String(error));
}

interface SqliteDatabase extends SqliteConnection {
  close(done: () => void): void;
}

/** The driver as Sequelize holds it. */
export interface SqliteLibrary {
  readonly Database: new (storage: string, done: (error: Error | null) => void) => SqliteDatabase;
}

/** Runs statements in a database of their own in memory, and gives the rows of the last. */
export async function trySqlite({ Database }: SqliteLibrary, statements: readonly string[]): Promise<Rows> {
  const database = await new Promise<SqliteDatabase>((resolve, reject) => {
    const made: SqliteDatabase = new Database(':memory:', (error) => (error ? reject(error) : resolve(made)));
  });
  try {
    let rows: Rows = [];
    for (const sql of statements)
      rows = await new Promise((resolve, reject) => {
        database.all(sql, [], (error, found) => (error ? reject(error) : resolve(found as Rows)));
      });
    return rows;
  } finally {
    database.close(() => undefined);
  }
}
