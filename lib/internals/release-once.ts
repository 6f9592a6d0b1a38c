/** Mends how Sequelize gives the connection of a transaction back. */
import type { TransactionInternals } from './driver.js';

/**
 * Has a transaction give its connection back once. Sequelize does so after every COMMIT and ROLLBACK it is asked for, and
 * takes a connection that has been given to another transaction meanwhile for its own.
 */
export function releaseOnce(root: TransactionInternals): void {
  let isReleased = false;
  for (const name of ['cleanup', 'forceCleanup'] as const) {
    const original = root[name];
    const value = () => {
      if (isReleased) return undefined;
      isReleased = true;
      return original.call(root);
    };
    Object.defineProperty(root, name, { value, configurable: true });
  }
}
