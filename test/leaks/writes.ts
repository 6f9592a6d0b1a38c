/** The writes of a run: each kind does a few, and says how many. */
import { BaseError, type Transaction, UniqueConstraintError } from 'sequelize';
import { refused, type World } from './world.js';

/** @returns the number of writes, each one call; those that fail count as well */
export type Kind = (world: World, turn: number) => Promise<number>;

class ChangeOfMind extends Error {}

export const kinds: Readonly<Record<string, Kind>> = {
  'an instance': async ({ Note, audit }, turn) => {
    const note = await Note.create(content(turn));
    await note.update({ title: `later ${turn}`, data: { turn, list: [turn, 1] } });
    await audit.run({ actor: `actor ${turn}`, meta: { turn } }, () => note.increment('size'));
    await note.destroy();
    return 4;
  },
  'instances side by side': async ({ Note }, turn) => {
    const notes = await Promise.all(Array.from({ length: 40 }, (_, index) => Note.create(content(turn + index))));
    await Promise.all(notes.map((note) => note.update({ title: `beside ${turn}` })));
    return 80;
  },
  'a transaction with savepoints': async ({ sequelize, Parent, Child }, turn) => {
    await sequelize.transaction(async (transaction) => {
      const parent = await Parent.create(family(turn), { transaction, include: ['children'] });
      await within(sequelize, transaction, (inner) => parent.update({ name: 'kept' }, { transaction: inner }));
      const undone = within(sequelize, transaction, async (inner) => {
        await Child.destroy({ where: { parentId: parent.get('id') }, transaction: inner });
        throw new ChangeOfMind();
      });
      await swallow(undone, ChangeOfMind);
      await parent.destroy({ transaction });
    });
    return 6;
  },
  'many rows': async ({ Account }, turn) => {
    const rows = Array.from({ length: 5 }, (_, index) => ({ code: `${turn} ${index}`, count: index }));
    await Account.bulkCreate(rows);
    await Account.bulkCreate(rows, { updateOnDuplicate: ['count'] });
    await Account.update({ count: turn }, { where: { code: rows.map(({ code }) => code) } });
    await Account.destroy({ where: { code: `${turn} 0` }, individualHooks: true });
    return 4;
  },
  'an upsert': async ({ Account }, turn) => {
    await Account.upsert({ code: `code ${turn}`, count: 1 });
    await Account.upsert({ code: `code ${turn}`, count: 2 });
    return 2;
  },
  'a transaction that is rolled back': async ({ sequelize, Note }, turn) => {
    const transaction = await sequelize.transaction();
    const note = await Note.create(content(turn), { transaction });
    await note.update({ title: 'undone' }, { transaction });
    await transaction.rollback();
    return 2;
  },
  'a write that the database refuses': async ({ sequelize, Account }, turn) => {
    const row = { code: `twice ${turn}`, count: 1 };
    await Account.create(row);
    await swallow(Account.create(row), UniqueConstraintError);
    const inside = sequelize.transaction((transaction) => Account.create(row, { transaction }));
    await swallow(inside, UniqueConstraintError);
    return 3;
  },
  'an entry that the database refuses': async ({ sequelize, Note }, turn) => {
    const audit = { reason: refused };
    await swallow(Note.create(content(turn), { audit }), BaseError);
    const inside = sequelize.transaction((transaction) => Note.create(content(turn), { transaction, audit }));
    await swallow(inside, BaseError);
    return 2;
  },
  'a history that is read': async ({ Note, audit }, turn) => {
    const note = await Note.create(content(turn));
    await note.update({ title: 'second' });
    await audit.history(note).at(1);
    await audit.history(note).revertTo(1);
    return 3;
  },
};

function content(turn: number): Record<string, unknown> {
  return {
    title: `note ${turn}`,
    data: { turn, text: 'x'.repeat(50) },
    seenAt: new Date(turn),
    size: turn,
    picture: Buffer.from(`picture ${turn}`),
  };
}

function family(turn: number): Record<string, unknown> {
  return { name: `parent ${turn}`, count: 0, children: [{ label: 'one' }, { label: 'two' }] };
}

function within(
  sequelize: World['sequelize'],
  transaction: Transaction,
  task: (inner: Transaction) => Promise<unknown>,
): Promise<unknown> {
  return sequelize.transaction({ transaction } as object, task);
}

/** Waits for the error that has to come. */
async function swallow(promise: Promise<unknown>, expected: abstract new (...parts: never[]) => Error): Promise<void> {
  const caught = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(caught instanceof expected)) throw new Error(`Expected ${expected.name}`, { cause: caught });
}
