/** The ways in which a write can be in a transaction when its entry is refused. */
import type { Transaction } from 'sequelize';
import { withCls } from '../setup/transactions.js';
import type { World } from './world.js';

export type Write = (options: { transaction?: Transaction }) => Promise<unknown>;

export interface Part {
  readonly write: Write;
  /** To be called with each transaction that has begun. */
  readonly begun: (transaction: Transaction) => Promise<unknown>;
}

/** Rejects with what the caller of the last step is told. */
export type Mode = (given: World, part: Part) => Promise<unknown>;

const read = ({ audit, Note }: World, transaction: Transaction) => audit.history(Note, 1).revisions({ transaction });

export const modes: Readonly<Record<string, Mode>> = {
  'without a transaction': (_, { write }) => write({}),

  'at the commit of a managed transaction': ({ sequelize }, { write, begun }) =>
    sequelize.transaction(async (transaction) => {
      await begun(transaction);
      await write({ transaction });
    }),

  'at commit(), which the catch block of the manual follows': async ({ sequelize }, { write, begun }) => {
    const transaction = await sequelize.transaction();
    try {
      await begun(transaction);
      await write({ transaction });
      await transaction.commit();
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  },

  'at the commit of a transaction that CLS finds': ({ sequelize }, { write, begun }) =>
    withCls(() =>
      sequelize.transaction(async (transaction) => {
        await begun(transaction);
        await write({});
      }),
    ),

  'at the commit around a savepoint': ({ sequelize }, { write, begun }) =>
    sequelize.transaction(async (outer) => {
      await begun(outer);
      await sequelize.transaction({ transaction: outer }, (transaction) => write({ transaction }));
    }),

  'by a read of the history': (given, { write, begun }) =>
    given.sequelize.transaction(async (transaction) => {
      await begun(transaction);
      await write({ transaction });
      await read(given, transaction);
    }),

  'by a read of the history whose error is swallowed': (given, { write, begun }) =>
    given.sequelize.transaction(async (transaction) => {
      await begun(transaction);
      await write({ transaction });
      await read(given, transaction).catch(() => undefined);
    }),

  'by a read of the history in a savepoint, and again at the commit': (given, { write, begun }) =>
    given.sequelize.transaction(async (outer) => {
      await begun(outer);
      await write({ transaction: outer });
      await given.sequelize.transaction({ transaction: outer }, (inner) => read(given, inner)).catch(() => undefined);
    }),
};
