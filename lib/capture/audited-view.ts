/** A view of a Sequelize instance that differs in one thing: a statement that is run through it is recorded. */
import type { Sequelize } from 'sequelize';
import { leadHere } from '../errors.js';
import {
  type Connection,
  internalsOf,
  isDeadlock,
  type MysqlAnswer,
  preparing,
  type Query,
  type QueryClass,
  type QueryOptions,
  type SqliteStatement,
  type TransactionInternals,
} from '../internals.js';
import { answerOf, answerOfOne, fitsBlock, lookingBlock, nameWrite, takesBlocks } from './blocks.js';
import type { Block, Call, Request, Send, Sent, Whole } from './call.js';
import { type Bound, OwnStatements } from './own.js';
import type { Recorder } from './recorder.js';
import { withReturning, withRows } from './returning.js';
import { Rowids, rowidColumn } from './rowids.js';
import { isMemory } from './sqlite-connection.js';

/** What an answer of MariaDB says. */
interface Read {
  readonly answer: MysqlAnswer;
  readonly rows?: Sent['rows'];
  readonly looks?: NonNullable<Sent['looks']>;
}

/** What the gate sets on a child of the view for each call. */
interface View {
  readonly call: Call;
  /** Says that the write has got here. */
  readonly pass: () => void;
}

/**
 * @param mark what stands in a condition for the keys of the rows that will have been read
 * @returns an object to stand in for `sequelize`, with the `call` of the write set on a child of its own
 */
export function auditedView(sequelize: Sequelize, recorder: Recorder, mark: string): object {
  const { dialect } = internalsOf(sequelize);
  const Base = dialect.Query;
  const isMariadb = sequelize.getDialect() === 'mariadb';
  const isMysql = ['mysql', 'mariadb'].includes(sequelize.getDialect());
  const isSqlite = sequelize.getDialect() === 'sqlite';
  const rowids = new Rowids();
  const owns = new OwnStatements(sequelize);
  /** What Sequelize has made of the driver's errors, whose stacks lead nowhere yet. */
  const refusals = new WeakSet<object>();
  // Sequelize's own class, so that its answers, errors and logging stay what they are.
  class AuditedQuery extends (Base as QueryClass) {
    readonly #view: View;
    readonly #transaction: QueryOptions['transaction'];
    readonly #late: { rollback: boolean };
    #isUnderWay = false;
    /** Whether Sequelize is about to take a stack trace. */
    #isTraced = false;
    #request: Request | null = null;
    /** What Sequelize threw over an answer of MySQL: the write has been done all the same. */
    #unreadable: { readonly error: unknown } | undefined;
    /** The block that is under way: the write that Sequelize asked for, and how its answer is taken apart. */
    #block: { readonly write: string; readonly read: (answers: unknown) => Read } | null = null;
    #told: Omit<Sent, 'result'> = { affected: undefined, insertId: undefined, rows: [] };

    constructor(connection: Connection, view: View, options: QueryOptions) {
      const late = { rollback: false };
      super(connection, sequelize, isMysql ? withLateRollback(options, late) : options);
      this.#view = view;
      this.#transaction = options.transaction;
      this.#late = late;
    }

    override async run(sql: string, parameters?: Bound): Promise<unknown> {
      // What Sequelize asks on its way, as for the warnings of a write, is no write.
      if (this.#isUnderWay) return super.run(sql, parameters);
      this.#isUnderWay = true;
      this.#view.pass();
      const { call } = this.#view;
      const sendOn =
        (connection: Connection): Send =>
        (request) => {
          this.connection = connection;
          return this.#send(request, sql, parameters);
        };
      try {
        const result = await recorder.perform({
          call,
          query: this as unknown as Query,
          transaction: this.#transaction ?? null,
          bound: this.#canBeInBlock(sql) ? { sql, parameters: (parameters ?? []) as readonly unknown[] } : null,
          own: isMysql ? null : owns.of(call, this.options, sql.replace(mark, '1=1'), parameters ?? []),
          sendOn,
        });
        if (this.#unreadable) throw this.#unreadable.error;
        return result;
      } catch (error) {
        // The server has rolled the transaction back, also when the deadlock struck a statement of ours.
        if (this.#transaction && isMysql && (this.#late.rollback || isDeadlock(error))) {
          await this.#transaction.rollback().catch(() => undefined);
          this.#transaction.finished = 'rollback';
        }
        // Here, after an await, whoever waits for the write is in the stack.
        if (refusals.delete(error as object)) (error as Error).stack = new Error().stack ?? '';
        leadHere(error);
        throw error;
      }
    }

    /**
     * As Sequelize does it, but for its stack trace: that would show ten calls of ours, and on SQLite it is made into text for
     * every statement. It is taken between the log and the driver, where no code of the application runs.
     */
    #run(sql: string, parameters?: unknown): Promise<unknown> {
      const { stackTraceLimit } = Error;
      this.#isTraced = true;
      try {
        return super.run(sql, parameters);
      } finally {
        this.#isTraced = false;
        Error.stackTraceLimit = stackTraceLimit;
      }
    }

    override _logQuery(...args: Parameters<Query['_logQuery']>): () => void {
      const complete = super._logQuery(...args);
      if (this.#isTraced) Error.stackTraceLimit = 0;
      return complete;
    }

    #canBeInBlock(sql: string): boolean {
      if (!isMariadb || sql === '' || this.options.type === 'RAW' || !fitsBlock(sql)) return false;
      // What Sequelize asks for besides would see the block.
      const showsWarnings = internalsOf(sequelize).options.showWarnings || this.options.showWarnings;
      return !showsWarnings && takesBlocks(this.connection);
    }

    async #send(request: Request, sql: string, parameters: unknown): Promise<Sent> {
      const { call } = this.#view;
      if (request.instead) {
        await this.#run(request.instead);
        return { ...this.#told, result: 0 };
      }
      const hasOwn = call.kind !== 'delete' && Boolean(this.options.returning);
      if (request.whole) {
        const { sql: whole, parameters: all, name } = request.whole;
        if (isSqlite) {
          if (request.whole.givesRows) {
            this.#request = request;
            this.options.tableNames = [];
          }
          const result = await this.#run(whole, sqliteParameters(all));
          return { ...this.#told, result };
        }
        if (request.whole.block) return this.#sendBlock(request.whole, request.whole.block, sql);
        const taken = await withRows(this, name, hasOwn, () => this.#run(whole, all));
        return { ...this.#told, ...taken };
      }
      const { looks } = request;
      if (looks) {
        const read = (answers: unknown) => answerOf(answers, looks);
        return this.#inBlock(sql, read, () => this.#run(lookingBlock(sql, looks), parameters));
      }
      // An update of nothing is no statement at all.
      const asked = sql === '' ? { ...request, returning: null } : request;
      const held = sql.replace(mark, () => asked.only ?? '1=1');
      const text = asked.onMet ? `${held.replace(/;\s*$/, '')}, ${asked.onMet};` : held;
      if (asked.returning !== null && isSqlite) {
        this.#request = asked;
        this.options.tableNames = [];
        const result = await this.#run(
          `${text.replace(/;\s*$/, '')} RETURNING ${asked.returning}, ${rowidColumn};`,
          parameters,
        );
        return { ...this.#told, result };
      }
      return withReturning(this, asked.returning, hasOwn, text, async (final) => {
        const result = await this.#run(final, parameters);
        const affected: unknown = Array.isArray(result) ? result[1] : undefined;
        return { affected: typeof affected === 'number' ? affected : undefined, ...known(this.#told), result };
      });
    }

    async #sendBlock({ sql, parameters }: Whole, block: Block, write: string): Promise<Sent> {
      const { connection } = this;
      const read = (answers: unknown) => answerOfOne(answers, block);
      if (block.isPrepared) this.connection = preparing(connection);
      try {
        return await this.#inBlock(write, read, () => this.#run(sql, parameters));
      } finally {
        this.connection = connection;
      }
    }

    async #inBlock(write: string, read: (answers: unknown) => Read, send: () => Promise<unknown>): Promise<Sent> {
      this.#block = { write, read };
      try {
        const result = await send();
        return { ...this.#told, result };
      } finally {
        this.#block = null;
      }
    }

    override getDatabaseMethod(): string {
      if (this.#request) return 'all';
      // Sequelize asks for the rows of a DELETE, of which there are none, and so misses their number.
      const isCounted = this.#view.call.kind === 'delete' && this.options.type !== 'RAW';
      return isCounted ? 'run' : String(super.getDatabaseMethod?.());
    }

    override _handleQueryResponse(
      statement: SqliteStatement,
      columnTypes: unknown,
      error: unknown,
      rows: unknown,
      ...rest: unknown[]
    ): unknown {
      if (error) return super._handleQueryResponse?.(statement, columnTypes, error, rows, ...rest);
      const isInsert = this.#view.call.kind === 'insert';
      const isShared = !this.#transaction || isMemory(this.connection);
      const told = isInsert
        ? rowids.told(this.connection, statement, rows, this.#request, isShared)
        : counted(statement, this.#request && rows);
      this.#told = {
        affected: told.changes,
        insertId: told.lastID,
        rows: this.#request ? (rows as Sent['rows']) : [],
      };
      const isAsked = super.getDatabaseMethod?.() === 'all';
      const asked = isAsked ? ((this.#request ? null : rows) ?? []) : undefined;
      return super._handleQueryResponse?.(told, columnTypes, error, asked, ...rest);
    }

    override formatError(error: Error, stack?: string): Error {
      // Sequelize reads from the driver's message which key was met.
      if (this.#block) nameWrite(error, this.#block.write);
      const refusal = super.formatError(error, stack);
      refusals.add(refusal);
      return refusal;
    }

    override formatResults(answers: MysqlAnswer): unknown {
      const { answer, rows = [], looks }: Read = this.#block?.read(answers) ?? { answer: answers };
      this.#told = { affected: answer.affectedRows, insertId: answer.insertId, rows, ...(looks && { looks }) };
      try {
        return super.formatResults?.(answer);
      } catch (error) {
        this.#unreadable = { error };
        return undefined;
      }
    }
  }
  return Object.create(sequelize, {
    dialect: { value: Object.create(dialect, { Query: { value: AuditedQuery } }) },
    // The hooks of a query run with the Sequelize instance as `this`.
    runHooks: {
      value: (...args: unknown[]) =>
        (sequelize as unknown as { runHooks(...all: unknown[]): unknown }).runHooks(...args),
    },
  }) as object;
}

/** Parameters under the names that Sequelize gives them on SQLite. */
function sqliteParameters(parameters: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(parameters.map((value, index) => [`$${index + 1}`, value]));
}

/** The driver counts the rows of a statement that gives none back. */
function counted(statement: SqliteStatement, rows: unknown): SqliteStatement {
  if (!Array.isArray(rows)) return statement;
  return Object.create(statement, { changes: { value: rows.length } }) as SqliteStatement;
}

function known({ affected, insertId, rows }: Pick<Sent, 'affected' | 'insertId' | 'rows'>) {
  return affected === undefined ? { insertId, rows } : { affected, insertId, rows };
}

/**
 * On a deadlock Sequelize rolls a transaction of MySQL back from inside the query, and ours would wait there for the
 * very statement it is in: the rollback is put off until the statement has ended.
 */
function withLateRollback(options: QueryOptions, late: { rollback: boolean }): QueryOptions {
  if (!options.transaction) return options;
  const rollback = async () => {
    late.rollback = true;
  };
  return {
    ...options,
    transaction: Object.create(options.transaction, { rollback: { value: rollback } }) as TransactionInternals,
  };
}
