/** Puts each write and its entry into one transaction: the caller's, or one of its own around the statements only. */
import type { Sequelize } from 'sequelize';
import type { Contexts } from '../context.js';
import { foreignTransaction } from '../errors.js';
import {
  type Connection,
  isDeadlock,
  isForeign,
  type Query,
  rootOf,
  runOn,
  type TransactionInternals,
} from '../internals.js';
import type { Run } from '../log/append.js';
import { Line } from '../log/line.js';
import type { AuditLogModel } from '../log/model.js';
import { isMysql } from '../record/encoding.js';
import { noPast, type Past, retrying } from './attempts.js';
import type { Call, Send } from './call.js';
import type { Changesets } from './changesets.js';
import type { ForeignKeys } from './foreign-keys.js';
import type { ManyRows } from './many.js';
import { Raced, Undone, Unrecorded } from './observation.js';
import { type Observed, observe } from './observe.js';
import type { Bound, OneWay, OneWrite } from './one-way.js';
import { keyedBy, type Own } from './own.js';
import { commit, Start } from './own-transaction.js';
import { isUnfit, type Prepared } from './prepared.js';
import { inSavepoint } from './savepoint.js';
import type { OldRows } from './sqlite-old-rows.js';
import type { SqliteWriter } from './sqlite-writer.js';
import type { Tables } from './tables.js';
import { refuseFinished, type Transactions } from './transactions.js';
import type { Triggers } from './triggers.js';
import type { UniqueKeys } from './unique-keys.js';

/** A write that has reached the driver's door. */
export interface Arrival {
  readonly call: Call;
  /** Sequelize's own, not yet run. */
  readonly query: Query;
  /** The caller's; null when there is none. */
  readonly transaction: TransactionInternals | null;
  /** PostgreSQL: Sequelize's statement in its parts; null where it cannot be a part of one of ours. */
  readonly own: Own | null;
  /** MariaDB: Sequelize's statement and its values; null where it cannot be in a block. */
  readonly bound: Bound | null;
  readonly sendOn: (connection: Connection) => Send;
}

export interface RecorderParts {
  readonly sequelize: Sequelize;
  readonly AuditLog: AuditLogModel;
  readonly tables: Tables;
  readonly foreignKeys: ForeignKeys;
  readonly contexts: Contexts;
  readonly uniqueKeys: UniqueKeys;
  readonly triggers: Triggers;
  readonly changesets: Changesets;
  readonly transactions: Transactions;
  readonly sqlite: SqliteWriter | null;
  readonly manyRows: ManyRows;
  /** Only on PostgreSQL and MariaDB. */
  readonly oneStatement: OneWay | null;
  readonly prepared: Prepared;
  /** PostgreSQL: tables whose updates have changed more than they set. */
  readonly moved: Set<string>;
  /** Only on SQLite. */
  readonly oldRows: OldRows | null;
}

type Guard = <T>(canRace: boolean, task: () => Promise<T>) => Promise<T>;

/** In a transaction of ours a race is undone by its rollback. */
const unguarded: Guard = (_, task) => task();

export class Recorder {
  readonly #parts: RecorderParts;
  /** Of upserts on MySQL, by table. */
  readonly #lines = new Map<string, Line>();
  #underWay = 0;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /** Performs the write and records it; gives what Sequelize makes of the driver's answer. */
  async perform(arrival: Arrival): Promise<unknown> {
    const { transaction } = arrival;
    this.#underWay += 1;
    try {
      if (!(await this.#isAudited(arrival))) {
        const send = () => arrival.sendOn(this.#ready(arrival.query.connection))({ returning: null, only: null });
        const { transactions } = this.#parts;
        const isEnd = transaction && this.#mayCommit(arrival);
        const { result } = await (isEnd ? transactions.endBySql(rootOf(transaction), true, send) : send());
        return result;
      }
      return await (transaction ? this.#within(transaction, arrival) : this.#own(arrival));
    } catch (error) {
      throw error instanceof Unrecorded || error instanceof Raced ? error.error : error;
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Writes that have arrived and are not done. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Whether a write of a table that is not audited leads to one that is. */
  async #isAudited({ call, query, transaction }: Arrival): Promise<boolean> {
    if (call.audited) return true;
    const { sequelize, foreignKeys, tables, contexts } = this.#parts;
    if (isForeign(sequelize, transaction ?? undefined)) return false;
    await foreignKeys.load(this.#runLike(query.connection, query), call.table);
    const kind = call.kind === 'truncate' ? 'delete' : call.kind;
    const leadsOn = foreignKeys.mayLeadOn(tables.keyOf(call.table, query.options.searchPath), kind, () => call.set);
    if (leadsOn)
      contexts.checked(call.context, `A write of ${call.modelName}, whose foreign keys lead to what is audited,`);
    return leadsOn;
  }

  /** MySQL commits before a TRUNCATE, also before one that it refuses. */
  #mayCommit({ call }: Arrival): boolean {
    return call.kind === 'truncate' && isMysql(this.#parts.sequelize.getDialect());
  }

  async #within(transaction: TransactionInternals, arrival: Arrival): Promise<unknown> {
    const { sequelize, changesets, transactions, sqlite, manyRows } = this.#parts;
    const root = rootOf(transaction);
    if (isForeign(sequelize, root)) throw foreignTransaction(`A write of ${arrival.call.modelName}`);
    const changeset = changesets.of(root);
    const written = await changeset.line.run(async () => {
      // The line may have moved past the end of the transaction; on its connection others are at work by then.
      refuseFinished(transaction);
      // The database has ended the transaction, and writes at once what is still sent in it. SQLite has its own line.
      if (transactions.isOver(root)) return sqlite ? null : { result: await this.#own(arrival) };
      if (changeset.failure) throw changeset.failure.error;
      await sqlite?.join(root, arrival.query.options);
      try {
        const connection = this.#ready(root.connection);
        const guard = this.#savepoint(connection, arrival);
        const perform = async () =>
          (await this.#recordedWithin(root, arrival)) ??
          (await retrying(true, (past) => this.#observe(connection, arrival, past, guard)));
        const isEnd = this.#mayCommit(arrival);
        const { result, entries, end } = await (isEnd ? transactions.endInLine(root, true, perform) : perform());
        manyRows.note(arrival.call, await changesets.collect(root, entries));
        if (end !== null) await transactions.end(root, end);
        else if (isEnd && transactions.isOver(root)) await changesets.write(root);
        return { result };
      } catch (error) {
        if (!(error instanceof Unrecorded) && !(error instanceof Raced)) throw error;
        // The row is written in a transaction that is not ours to end: it must not commit, whoever swallows this.
        changesets.refuse(root, error.error);
        throw error;
      }
    });
    return written ? written.result : this.#own(arrival);
  }

  /** Has a write in the caller's transaction record itself, or look at its row, where it can. */
  async #recordedWithin(root: TransactionInternals, arrival: Arrival): Promise<Observed | null> {
    const connection = this.#ready(root.connection);
    const { changesets, sqlite, oneStatement } = this.#parts;
    const within = { changesetId: changesets.of(root).id, flush: () => changesets.write(root) };
    const { call, query, own, sendOn } = arrival;
    if (sqlite)
      return sqlite.oneStatement.performWithin(connection, { call, options: query.options, own, sendOn }, within);
    return (await oneStatement?.performWithin(this.#oneWrite(connection, arrival), within)) ?? null;
  }

  #oneWrite(connection: Connection, { call, query, own, bound, sendOn }: Arrival): OneWrite {
    const run = this.#runLike(connection, query);
    return { call, options: query.options, own, bound, run, send: sendOn(connection) };
  }

  #ready(connection: Connection): Connection {
    return this.#parts.sqlite?.ready(connection) ?? connection;
  }

  /** Runs a write that can meet unseen rows so that it can be taken back alone. */
  #savepoint(connection: Connection, arrival: Arrival): Guard {
    const run = this.#runOn(connection, arrival);
    return (canRace, task) => (canRace ? inSavepoint(run, task, (error) => error instanceof Raced) : task());
  }

  #own(arrival: Arrival): Promise<unknown> {
    const { sqlite } = this.#parts;
    const { query, call, own, sendOn } = arrival;
    if (!sqlite) return this.#inTurn(arrival, () => this.#ownAlone(arrival));
    const { oneStatement } = sqlite;
    return sqlite.own(query.connection, {
      options: query.options,
      isSmall: call.instance !== null || call.rows.length === 1,
      performAsOne: (connection) => oneStatement.perform(connection, { call, options: query.options, own, sendOn }),
      perform: (connection) =>
        oneStatement.without(connection, query.options, () => this.#observe(connection, arrival, noPast, unguarded)),
      within: (root) => this.#within(root, arrival),
    });
  }

  /**
   * InnoDB locks the gaps in which we look for rows that are not there, and two who have locked the same gap cannot
   * insert into it: upserts of one table wait for one another here rather than deadlock there.
   */
  #inTurn<T>({ call, query: { options } }: Arrival, task: () => Promise<T>): Promise<T> {
    const { sequelize, tables } = this.#parts;
    const looksForRows = options.updateOnDuplicate || options.ignoreDuplicates;
    if (!looksForRows || sequelize.getDialect() === 'postgres') return task();
    const key = tables.keyOf(call.table);
    const line = this.#lines.get(key) ?? new Line();
    this.#lines.set(key, line);
    return line.run(task);
  }

  async #ownAlone(arrival: Arrival): Promise<unknown> {
    const { connection } = arrival.query;
    const rollback = () => this.#rollback(connection, arrival);
    const done = await this.#parts.oneStatement?.perform(this.#oneWrite(connection, arrival), rollback);
    return done ? done.result : retrying(false, (past) => this.#ownOnServer(arrival, past));
  }

  async #ownOnServer(arrival: Arrival, past: Past): Promise<unknown> {
    const { sequelize, AuditLog } = this.#parts;
    const { connection } = arrival.query;
    const run = this.#runOn(connection, arrival);
    try {
      const start = new Start(() => run('START TRANSACTION;'));
      const observed = await this.#observe(connection, arrival, past, unguarded, start);
      const canJoin = arrival.bound !== null && arrival.call.instance !== null;
      await commit(sequelize, AuditLog, run, observed.entries, canJoin);
      if (observed.end !== null) await run(observed.end);
      return observed.result;
    } catch (error) {
      await this.#rollback(connection, arrival);
      // Our look at the gaps between keys can deadlock with inserts of others where the bare statements would not. A
      // statement that was kept ready and does not fit the table any more is made anew.
      const cause = error instanceof Unrecorded ? error.error : error;
      const isOurs = (isDeadlock(cause) && arrival.call.kind === 'insert') || isUnfit(cause);
      throw error instanceof Raced || isOurs ? new Undone(error) : error;
    }
  }

  /** A connection that cannot even roll back is of no use to anyone after us. */
  async #rollback(connection: Connection, arrival: Arrival): Promise<void> {
    await this.#runOn(connection, arrival)('ROLLBACK;').catch(() => Object.assign(connection, { _invalid: true }));
  }

  #observe(
    connection: Connection,
    { call, query, own, bound, sendOn }: Arrival,
    past: Past,
    guard: Guard,
    start: Start | null = null,
  ): Promise<Observed> {
    const { sequelize, tables, foreignKeys, uniqueKeys, triggers, prepared, moved, oldRows } = this.#parts;
    const run = this.#runLike(connection, query);
    const send = sendOn(connection);
    const dialect = sequelize.getDialect();
    const parts = {
      sequelize,
      tables,
      foreignKeys,
      uniqueKeys,
      triggers,
      prepared,
      call,
      options: query.options,
      run: start?.run(run) ?? run,
      own: dialect === 'postgres' ? own : null,
      keyed: own && dialect === 'sqlite' ? keyedBy(own) : null,
      oldRows,
      moved,
      canLookAlong: bound !== null,
      isBlind: past.isBlind,
      met: past.met,
      drawn: past.drawn,
    };
    return observe(parts, start?.send(send) ?? send, guard);
  }

  /** The rows are where the statement finds its table, so they are read with its search path. */
  #runLike(connection: Connection, { options }: Query): Run {
    return (sql, parameters) => runOn(this.#parts.sequelize, connection, sql, parameters, options);
  }

  #runOn(connection: Connection, { query: { options } }: Arrival): Run {
    const { logging, benchmark } = options;
    return (sql, parameters) => runOn(this.#parts.sequelize, connection, sql, parameters, { logging, benchmark });
  }
}
