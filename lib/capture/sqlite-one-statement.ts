/**
 * SQLite: performs a write without a transaction of the caller's, or of many rows in one, as one statement, whose entries are
 * written by triggers that only its connection has. What it cannot do is left to the general way, with the same entries.
 */
import type { Sequelize } from 'sequelize';
import { AuditError } from '../errors.js';
import { type Connection, internalsOf, isBusy, type QueryOptions, runAllOn, runOn, tableKeyOf } from '../internals.js';
import { notWritten } from '../log/append.js';
import { newChangesetId } from '../log/changeset-id.js';
import type { AuditLogModel } from '../log/model.js';
import type { AuditedModel } from '../record/audited-model.js';
import type { Call, Send } from './call.js';
import type { ForeignKeys } from './foreign-keys.js';
import type { ManyRows, Within } from './many.js';
import { isRefusal, Unrecorded } from './observation.js';
import type { Observed } from './observe.js';
import type { Own } from './own.js';
import { isDeep, leadsOn } from './reach.js';
import { isMemory, isOpen } from './sqlite-connection.js';
import { type Event, madeContext, madeTrigger, stoppedContext, toldContext } from './sqlite-triggers.js';
import type { Tables } from './tables.js';
import type { Triggers } from './triggers.js';

/** Writes of a table that go the general way at most, after some that had to. */
const longestRest = 1000;

export interface SqliteOneStatementParts {
  readonly sequelize: Sequelize;
  readonly AuditLog: AuditLogModel;
  readonly tables: Tables;
  readonly foreignKeys: ForeignKeys;
  readonly triggers: Triggers;
  readonly manyRows: ManyRows;
}

/** A write as it reaches the driver. */
export interface SqliteWrite {
  readonly call: Call;
  readonly options: QueryOptions;
  /** null where Sequelize's statement is of no form that is known here. */
  readonly own: Own | null;
  readonly sendOn: (connection: Connection) => Send;
}

/** What has become of it: a statement that fails has undone itself. */
export type Outcome =
  | { readonly result: unknown }
  /** `isIts` when the application's own statement has met what it would have met without us. */
  | { readonly failure: unknown; readonly isIts: boolean };

/** What a connection has of ours. */
interface State {
  /** Names of all triggers that were ever made. */
  readonly names: Set<string>;
  /** By event and table, the model that those speak of which are there for certain. */
  readonly triggers: Map<string, AuditedModel>;
  /** What they were told last; undefined where a rollback may have taken that back. */
  told: string | undefined;
}

interface Rest {
  left: number;
  next: number;
}

export class SqliteOneStatement {
  readonly #parts: SqliteOneStatementParts;
  readonly #states = new WeakMap<Connection, State>();
  /** By event and table, writes that are not tried. */
  readonly #rests = new Map<string, Rest>();

  constructor(parts: SqliteOneStatementParts) {
    this.#parts = parts;
  }

  /**
   * @param connection one that takes nothing but what is sent here and by the general way
   * @returns null when nothing has been tried, and the general way has to do it
   * @throws what another connection stands in the way of, and what says nothing of whether the row was written
   */
  async perform(connection: Connection, write: SqliteWrite): Promise<Outcome | null> {
    const { call, options, own, sendOn } = write;
    const { sequelize, tables } = this.#parts;
    const key = `${call.kind} ${tables.keyOf(call.table)}`;
    if (!call.audited || this.#isResting(key) || !(await this.#canBeOne(connection, write, call.audited))) return null;
    try {
      await this.#prepare(connection, key, call, call.audited, options);
    } catch (error) {
      this.forget(connection);
      if (isBusy(error)) throw error;
      this.#rest(key);
      return null;
    }
    // The key of one row stands in the text of a delete, for which the triggers would be compiled anew.
    const isKeyed = own !== null && call.kind === 'delete' && call.instance !== null;
    const whole = isKeyed ? { whole: { sql: own.write, name: null, parameters: own.parameters } } : null;
    try {
      const { result } = await sendOn(connection)({ returning: null, only: null, ...whole });
      this.#rests.delete(key);
      return { result };
    } catch (error) {
      if (isBusy(error) || !isRefusal(sequelize, error)) throw error;
      const isIts = this.#isOfTheWrite(error, call.table);
      if (!isIts) this.#rest(key);
      return { failure: error, isIts };
    }
  }

  /**
   * The same in a caller's transaction. The trigger is there for this one statement only: a rollback to a savepoint takes
   * away what was made since.
   *
   * @returns null when nothing has been done, and the general way has to do it
   * @throws Unrecorded when the rows may be written, and their entries are not
   */
  async performWithin(connection: Connection, write: SqliteWrite, within: Within): Promise<Observed | null> {
    const { call, options, sendOn } = write;
    const { sequelize, AuditLog, tables, manyRows } = this.#parts;
    const { audited, table, modelName, kind } = call;
    // On the one connection of a database in memory the trigger would see what others write.
    if (!audited || !manyRows.isLikely(call) || isMemory(connection)) return null;
    const key = `${kind} ${tables.keyOf(table)}`;
    if (this.#isResting(key) || !(await this.#canBeOne(connection, write, audited))) return null;
    const run = (sql: string) => runOn(sequelize, connection, sql, undefined, options);
    if (!(await manyRows.areReached(call, run))) return null;
    const trigger = madeTrigger({ sequelize, AuditLog, audited, modelName, table }, kind as Event);
    if (!trigger) return null;
    await within.flush();
    const told = toldContext({ ...call.context, changesetId: within.changesetId });
    try {
      await this.#send(connection, `${madeContext}${trigger.sql}${told}`, options);
      const { result } = await sendOn(connection)({ returning: null, only: null });
      const found = await run(trigger.isThere).catch(() => []);
      if ((found as readonly unknown[]).length === 0) throw new Unrecorded(untriggered(modelName));
      return { result, entries: [], end: null };
    } catch (error) {
      if (isBusy(error) || !isRefusal(sequelize, error) || this.#isOfTheWrite(error, table)) throw error;
      this.#rest(key);
      // Some errors end the transaction, and what would be written now would be written at once.
      if (!(await isOpen(run))) throw isConstraint(error) ? new Unrecorded(notWritten([], error)) : error;
      return null;
    } finally {
      await this.#send(connection, `DROP TRIGGER IF EXISTS ${trigger.name};`, options).catch((error: unknown) => {
        throw new Unrecorded(error);
      });
    }
  }

  /** What has the writes that follow on a connection recorded the general way, as SQL; null where they are. */
  stopping(connection: Connection): string | null {
    const told = this.#states.get(connection)?.told;
    if (!this.#states.has(connection) || told === stoppedContext) return null;
    return told === undefined ? madeContext : stoppedContext;
  }

  /** Notes that what `stopping` gave has been sent. */
  stopped(connection: Connection): void {
    const state = this.#states.get(connection);
    if (state) state.told = stoppedContext;
  }

  /** A rollback may have taken back what was made and told on a connection. */
  forget(connection: Connection): void {
    const state = this.#states.get(connection);
    state?.triggers.clear();
    if (state) state.told = undefined;
  }

  /**
   * Does a write the general way. A trigger keeps every write of its table from being compiled once the log, or a
   * column, is not there any more: then it goes, and the error is that of the write.
   */
  async without<T>(connection: Connection, options: QueryOptions, write: () => Promise<T>): Promise<T> {
    const sql = this.stopping(connection);
    if (sql !== null) await this.#send(connection, sql, options);
    this.stopped(connection);
    try {
      return await write();
    } catch (error) {
      const { names = new Set<string>() } = this.#states.get(connection) ?? {};
      if ((error as { parent?: { code?: string } }).parent?.code !== 'SQLITE_ERROR' || names.size === 0) throw error;
      await this.#send(connection, [...names].map((name) => `DROP TRIGGER IF EXISTS ${name};`).join(''), options);
      this.#states.get(connection)?.triggers.clear();
      return write();
    }
  }

  async #canBeOne(
    connection: Connection,
    { call, options, own }: SqliteWrite,
    audited: AuditedModel,
  ): Promise<boolean> {
    const { sequelize, triggers } = this.#parts;
    const { kind, table } = call;
    const isOdd = options.type === 'RAW' || options.updateOnDuplicate || options.ignoreDuplicates;
    if (kind === 'truncate' || isOdd || (kind === 'delete' && call.instance && !own)) return false;
    if ((internalsOf(sequelize).options.timezone ?? '+00:00') !== '+00:00') return false;
    if (isDeep(call, audited)) return false;
    const run = (sql: string) => runOn(sequelize, connection, sql, undefined, options);
    if (await triggers.canDoMore(table, run)) return false;
    return kind === 'insert' || !(await leadsOn(this.#parts, call, audited, options, run));
  }

  /** Makes the trigger where there is none yet, and tells it who writes where that is not what it was told last. */
  async #prepare(connection: Connection, key: string, call: Call, audited: AuditedModel, options: QueryOptions) {
    const nothing: State = { names: new Set(), triggers: new Map(), told: undefined };
    const state = this.#states.get(connection) ?? nothing;
    this.#states.set(connection, state);
    const isOne = call.instance !== null || call.rows.length === 1;
    const told = toldContext({ ...call.context, changesetId: isOne ? null : newChangesetId() });
    const isMade = state.triggers.get(key) === audited;
    if (isMade && state.told === told) return;
    const { sequelize, AuditLog } = this.#parts;
    const { table, modelName } = call;
    const trigger = isMade ? null : madeTrigger({ sequelize, AuditLog, audited, modelName, table }, call.kind as Event);
    if (!isMade && trigger === null) throw new TypeError(`${modelName} has columns that SQLite cannot write as JSON`);
    if (trigger) state.names.add(trigger.name);
    await this.#send(connection, `${state.told === undefined ? madeContext : ''}${trigger?.sql ?? ''}${told}`, options);
    state.triggers.set(key, audited);
    state.told = told;
  }

  async #send(connection: Connection, sql: string, { logging, benchmark }: QueryOptions): Promise<void> {
    await runAllOn(this.#parts.sequelize, connection, sql, { logging, benchmark });
  }

  /** Whether the error is what the application's own statement would have met, and not one of the entry's. */
  #isOfTheWrite(error: unknown, table: unknown): boolean {
    const { message = '' } = ((error as { parent?: unknown }).parent ?? {}) as { message?: string };
    const [, refused] = / constraint failed: (.+)\.[^.]+$/.exec(message) ?? [];
    return isConstraint(error) && (refused === tableKeyOf(table) || / FOREIGN KEY constraint failed$/.test(message));
  }

  /** Whether a write of this kind is to be left alone, after others that could not be done so. */
  #isResting(key: string): boolean {
    const rest = this.#rests.get(key);
    if (!rest || rest.left === 0) return false;
    rest.left -= 1;
    return true;
  }

  #rest(key: string): void {
    const next = this.#rests.get(key)?.next ?? 1;
    this.#rests.set(key, { left: next, next: Math.min(next * 2, longestRest) });
  }
}

function isConstraint(error: unknown): boolean {
  return (error as { parent?: { code?: string } }).parent?.code === 'SQLITE_CONSTRAINT';
}

function untriggered(modelName: string): AuditError {
  const message = `The trigger that was to record a write of ${modelName} was taken away while it ran: the transaction is refused`;
  return new AuditError('ERR_AUDIT_ENTRY_NOT_WRITTEN', message);
}
