/** Where a reader of tables and log stands, so that it sees both as they were at one moment. */
import type { Sequelize, Transaction } from 'sequelize';
import { memoryConnectionOf, runOn, type TransactionInternals } from '../internals.js';
import type { HistoryOptions, HistoryParts } from './log-reader.js';
import { transactionFor } from './transaction-for.js';

/** Sends one SELECT, and gives its rows. */
export type Read = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/**
 * Runs `task` in the transaction of the options or of CLS, else in one of its own that sees one moment and only reads.
 * A transaction on the one connection of an SQLite database in memory would be that of everyone, so there it is none.
 */
export async function inSnapshot<T>(
  { sequelize, flush }: HistoryParts,
  options: HistoryOptions,
  task: (read: Read) => Promise<T>,
): Promise<T> {
  const open = transactionFor(sequelize, options);
  if (open) {
    await flush(open);
    return task(readerIn(sequelize, open));
  }
  const memory = await memoryConnectionOf(sequelize);
  if (memory) return task((sql) => runOn(sequelize, memory, sql));
  const { Transaction: Kinds } = (sequelize as unknown as { Sequelize: { Transaction: typeof Transaction } }).Sequelize;
  return sequelize.transaction(
    { isolationLevel: Kinds.ISOLATION_LEVELS.REPEATABLE_READ, type: Kinds.TYPES.DEFERRED },
    (transaction) => task(readerIn(sequelize, transaction as TransactionInternals)),
  );
}

/** Reads on the connection of a transaction, past everything else that Sequelize does about a query. */
export function readerIn(sequelize: Sequelize, transaction: TransactionInternals): Read {
  return (sql) => runOn(sequelize, transaction.connection, sql, undefined, transaction.options as object);
}
