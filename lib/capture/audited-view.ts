/** A view of a Sequelize instance that differs in one thing: a statement that is run through it is recorded. */
import type { Model, Sequelize } from 'sequelize';
import {
  type Connection,
  internalsOf,
  isDeadlock,
  type Query,
  type QueryClass,
  type QueryOptions,
  type SqliteStatement,
  type TransactionInternals,
} from '../internals.js';
import type { Call, Send } from './call.js';
import type { Recorder } from './recorder.js';
import { withReturning } from './returning.js';

/**
 * @param onPassed told of each write that gets here
 * @returns an object to stand in for `sequelize`, with the `call` of the write set on a child of its own
 */
export function auditedView(sequelize: Sequelize, recorder: Recorder, onPassed: (instance: Model) => void): object {
  const { dialect } = internalsOf(sequelize);
  const Base = dialect.Query;
  const isMysql = ['mysql', 'mariadb'].includes(sequelize.getDialect());
  // Sequelize's own class, so that its answers, errors and logging stay what they are.
  class AuditedQuery extends (Base as QueryClass) {
    readonly #call: Call;
    readonly #transaction: QueryOptions['transaction'];
    readonly #late: { rollback: boolean };
    #statement: SqliteStatement | undefined;

    constructor(connection: Connection, view: { readonly call: Call }, options: QueryOptions) {
      const late = { rollback: false };
      super(connection, sequelize, isMysql ? withLateRollback(options, late) : options);
      this.#call = view.call;
      this.#transaction = options.transaction;
      this.#late = late;
    }

    override async run(sql: string, parameters?: unknown): Promise<unknown> {
      onPassed(this.#call.instance);
      const sendOn = (connection: Connection): Send => {
        this.connection = connection;
        return (returning) =>
          withReturning(this, returning, sql, async (text) => {
            const result = await super.run(text, parameters);
            return { result, rows: [], statement: this.#statement };
          });
      };
      try {
        return await recorder.perform({
          call: this.#call,
          query: this as unknown as Query,
          transaction: this.#transaction ?? null,
          sendOn,
        });
      } catch (error) {
        // The server has rolled the transaction back, also when the deadlock struck a statement of ours.
        if (this.#transaction && isMysql && (this.#late.rollback || isDeadlock(error))) {
          await this.#transaction.rollback().catch(() => undefined);
          this.#transaction.finished = 'rollback';
        }
        throw error;
      }
    }

    override _handleQueryResponse(statement: SqliteStatement, ...rest: unknown[]): unknown {
      this.#statement = statement;
      return super._handleQueryResponse?.(statement, ...rest);
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
