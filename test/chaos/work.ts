/** What one writer does over and over: some writes, alone or in a transaction with savepoints. */
import type { Sequelize, Transaction } from 'sequelize';
import type { Random } from './random.js';
import type { Write } from './writes.js';

/** How a transaction is told to roll back. */
class ChangeOfMind extends Error {}

/** @returns whether it ended with a commit; a rollback may be what was wanted */
export async function work(sequelize: Sequelize, writes: readonly Write[], random: Random): Promise<boolean> {
  if (random.chance(0.45)) {
    await random.pick(writes)({});
    return true;
  }
  const body = (transaction: Transaction) => inside(sequelize, transaction, writes, random);
  const task = random.chance(0.7) ? sequelize.transaction(body) : unmanaged(sequelize, body);
  return task.then(
    () => true,
    (error: unknown) => {
      if (error instanceof ChangeOfMind) return false;
      throw error;
    },
  );
}

async function unmanaged(sequelize: Sequelize, body: (transaction: Transaction) => Promise<void>): Promise<void> {
  const transaction = await sequelize.transaction();
  try {
    await body(transaction);
  } catch (error) {
    await transaction.rollback().catch(() => undefined);
    throw error;
  }
  await transaction.commit();
}

async function inside(
  sequelize: Sequelize,
  transaction: Transaction,
  writes: readonly Write[],
  random: Random,
): Promise<void> {
  for (let left = 1 + random.integer(4); left > 0; left -= 1) {
    if (random.chance(0.3)) await savepoint(sequelize, transaction, writes, random);
    else await random.pick(writes)({ transaction });
  }
  if (random.chance(0.12)) throw new ChangeOfMind();
}

async function savepoint(
  sequelize: Sequelize,
  parent: Transaction,
  writes: readonly Write[],
  random: Random,
): Promise<void> {
  const body = async (transaction: Transaction) => {
    for (let left = 1 + random.integer(2); left > 0; left -= 1) await random.pick(writes)({ transaction });
    if (random.chance(0.4)) throw new ChangeOfMind();
  };
  await sequelize.transaction({ transaction: parent }, body).catch((error: unknown) => {
    if (!(error instanceof ChangeOfMind)) throw error;
  });
}
