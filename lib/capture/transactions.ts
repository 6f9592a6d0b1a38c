/** Follows the caller's transactions: their savepoints, their end, and what they still are to the database. */
import type { Sequelize } from 'sequelize';
import { leadHere } from '../errors.js';
import {
  isInTransaction,
  type QueryOptions,
  releaseOnce,
  rootOf,
  runOn,
  type TransactionInternals,
} from '../internals.js';
import type { Entry } from '../log/entry.js';
import type { Changesets } from './changesets.js';
import type { Control } from './raw-control.js';
import type { Replacements } from './replacements.js';
import type { SqliteWriter } from './sqlite-writer.js';

type TransactionMethod = (transaction: TransactionInternals, options: object) => Promise<unknown>;
type Original = () => Promise<unknown>;

interface TransactionsParts {
  readonly sequelize: Sequelize;
  readonly changesets: Changesets;
  readonly sqlite: SqliteWriter | null;
  /** Calls what sends SQL of Sequelize's own. */
  readonly own: <T>(send: () => T) => T;
}

export class Transactions {
  readonly #parts: TransactionsParts;
  /** Those that the database has ended, while Sequelize takes them for open. */
  readonly #over = new WeakSet<TransactionInternals>();
  /** Those whose end has been asked for. */
  readonly #ends = new WeakMap<TransactionInternals, Promise<unknown>>();

  constructor(parts: TransactionsParts) {
    this.#parts = parts;
  }

  /** Takes part in every BEGIN, COMMIT, ROLLBACK and savepoint from now on. */
  install(queryInterface: Replacements): void {
    const send = this.#parts.own;
    const take = (name: string, part: (transaction: TransactionInternals, original: Original) => Promise<unknown>) =>
      queryInterface.replace<TransactionMethod>(
        name,
        (original) =>
          function (this: object, transaction, options) {
            const own = () => send(() => original.call(this, transaction, options));
            return part(transaction, own);
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

  /** Runs a task that must not run beside another of the same transaction. */
  inLine<T>(root: TransactionInternals, task: () => Promise<T>): Promise<T> {
    return this.#parts.changesets.of(root).line.run(task);
  }

  /** Adds entries of a write that is done, from outside the line of its transaction. */
  async add(transaction: TransactionInternals, entries: readonly Entry[]): Promise<void> {
    const root = rootOf(transaction);
    await this.inLine(root, () => this.#parts.changesets.collect(root, entries));
  }

  /** Adds entries that are made while nothing else is written, and after what was collected before can be read. */
  async addMade(transaction: TransactionInternals, make: () => Promise<readonly Entry[]>): Promise<void> {
    const { changesets, sqlite } = this.#parts;
    const root = rootOf(transaction);
    await this.inLine(root, async () => {
      await sqlite?.join(root, root.options as QueryOptions);
      await changesets.write(root);
      await changesets.collect(root, await make());
    });
  }

  /** Writes what a transaction has collected so far, so that it can be read inside it. */
  async flush(transaction: TransactionInternals): Promise<void> {
    const { changesets } = this.#parts;
    const root = rootOf(transaction);
    await changesets.get(root)?.line.run(() => changesets.write(root));
  }

  /** Writes what has been collected, and sends a statement that commits it with its rows and ends the transaction. */
  async end(root: TransactionInternals, sql: string): Promise<void> {
    await this.#parts.changesets.write(root);
    await this.#run(root, sql);
    this.#leave(root);
  }

  /**
   * Sends a statement that may end the transaction.
   *
   * @param keepsRows whether it may commit, so that the entries have to be in the table by then
   */
  async endBySql<T>(root: TransactionInternals, keepsRows: boolean, send: () => Promise<T>): Promise<T> {
    const { sqlite } = this.#parts;
    const task = () => this.inLine(root, () => this.endInLine(root, keepsRows, send));
    return sqlite ? sqlite.end(root, task) : task();
  }

  /** The same from within the line of the transaction. */
  async endInLine<T>(root: TransactionInternals, keepsRows: boolean, send: () => Promise<T>): Promise<T> {
    if (keepsRows && !this.#over.has(root)) await this.#parts.changesets.writeUnlessAborted(root);
    try {
      return await send();
    } finally {
      if (await this.#isOpen(root)) this.#over.delete(root);
      else this.#leave(root);
    }
  }

  /** Does as raw SQL has done with a savepoint. */
  follow(root: TransactionInternals, { kind, name }: Exclude<Control, { kind: 'end' }>): void {
    const { changesets } = this.#parts;
    if (kind === 'savepoint') changesets.mark(root, name);
    else if (kind === 'release') changesets.of(root).release(name);
    else changesets.rollbackTo(root, name);
  }

  /** Finds out whether the error of a statement has ended the transaction. */
  async examine(root: TransactionInternals): Promise<void> {
    const { changesets, sqlite } = this.#parts;
    const isOver = await this.inLine(root, async () => {
      // One whose log has failed is refused, whether it is still there or not.
      const isKnown = root.finished || this.#over.has(root) || changesets.get(root)?.failure;
      if (isKnown || (await this.#isOpen(root))) return false;
      this.#leave(root);
      return true;
    });
    if (isOver) await sqlite?.end(root, async () => undefined);
  }

  /** Whether what is written in a transaction is written at once, as it is over. */
  isOver(root: TransactionInternals): boolean {
    return this.#over.has(root) || Boolean(this.#parts.sqlite?.isLost(root));
  }

  #start(root: TransactionInternals, original: Original): Promise<unknown> {
    const { sqlite } = this.#parts;
    return sqlite ? sqlite.start(root, original) : original();
  }

  #startSavepoint(savepoint: TransactionInternals, original: Original): Promise<unknown> {
    const root = rootOf(savepoint);
    return this.inLine(root, async () => {
      const result = await original();
      this.#parts.changesets.mark(root, savepoint.name);
      return result;
    });
  }

  #rollbackSavepoint(savepoint: TransactionInternals, original: Original): Promise<unknown> {
    const root = rootOf(savepoint);
    return this.inLine(root, async () => {
      const result = await original();
      this.#parts.changesets.rollbackTo(root, savepoint.name);
      return result;
    });
  }

  #commit(root: TransactionInternals, original: Original): Promise<unknown> {
    return this.#end(root, async () => {
      await this.#writeBeforeCommit(root);
      return original();
    });
  }

  /**
   * COMMIT or ROLLBACK. Sequelize knows of it only when its turn has come: whoever asks for one until then, as after
   * another write that failed, is given this one.
   */
  #end(root: TransactionInternals, finish: Original): Promise<unknown> {
    const known = this.#ends.get(root);
    if (known) return known;
    releaseOnce(root);
    const end = this.#endInLine(root, finish);
    this.#ends.set(root, end);
    return end;
  }

  /** Behind the writes that are under way. */
  async #endInLine(root: TransactionInternals, finish: Original): Promise<unknown> {
    const { changesets, sqlite } = this.#parts;
    const changeset = changesets.get(root);
    const inLine = () => (changeset ? changeset.line.run(finish) : finish());
    try {
      return await (sqlite ? sqlite.end(root, inLine) : inLine());
    } catch (error) {
      leadHere(error);
      throw error;
    } finally {
      changesets.forget(root);
    }
  }

  async #writeBeforeCommit(root: TransactionInternals): Promise<void> {
    try {
      await this.#parts.changesets.writeUnlessAborted(root);
    } catch (error) {
      const isClean = await this.#run(root, 'ROLLBACK;').then(
        () => true,
        () => this.#parts.sqlite !== null,
      );
      // Else Sequelize takes the connection out of the pool, which on SQLite leaves it open for good.
      if (isClean) root.cleanup();
      // Sequelize runs these whether COMMIT succeeded or not.
      root._afterCommitHooks.length = 0;
      // It calls this a commit, and would refuse the rollback() of the caller's catch block in the place of the reason.
      Object.defineProperty(root, 'rollback', { value: async () => undefined, configurable: true });
      throw error;
    }
  }

  async #isOpen(root: TransactionInternals): Promise<boolean> {
    const { sequelize, sqlite } = this.#parts;
    const options = root.options as QueryOptions;
    return sqlite ? sqlite.isOpen(root, options) : isInTransaction(sequelize, root.connection, options);
  }

  /** What has been collected is written, or undone with its rows. */
  #leave(root: TransactionInternals): void {
    this.#parts.changesets.forget(root);
    this.#over.add(root);
  }

  async #run(root: TransactionInternals, sql: string): Promise<void> {
    await runOn(this.#parts.sequelize, root.connection, sql, undefined, root.options as QueryOptions);
  }
}

/** The error Sequelize gives for a statement in a transaction that has ended. */
export function refuseFinished({ finished, id }: TransactionInternals & { readonly id?: string }): void {
  if (!finished) return;
  throw new Error(
    `${finished} has been called on this transaction(${id}), you can no longer use it. (The rejected query is attached as the 'sql' property of this error)`,
  );
}
