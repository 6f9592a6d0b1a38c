/** Transactions that can deadlock, the same with and without the plugin, and how often they do. */
import { DataTypes, type ModelStatic, Op, QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { type Any, isConflict, type WriteOptions } from './counters.js';

/** How many transactions begin at once in each round, half of them in the one order and half in the other. */
export const writers = 8;
const rows = 200;

interface Turn {
  readonly Item: ModelStatic<Any>;
  readonly transaction: Transaction;
  readonly writer: number;
  readonly round: number;
}

type Work = (turn: Turn) => Promise<unknown>;

/** What a transaction does. */
export const scenarios: Readonly<Record<string, Work>> = {
  'bulk updates of two halves, in opposite order': async ({ Item, transaction, writer, round }) => {
    for (const half of turned([0, 1], writer)) await Item.update({ size: round }, { where: { half }, transaction });
  },
  'one bulk update, by indices that run in opposite order': ({ Item, transaction, writer, round }) => {
    const range = { [Op.between]: [50, 80] };
    // The same rows: what is 50 to 80 up is 120 to 150 down.
    const back = { [Op.between]: [rows - 80, rows - 50] };
    const where = writer % 2 ? { up: range } : { down: back };
    return Item.update({ size: round }, { where, transaction });
  },
  'a bulk update and single ones, by turns from either end': async ({ Item, transaction, writer, round }) => {
    if (writer % 2) return Item.update({ size: round }, { where: { half: 1 }, transaction });
    for (const id of turned([rows - 30, rows - 20, rows - 10, rows], round))
      await Item.update({ size: round }, { where: { id }, transaction });
    return undefined;
  },
  'bulk destroys and creations in the same range': async ({ Item, transaction, writer, round }) => {
    const up = 1000 + (writer % 2);
    await Item.bulkCreate([content(`made ${round} ${writer}`, up)], { transaction });
    await Item.destroy({ where: { up }, transaction });
  },
  'upserts of rows that are there, in opposite order': async ({ Item, transaction, writer, round }) => {
    for (const number of turned([10, 20, 30], writer))
      await Item.upsert({ ...content(`code ${number}`, number), size: round }, { transaction });
  },
  'upserts of new rows, each its own': async ({ Item, transaction, writer, round }) => {
    for (const number of [0, 1, 2])
      await Item.upsert(content(`new ${round} ${writer} ${number}`, number), { transaction });
  },
  'upserts of the same new rows, in one order': async ({ Item, transaction, round }) => {
    for (const number of [0, 1]) await Item.upsert(content(`same ${round} ${number}`, number), { transaction });
  },
  'bulk upserts of rows new and there': async ({ Item, transaction, writer, round }) => {
    const codes = [`some ${round} ${writer}`, 'code 40', 'code 50'];
    await Item.bulkCreate(
      codes.map((code) => ({ ...content(code, 1), size: round })),
      { transaction, updateOnDuplicate: ['size'] },
    );
  },
  'bulk inserts that ignore what is there': async ({ Item, transaction, writer, round }) => {
    const codes = [`other ${round} ${writer}`, 'code 60', 'code 70'];
    await Item.bulkCreate(
      codes.map((code) => content(code, 1)),
      { transaction, ignoreDuplicates: true },
    );
  },
  'upserts without a transaction beside transactions that create': async ({ Item, transaction, writer, round }) => {
    for (const number of [0, 1, 2]) {
      const row = content(`beside ${round} ${writer} ${number}`, number);
      await (writer % 2 ? Item.upsert(row) : Item.create(row, { transaction }));
    }
  },
};

export interface Arm {
  readonly sequelize: Sequelize;
  readonly Item: ModelStatic<Any>;
}

/**
 * Deadlocks without the plugin, without it but in transactions that hold their locks as long, and with it. Longer ones
 * meet more often, whatever they lock.
 */
export interface Counts {
  readonly bare: number;
  readonly slow: number;
  readonly audited: number;
}

/** Three instances on one database, each with a table of its own. */
export async function armsOf(connect: () => Promise<Sequelize>): Promise<Readonly<Record<keyof Counts, Arm>>> {
  const [bare, slow, audited] = [await connect(), await connect(), await connect()];
  attachAudit(audited);
  for (const name of ['afterBulkUpdate', 'afterBulkDestroy', 'afterBulkCreate', 'afterCreate', 'afterUpsert'] as const)
    slow.addHook(name, (...parts: unknown[]) => linger(slow, parts.at(-1) as WriteOptions));
  return { bare: await arm(bare, 'Bare'), slow: await arm(slow, 'Slow'), audited: await arm(audited, 'Audited') };
}

/** Runs a scenario in the arms in turn. Whoever deadlocks tries again. */
export async function count(arms: Readonly<Record<keyof Counts, Arm>>, work: Work, rounds: number): Promise<Counts> {
  const counts = { bare: 0, slow: 0, audited: 0 };
  for (let round = 0; round < rounds; round += 1)
    for (const name of turned(['bare', 'slow', 'audited'] as const, round))
      counts[name] += await collide(arms[name], work, round);
  return counts;
}

/** As many statements as the plugin sends after a write, on the connection that holds its locks. */
async function linger(sequelize: Sequelize, { transaction }: WriteOptions): Promise<void> {
  for (let left = transaction ? 3 : 0; left > 0; left -= 1)
    await sequelize.query('SELECT 1', { type: QueryTypes.SELECT, transaction: transaction as Transaction });
}

async function collide({ sequelize, Item }: Arm, work: Work, round: number): Promise<number> {
  let deadlocks = 0;
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (;;) {
        try {
          return await sequelize.transaction((transaction) => work({ Item, transaction, writer, round }));
        } catch (error) {
          if (!isConflict(error)) throw error;
          deadlocks += 1;
        }
      }
    }),
  );
  return deadlocks;
}

async function arm(sequelize: Sequelize, name: string): Promise<Arm> {
  const { INTEGER, STRING } = DataTypes;
  const Item = sequelize.define<Any>(
    name,
    { code: { type: STRING, unique: true }, half: INTEGER, up: INTEGER, down: INTEGER, size: INTEGER },
    { timestamps: false, indexes: [{ fields: ['up'] }, { fields: ['down'] }] },
  );
  await sequelize.sync();
  await Item.bulkCreate(Array.from({ length: rows }, (_, index) => content(`code ${index + 1}`, index + 1)));
  return { sequelize, Item };
}

function content(code: string, number: number): Record<string, unknown> {
  return { code, half: number > rows / 2 ? 1 : 0, up: number, down: rows - number, size: 0 };
}

/** Every second writer goes the other way. */
function turned<T>(list: readonly T[], writer: number): readonly T[] {
  return writer % 2 ? list.toReversed() : list;
}
