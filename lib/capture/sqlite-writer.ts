/**
 * SQLite has one writer at a time: those of one Sequelize instance wait for one another here, in JavaScript, rather
 * than in SQLite, whose waiting blocks the threads that the one it waits for needs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sequelize } from 'sequelize';
import {
  type Connection,
  internalsOf,
  isBusy,
  type QueryOptions,
  queryGeneratorOf,
  ReadyConnection,
  runAllOn,
  runOn,
  type TransactionInternals,
} from '../internals.js';
import { append, notWritten, type Run, sqliteInsertOf } from '../log/append.js';
import { Line } from '../log/line.js';
import type { AuditLogModel } from '../log/model.js';
import { canKeepStatements, type Finish, isImmediate, isMemory, isOpen, setBusyTimeout } from './sqlite-connection.js';
import type { SqliteOneStatement } from './sqlite-one-statement.js';
import {
  type Alone,
  type Begin,
  type OpenTransaction,
  type OwnTransaction,
  type OwnWrite,
  OwnWrites,
  type Turn,
} from './sqlite-own.js';

/** How long one writer is waited for before SQLite itself is asked, which then answers as it would without us. */
const patience = 5000;

/** How long SQLite's driver waits for a lock by itself. */
const busyTimeout = 1000;

/** Milliseconds that a COMMIT may take before those behind it in the line go on without it. */
const commitPatience = 50;

const keptConnection = 'sequelize-audit';

export class SqliteWriter {
  readonly #sequelize: Sequelize;
  readonly #AuditLog: AuditLogModel;
  /** What own writes on a file are tried as first. */
  readonly oneStatement: SqliteOneStatement;
  /** Of all writers, for the write lock. */
  readonly #line = new Line();
  /** On a file, over a connection that is kept; in memory, over the only one. */
  readonly #ownOnFile = new OwnWrites((options, alone) => this.#beginOnFile(options, alone));
  readonly #ownInMemory = new OwnWrites((options) => this.#beginInMemory(options));
  /** What gives up the place of a caller's transaction. */
  readonly #places = new WeakMap<TransactionInternals, () => void>();
  /** By connection, what keeps its statements ready. */
  readonly #ready = new WeakMap<Connection, ReadyConnection>();
  /** The one connection of an in-memory database. */
  #memory: Connection | null = null;
  /** The caller's transaction on the one connection of an in-memory database. */
  #open: TransactionInternals | null = null;
  /** Those that the ROLLBACK of another transaction on that connection has ended. */
  readonly #lost = new WeakSet<TransactionInternals>();

  constructor(sequelize: Sequelize, AuditLog: AuditLogModel, oneStatement: SqliteOneStatement) {
    this.#sequelize = sequelize;
    this.#AuditLog = AuditLog;
    this.oneStatement = oneStatement;
  }

  /** What stands in for a connection, and keeps its statements ready. */
  ready(connection: Connection): Connection {
    if (!canKeepStatements(connection)) return connection;
    const ready = this.#ready.get(connection) ?? new ReadyConnection(connection);
    this.#ready.set(connection, ready);
    return ready;
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
  isOpen(root: TransactionInternals, options: QueryOptions): Promise<boolean> {
    return isOpen(this.#runOn(root.connection, options));
  }

  /**
   * Performs a write in a transaction of its own, which it may share with others that wait.
   *
   * @param connection the one Sequelize would use
   */
  own(connection: Connection, write: OwnWrite): Promise<unknown> {
    if (!isMemory(connection)) return this.#ownOnFile.run(write);
    this.#memory = this.ready(connection);
    // There the triggers would see what others write.
    return this.#ownInMemory.run({ ...write, performAsOne: async () => null });
  }

  /** Closes the connection that is kept for own transactions, and leaves that of an in-memory database as it was. */
  close(): void {
    if (this.#memory instanceof ReadyConnection) this.#memory.forget();
    const { connections } = internalsOf(this.#sequelize).connectionManager;
    const kept = connections?.[keptConnection] as { close(): void } | undefined;
    if (connections) delete connections[keptConnection];
    kept?.close();
  }

  async #beginOnFile(options: QueryOptions, alone: Parameters<Begin>[1]): Promise<OwnTransaction | Turn> {
    const { connectionManager } = internalsOf(this.#sequelize);
    const connection = this.ready(await connectionManager.getConnection({ uuid: keptConnection }));
    const run = this.#runOn(connection, options);
    const { leave, isDone } = await this.#begin(connection, options, () => alone(connection));
    if (isDone) return { leave };
    return {
      ...this.#parts(connection, run),
      finish: (changes, isSmall) => {
        const end = (task: () => Promise<unknown>) => this.#commit(task, leave);
        return this.#finish({ connection, options, run, changes, isSmall, last: 'COMMIT;', end });
      },
      undo: async () => {
        await run('ROLLBACK;').catch(() => undefined);
        this.oneStatement.forget(connection);
      },
      leave,
    };
  }

  /**
   * On the only connection statements of others can land inside our transaction, so it commits whatever happens: a
   * statement that fails undoes itself, and a row whose entry cannot be written is undone by going back to its start.
   * A savepoint begins a transaction where none is open, and is one in a transaction that nobody told us of.
   */
  async #beginInMemory(options: QueryOptions): Promise<OwnTransaction | OpenTransaction> {
    const leave = await this.#line.enter();
    if (this.#open) return { root: this.#open, leave };
    const connection = this.#memory as Connection;
    const run = this.#runOn(connection, options);
    await run('SAVEPOINT audit;').catch((error: unknown) => {
      leave();
      throw error;
    });
    return {
      ...this.#parts(connection, run),
      finish: (changes, isSmall) => {
        const end = async (task: () => Promise<unknown>) => {
          await task();
        };
        return this.#finish({ connection, options, run, changes, isSmall, last: 'RELEASE audit;', end });
      },
      undo: async (isWritten) => {
        if (isWritten) await run('ROLLBACK TO audit;').catch(() => undefined);
        // Nothing is left to release where the error itself has ended the transaction.
        await run('RELEASE audit;').catch(() => undefined);
      },
      leave,
    };
  }

  #parts(connection: Connection, run: Run): Pick<OwnTransaction, 'connection' | 'isAwaited' | 'isOpen'> {
    return {
      connection,
      isAwaited: () => this.#line.isAwaited,
      isOpen: () => isOpen(run),
    };
  }

  #runOn(connection: Connection, { logging, benchmark }: QueryOptions): Run {
    return (sql, parameters) => runOn(this.#sequelize, connection, sql, parameters, { logging, benchmark });
  }

  /**
   * Asks for the write lock without making the driver wait; between two tries the line moves on.
   *
   * @param alone tries to do without a transaction
   */
  async #begin(
    connection: Connection,
    options: QueryOptions,
    alone: () => Promise<Alone>,
  ): Promise<{ leave: () => void; isDone: boolean }> {
    for (const start = Date.now(); ; ) {
      const leave = await this.#line.enter(busyTimeout);
      try {
        setBusyTimeout(connection, 0);
        const outcome = await alone();
        if (outcome === 'done') return { leave, isDone: true };
        const stopping = outcome === 'to be observed' ? this.oneStatement.stopping(connection) : null;
        const { logging, benchmark } = options;
        const begin = `BEGIN IMMEDIATE TRANSACTION;${stopping ?? ''}`;
        await runAllOn(this.#sequelize, connection, begin, { logging, benchmark });
        if (stopping !== null) this.oneStatement.stopped(connection);
        return { leave, isDone: false };
      } catch (error) {
        // What goes with the BEGIN can fail behind it.
        if (!isBusy(error)) await runAllOn(this.#sequelize, connection, 'ROLLBACK;', {}).catch(() => undefined);
        leave();
        if (!isBusy(error) || Date.now() - start > busyTimeout) throw error;
        await sleep(5);
      } finally {
        setBusyTimeout(connection, busyTimeout);
      }
    }
  }

  /** Writes the entries and commits: in one trip to the driver where they are few. */
  async #finish({ connection, options, run, changes, isSmall, last, end }: Finish): Promise<void> {
    const insert = isSmall ? sqliteInsertOf(this.#sequelize, this.#AuditLog, changes) : null;
    if (!insert) {
      await append(this.#sequelize, this.#AuditLog, run, changes);
      return end(() => run(last));
    }
    const { logging, benchmark } = options;
    let isWritten = false;
    let failure: unknown = null;
    await end(async () => {
      if (isWritten) return run(last);
      try {
        await runAllOn(this.#sequelize, connection, `${insert.sql} ${last}`, { logging, benchmark });
      } catch (error) {
        // Only what commits can be tried again: SQLite may have rolled back what came before an INSERT that failed.
        const found = await run(insert.isThere).catch(() => []);
        isWritten = (found as readonly unknown[]).length > 0;
        if (isWritten) throw error;
        failure = notWritten(insert.entries, error);
      }
    });
    if (failure !== null) throw failure;
  }

  /** A reader can hold up a COMMIT that is otherwise done: only the COMMIT is tried again, and the line moves on. */
  async #commit(commit: () => Promise<unknown>, leave: () => void): Promise<void> {
    const timer = setTimeout(leave, commitPatience);
    await this.#retrying(commit).finally(() => clearTimeout(timer));
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
}
