/** The transaction that a reader of the log runs in. */
import type { Sequelize, Transaction } from 'sequelize';
import { foreignTransaction } from '../errors.js';
import { isForeign, type TransactionInternals, transactionOf } from '../internals.js';

/**
 * @returns that of the options or of CLS; undefined when there is none
 * @throws AuditError ERR_AUDIT_TRANSACTION_FOREIGN
 */
export function transactionFor(
  sequelize: Sequelize,
  options: { readonly transaction?: Transaction | null },
): TransactionInternals | undefined {
  const transaction = transactionOf(sequelize, options);
  if (isForeign(sequelize, transaction)) throw foreignTransaction('A reader of the log');
  return transaction;
}
