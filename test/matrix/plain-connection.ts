/** A connection of the driver itself, which neither Sequelize nor this package sees: what it reads is what is there. */
import { createConnection } from 'mariadb';
import type { Sequelize } from 'sequelize';
import { startPostgres } from '../setup/databases.js';
import type { Row } from './area.js';

/** All statements of one call are sent in one trip and, where they write, are one transaction. Foreign keys are not looked at. */
export interface PlainConnection {
  select(statements: readonly string[]): Promise<readonly (readonly Row[])[]>;
  execute(statements: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export async function plainConnection(sequelize: Sequelize): Promise<PlainConnection> {
  const dialect = sequelize.getDialect();
  if (dialect === 'sqlite') return sqlite(sequelize);
  return dialect === 'postgres' ? postgres() : mariadb(sequelize);
}

interface SqliteDatabase {
  all(sql: string, done: (error: Error | null, rows: Row[]) => void): void;
  exec(sql: string, done: (error: Error | null) => void): void;
}

/** In memory there is no other connection than that of Sequelize. */
async function sqlite({ connectionManager }: Sequelize): Promise<PlainConnection> {
  const manager = connectionManager as { getConnection(options: object): Promise<unknown> };
  const database = (await manager.getConnection({ uuid: 'default' })) as SqliteDatabase;
  const all = (sql: string) =>
    new Promise<Row[]>((resolve, reject) => {
      database.all(sql, (error, rows) => (error ? reject(error) : resolve(rows)));
    });
  return {
    select: (statements) => Promise.all(statements.map(all)),
    execute: (statements) =>
      new Promise((resolve, reject) => {
        // What begins a cell need not survive a crash.
        const settings = (value: string, synchronous: string) =>
          `PRAGMA foreign_keys = ${value}; PRAGMA synchronous = ${synchronous}`;
        const sql = [settings('OFF', 'OFF'), 'BEGIN', ...statements, 'COMMIT', settings('ON', 'FULL')].join(';');
        database.exec(sql, (error) => (error ? reject(error) : resolve()));
      }),
    close: async () => undefined,
  };
}

async function postgres(): Promise<PlainConnection> {
  const { server } = await startPostgres();
  const client = server.getPgClient();
  await client.connect();
  await client.query('SET session_replication_role = replica');
  return {
    select: async (statements) => {
      const results = await client.query(statements.join(';'));
      return [results].flat().map(({ rows }) => rows as Row[]);
    },
    execute: async (statements) => {
      await client.query(statements.join(';'));
    },
    close: () => client.end(),
  };
}

async function mariadb(sequelize: Sequelize): Promise<PlainConnection> {
  const { host = '', port = '', username, password, database } = sequelize.config;
  const connection = await createConnection({
    host,
    port: Number(port),
    user: username,
    password: password ?? '',
    database,
    multipleStatements: true,
    dateStrings: true,
  });
  await connection.query('SET FOREIGN_KEY_CHECKS = 0');
  return {
    select: async (statements) => {
      const results = (await connection.query(statements.join(';'))) as Row[] | Row[][];
      return (statements.length === 1 ? [results] : results) as Row[][];
    },
    execute: async (statements) => {
      await connection.query(['BEGIN', ...statements, 'COMMIT'].join(';'));
    },
    close: () => connection.end(),
  };
}
