/**
 * Notices what becomes of a caller's transaction without Sequelize: raw SQL that commits it, goes back to a savepoint
 * or defines a table, and errors with which a database rolls it back by itself.
 */
import type { Sequelize } from 'sequelize';
import { rootOf, type TransactionInternals } from '../internals.js';
import { isMysql } from '../record/encoding.js';
import { type Control, controlsOf } from './raw-control.js';
import type { SqlDialect } from './sql-tokens.js';
import type { Transactions } from './transactions.js';

type Send = () => Promise<unknown>;

export class TransactionWatch {
  readonly #transactions: Transactions;
  readonly #dialect: SqlDialect;

  constructor(sequelize: Sequelize, transactions: Transactions) {
    this.#transactions = transactions;
    this.#dialect = sequelize.getDialect() as SqlDialect;
  }

  /**
   * Sends a statement of a transaction.
   *
   * @param isOwn whether it is Sequelize's, and ends no transaction that is not meant to end
   */
  async send(transaction: TransactionInternals, text: string, isOwn: boolean, send: Send): Promise<unknown> {
    // Those of Sequelize itself are sent by `Transactions`, from within the line of the transaction.
    if (isOwn && /^(?:BEGIN|START|COMMIT|ROLLBACK|SAVEPOINT)\b/.test(text)) return send();
    const root = rootOf(transaction);
    const controls = isOwn ? [] : controlsOf(text, this.#dialect);
    try {
      return await (controls.length > 0 ? this.#control(root, controls, send) : send());
    } catch (error) {
      if (mayEnd(error, this.#dialect)) await this.#transactions.examine(root);
      throw error;
    }
  }

  async #control(root: TransactionInternals, controls: readonly Control[], send: Send): Promise<unknown> {
    const transactions = this.#transactions;
    const ends = controls.filter((control) => control.kind === 'end');
    if (ends.length > 0)
      return transactions.endBySql(
        root,
        ends.some(({ keepsRows }) => keepsRows),
        send,
      );
    return transactions.inLine(root, async () => {
      const result = await send();
      for (const control of controls) if (control.kind !== 'end') transactions.follow(root, control);
      return result;
    });
  }
}

/** Whether a database may have rolled a whole transaction back with the error of one statement. */
function mayEnd(error: unknown, dialect: SqlDialect): boolean {
  if (dialect === 'sqlite') return true;
  const { sqlState } = (error as { original?: { sqlState?: string } | null }).original ?? {};
  // Classes of SQLSTATE: 22 and 23 are wrong values, 42 is wrong SQL.
  return isMysql(dialect) && sqlState !== undefined && !/^(22|23|42)/.test(sqlState);
}
