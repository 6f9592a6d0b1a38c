/** Follows the caller's transactions: what they collect, what a savepoint takes back, and the INSERT before COMMIT. */
import type { Sequelize } from 'sequelize';
import {
  isDeadlock,
  mayEndTransaction,
  type QueryOptions,
  rootOf,
  runOn,
  type TransactionInternals,
} from '../internals.js';
import { append } from '../log/append.js';
import { Changeset } from '../log/changeset.js';
import type { Entry } from '../log/entry.js';
import type { AuditLogModel } from '../log/model.js';
import type { Replacements } from './replacements.js';
import type { SqliteWriter } from './sqlite-writer.js';

/** Entries of one transaction that may wait in memory. */
const pendingLimit = 5000;

type TransactionMethod = (transaction: TransactionInternals, options: object) => Promise<unknown>;
type Original = () => Promise<unknown>;

export class Transactions {
  readonly #sequelize: Sequelize;
  readonly #AuditLog: AuditLogModel;
  readonly #sqlite: SqliteWriter | null;
  readonly #changesets = new WeakMap<TransactionInternals, Changeset>();
  /** Those that the server has ended, while Sequelize goes on in them. */
  readonly #lost = new WeakSet<TransactionInternals>();
  #openCount = 0;

  constructor(sequelize: Sequelize, AuditLog: AuditLogModel, sqlite: SqliteWriter | null) {
    this.#sequelize = sequelize;
    this.#AuditLog = AuditLog;
    this.#sqlite = sqlite;
  }

  /** MySQL forgets a savepoint when another one takes its name; the others keep both. */
  get #forgetsSavepoints(): boolean {
    return ['mysql', 'mariadb'].includes(this.#sequelize.getDialect());
  }

  /** Transactions that hold entries which are not written yet. */
  get openCount(): number {
    return this.#openCount;
  }

  /** Takes part in every BEGIN, COMMIT, ROLLBACK and savepoint from now on. */
  install(queryInterface: Replacements): void {
    const take = (name: string, part: (transaction: TransactionInternals, original: Original) => Promise<unknown>) =>
      queryInterface.replace<TransactionMethod>(
        name,
        (original) =>
          function (this: object, transaction, options) {
            return part(transaction, () => original.call(this, transaction, options));
          },
      );
    take('startTransaction', (transaction, original) =>
      transaction.parent ? this.#startSavepoint(transaction, original) : this.#start(transaction, original),
    );
    take('commitTransaction', (transaction, original) =>
      // Sequelize sends nothing when a savepoint "commits", and neither does its mark mean anything more.
      transaction.parent ? original() : this.#commit(transaction, original),
    );
    take('rollbackTransaction', (transaction, original) =>
      transaction.parent ? this.#rollbackSavepoint(transaction, original) : this.#end(transaction, original),
    );
  }

  changesetOf(root: TransactionInternals): Changeset {
    const changeset = this.#changesets.get(root) ?? new Changeset();
    this.#changesets.set(root, changeset);
    return changeset;
  }

  /** Adds entries of a write that is done, from outside the line of its transaction. */
  async add(transaction: TransactionInternals, entries: readonly Entry[]): Promise<void> {
    const root = rootOf(transaction);
    await this.changesetOf(root).line.run(() => this.collect(root, entries));
  }

  /** Adds entries from within that line, and writes them when too many wait. */
  async collect(root: TransactionInternals, entries: Iterable<Entry>): Promise<void> {
    const changeset = this.changesetOf(root);
    for (const entry of entries) {
      this.#counting(changeset, () => changeset.add([entry]));
      if (changeset.pending >= pendingLimit) await this.#write(root, changeset);
    }
  }

  /** Writes what has been collected, and sends a statement that commits it with its rows. */
  async end(root: TransactionInternals, sql: string): Promise<void> {
    await this.#write(root, this.changesetOf(root));
    await this.#run(root, sql);
  }

  /** Keeps a transaction from committing: it holds a row whose entry could not be made. */
  refuse(root: TransactionInternals, error: unknown): void {
    const changeset = this.changesetOf(root);
    this.#counting(changeset, () => changeset.add([{ error }]));
  }

  /**
   * A statement of a transaction was refused. Where MySQL has rolled the whole transaction back, its entries go with its
   * rows. Sequelize knows nothing of that but for a deadlock, and of one in a savepoint only that the savepoint is over:
   * what the application writes in it from now on is written at once.
   */
  async refused(transaction: TransactionInternals, error: unknown): Promise<void> {
    const root = rootOf(transaction);
    if (root.finished || !mayEndTransaction(error)) return;
    if (!isDeadlock(error) && (await this.#isOpen(root))) return;
    this.#lost.add(root);
    const changeset = this.#changesets.get(root);
    if (changeset) this.#counting(changeset, () => changeset.clear());
  }

  async #isOpen(root: TransactionInternals): Promise<boolean> {
    // MySQL has no such variable, but one that says what becomes of a transaction whose lock took too long.
    const [row] = await this.#run(root, 'SELECT @@in_transaction AS isOpen').catch(() =>
      this.#run(root, 'SELECT 1 - @@innodb_rollback_on_timeout AS isOpen'),
    );
    return Number(row?.isOpen) === 1;
  }

  isLost(root: TransactionInternals): boolean {
    return this.#lost.has(root);
  }

  /** Writes what a transaction has collected so far, so that it can be read inside it. */
  async flush(transaction: TransactionInternals): Promise<void> {
    const root = rootOf(transaction);
    const changeset = this.#changesets.get(root);
    await changeset?.line.run(() => this.#write(root, changeset));
  }

  #start(root: TransactionInternals, original: Original): Promise<unknown> {
    return this.#sqlite ? this.#sqlite.start(root, original) : original();
  }

  #startSavepoint(savepoint: TransactionInternals, original: Original): Promise<unknown> {
    const changeset = this.changesetOf(rootOf(savepoint));
    return changeset.line.run(async () => {
      const result = await original();
      changeset.mark(savepoint.name, this.#forgetsSavepoints);
      return result;
    });
  }

  #rollbackSavepoint(savepoint: TransactionInternals, original: Original): Promise<unknown> {
    const changeset = this.changesetOf(rootOf(savepoint));
    return changeset.line.run(async () => {
      const result = await original();
      this.#counting(changeset, () => changeset.rollbackTo(savepoint.name));
      return result;
    });
  }

  #commit(root: TransactionInternals, original: Original): Promise<unknown> {
    return this.#end(root, async () => {
      const changeset = this.#changesets.get(root);
      if (changeset) await this.#writeBeforeCommit(root, changeset);
      return original();
    });
  }

  /** COMMIT or ROLLBACK, behind the writes that are under way. */
  async #end(root: TransactionInternals, finish: Original): Promise<unknown> {
    const changeset = this.#changesets.get(root);
    const inLine = () => (changeset ? changeset.line.run(finish) : finish());
    try {
      return await (this.#sqlite ? this.#sqlite.end(root, inLine) : inLine());
    } finally {
      if (changeset) this.#counting(changeset, () => changeset.clear());
      this.#changesets.delete(root);
    }
  }

  async #writeBeforeCommit(root: TransactionInternals, changeset: Changeset): Promise<void> {
    try {
      await this.#write(root, changeset);
    } catch (error) {
      // PostgreSQL answers COMMIT with ROLLBACK after any failed statement: there is no row, so there is no entry.
      if (hasAborted(error)) return;
      await this.#run(root, 'ROLLBACK;').catch(() => undefined);
      root.finished = 'rollback';
      // Sequelize runs these whether COMMIT succeeded or not.
      root._afterCommitHooks.length = 0;
      throw error;
    }
  }

  async #write(root: TransactionInternals, changeset: Changeset): Promise<void> {
    if (changeset.pending > 0 && this.#sqlite && !(await this.#sqlite.isOpen(root, root.options as QueryOptions))) {
      // Somebody has ended the transaction, and its rows: COMMIT will say so.
      this.#counting(changeset, () => changeset.clear());
      return;
    }
    const run = (sql: string, parameters?: readonly unknown[]) => this.#run(root, sql, parameters);
    const write = (entries: readonly Entry[]) =>
      append(this.#sequelize, this.#AuditLog, run, [{ changesetId: changeset.id, entries }]);
    const before = changeset.pending;
    try {
      await changeset.flush(write);
    } catch (error) {
      // What is written next would be in no transaction at all, and must not bring these entries along.
      if (mayEndTransaction(error)) this.refuse(root, error);
      throw error;
    }
    this.#count(before, changeset.pending);
  }

  #run(root: TransactionInternals, sql: string, parameters?: readonly unknown[]): ReturnType<typeof runOn> {
    return runOn(this.#sequelize, root.connection, sql, parameters, root.options as QueryOptions);
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
