/** What the caller's transactions have collected so far: kept by transaction, and written by INSERT. */
import type { Sequelize } from 'sequelize';
import { type QueryOptions, runOn, type TransactionInternals } from '../internals.js';
import { append } from '../log/append.js';
import { Changeset } from '../log/changeset.js';
import type { Entry } from '../log/entry.js';
import type { AuditLogModel } from '../log/model.js';
import { isMysql } from '../record/encoding.js';
import type { SqliteWriter } from './sqlite-writer.js';

/** Entries of one transaction that may wait in memory. */
const pendingLimit = 5000;

export class Changesets {
  readonly #sequelize: Sequelize;
  readonly #AuditLog: AuditLogModel;
  readonly #sqlite: SqliteWriter | null;
  readonly #changesets = new WeakMap<TransactionInternals, Changeset>();
  #openCount = 0;

  constructor(sequelize: Sequelize, AuditLog: AuditLogModel, sqlite: SqliteWriter | null) {
    this.#sequelize = sequelize;
    this.#AuditLog = AuditLog;
    this.#sqlite = sqlite;
  }

  /** Transactions that hold entries which are not written yet. */
  get openCount(): number {
    return this.#openCount;
  }

  /** That of a transaction which has collected nothing is undefined. */
  get(root: TransactionInternals): Changeset | undefined {
    return this.#changesets.get(root);
  }

  of(root: TransactionInternals): Changeset {
    const changeset = this.#changesets.get(root) ?? new Changeset();
    this.#changesets.set(root, changeset);
    return changeset;
  }

  /**
   * Adds entries from within the line of a changeset, and writes them when too many wait.
   *
   * @returns how many they are
   */
  async collect(root: TransactionInternals, entries: Iterable<Entry>): Promise<number> {
    const changeset = this.of(root);
    if (changeset.failure) throw changeset.failure.error;
    let count = 0;
    for (const entry of entries) {
      count += 1;
      this.#counting(changeset, () => changeset.add([entry]));
      if (changeset.pending >= pendingLimit) await this.write(root);
    }
    return count;
  }

  /** Keeps a transaction from committing: it holds a row whose entry could not be made or written. */
  refuse(root: TransactionInternals, error: unknown): void {
    const changeset = this.of(root);
    this.#counting(changeset, () => changeset.add([{ error }]));
  }

  /** Notes that a savepoint has been set. */
  mark(root: TransactionInternals, name: string): void {
    // MySQL forgets a savepoint when another one takes its name; the others keep both.
    this.of(root).mark(name, isMysql(this.#sequelize.getDialect()));
  }

  /** Forgets what the rollback of a savepoint has undone. */
  rollbackTo(root: TransactionInternals, name: string): void {
    const changeset = this.of(root);
    this.#counting(changeset, () => changeset.rollbackTo(name));
  }

  /** Forgets all that a transaction has collected: it has ended. */
  forget(root: TransactionInternals): void {
    const changeset = this.get(root);
    if (changeset) this.#counting(changeset, () => changeset.clear());
    this.#changesets.delete(root);
  }

  /**
   * Writes what has been collected.
   *
   * @throws what the database refuses, now and from now on: the transaction must not commit
   */
  async write(root: TransactionInternals): Promise<void> {
    const changeset = this.get(root);
    if (!changeset || changeset.pending === 0) return;
    if (changeset.failure) throw changeset.failure.error;
    const options = root.options as QueryOptions;
    if (this.#sqlite && !(await this.#sqlite.isOpen(root, options))) {
      // Somebody has ended the transaction, and its rows: COMMIT will say so.
      this.#counting(changeset, () => changeset.clear());
      return;
    }
    const run = (sql: string, parameters?: readonly unknown[]) =>
      runOn(this.#sequelize, root.connection, sql, parameters, options);
    const before = changeset.pending;
    try {
      await changeset.flush((entries) =>
        append(this.#sequelize, this.#AuditLog, run, [{ changesetId: changeset.id, entries }]),
      );
    } catch (error) {
      // Some of the entries may be there, or the whole transaction be gone.
      if (!hasAborted(error)) this.refuse(root, error);
      throw error;
    }
    this.#count(before, changeset.pending);
  }

  /** Writes what has been collected, unless PostgreSQL will undo it all: it answers COMMIT with ROLLBACK then. */
  async writeUnlessAborted(root: TransactionInternals): Promise<void> {
    try {
      await this.write(root);
    } catch (error) {
      if (!hasAborted(error)) throw error;
    }
  }

  #counting(changeset: Changeset, change: () => void): void {
    const before = changeset.pending;
    change();
    this.#count(before, changeset.pending);
  }

  #count(before: number, after: number): void {
    this.#openCount += Number(after > 0) - Number(before > 0);
  }
}

function hasAborted(error: unknown): boolean {
  // PostgreSQL, appendix A: in_failed_sql_transaction.
  return (error as { original?: { code?: string } }).original?.code === '25P02';
}
