/** What is asked of a connection to SQLite, and of a transaction on it. */
import type { Connection, QueryOptions, TransactionInternals } from '../internals.js';
import type { Change, Run } from '../log/append.js';

/** Whether a transaction is open: then a BEGIN has to fail. */
export async function isOpen(run: Run): Promise<boolean> {
  try {
    await run('BEGIN;');
  } catch (error) {
    if (/within a transaction/.test(String(error))) return true;
    throw error;
  }
  await run('ROLLBACK;');
  return false;
}

/** Whether a connection is the only one there is to its database. */
export function isMemory(connection: Connection): boolean {
  return (connection as { filename?: string }).filename === ':memory:';
}

/** Whether its driver is the one that Sequelize knows, which makes statements that can be kept. */
export function canKeepStatements(connection: Connection): boolean {
  const { prepare, wait } = connection as { prepare?: unknown; wait?: unknown };
  return typeof prepare === 'function' && typeof wait === 'function';
}

export function isImmediate({ options }: TransactionInternals): boolean {
  return options.type === 'IMMEDIATE' || options.type === 'EXCLUSIVE';
}

export function setBusyTimeout(connection: Connection, milliseconds: number): void {
  (connection as { configure(option: 'busyTimeout', value: number): void }).configure('busyTimeout', milliseconds);
}

/** What an own transaction ends with. */
export interface Finish {
  readonly connection: Connection;
  readonly options: QueryOptions;
  readonly run: Run;
  readonly changes: readonly Change[];
  readonly isSmall: boolean;
  /** The statement that commits. */
  readonly last: string;
  /** Runs what commits, again where that can be. */
  readonly end: (task: () => Promise<unknown>) => Promise<void>;
}
