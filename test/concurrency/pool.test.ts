import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

interface World {
  readonly sequelize: Sequelize;
  readonly Note: ModelStatic<Any>;
  readonly Trace: ModelStatic<Any>;
}

/** Notes whose hooks read and write on a connection of their own, whatever the write is in. */
async function world(database: Database, pool: object, isAttached: boolean): Promise<World> {
  const sequelize = await connect(database, { pool });
  if (isAttached) attachAudit(sequelize);
  const Trace = sequelize.define<Any>(
    'Trace',
    { text: DataTypes.STRING, size: DataTypes.INTEGER },
    { timestamps: false },
  );
  const trace = (text: string) => async () => {
    const { id } = await Trace.create({ text, size: await Trace.count({ where: { size: -1 } }) });
    await Trace.update({ size: 1 }, { where: { id: id as number } });
  };
  const Note = sequelize.define<Any>(
    'Note',
    { name: { type: DataTypes.STRING, unique: true }, size: { type: DataTypes.INTEGER, defaultValue: 0 } },
    {
      timestamps: false,
      hooks: {
        beforeCreate: trace('beforeCreate'),
        afterCreate: trace('afterCreate'),
        beforeUpdate: trace('beforeUpdate'),
        afterUpdate: trace('afterUpdate'),
        beforeDestroy: trace('beforeDestroy'),
        afterDestroy: trace('afterDestroy'),
        beforeBulkUpdate: trace('beforeBulkUpdate'),
      },
    },
  );
  await sequelize.sync();
  await Note.bulkCreate(Array.from({ length: 50 }, (_, index) => ({ name: `old ${index}` })));
  return { sequelize, Note, Trace };
}

/** The fifty writes, each on a row of its own. */
async function write({ Note }: World, index: number, options: object): Promise<unknown> {
  const old = Note.build({ id: index + 1, name: `old ${index}`, size: 0 }, { isNewRecord: false, raw: true });
  switch (index % 6) {
    case 0:
      return Note.create({ name: `new ${index}` }, options);
    case 1:
      return old.update({ size: index }, options);
    case 2:
      return old.destroy(options);
    case 3:
      return Note.bulkCreate([{ name: `new ${index}` }, { name: `newer ${index}` }], {
        ...options,
        individualHooks: true,
      });
    case 4:
      return Note.update({ size: index }, { where: { id: index + 1 }, individualHooks: true, ...options });
    default:
      return old.increment('size', options);
  }
}

/** What became of the writes, and how many rows there are. */
async function outcomeOf(given: World, writes: readonly Promise<unknown>[]): Promise<unknown> {
  const settled = await Promise.allSettled(writes);
  return {
    refusals: settled.flatMap((each) => (each.status === 'rejected' ? (each.reason as Error).name : [])),
    notes: await given.Note.count(),
    traces: await given.Trace.count(),
  };
}

async function agrees({ sequelize, Note, Trace }: World): Promise<void> {
  expect(foldLog(await readLog(sequelize))).to.deep.equal(await readTables([Note, Trace]));
}

onEachDatabase('A pool', (database) => {
  for (const max of [1, 2]) {
    it(`of ${max} is enough for 50 writes at once whose hooks read and write, as it is without the plugin`, async function () {
      this.timeout(120_000);
      const all = (given: World) => Array.from({ length: 50 }, (_, index) => write(given, index, {}));
      const pool = { max, acquire: 60_000 };
      const bare = await world(database, pool, false);
      const expected = await outcomeOf(bare, all(bare));
      const given = await world(database, pool, true);

      const outcome = await outcomeOf(given, all(given));

      expect(expected).to.deep.include({ refusals: [] });
      expect(outcome).to.deep.equal(expected);
      await agrees(given);
    });
  }
});

onEachDatabase(
  'A pool of one',
  (database) => {
    it('is too small for hooks that go past the transaction they are in, as it is without the plugin', async () => {
      const pool = { max: 1, acquire: 300 };
      const all = (given: World) => [given.sequelize.transaction((transaction) => write(given, 0, { transaction }))];
      const bare = await world(database, pool, false);
      const expected = await outcomeOf(bare, all(bare));
      const given = await world(database, pool, true);

      const outcome = await outcomeOf(given, all(given));

      expect(expected).to.deep.include({ refusals: ['SequelizeConnectionAcquireTimeoutError'], notes: 50 });
      expect(outcome).to.deep.equal(expected);
      await given.Note.create({ name: 'next' });
      await agrees(given);
    });
  },
  ({ dialect }) => dialect !== 'sqlite',
);
