/** What Sequelize 6 calls its drivers, queries and transactions by, where its types leave it out. */
import type { Sequelize, Transaction } from 'sequelize';

/** A driver's connection: what it can do depends on the dialect, so nothing is assumed but identity. */
export type Connection = object;

/** One statement as Sequelize runs it: `run` sends it and turns the driver's answer into Sequelize's. */
export interface Query {
  connection: Connection;
  readonly options: QueryOptions;
  run(sql: string, parameters?: unknown): Promise<unknown>;
  /** Logs the statement; what it returns is called when that is done. */
  _logQuery(sql: string, debug: (message: string) => void, parameters?: unknown): () => void;
  /** Makes Sequelize's error of the driver's. */
  formatError(error: Error, stack?: string): Error;
  /** SQLite only: called with the driver's statement, which knows the last rowid and the count of changes. */
  _handleQueryResponse?(
    statement: SqliteStatement,
    columnTypes: unknown,
    error: unknown,
    rows: unknown,
    ...rest: unknown[]
  ): unknown;
  /** SQLite only: `run` gives the driver's counts, `all` gives rows. */
  getDatabaseMethod?(): string;
  /** MySQL and MariaDB only: called with the driver's answer. */
  formatResults?(answer: MysqlAnswer): unknown;
}

/** What the drivers of MySQL and MariaDB say of a write. */
export interface MysqlAnswer {
  readonly affectedRows?: number;
  /** The first id that the statement generated. */
  readonly insertId?: number | bigint | string;
}

export interface SqliteStatement {
  readonly lastID?: number;
  readonly changes?: number;
}

export interface QueryOptions {
  readonly type?: string;
  readonly transaction?: TransactionInternals | null;
  readonly returning?: unknown;
  readonly exception?: unknown;
  readonly logging?: unknown;
  readonly benchmark?: unknown;
  readonly searchPath?: unknown;
  /** MySQL and MariaDB only. */
  readonly showWarnings?: unknown;
  /** Of an INSERT, as Sequelize works them out: what it does about rows that are there already. */
  readonly ignoreDuplicates?: unknown;
  readonly updateOnDuplicate?: readonly string[];
  readonly upsertKeys?: readonly string[];
  tableNames?: readonly string[];
}

export type QueryClass = new (connection: Connection, sequelize: object, options: object) => Query;

export interface QueryGenerator {
  quoteTable(table: unknown): string;
  quoteIdentifier(name: string): string;
  escape(value: unknown, attribute?: unknown, options?: { readonly context: 'INSERT' | 'UPDATE' }): string;
  getWhereConditions(where: unknown, prefix: null, model: unknown, options?: object): string;
  /** With the word WHERE, or empty. */
  whereQuery(where: unknown, options?: object): string;
}

export interface TransactionInternals extends Transaction {
  /** Of a savepoint, as the database knows it. */
  readonly name: string;
  readonly parent?: TransactionInternals;
  readonly connection: Connection;
  readonly sequelize: Sequelize;
  readonly options: { readonly type?: string };
  finished?: 'commit' | 'rollback';
  _afterCommitHooks: unknown[];
  /** Gives the connection back to the pool. */
  cleanup(): void;
  forceCleanup(): Promise<void>;
}

export interface ConnectionManager {
  /** The driver, as it was loaded. */
  readonly lib: unknown;
  getConnection(options: object): Promise<Connection>;
  /** SQLite only: the open connections by name; `default` serves all that runs outside a transaction. */
  connections?: Record<string, Connection>;
}
