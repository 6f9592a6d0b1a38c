/** Runs writes of the history so that they are done together or not at all. */
import type { Sequelize, Transaction } from 'sequelize';
import type { HistoryOptions } from './log-reader.js';
import { transactionFor } from './transaction-for.js';

/**
 * Runs `fn` in a transaction of its own, or in a savepoint of the one that is open, so that a failure leaves nothing
 * behind in it.
 *
 * @returns what `fn` returns
 */
export function inTransaction<T>(
  sequelize: Sequelize,
  options: HistoryOptions,
  fn: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const open = transactionFor(sequelize, options);
  const { Transaction: Types } = (sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
  // What reads first and writes later must be a writer of SQLite from the start, or another one comes between.
  const own = sequelize.getDialect() === 'sqlite' ? { type: Types.TYPES.IMMEDIATE } : {};
  return sequelize.transaction(open ? { transaction: open } : own, fn);
}
