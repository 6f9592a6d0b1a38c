/** The ways in which a write of the matrix can be in a transaction. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Sequelize } from 'sequelize';
import type { CallOptions } from './area.js';

export interface Mode {
  readonly name: string;
  /** Over its column; of seven characters at most. */
  readonly short: string;
  /** Whether all that is written is one transaction. */
  readonly isTransaction: boolean;
  /** Whether what is written stays. */
  readonly isKept: boolean;
  /**
   * Runs a write in this mode.
   *
   * @param mark writes one more row, which stays: an entry that has to outlive the savepoint beside it
   */
  run(
    sequelize: Sequelize,
    write: (options: CallOptions) => Promise<unknown>,
    mark: (options: CallOptions) => Promise<unknown>,
  ): Promise<unknown>;
}

export const modes: readonly Mode[] = [
  { name: 'no transaction', short: 'none', isTransaction: false, isKept: true, run: (_, write) => write({}) },
  {
    name: 'a transaction',
    short: 'trans.',
    isTransaction: true,
    isKept: true,
    run: (sequelize, write) => sequelize.transaction((transaction) => write({ transaction })),
  },
  {
    name: 'a CLS transaction',
    short: 'CLS',
    isTransaction: true,
    isKept: true,
    run: (sequelize, write) => withCls(() => sequelize.transaction(() => write({}))),
  },
  {
    name: 'a savepoint',
    short: 'savep.',
    isTransaction: true,
    isKept: true,
    run: (sequelize, write, mark) =>
      sequelize.transaction(async (outer) => {
        await mark({ transaction: outer });
        await sequelize.transaction({ transaction: outer }, (transaction) => write({ transaction }));
        await mark({ transaction: outer });
      }),
  },
  {
    name: 'a savepoint that is rolled back',
    short: 'rolled',
    isTransaction: true,
    isKept: false,
    run: (sequelize, write, mark) =>
      sequelize.transaction(async (outer) => {
        await mark({ transaction: outer });
        const transaction = await sequelize.transaction({ transaction: outer });
        try {
          await write({ transaction });
        } finally {
          await transaction.rollback();
        }
        await mark({ transaction: outer });
      }),
  },
];

// One for all cells, as each that was ever entered slows every promise down.
const storage = new AsyncLocalStorage<Map<string, unknown>>();
const namespace = {
  run: (fn: (context: unknown) => unknown) => storage.run(new Map(), () => fn(storage.getStore())),
  get: (key: string) => storage.getStore()?.get(key),
  set: (key: string, value: unknown) => storage.getStore()?.set(key, value),
  bind: (fn: unknown) => fn,
};

/** Runs `task` while Sequelize finds transactions in async context. */
async function withCls<T>(task: () => Promise<T>): Promise<T> {
  Sequelize.useCLS(namespace as never);
  try {
    return await task();
  } finally {
    delete (Sequelize as unknown as { _cls?: unknown })._cls;
  }
}
