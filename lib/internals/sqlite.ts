/** Sends statements of ours straight to the driver of SQLite, with Sequelize's logging and its errors. */
import type { Connection, Query } from './driver.js';

interface SqliteConnection {
  serialize(task: () => void): void;
  all(sql: string, parameters: readonly unknown[], done: (error: Error | null, rows?: unknown) => void): void;
  exec(sql: string, done: (error: Error | null) => void): void;
}

type SqliteQuery = Query & {
  sql?: string;
  /** Logs the statement; what it returns is called when that is done. */
  _logQuery(sql: string, debug: () => void, parameters?: readonly unknown[]): () => void;
  formatError(error: Error, stack?: string): Error;
};

const isWithoutRows = /^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b/;

type Rows = readonly Record<string, unknown>[];

/**
 * Sends one statement, and gives its rows. `Query.run` of Sequelize does the same, at the cost of a stack trace and a
 * copy of each row.
 */
export function sendToSqlite(
  query: Query,
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
export function sendAllToSqlite(query: Query, connection: Connection, sql: string): Promise<Rows> {
  return sent(query, connection, sql, undefined, (driver, done) => driver.exec(sql, done));
}

function sent(
  query: Query,
  connection: Connection,
  sql: string,
  parameters: readonly unknown[] | undefined,
  send: (driver: SqliteConnection, done: (error: Error | null, rows?: unknown) => void) => void,
): Promise<Rows> {
  const known = query as SqliteQuery;
  const driver = connection as SqliteConnection;
  return new Promise((resolve, reject) => {
    const complete = known._logQuery(sql, () => undefined, parameters);
    // In the order in which Sequelize and we have asked for them.
    driver.serialize(() =>
      send(driver, (error, rows) => {
        complete();
        if (!error) return resolve(Array.isArray(rows) ? rows : []);
        known.sql = sql;
        reject(known.formatError(Object.assign(error, { sql })));
      }),
    );
  });
}
