import { expect } from 'chai';
import { Deferrable, type ModelStatic, Transaction } from 'sequelize';
import { onEachDatabase } from '../setup/suite.js';
import { type Any, agrees, entries, likeBare, type Program, settled, type World, world } from './world.js';

const { ISOLATION_LEVELS } = Transaction;

/** Runs a program in a managed transaction with options; gives what the caller sees. */
const managed =
  (options: object, program: (given: World, transaction: Transaction) => Promise<unknown>): Program =>
  async (given, unused) => {
    await unused.rollback();
    return settled(given.sequelize.transaction(options, (transaction) => program(given, transaction)));
  };

onEachDatabase('A transaction', (database) => {
  for (const isolationLevel of Object.values(ISOLATION_LEVELS)) {
    it(`at ${isolationLevel} is recorded, and is what it is without us`, async () => {
      const program = managed({ isolationLevel }, async ({ Note }, transaction) => {
        const note = await Note.create({ title: 'a' }, { transaction });
        await note.update({ size: 1 }, { transaction });
        await Note.bulkCreate([{ title: 'b' }, { title: 'c' }], { transaction });
        await Note.destroy({ where: { title: 'b' }, transaction });
        return note.size;
      });

      const given = await likeBare(database, program);

      expect(await entries(given)).to.have.length(5);
    });
  }

  it('runs what waits for its commit once, in order, when its entries are there', async () => {
    const given = await world(database);
    const order: unknown[] = [];

    await given.sequelize.transaction(async (transaction) => {
      transaction.afterCommit(async () => {
        order.push('first', (await entries(given)).length);
      });
      await given.Note.create({ title: 'a' }, { transaction });
      await given.sequelize.transaction({ transaction } as object, async (savepoint) => {
        await given.Note.create({ title: 'b' }, { transaction: savepoint });
      });
      transaction.afterCommit(() => {
        order.push('second');
      });
    });

    expect(order).to.deep.equal(['first', 2, 'second']);
  });

  it('stays committed, with its entries, when what waits for its commit throws', async () => {
    const program = managed({}, async ({ Note }, transaction) => {
      transaction.afterCommit(() => Promise.reject(new Error('afterCommit')));
      await Note.create({ title: 'a' }, { transaction });
    });

    const given = await likeBare(database, program);

    expect(await entries(given)).to.have.length(1);
  });

  it('of another instance is refused in every kind of write, before anything is written', async () => {
    const given = await world(database);
    const { sequelize } = given;
    const note = await given.Note.create({ title: 'a' });
    const other = new (sequelize.constructor as new (options: object) => typeof sequelize)({
      dialect: 'sqlite',
      storage: ':memory:',
      logging: false,
    });
    const transaction = await other.transaction();
    const options = { transaction, where: {} };
    const { Note } = given;
    const writes: Record<string, () => Promise<unknown>> = {
      create: () => Note.create({ title: 'b' }, { transaction }),
      save: () => note.update({ title: 'b' }, { transaction }),
      destroy: () => note.destroy({ transaction }),
      increment: () => note.increment('size', { transaction }),
      bulkCreate: () => Note.bulkCreate([{ title: 'b' }], { transaction }),
      'Model.update': () => Note.update({ size: 2 }, options),
      'Model.destroy': () => Note.destroy(options),
    };

    for (const [name, write] of Object.entries(writes)) {
      const error = await write().catch((caught: unknown) => caught);
      expect(error, name).to.include({ code: 'ERR_AUDIT_TRANSACTION_FOREIGN' });
      expect(String(error), name).to.include('of another Sequelize instance');
    }
    await transaction.rollback();
    await other.close();
    await agrees(given);
    expect(await entries(given)).to.have.length(1);
  });
});

onEachDatabase(
  'A transaction',
  (database) => {
    it('that may only read refuses a write as without us, and leaves no entry', async () => {
      const readOnly = database.dialect === 'postgres' ? 'SET TRANSACTION READ ONLY' : 'START TRANSACTION READ ONLY';
      const program = managed({}, async ({ sequelize, Note }, transaction) => {
        await sequelize.query(readOnly, { transaction });
        await Note.create({ title: 'a' }, { transaction });
      });

      const given = await likeBare(database, program);

      expect(await entries(given)).to.deep.equal([]);
    });

    it('that may only read, and reads, is sent no statement of ours', async () => {
      const given = await world(database);
      const sent: string[] = [];

      await given.sequelize.transaction({ readOnly: true, logging: (sql: string) => sent.push(sql) }, (transaction) =>
        given.Note.findAll({ transaction, logging: (sql) => sent.push(sql) }),
      );

      expect(sent.filter((sql) => /Audit|SAVEPOINT/.test(sql))).to.deep.equal([]);
    });
  },
  ({ dialect }) => dialect !== 'sqlite',
);

onEachDatabase(
  'A constraint that is deferred to the commit',
  (database) => {
    const withChildren = async (given: World): Promise<ModelStatic<Any>> => {
      const Child = given.sequelize.define<Any>('Child', {
        noteId: {
          type: 'INTEGER',
          references: { model: 'Notes', key: 'id', deferrable: Deferrable.INITIALLY_DEFERRED as never },
        },
      });
      await Child.sync();
      return Child;
    };

    for (const place of ['in a transaction', 'without one']) {
      it(`fails as without us ${place}, and leaves neither row nor entry`, async () => {
        const program: Program = async (given, unused) => {
          await unused.rollback();
          const Child = await withChildren(given);
          const write = (options: object) => Child.create({ noteId: 99 }, options);
          const result = await settled(
            place === 'without one' ? write({}) : given.sequelize.transaction((transaction) => write({ transaction })),
          );
          const [[row]] = (await given.sequelize.query('SELECT count(*) AS count FROM "Children"')) as [
            [{ count: unknown }],
            unknown,
          ];
          return `${result} ${row.count}`;
        };

        const given = await likeBare(database, program);

        expect(await entries(given)).to.deep.equal([]);
      });
    }
  },
  ({ dialect }) => dialect === 'postgres' || dialect === 'sqlite',
);
