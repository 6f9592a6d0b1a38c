/** The one file that touches what Sequelize 6 does not document; an upgrade of Sequelize is read against it. */
import type { Model, ModelStatic, Sequelize, Transaction } from 'sequelize';
import type {
  Connection,
  ConnectionManager,
  Query,
  QueryClass,
  QueryGenerator,
  QueryOptions,
  TransactionInternals,
} from './internals/driver.js';
import { sendToMariadb } from './internals/mariadb.js';
import { type OwnQuery, sendAllToSqlite, sendToSqlite } from './internals/sqlite.js';

export type * from './internals/driver.js';
export { preparing } from './internals/mariadb.js';
export { releaseOnce } from './internals/release-once.js';
export { isBusy, type SqliteLibrary, trySqlite } from './internals/sqlite.js';
export { ReadyConnection } from './internals/sqlite-statements.js';

interface SequelizeInternals {
  readonly dialect: object & { readonly Query: QueryClass };
  readonly queryInterface: Record<string, unknown>;
  readonly connectionManager: ConnectionManager;
  readonly options: SequelizeOptions;
  readonly config: { readonly database?: string };
  readonly modelManager: { readonly models: ModelStatic<Model>[]; removeModel(model: ModelStatic<Model>): void };
}

export interface SequelizeOptions {
  readonly define?: { readonly underscored?: boolean; readonly schema?: string };
  readonly schema?: string;
  readonly timezone?: string;
  readonly dialectOptions?: { readonly prependSearchPath?: boolean };
  readonly storage?: string;
  readonly host?: string;
  readonly replication?: { readonly write?: { readonly database?: string } } | false;
  readonly logging?: unknown;
  readonly showWarnings?: unknown;
  hooks: Record<string, unknown[]>;
}

interface ModelInternals {
  readonly primaryKeys: Readonly<Record<string, { readonly field?: string }>>;
  readonly uniqueKeys: Readonly<Record<string, { readonly fields: readonly string[] }>>;
  readonly _indexes: readonly { readonly unique?: boolean; readonly fields?: readonly unknown[] }[];
  readonly _schema?: string | null;
  readonly _timestampAttributes: TimestampAttributes;
  readonly _versionAttribute?: string;
  readonly autoIncrementAttribute?: string | null;
  readonly tableAttributes: object;
  readonly sequelize: Sequelize;
}

interface TimestampAttributes {
  readonly createdAt?: string;
  readonly updatedAt?: string;
  readonly deletedAt?: string;
}

/** Whether a value is an instance of whichever copy of Sequelize. */
export function isSequelize(value: unknown): value is Sequelize {
  return (
    typeof value === 'object' && value !== null && typeof (value as Partial<Sequelize>).getQueryInterface === 'function'
  );
}

/** The parts of a Sequelize instance that its types leave out. */
export function internalsOf(sequelize: Sequelize): SequelizeInternals {
  return sequelize as unknown as SequelizeInternals;
}

/** The database that is written. */
export function databaseOf(sequelize: Sequelize): string {
  const { options, config } = internalsOf(sequelize);
  return (options.replication || undefined)?.write?.database ?? config.database ?? '';
}

export function queryGeneratorOf(sequelize: Sequelize): QueryGenerator {
  return (sequelize.getQueryInterface() as unknown as { queryGenerator: QueryGenerator }).queryGenerator;
}

/** The schema a model's table stands in; `Model.schema()` gives a subclass with another. */
export function schemaOf(model: ModelStatic<Model>): string | null {
  return (model as unknown as ModelInternals)._schema ?? null;
}

export function timestampsOf(model: ModelStatic<Model>): TimestampAttributes {
  return (model as unknown as ModelInternals)._timestampAttributes;
}

/** The column that the database numbers. */
export function autoIncrementOf(model: ModelStatic<Model>): string | undefined {
  const { autoIncrementAttribute } = model as unknown as ModelInternals;
  if (!autoIncrementAttribute) return undefined;
  return model.getAttributes()[autoIncrementAttribute]?.field ?? autoIncrementAttribute;
}

export function versionAttributeOf(model: ModelStatic<Model>): string | undefined {
  return (model as unknown as ModelInternals)._versionAttribute;
}

/** Whether an attribute of this type has no column. */
export function isVirtual(type: unknown): boolean {
  return (type as { readonly key?: string }).key === 'VIRTUAL';
}

/** The attributes that have a column. Sequelize makes a new object whenever they change, so it can key a cache. */
export function tableAttributesOf(model: ModelStatic<Model>): object {
  return (model as unknown as ModelInternals).tableAttributes;
}

/** What Sequelize calls the type of an attribute, such as `BIGINT`. */
export function typeKeyOf(model: ModelStatic<Model>, attribute: string): string {
  return String((model.getAttributes()[attribute]?.type as { readonly key?: string } | undefined)?.key);
}

/** The columns of the primary key and of unique indexes, as far as the model declares them. */
export function keyFieldsOf(model: ModelStatic<Model>): ReadonlySet<string> {
  const { primaryKeys, uniqueKeys, _indexes } = model as unknown as ModelInternals;
  const unique = _indexes.filter((index) => index.unique).flatMap(({ fields }) => fields ?? []);
  return new Set([
    ...Object.entries(primaryKeys).map(([name, { field }]) => field ?? name),
    ...Object.values(uniqueKeys).flatMap(({ fields }) => fields),
    ...unique.map(nameOfField),
  ]);
}

/** The columns of each unique key that a model declares, besides its primary key. */
export function uniqueFieldsOf(model: ModelStatic<Model>): (readonly string[])[] {
  const { uniqueKeys, _indexes } = model as unknown as ModelInternals;
  const indexes = _indexes.filter(({ unique }) => unique).map(({ fields = [] }) => fields.map(nameOfField));
  return [...Object.values(uniqueKeys).map(({ fields }) => fields), ...indexes];
}

function nameOfField(field: unknown): string {
  return typeof field === 'string' ? field : String((field as { name?: string }).name);
}

/** The model of this name, which can be that of something that every object inherits. */
export function modelNamed({ models }: Sequelize, name: string): ModelStatic<Model> | undefined {
  return Object.hasOwn(models, name) ? models[name] : undefined;
}

export function sequelizeOf(model: ModelStatic<Model>): Sequelize {
  return (model as unknown as ModelInternals).sequelize;
}

/** What the row held when it was loaded, as far as the instance knows. */
export function previousValuesOf(instance: Model): Readonly<Record<string, unknown>> {
  return (instance as unknown as { _previousDataValues: Record<string, unknown> })._previousDataValues;
}

/** Whether MySQL or MariaDB has rolled a whole transaction back to end a deadlock (ER_LOCK_DEADLOCK). */
export function isDeadlock(error: unknown): boolean {
  return (error as { original?: { errno?: number } | null }).original?.errno === 1213;
}

/** Whether a value is SQL for the database to work out: `literal`, `fn`, `col` and their like. */
export function isExpression(sequelize: Sequelize, value: unknown): boolean {
  const { Utils } = (sequelize as unknown as { Sequelize: { Utils: { SequelizeMethod: new () => object } } }).Sequelize;
  return value instanceof Utils.SequelizeMethod;
}

/** SQL as it stands, to put into a condition. */
export function literal(sequelize: Sequelize, sql: string): object {
  return (sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize.literal(sql);
}

/** A value as a statement writes it, as SQL. @param model null where the table has none that is audited */
export function expressionOf(
  sequelize: Sequelize,
  model: ModelStatic<Model> | null,
  field: string,
  value: unknown,
  context: 'INSERT' | 'UPDATE',
): string {
  const attributes = Object.values(model?.getAttributes() ?? {});
  const attribute = attributes.find((candidate) => candidate.field === field);
  return queryGeneratorOf(sequelize).escape(value, attribute, { context });
}

/** The transaction that holds a savepoint, or the transaction itself. */
export function rootOf(transaction: TransactionInternals): TransactionInternals {
  let root = transaction;
  while (root.parent) root = root.parent;
  return root;
}

/** Whether a transaction is one of another instance, as those that share `Sequelize.useCLS` find each other's. */
export function isForeign(sequelize: Sequelize, transaction: TransactionInternals | undefined): boolean {
  return transaction !== undefined && rootOf(transaction).sequelize !== sequelize;
}

/**
 * The transaction a call runs in: given, refused with null, or that which `Sequelize.useCLS` has put around the running
 * code. One of another instance counts only when it is given.
 */
export function transactionOf(
  sequelize: Sequelize,
  options: { readonly transaction?: Transaction | null | undefined } | undefined,
): TransactionInternals | undefined {
  const given = options?.transaction as TransactionInternals | null | undefined;
  if (given !== undefined) return given ?? undefined;
  const { _cls } = sequelize.constructor as unknown as {
    _cls?: { get(key: string): TransactionInternals | undefined };
  };
  const found = _cls?.get('transaction') ?? undefined;
  return isForeign(sequelize, found) ? undefined : found;
}

/**
 * Runs a statement of ours on `connection`, past the hooks of the application but through its `logging`.
 *
 * @param parameters in the driver's own form: an array
 * @returns the rows of a SELECT
 */
export async function runOn(
  sequelize: Sequelize,
  connection: Connection,
  sql: string,
  parameters?: readonly unknown[],
  like: QueryOptions = {},
): Promise<readonly Record<string, unknown>[]> {
  const query = lazyQuery(sequelize, connection, sql, like);
  const dialect = sequelize.getDialect();
  if (dialect === 'sqlite') return sendToSqlite(query, connection, sqliteText(sql), parameters);
  if (dialect === 'mariadb') return sendToMariadb(query, connection, sql, parameters);
  const rows = await query.make().run(sql, parameters);
  return Array.isArray(rows) ? rows : [];
}

/** Runs several statements of ours as one on a connection of SQLite; those after one that fails are not run. */
export function runAllOn(
  sequelize: Sequelize,
  connection: Connection,
  sql: string,
  like: QueryOptions,
): Promise<unknown> {
  return sendAllToSqlite(lazyQuery(sequelize, connection, sql, like), connection, sqliteText(sql));
}

function lazyQuery(sequelize: Sequelize, connection: Connection, sql: string, like: QueryOptions): OwnQuery {
  return {
    isLogged: Boolean(loggingOf(sequelize, like)),
    make: () => ownQuery(sequelize, connection, sql, like),
  };
}

function loggingOf(sequelize: Sequelize, { logging }: QueryOptions): unknown {
  return logging === undefined ? internalsOf(sequelize).options.logging : logging;
}

/** To SQLite a text ends at U+0000, which values can hold and Sequelize writes as it is. */
function sqliteText(sql: string): string {
  return sql.includes('\0') ? sql.replaceAll('\0', "'||char(0)||'") : sql;
}

/** Sequelize's own query for a statement of ours, past the hooks of the application. */
function ownQuery(sequelize: Sequelize, connection: Connection, sql: string, like: QueryOptions): Query {
  const { dialect } = internalsOf(sequelize);
  return new dialect.Query(connection, sequelize, {
    type: /^(SELECT|WITH)\b/.test(sql) ? 'SELECT' : 'RAW',
    raw: true,
    // Without a list of tables SQLite asks for the column types of every table it reads.
    tableNames: [],
    logging: loggingOf(sequelize, like),
    benchmark: like.benchmark,
    searchPath: like.searchPath,
  });
}

/** Whether a transaction is open on a connection, by what the server of PostgreSQL, MySQL or MariaDB says. */
export async function isInTransaction(
  sequelize: Sequelize,
  connection: Connection,
  like: QueryOptions,
): Promise<boolean> {
  const run = (sql: string) => runOn(sequelize, connection, sql, undefined, like);
  if (sequelize.getDialect() !== 'postgres') {
    const [told] = await run('DO 0;');
    const status = told?.serverStatus ?? (connection as { info?: { status?: number } }).info?.status;
    // SERVER_STATUS_IN_TRANS of the protocol.
    return (Number(status) & 1) === 1;
  }
  try {
    await run('SAVEPOINT "sequelize-audit";');
    await run('RELEASE SAVEPOINT "sequelize-audit";');
    return true;
  } catch (error) {
    // PostgreSQL, appendix A: no_active_sql_transaction. A transaction that has failed is open all the same.
    return (error as { original?: { code?: string } }).original?.code !== '25P01';
  }
}

/** The only connection to an SQLite database in memory; null where there can be several. */
export async function memoryConnectionOf(sequelize: Sequelize): Promise<Connection | null> {
  const { connectionManager, options } = internalsOf(sequelize);
  const isInMemory = (options.storage ?? options.host ?? ':memory:') === ':memory:';
  return sequelize.getDialect() === 'sqlite' && isInMemory ? connectionManager.getConnection({}) : null;
}

/** A table as one text, whether Sequelize names it by a string or by an object with its schema. */
export function tableKeyOf(table: unknown): string {
  if (typeof table === 'string') return table;
  const { schema, tableName, delimiter } = (table ?? {}) as { schema?: string; tableName?: string; delimiter?: string };
  return schema ? `${schema}${delimiter ?? '.'}${tableName}` : String(tableName);
}
