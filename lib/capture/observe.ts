/** Performs one write between two looks at its rows, and says what it changed. */
import type { Sequelize } from 'sequelize';
import { AuditError, messageOf } from '../errors.js';
import { isExpression, type QueryOptions, queryGeneratorOf } from '../internals.js';
import type { Run } from '../log/append.js';
import { type Change, type Entry, entriesOf } from '../log/entry.js';
import type { Call, Send, Sent } from './call.js';
import { columnList, type Image, imageOf, readImages } from './images.js';

export interface Observed {
  readonly result: unknown;
  readonly entries: readonly Entry[];
}

/** A write that went through while its entry could not be made: it must not be committed. */
export class Unrecorded {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/**
 * Sends the write of `call` and works out its entries from the stored rows. What the database refuses is thrown as it
 * is, as without us.
 *
 * @param run sends statements of ours in the same transaction
 * @throws Unrecorded when the row is written and its entry cannot be made
 */
export async function observe(
  sequelize: Sequelize,
  run: Run,
  call: Call,
  options: QueryOptions,
  send: Send,
): Promise<Observed> {
  const observer = new Observer(sequelize, run, call, options);
  const before = call.verb === 'insert' ? [] : await observer.before();
  const sent = await send(observer.returning).catch((error: unknown) => {
    // What is not an answer of the database (a logger that throws) says nothing of whether the row was written.
    throw isRefusal(sequelize, error) ? error : new Unrecorded(error);
  });
  try {
    const after = call.verb === 'delete' ? [] : await observer.after(before, sent);
    return {
      result: sent.result,
      entries: changesOf(call, before, after).flatMap((change) => entriesOf(change, call.context)),
    };
  } catch (error) {
    throw new Unrecorded(
      error instanceof AuditError
        ? error
        : new AuditError(
            'ERR_AUDIT_ENTRY_NOT_WRITTEN',
            `The row of ${call.audited.modelName} could not be read back after the ${call.verb}: ${messageOf(error)}`,
            error,
          ),
    );
  }
}

function isRefusal(sequelize: Sequelize, error: unknown): boolean {
  const { BaseError } = (sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
  return error instanceof BaseError;
}

class Observer {
  readonly #sequelize: Sequelize;
  readonly #run: Run;
  readonly #call: Call;
  readonly #dialect: string;
  /** Columns the write itself can give back, where the dialect has RETURNING and Sequelize can be kept from seeing them. */
  readonly returning: string | null;

  constructor(sequelize: Sequelize, run: Run, call: Call, options: QueryOptions) {
    this.#sequelize = sequelize;
    this.#run = run;
    this.#call = call;
    this.#dialect = sequelize.getDialect();
    // findOrCreate inserts inside a function of its own, whose result cannot be widened.
    const canReturn = this.#dialect === 'postgres' && call.verb !== 'delete' && !options.exception;
    this.returning = canReturn ? columnList(sequelize, call.audited) : null;
  }

  before(): Promise<Image[]> {
    const { where, audited, verb, fields } = this.#call;
    const condition = queryGeneratorOf(this.#sequelize).getWhereConditions(where, null, audited.model);
    const isKeyChange = verb === 'delete' || fields.some((field) => audited.keyFields.has(field));
    return this.#read(condition, isKeyChange ? 'FOR UPDATE' : 'FOR NO KEY UPDATE');
  }

  async after(before: readonly Image[], sent: Sent): Promise<Image[]> {
    if (this.returning) return sent.rows.map((row) => imageOf(this.#sequelize, this.#call.audited, row));
    const affected = affectedBy(sent);
    if (this.#call.verb === 'insert') return affected === 0 ? [] : this.#inserted(sent);
    if (affected !== undefined && affected > before.length)
      throw this.#unknown('changed a row that was not there before it');
    if (before.length === 0) return [];
    // InnoDB shows a plain SELECT an older version of a row that the UPDATE left as it was; a locking one never.
    return this.#read(before.map(({ condition }) => condition).join(' OR '), 'FOR NO KEY UPDATE');
  }

  async #inserted(sent: Sent): Promise<Image[]> {
    const { audited, instance } = this.#call;
    const { lastID } = sent.statement ?? {};
    // Every ordinary table of SQLite has a rowid; one made WITHOUT ROWID, or with a column of that name, is found by
    // its key, and so is a rowid that the driver could not hand over exactly.
    const hasRowid =
      Number.isSafeInteger(lastID) && !audited.columns.some(({ field }) => field.toLowerCase() === 'rowid');
    const images = hasRowid ? await this.#read(`rowid = ${lastID}`, '').catch(() => []) : [];
    if (images.length === 1) return images;

    const where = Object.fromEntries(
      audited.keyColumns.map(({ attribute, field }) => [field, instance.getDataValue(attribute as never)]),
    );
    const isKnown = Object.values(where).every(
      (value) => value !== undefined && value !== null && !isExpression(this.#sequelize, value),
    );
    if (!isKnown)
      throw this.#unknown('made a row whose primary key only the database knows; set the key in the application');
    const condition = queryGeneratorOf(this.#sequelize).getWhereConditions(where, null, audited.model);
    const found = await this.#read(condition, 'FOR NO KEY UPDATE');
    if (found.length !== 1)
      throw this.#unknown(`made a row that its primary key does not find again (${found.length} rows)`);
    return found;
  }

  #read(condition: string, lock: string): Promise<Image[]> {
    const { audited, table } = this.#call;
    return readImages(this.#sequelize, this.#run, { audited, table, condition, lock: this.#lock(lock) });
  }

  /**
   * As strong as the lock of the write itself (PostgreSQL, 13.3.2): a stronger one would block readers that hold a
   * key share, a weaker one would have to grow later, which can deadlock.
   */
  #lock(strength: string): string {
    if (this.#dialect === 'sqlite' || strength === '') return '';
    return this.#dialect === 'postgres' ? ` ${strength}` : ' FOR UPDATE';
  }

  #unknown(what: string): AuditError {
    return new AuditError(
      'ERR_AUDIT_RECORD_UNKNOWN',
      `A write of ${this.#call.audited.modelName} ${what}: it was refused`,
    );
  }
}

/** Rows that the statement touched, where its answer says so. */
function affectedBy({ result, statement }: Sent): number | undefined {
  if (statement?.changes !== undefined) return statement.changes;
  const affected: unknown = Array.isArray(result) ? result[1] : undefined;
  return typeof affected === 'number' ? affected : undefined;
}

function changesOf({ modelName, verb }: Call, before: readonly Image[], after: readonly Image[]): Change[] {
  const left = new Map(before.map(({ snapshot }) => [snapshot.recordId, snapshot]));
  const changes: Change[] = after.map(({ snapshot }) => {
    const old =
      left.get(snapshot.recordId) ?? (before.length === 1 && after.length === 1 ? before[0]?.snapshot : undefined);
    if (old) left.delete(old.recordId);
    else if (verb !== 'insert') {
      throw new AuditError(
        'ERR_AUDIT_RECORD_UNKNOWN',
        `A write changed ${modelName} ${snapshot.recordId}, which was not there before it: it was refused`,
      );
    }
    return { modelName, before: old ?? null, after: snapshot };
  });
  // What an UPDATE matched and then left alone (a trigger can do that) is still there.
  const gone = verb === 'delete' ? [...left.values()] : [];
  return [...changes, ...gone.map((snapshot) => ({ modelName, before: snapshot, after: null }))];
}
