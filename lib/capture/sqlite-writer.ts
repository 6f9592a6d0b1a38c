/**
 * SQLite has one writer at a time: those of one Sequelize instance wait for one another here, in JavaScript, rather
 * than in SQLite, whose waiting blocks the threads that the one it waits for needs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sequelize } from 'sequelize';
import {
  type Connection,
  internalsOf,
  type QueryOptions,
  queryGeneratorOf,
  runOn,
  type TransactionInternals,
} from '../internals.js';
import { notWritten } from '../log/append.js';
import { Line } from '../log/line.js';
import type { AuditLogModel } from '../log/model.js';
import { Unrecorded } from './observation.js';

/** How long one writer is waited for before SQLite itself is asked, which then answers as it would without us. */
const patience = 5000;

/** How long SQLite's driver waits for a lock by itself. */
const busyTimeout = 1000;

/** Milliseconds that a COMMIT may take before those behind it in the line go on without it. */
const commitPatience = 50;

const keptConnection = 'sequelize-audit';

type Own<T> = (connection: Connection, run: (sql: string) => Promise<unknown>) => Promise<T>;

export class SqliteWriter {
  readonly #sequelize: Sequelize;
  readonly #AuditLog: AuditLogModel;
  /** Of all writers, for the write lock. */
  readonly #line = new Line();
  /** Of own transactions, for the connection they share: held until the last of one has left it. */
  readonly #kept = new Line();
  /** What gives up the place of a caller's transaction. */
  readonly #places = new WeakMap<TransactionInternals, () => void>();
  /** The caller's transaction on the one connection of an in-memory database. */
  #open: TransactionInternals | null = null;
  /** Those that the ROLLBACK of another transaction on that connection has ended. */
  readonly #lost = new WeakSet<TransactionInternals>();

  constructor(sequelize: Sequelize, AuditLog: AuditLogModel) {
    this.#sequelize = sequelize;
    this.#AuditLog = AuditLog;
  }

  /** Makes a caller's transaction the writer, from its first audited write to its end. */
  async join(root: TransactionInternals, options: QueryOptions): Promise<void> {
    if (isMemory(root.connection) || this.#places.has(root)) return;
    const leave = await this.#line.enter(patience);
    this.#places.set(root, leave);
    if (isImmediate(root)) return;
    // A deferred transaction that reads first and writes later is refused at once where a plain write would wait.
    const table = queryGeneratorOf(this.#sequelize).quoteTable(this.#AuditLog.getTableName());
    try {
      await runOn(this.#sequelize, root.connection, `UPDATE ${table} SET id = id WHERE 0;`, undefined, options);
    } catch (error) {
      if (!isBusy(error)) throw notWritten([], error);
      // Sequelize tries the write again, and nobody has to wait for that.
      this.#places.delete(root);
      leave();
      throw error;
    }
  }

  /** Starts a caller's transaction: an immediate one is a writer from the start. */
  async start<T>(root: TransactionInternals, begin: () => Promise<T>): Promise<T> {
    if (isMemory(root.connection)) {
      return this.#line.run(async () => {
        const result = await begin();
        this.#open = root;
        return result;
      });
    }
    if (isImmediate(root)) this.#places.set(root, await this.#line.enter(patience));
    return begin();
  }

  /** Ends a caller's transaction. */
  async end<T>(root: TransactionInternals, finish: () => Promise<T>): Promise<T> {
    if (isMemory(root.connection)) return this.#line.run(() => this.#endInMemory(root, finish));
    // A COMMIT that waits for readers may wait for those in our line: then it moves on, and SQLite decides.
    const timer = setTimeout(() => this.#places.get(root)?.(), commitPatience);
    try {
      return await finish();
    } finally {
      clearTimeout(timer);
      // Asked for only now: a write that was under way may have taken the place while this one waited for it.
      this.#places.get(root)?.();
      this.#places.delete(root);
    }
  }

  /** Whether the caller's transaction, as far as it knows still open, has been ended by someone else. */
  isLost(root: TransactionInternals): boolean {
    return this.#lost.has(root);
  }

  /**
   * Whether a transaction is open on the connection of a caller's: SQLite itself rolls back after some errors, and
   * what is written then is written at once.
   */
  async isOpen(root: TransactionInternals, options: QueryOptions): Promise<boolean> {
    const run = (sql: string) => runOn(this.#sequelize, root.connection, sql, undefined, options);
    if (!(await begins(() => run('BEGIN;')))) return true;
    await run('ROLLBACK;');
    return false;
  }

  /**
   * Runs `task` in a transaction of its own.
   *
   * @param connection the one Sequelize would use: that of an in-memory database is the only one there is
   * @param within runs `task` in the caller's transaction, which on that connection nobody can stay out of
   */
  async own<T>(
    connection: Connection,
    options: QueryOptions,
    task: Own<T>,
    within: (root: TransactionInternals) => Promise<T>,
  ): Promise<T> {
    if (!isMemory(connection)) return this.#kept.run(() => this.#ownOnFile(options, task));
    return this.#line.run(async () => (this.#open ? within(this.#open) : this.#ownInMemory(connection, options, task)));
  }

  /** Closes the connection that is kept for own transactions. */
  close(): void {
    const { connections } = internalsOf(this.#sequelize).connectionManager;
    const kept = connections?.[keptConnection] as { close(): void } | undefined;
    if (connections) delete connections[keptConnection];
    kept?.close();
  }

  async #ownOnFile<T>(options: QueryOptions, task: Own<T>): Promise<T> {
    const connection = await internalsOf(this.#sequelize).connectionManager.getConnection({ uuid: keptConnection });
    const run = (sql: string) => runOn(this.#sequelize, connection, sql, undefined, options);
    const leave = await this.#begin(connection, run);
    try {
      const result = await task(connection, run);
      await this.#commit(run, leave);
      return result;
    } catch (error) {
      await run('ROLLBACK;').catch(() => undefined);
      throw error;
    } finally {
      leave();
    }
  }

  /** Asks for the write lock without making the driver wait; between two tries the line moves on. */
  async #begin(connection: Connection, run: (sql: string) => Promise<unknown>): Promise<() => void> {
    for (const start = Date.now(); ; ) {
      const leave = await this.#line.enter(busyTimeout);
      try {
        setBusyTimeout(connection, 0);
        await run('BEGIN IMMEDIATE TRANSACTION;');
        return leave;
      } catch (error) {
        leave();
        if (!isBusy(error) || Date.now() - start > busyTimeout) throw error;
        await sleep(5);
      } finally {
        setBusyTimeout(connection, busyTimeout);
      }
    }
  }

  /** A reader can hold up a COMMIT that is otherwise done: only the COMMIT is tried again, and the line moves on. */
  async #commit(run: (sql: string) => Promise<unknown>, leave: () => void): Promise<void> {
    const timer = setTimeout(leave, commitPatience);
    await this.#retrying(() => run('COMMIT;')).finally(() => clearTimeout(timer));
  }

  async #retrying<T>(task: () => Promise<T>): Promise<T> {
    for (let tries = patience / busyTimeout; ; tries -= 1) {
      try {
        return await task();
      } catch (error) {
        if (!isBusy(error) || tries <= 1) throw error;
      }
    }
  }

  async #endInMemory<T>(root: TransactionInternals, finish: () => Promise<T>): Promise<T> {
    try {
      return await finish();
    } finally {
      // The end of any transaction on the only connection is the end of them all.
      if (this.#open && this.#open !== root) this.#lost.add(this.#open);
      this.#open = null;
    }
  }

  /**
   * On the only connection statements of others can land inside our transaction, so it commits whatever happens: a
   * statement that fails undoes itself, and a row whose entry cannot be written is undone by going back to its start.
   * A savepoint begins a transaction where none is open, and is one in a transaction that nobody told us of.
   */
  async #ownInMemory<T>(connection: Connection, options: QueryOptions, task: Own<T>): Promise<T> {
    const run = (sql: string) => runOn(this.#sequelize, connection, sql, undefined, options);
    await run('SAVEPOINT audit;');
    try {
      const result = await task(connection, run);
      await run('RELEASE audit;').catch(async (error: unknown) => {
        await run('ROLLBACK TO audit;').catch(() => undefined);
        throw error;
      });
      return result;
    } catch (error) {
      if (error instanceof Unrecorded) await run('ROLLBACK TO audit;');
      // Nothing is left to release where the error itself has ended the transaction.
      await run('RELEASE audit;').catch(() => undefined);
      throw error;
    }
  }
}

/** Sends a BEGIN. @returns false when a transaction is open already */
async function begins(begin: () => Promise<unknown>): Promise<boolean> {
  try {
    await begin();
    return true;
  } catch (error) {
    if (/within a transaction/.test(String(error))) return false;
    throw error;
  }
}

/** Whether a connection is the only one there is to its database. */
export function isMemory(connection: Connection): boolean {
  return (connection as { filename?: string }).filename === ':memory:';
}

function isImmediate({ options }: TransactionInternals): boolean {
  return options.type === 'IMMEDIATE' || options.type === 'EXCLUSIVE';
}

function isBusy(error: unknown): boolean {
  return /SQLITE_BUSY/.test(String(error));
}

function setBusyTimeout(connection: Connection, milliseconds: number): void {
  (connection as { configure(option: 'busyTimeout', value: number): void }).configure('busyTimeout', milliseconds);
}
