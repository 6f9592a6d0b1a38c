/** Puts each write and its entry into one transaction: the caller's, or one of its own around the statements only. */
import { randomUUID } from 'node:crypto';
import type { Sequelize } from 'sequelize';
import { AuditError } from '../errors.js';
import { type Connection, type Query, rootOf, runOn, type TransactionInternals } from '../internals.js';
import { append, type Run } from '../log/append.js';
import type { AuditLogModel } from '../log/model.js';
import type { Call, Send } from './call.js';
import { type Observed, observe, Unrecorded } from './observe.js';
import type { SqliteWriter } from './sqlite-writer.js';
import type { Transactions } from './transactions.js';

/** A write that has reached the driver's door. */
export interface Arrival {
  readonly call: Call;
  /** Sequelize's own, not yet run. */
  readonly query: Query;
  /** The caller's; null when there is none. */
  readonly transaction: TransactionInternals | null;
  readonly sendOn: (connection: Connection) => Send;
}

export class Recorder {
  readonly #sequelize: Sequelize;
  readonly #AuditLog: AuditLogModel;
  readonly #transactions: Transactions;
  readonly #sqlite: SqliteWriter | null;
  #underWay = 0;

  constructor(sequelize: Sequelize, AuditLog: AuditLogModel, transactions: Transactions, sqlite: SqliteWriter | null) {
    this.#sequelize = sequelize;
    this.#AuditLog = AuditLog;
    this.#transactions = transactions;
    this.#sqlite = sqlite;
  }

  /** Performs the write and records it; gives what Sequelize makes of the driver's answer. */
  async perform(arrival: Arrival): Promise<unknown> {
    const { transaction } = arrival;
    this.#underWay += 1;
    try {
      const isOwn = !transaction || this.#sqlite?.isLost(rootOf(transaction));
      return await (isOwn ? this.#own(arrival) : this.#within(transaction, arrival));
    } catch (error) {
      throw error instanceof Unrecorded ? error.error : error;
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Writes that have arrived and are not done. */
  get underWay(): number {
    return this.#underWay;
  }

  async #within(transaction: TransactionInternals, arrival: Arrival): Promise<unknown> {
    const root = rootOf(transaction);
    if (root.sequelize !== this.#sequelize) {
      throw new AuditError(
        'ERR_AUDIT_TRANSACTION_FOREIGN',
        `A write of ${arrival.call.modelName} was given a transaction of another Sequelize instance: expected one of its own`,
      );
    }
    const changeset = this.#transactions.changesetOf(root);
    return changeset.line.run(async () => {
      // The line may have moved past the end of the transaction; on its connection others are at work by then.
      refuseFinished(transaction);
      await this.#sqlite?.join(root, arrival.query.options);
      try {
        const { result, entries } = await this.#observe(root.connection, arrival);
        await this.#transactions.collect(root, entries);
        return result;
      } catch (error) {
        if (!(error instanceof Unrecorded)) throw error;
        // The row is written in a transaction that is not ours to end: it must not commit, whoever swallows this.
        this.#transactions.refuse(root, error.error);
        throw error;
      }
    });
  }

  #own(arrival: Arrival): Promise<unknown> {
    const { query } = arrival;
    if (!this.#sqlite) return this.#ownOnServer(arrival);
    return this.#sqlite.own(
      query.connection,
      query.options,
      (connection) => this.#recordAtOnce(connection, arrival),
      (root) => this.#within(root, arrival),
    );
  }

  async #ownOnServer(arrival: Arrival): Promise<unknown> {
    const { connection } = arrival.query;
    const run = this.#runOn(connection, arrival);
    await run('START TRANSACTION;');
    try {
      const result = await this.#recordAtOnce(connection, arrival);
      await run('COMMIT;');
      return result;
    } catch (error) {
      // A connection that cannot even roll back is of no use to anyone after us.
      await run('ROLLBACK;').catch(() => Object.assign(connection, { _invalid: true }));
      throw error;
    }
  }

  /** The write and its entry, one after the other, in a transaction that has begun and that the caller ends. */
  async #recordAtOnce(connection: Connection, arrival: Arrival): Promise<unknown> {
    const { result, entries } = await this.#observe(connection, arrival);
    const context = { changesetId: randomUUID(), createdAt: new Date() };
    try {
      await append(this.#sequelize, this.#AuditLog, this.#runOn(connection, arrival), { entries, ...context });
    } catch (error) {
      throw new Unrecorded(error);
    }
    return result;
  }

  #observe(connection: Connection, { call, query, sendOn }: Arrival): Promise<Observed> {
    // The rows are where the statement finds its table, so they are read with its search path.
    const run: Run = (sql, parameters) => runOn(this.#sequelize, connection, sql, parameters, query.options);
    return observe(this.#sequelize, run, call, query.options, sendOn(connection));
  }

  #runOn(connection: Connection, { query: { options } }: Arrival): Run {
    const { logging, benchmark } = options;
    return (sql, parameters) => runOn(this.#sequelize, connection, sql, parameters, { logging, benchmark });
  }
}

/** The error Sequelize gives for a statement in a transaction that has ended. */
function refuseFinished({ finished, id }: TransactionInternals & { readonly id?: string }): void {
  if (!finished) return;
  throw new Error(
    `${finished} has been called on this transaction(${id}), you can no longer use it. (The rejected query is attached as the 'sql' property of this error)`,
  );
}
