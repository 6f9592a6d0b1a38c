/** Puts each write and its entry into one transaction: the caller's, or one of its own around the statements only. */
import { randomUUID } from 'node:crypto';
import type { Sequelize } from 'sequelize';
import {
  type Connection,
  internalsOf,
  type Query,
  type QueryOptions,
  queryGeneratorOf,
  rootOf,
  runOn,
  type TransactionInternals,
} from '../internals.js';
import { append } from '../log/append.js';
import { Changeset } from '../log/changeset.js';
import type { Entry } from '../log/entry.js';
import type { AuditLogModel } from '../log/model.js';
import type { Call, Send } from './call.js';
import { observe, Unrecorded } from './observe.js';
import { SqliteWriter } from './sqlite-writer.js';

/** Entries of one transaction that may wait in memory. */
const pendingLimit = 5000;

type TransactionMethod = (transaction: TransactionInternals, options: object) => Promise<unknown>;

const transactionMethods = ['startTransaction', 'commitTransaction', 'rollbackTransaction'] as const;

export class Recorder {
  readonly #sequelize: Sequelize;
  readonly #AuditLog: AuditLogModel;
  readonly #changesets = new WeakMap<TransactionInternals, Changeset>();
  readonly #sqlite: SqliteWriter | null;
  readonly #originals = new Map<string, { readonly own: boolean; readonly method: unknown }>();
  #openChangesets = 0;

  constructor(sequelize: Sequelize, AuditLog: AuditLogModel) {
    this.#sequelize = sequelize;
    this.#AuditLog = AuditLog;
    const lockStatement = () => {
      const generator = queryGeneratorOf(sequelize);
      return `UPDATE ${generator.quoteTable(AuditLog.getTableName())} SET ${generator.quoteIdentifier('id')} = ${generator.quoteIdentifier('id')} WHERE 0;`;
    };
    this.#sqlite = sequelize.getDialect() === 'sqlite' ? new SqliteWriter(sequelize, lockStatement) : null;
  }

  /** Transactions that hold entries which are not written yet. */
  get openChangesets(): number {
    return this.#openChangesets;
  }

  /** Follows the transactions of the instance from now on. */
  install(): void {
    const { queryInterface } = internalsOf(this.#sequelize);
    for (const name of transactionMethods) {
      const original = queryInterface[name] as TransactionMethod;
      this.#originals.set(name, { own: Object.hasOwn(queryInterface, name), method: original });
      const wrapped = this.#wrap(name);
      queryInterface[name] = function (this: unknown, transaction: TransactionInternals, options: object) {
        return wrapped(transaction, () => original.call(this, transaction, options));
      };
    }
  }

  uninstall(): void {
    const { queryInterface } = internalsOf(this.#sequelize);
    for (const [name, { own, method }] of this.#originals) {
      if (own) queryInterface[name] = method;
      else delete queryInterface[name];
    }
    this.#sqlite?.close();
  }

  /**
   * Performs a write that has reached the driver's door.
   *
   * @param query Sequelize's own, not yet run
   * @param transaction the caller's; null when there is none
   */
  async perform(
    call: Call,
    query: Query,
    transaction: TransactionInternals | null,
    sendOn: (connection: Connection) => Send,
  ): Promise<unknown> {
    if (transaction) return this.#within(transaction, call, query, sendOn);
    if (this.#sqlite) {
      return this.#sqlite.own(
        query.connection,
        query.options,
        (connection) => this.#recordAtOnce(connection, call, query, sendOn),
        (root) => this.#within(root, call, query, sendOn),
      );
    }
    return this.#own(call, query, sendOn);
  }

  /**
   * Adds entries of a write that is done to the transaction it was done in.
   *
   * @param transaction the caller's
   */
  async add(transaction: TransactionInternals, entries: readonly Entry[]): Promise<void> {
    const changeset = this.#changesetOf(rootOf(transaction));
    await changeset.line.run(async () => this.#collect(changeset, entries));
  }

  /** Writes what a transaction has collected so far, so that it can be read inside it. */
  async flush(transaction: TransactionInternals): Promise<void> {
    const root = rootOf(transaction);
    const changeset = this.#changesets.get(root);
    await changeset?.line.run(() => this.#write(root, changeset));
  }

  async #within(
    transaction: TransactionInternals,
    call: Call,
    query: Query,
    sendOn: (connection: Connection) => Send,
  ): Promise<unknown> {
    const root = rootOf(transaction);
    const changeset = this.#changesetOf(root);
    return changeset.line.run(async () => {
      // The line may have moved past the end of the transaction; on its connection others are at work by then.
      refuseFinished(transaction);
      await this.#sqlite?.join(root, query.options);
      const run = this.#runOn(root.connection, query);
      try {
        const { result, entries } = await observe(this.#sequelize, run, call, query.options, sendOn(root.connection));
        this.#collect(changeset, entries);
        if (changeset.pending >= pendingLimit) await this.#write(root, changeset);
        return result;
      } catch (error) {
        if (!(error instanceof Unrecorded)) throw error;
        // The row is written in a transaction that is not ours to end: it must not commit, whoever swallows this.
        changeset.add([{ error: error.error }]);
        throw error.error;
      }
    });
  }

  async #own(call: Call, query: Query, sendOn: (connection: Connection) => Send): Promise<unknown> {
    const { connection } = query;
    const run = this.#runOn(connection, query);
    await run('START TRANSACTION;');
    try {
      const result = await this.#recordAtOnce(connection, call, query, sendOn);
      await run('COMMIT;');
      return result;
    } catch (error) {
      // A connection that cannot even roll back is of no use to anyone after us.
      await run('ROLLBACK;').catch(() => Object.assign(connection, { _invalid: true }));
      throw error;
    }
  }

  /** The write and its entry, one after the other, in a transaction that has begun and that the caller ends. */
  async #recordAtOnce(
    connection: Connection,
    call: Call,
    query: Query,
    sendOn: (connection: Connection) => Send,
  ): Promise<unknown> {
    const run = this.#runOn(connection, query);
    try {
      const { result, entries } = await observe(this.#sequelize, run, call, query.options, sendOn(connection));
      await append(this.#sequelize, this.#AuditLog, run, { entries, changesetId: randomUUID(), createdAt: new Date() });
      return result;
    } catch (error) {
      throw error instanceof Unrecorded ? error.error : error;
    }
  }

  #wrap(
    name: (typeof transactionMethods)[number],
  ): (transaction: TransactionInternals, original: () => Promise<unknown>) => Promise<unknown> {
    switch (name) {
      case 'startTransaction':
        return (transaction, original) =>
          transaction.parent ? this.#startSavepoint(transaction, original) : this.#start(transaction, original);
      case 'commitTransaction':
        // Sequelize sends nothing when a savepoint "commits", and neither does its mark mean anything more.
        return (transaction, original) => (transaction.parent ? original() : this.#commit(transaction, original));
      case 'rollbackTransaction':
        return (transaction, original) =>
          transaction.parent ? this.#rollbackSavepoint(transaction, original) : this.#end(transaction, original);
    }
  }

  #start(root: TransactionInternals, original: () => Promise<unknown>): Promise<unknown> {
    return this.#sqlite ? this.#sqlite.start(root, original) : original();
  }

  #startSavepoint(savepoint: TransactionInternals, original: () => Promise<unknown>): Promise<unknown> {
    const changeset = this.#changesetOf(rootOf(savepoint));
    return changeset.line.run(async () => {
      const result = await original();
      changeset.mark(savepoint);
      return result;
    });
  }

  #rollbackSavepoint(savepoint: TransactionInternals, original: () => Promise<unknown>): Promise<unknown> {
    const changeset = this.#changesetOf(rootOf(savepoint));
    return changeset.line.run(async () => {
      const result = await original();
      const hadPending = changeset.pending > 0;
      changeset.rollbackTo(savepoint);
      this.#count(hadPending, changeset.pending > 0);
      return result;
    });
  }

  #commit(root: TransactionInternals, original: () => Promise<unknown>): Promise<unknown> {
    return this.#end(root, async () => {
      const changeset = this.#changesets.get(root);
      if (changeset) await this.#writeBeforeCommit(root, changeset);
      return original();
    });
  }

  /** COMMIT or ROLLBACK, behind the writes that are under way. */
  #end(root: TransactionInternals, finish: () => Promise<unknown>): Promise<unknown> {
    const changeset = this.#changesets.get(root);
    const inLine = () => (changeset ? changeset.line.run(finish) : finish());
    return (this.#sqlite ? this.#sqlite.end(root, inLine) : inLine()).finally(() => {
      this.#count((changeset?.pending ?? 0) > 0, false);
      this.#changesets.delete(root);
    });
  }

  async #writeBeforeCommit(root: TransactionInternals, changeset: Changeset): Promise<void> {
    try {
      await this.#write(root, changeset);
    } catch (error) {
      // PostgreSQL answers COMMIT with ROLLBACK after any failed statement: there is no row, so there is no entry.
      if (hasAborted(error)) return;
      await this.#runOn(root.connection, { options: {} })('ROLLBACK;').catch(() => undefined);
      root.finished = 'rollback';
      // Sequelize runs these whether COMMIT succeeded or not.
      root._afterCommitHooks.length = 0;
      throw error;
    }
  }

  async #write(root: TransactionInternals, changeset: Changeset): Promise<void> {
    const hadPending = changeset.pending > 0;
    await changeset.flush((entries) =>
      append(this.#sequelize, this.#AuditLog, this.#runOn(root.connection, { options: root.options as QueryOptions }), {
        entries,
        changesetId: changeset.id,
        createdAt: new Date(),
      }),
    );
    this.#count(hadPending, false);
  }

  #collect(changeset: Changeset, entries: readonly Entry[]): void {
    const hadPending = changeset.pending > 0;
    changeset.add(entries);
    this.#count(hadPending, changeset.pending > 0);
  }

  #count(before: boolean, after: boolean): void {
    this.#openChangesets += Number(after) - Number(before);
  }

  #changesetOf(root: TransactionInternals): Changeset {
    const changeset = this.#changesets.get(root) ?? new Changeset();
    this.#changesets.set(root, changeset);
    return changeset;
  }

  #runOn(
    connection: Connection,
    { options }: Pick<Query, 'options'>,
  ): (sql: string, parameters?: readonly unknown[]) => ReturnType<typeof runOn> {
    return (sql, parameters) => runOn(this.#sequelize, connection, sql, parameters, options);
  }
}

/** The error Sequelize gives for a statement in a transaction that has ended. */
function refuseFinished({ finished, id }: TransactionInternals & { readonly id?: string }): void {
  if (!finished) return;
  throw new Error(
    `${finished} has been called on this transaction(${id}), you can no longer use it. (The rejected query is attached as the 'sql' property of this error)`,
  );
}

function hasAborted(error: unknown): boolean {
  // PostgreSQL, appendix A: in_failed_sql_transaction.
  return (error as { original?: { code?: string } }).original?.code === '25P02';
}
