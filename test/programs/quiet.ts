/** Knows when nothing is under way any more: a call that fails leaves what it did in parallel running. */
import type { Sequelize } from 'sequelize';

/** Queries, and waits for a connection, that have begun and not ended. */
const underWay = new WeakMap<Sequelize, number>();

type Method = (...args: unknown[]) => Promise<unknown>;

/** Begins to count for an instance; more than once is no harm. */
export function watch(sequelize: Sequelize): void {
  if (underWay.has(sequelize)) return;
  underWay.set(sequelize, 0);
  count(sequelize, sequelize, 'query');
  const { connectionManager } = sequelize as unknown as { connectionManager: object };
  count(sequelize, connectionManager, 'getConnection');
}

function count(sequelize: Sequelize, object: object, name: string): void {
  const method = (object as Record<string, Method>)[name] as Method;
  const add = (change: number) => underWay.set(sequelize, (underWay.get(sequelize) ?? 0) + change);
  const counting = async function (this: unknown, ...args: unknown[]) {
    add(1);
    try {
      return await method.apply(this, args);
    } finally {
      add(-1);
    }
  };
  Object.defineProperty(object, name, { value: counting, configurable: true, writable: true });
}

/** Resolves when nothing is under way, and nothing has followed what was. */
export async function quiet(sequelize: Sequelize): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if ((underWay.get(sequelize) ?? 0) > 0) turns = 0;
  }
}
