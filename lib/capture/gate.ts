/**
 * The gate: every write of the ORM ends in a method of the query interface, after all hooks and with its final values.
 * There the method is called with a borrowed `this` whose `sequelize.query` runs the statement through the recorder.
 */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import type { AuditContext, Contexts } from '../context.js';
import {
  type Connection,
  internalsOf,
  isDeadlock,
  type Query,
  type QueryClass,
  type QueryOptions,
  type SqliteStatement,
  type TransactionInternals,
  tableKeyOf,
} from '../internals.js';
import { type AuditLogModel, immutable } from '../log/model.js';
import type { UnauditedWrite } from '../options.js';
import type { AuditedModel } from '../record/audited-model.js';
import type { AuditedModels } from '../record/audited-models.js';
import type { Call, Send } from './call.js';
import type { Recorder } from './recorder.js';
import type { Replacements } from './replacements.js';
import { withReturning } from './returning.js';
import { unrecordedMethods, unrecordedWrite } from './unrecorded.js';

type Method = (this: object, ...args: unknown[]) => Promise<unknown>;

/** The methods that write one row, with the place of their arguments. */
const verbs = {
  insert: { values: null, where: null, options: 3 },
  update: { values: 2, where: 3, options: 4 },
  delete: { values: null, where: 2, options: 3 },
} as const;

/** Those that can change or remove rows, with the place of the table among their arguments. */
const changers = {
  insert: 1,
  update: 1,
  delete: 1,
  bulkInsert: 0,
  bulkUpdate: 0,
  bulkDelete: 0,
  upsert: 0,
  increment: 1,
  decrement: 1,
} as const;

type WriteOptions = { readonly audit?: AuditContext | false; readonly searchPath?: string };

export interface GateParts {
  readonly sequelize: Sequelize;
  readonly AuditLog: AuditLogModel;
  readonly models: AuditedModels;
  readonly contexts: Contexts;
  readonly recorder: Recorder;
  /** Told of every write that comes through, so that the hooks need not record it. */
  readonly onPassed: (instance: Model) => void;
  /** Told, before it runs, of a write that comes through unrecorded; what this throws refuses it. */
  readonly onUnaudited: (write: UnauditedWrite) => void;
}

export class Gate {
  readonly #parts: GateParts;
  /** A view of the Sequelize instance whose dialect runs queries through the recorder. */
  readonly #audited: object;
  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#audited = auditedView(parts);
  }

  install(queryInterface: Replacements): void {
    for (const name of Object.keys(changers) as (keyof typeof changers)[])
      queryInterface.replace(name, this.#refuseLog(name));
    for (const name of Object.keys(unrecordedMethods) as (keyof typeof unrecordedMethods)[])
      queryInterface.replace(name, this.#report(name));
    for (const name of Object.keys(verbs) as (keyof typeof verbs)[]) queryInterface.replace(name, this.#audit(name));
  }

  /** Wraps a method that writes one row. */
  #audit(verb: keyof typeof verbs): (original: Method) => Method {
    const parts = this.#parts;
    const audited = this.#audited;
    return (original) =>
      async function (...args) {
        const call = callOf(verb, args, parts);
        if (!call) return original.apply(this, args);
        const sequelize = Object.assign(Object.create(audited) as object, { call });
        return original.apply(Object.create(this, { sequelize: { value: sequelize } }) as object, args);
      };
  }

  /** Wraps a method whose writes are not recorded. */
  #report(name: keyof typeof unrecordedMethods): (original: Method) => Method {
    const { sequelize, models, onUnaudited } = this.#parts;
    return (original) =>
      async function (...args) {
        const write = unrecordedWrite(name, args, sequelize, models);
        if (write) onUnaudited(write);
        return original.apply(this, args);
      };
  }

  /** Wraps a method that could change the log behind the back of its model. */
  #refuseLog(name: keyof typeof changers): (original: Method) => Method {
    const { AuditLog } = this.#parts;
    const log = tableKeyOf(AuditLog.getTableName());
    return (original) =>
      async function (...args) {
        // To add an entry is not to change one, unless it would take the place of another.
        const isAddition = /insert/i.test(name) && !args.some((argument) => hasKey(argument, 'updateOnDuplicate'));
        if (!isAddition && tableKeyOf(args[changers[name]]) === log)
          throw immutable(AuditLog.name, `queryInterface.${name}`);
        return original.apply(this, args);
      };
  }
}

/** What a call to the query interface writes; null when it is none of ours. */
function callOf(
  verb: keyof typeof verbs,
  args: readonly unknown[],
  { sequelize, models, contexts }: GateParts,
): Call | null {
  const [instance, table] = args as [Model | null | undefined, unknown];
  if (
    !instance ||
    !(instance instanceof (sequelize as unknown as { Sequelize: { Model: typeof Model } }).Sequelize.Model)
  )
    return null;
  const audited = models.of(instance.constructor as ModelStatic<Model>);
  const options = (args[verbs[verb].options] ?? {}) as WriteOptions;
  if (!audited || options.audit === false) return null;
  const { where, values } = verbs[verb];
  return {
    verb,
    audited,
    modelName: modelNameIn(options.searchPath, audited),
    instance,
    table,
    fields: values === null ? [] : Object.keys(args[values] as object),
    where: where === null ? null : (args[where] as object),
    context: contexts.current(options.audit),
  };
}

/** A view of the Sequelize instance that differs in one thing: statements run through it are recorded. */
function auditedView({ sequelize, recorder, onPassed }: GateParts): object {
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

function hasKey(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && (value as Record<string, unknown>)[key] !== undefined;
}

/** A search path leads to the table of a schema, as `Model.schema()` does. */
function modelNameIn(searchPath: string | undefined, { modelName }: AuditedModel): string {
  return searchPath && searchPath !== 'DEFAULT' ? `${searchPath}.${modelName}` : modelName;
}
