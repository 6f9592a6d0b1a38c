/** Sends statements of ours straight to the driver of MariaDB, with Sequelize's logging and its errors. */
import type { Connection } from './driver.js';
import type { LoggedQuery, OwnQuery } from './sqlite.js';

interface MariadbConnection {
  query(sql: string, parameters?: readonly unknown[]): Promise<unknown>;
  /** Since 3.0 of the driver. */
  execute?(sql: string, parameters?: readonly unknown[]): Promise<unknown>;
}

/** A connection whose statements are kept ready on the server, as many as the driver remembers. */
export function preparing(connection: Connection): Connection {
  const driver = connection as MariadbConnection;
  return {
    query: (sql: string, parameters?: readonly unknown[]) =>
      driver.execute ? driver.execute(sql, parameters) : driver.query(sql, parameters),
  };
}

/**
 * Sends one statement, and gives its rows. `Query.run` of Sequelize does the same, at the cost of a stack trace and of a
 * query made for it.
 */
export async function sendToMariadb(
  query: OwnQuery,
  connection: Connection,
  sql: string,
  parameters?: readonly unknown[],
): Promise<readonly Record<string, unknown>[]> {
  const logged = query.isLogged ? (query.make() as LoggedQuery) : null;
  const complete = logged?._logQuery(sql, () => undefined, parameters);
  try {
    const rows = await (connection as MariadbConnection).query(sql, parameters);
    return Array.isArray(rows) ? rows : [];
  } catch (error) {
    const known = logged ?? (query.make() as LoggedQuery);
    known.sql = sql;
    throw known.formatError(Object.assign(error as Error, { sql, parameters }));
  } finally {
    complete?.();
  }
}
