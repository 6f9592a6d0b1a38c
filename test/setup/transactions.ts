/** The ways in which a caller can have a transaction around a write. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Sequelize, type Transaction } from 'sequelize';

type Options = { transaction?: Transaction };

export interface TransactionMode {
  readonly name: string;
  /** Runs a write with the options that put it into the transaction of this mode. */
  run(sequelize: Sequelize, write: (options: Options) => Promise<unknown>): Promise<unknown>;
}

export const transactionModes: readonly TransactionMode[] = [
  { name: 'no transaction', run: (_, write) => write({}) },
  {
    name: 'a managed transaction',
    run: (sequelize, write) => sequelize.transaction((transaction) => write({ transaction })),
  },
  {
    name: 'an unmanaged transaction',
    run: async (sequelize, write) => {
      const transaction = await sequelize.transaction();
      const result = await write({ transaction }).catch(async (error: unknown) => {
        await transaction.rollback();
        throw error;
      });
      await transaction.commit();
      return result;
    },
  },
  { name: 'a CLS transaction', run: (sequelize, write) => withCls(() => sequelize.transaction(() => write({}))) },
  {
    name: 'a savepoint',
    run: (sequelize, write) =>
      sequelize.transaction((outer) =>
        sequelize.transaction({ transaction: outer }, (transaction) => write({ transaction })),
      ),
  },
];

/** Runs `task` while Sequelize finds transactions in async context. */
export async function withCls<T>(task: () => Promise<T>): Promise<T> {
  const storage = new AsyncLocalStorage<Map<string, unknown>>();
  const namespace = {
    run: (fn: (context: unknown) => unknown) => storage.run(new Map(), () => fn(storage.getStore())),
    get: (key: string) => storage.getStore()?.get(key),
    set: (key: string, value: unknown) => storage.getStore()?.set(key, value),
    bind: (fn: unknown) => fn,
  };
  Sequelize.useCLS(namespace as never);
  try {
    return await task();
  } finally {
    delete (Sequelize as unknown as { _cls?: unknown })._cls;
    storage.disable();
  }
}
