/** Counts statements where nothing can hide from it: at the connections of the driver. */
import type { Sequelize } from 'sequelize';

type Method = (...args: unknown[]) => unknown;
type Connection = Record<string, Method>;

/** By which the drivers of pg, sqlite3, mariadb and mysql2 are sent statements. */
const methods = ['query', 'execute', 'run', 'all', 'get', 'exec'] as const;

/** @returns what will have been sent from now on, in order; clear it as you like */
export function recordSent(sequelize: Sequelize): string[] {
  const sent: string[] = [];
  const seen = new WeakSet<Connection>();
  const { connectionManager } = sequelize as unknown as {
    connectionManager: { getConnection(options: object): Promise<Connection> };
  };
  const original = connectionManager.getConnection;
  connectionManager.getConnection = async (options) => {
    const connection = await original.call(connectionManager, options);
    if (!seen.has(connection)) record(connection, sent);
    seen.add(connection);
    return connection;
  };
  return sent;
}

function record(connection: Connection, sent: string[]): void {
  let depth = 0;
  for (const name of methods) {
    const original = connection[name];
    if (typeof original !== 'function') continue;
    connection[name] = (...args) => {
      // A driver may call one of its methods from another.
      if (depth === 0) sent.push(textOf(args[0]));
      depth += 1;
      try {
        return original.apply(connection, args);
      } finally {
        depth -= 1;
      }
    };
  }
  const prepare = connection.prepare;
  if (typeof prepare === 'function')
    connection.prepare = (...args) => recordPrepared(prepare.apply(connection, args), args, sent);
}

/** A statement of SQLite that is kept is sent each time that it is run. */
function recordPrepared(made: unknown, [sql]: readonly unknown[], sent: string[]): unknown {
  const statement = made as Connection;
  for (const name of ['run', 'all', 'get'] as const) {
    const original = statement[name] as Method;
    statement[name] = (...args) => {
      sent.push(textOf(sql));
      return original.apply(statement, args);
    };
  }
  return statement;
}

function textOf(statement: unknown): string {
  if (typeof statement === 'string') return statement;
  const { text, sql } = statement as { readonly text?: string; readonly sql?: string };
  return text ?? sql ?? '';
}
