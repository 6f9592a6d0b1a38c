import { expect } from 'chai';
import { attachAudit } from '../../lib/index.js';
import { isMysql } from '../../lib/record/encoding.js';
import { sqliteFile } from '../setup/databases.js';
import { onEachDatabase } from '../setup/suite.js';
import { withCls } from '../setup/transactions.js';
import type { Given } from './case.js';
import { differencesAt } from './differences.js';
import { defineModels, type Models } from './models.js';
import { snapshot } from './snapshot.js';
import { readTables } from './tables.js';
import { closeTwins, openTwins, type Twins } from './twins.js';
import { resetWorld, type World } from './world.js';

/**
 * What ids a program gets does not only depend on its own calls: on PostgreSQL and MySQL an upsert uses numbers up, also
 * where it updates; on SQLite Sequelize takes an id from the last rowid of the connection, which an upsert or an ignored
 * row leaves as it was. The numbers, and the guesses, right or wrong, are those of an application without the plugin.
 * What a program yields is compared.
 */
type Program = (given: Given) => AsyncGenerator<unknown>;

const dan = { email: 'dan@example.org' };
const eve = { email: 'eve@example.org' };
const fay = { email: 'fay@example.org' };

const programs: Readonly<Record<string, Program>> = {
  async *'create, then upsert of the same row'({ User }) {
    yield await User.create(dan);
    yield await User.upsert({ ...dan, name: 'X' });
    yield await User.upsert({ id: 1, ...dan, name: 'Y' });
  },
  async *'two creates, then upsert of the first'({ User }) {
    yield await User.create(dan);
    yield await User.create(eve);
    yield await User.upsert({ ...dan, name: 'X' });
  },
  async *'a create of another model, then upsert of what is there'({ User, Post, Tag }) {
    yield await User.create(dan);
    for (const title of ['one', 'two', 'three']) yield await Post.create({ title });
    yield await User.upsert({ ...dan, name: 'X' });
    yield await Tag.create({ name: 'red' });
    yield await User.upsert({ ...dan, name: 'Y' });
  },
  async *'update, destroy and a failing create between'({ User }) {
    const first = await User.create(dan);
    yield await User.create(eve);
    yield await first.update({ name: 'X' });
    yield await User.destroy({ where: eve });
    yield await User.create(dan).catch((error: unknown) => error);
    yield await User.upsert({ ...dan, name: 'Y' });
  },
  async *'reads of the log between'({ User, sequelize }) {
    yield await User.create(dan);
    yield await User.create(eve);
    await sequelize.models.AuditLog?.findAll();
    yield await User.upsert({ ...dan, name: 'X' });
  },
  async *'raw SQL between'({ User, sequelize }) {
    yield await User.create(dan);
    const table = sequelize.getQueryInterface().quoteIdentifier('Tags', true);
    yield await sequelize.query(`INSERT INTO ${table} VALUES ('red'), ('green'), ('blue')`);
    yield await User.upsert({ ...dan, name: 'X' });
    yield await User.bulkCreate([dan], { ignoreDuplicates: true });
  },
  async *'upserts that create'({ User, Setting }) {
    yield await User.upsert(dan);
    yield await User.upsert(eve);
    yield await User.upsert({ id: 50, ...fay });
    yield await User.upsert(dan);
    yield await Setting.upsert({ scope: 'a', key: 'x' });
    yield await Setting.upsert({ scope: 'a', key: 'x', value: 'new' });
    yield await User.upsert(eve);
  },
  async *'bulkCreate with generated ids and others'({ User }) {
    yield await User.bulkCreate([dan, { id: 700, ...eve }, { id: 41, ...fay }]);
    yield await User.bulkCreate([{ id: 9, email: 'gus@example.org' }, { email: 'hal@example.org' }]);
    yield await User.upsert(dan);
  },
  async *'bulkCreate, ignoreDuplicates'({ User }) {
    yield await User.bulkCreate([dan, eve]);
    yield await User.bulkCreate([dan, fay, eve], { ignoreDuplicates: true });
    yield await User.bulkCreate([dan, fay, eve], { ignoreDuplicates: true });
    yield await User.upsert(dan);
    yield await User.create(dan, { ignoreDuplicates: true }).catch((error: unknown) => error);
    yield await User.findOrCreate({ where: dan });
  },
  async *'bulkCreate, updateOnDuplicate'({ User }) {
    yield await User.bulkCreate([dan, eve]);
    yield await User.bulkCreate(
      [
        { ...dan, count: 5 },
        { ...fay, count: 5 },
      ],
      { updateOnDuplicate: ['count'], conflictAttributes: ['email'] as never },
    );
    yield await User.bulkCreate([{ ...dan, count: 6 }], {
      updateOnDuplicate: ['count'],
      conflictAttributes: ['email'] as never,
    });
    yield await User.upsert({ ...eve, count: 7 });
  },
  async *'writes in a transaction, then without'({ User, sequelize }) {
    yield await User.create(dan);
    yield await sequelize.transaction(async (transaction) => [
      await User.upsert({ ...dan, name: 'X' }, { transaction }),
      await User.create(eve, { transaction }),
      await User.upsert({ ...dan, name: 'Y' }, { transaction }),
      await User.bulkCreate([eve], { transaction, ignoreDuplicates: true }),
    ]);
    yield await User.upsert({ ...dan, name: 'Z' });
    yield await User.upsert({ ...eve, name: 'Z' });
  },
  async *'a savepoint that is rolled back, and what follows it'({ User, sequelize }) {
    yield await User.create(dan);
    yield await sequelize.transaction(async (transaction) => {
      const inner = await sequelize.transaction({ transaction });
      const created = await User.bulkCreate([eve, fay], { transaction: inner });
      await inner.rollback();
      return [created, await User.upsert({ ...dan, name: 'X' }, { transaction })];
    });
    yield await User.upsert({ ...dan, name: 'Y' });
  },
  async *'a transaction that is rolled back, and what follows it'({ User, sequelize }) {
    yield await User.create(dan);
    const transaction = await sequelize.transaction();
    yield await User.bulkCreate([eve, fay], { transaction });
    await transaction.rollback();
    yield await User.upsert({ ...dan, name: 'X' });
    yield await User.create(eve);
  },
  async *'a transaction out of CLS'({ User, sequelize }) {
    yield await User.create(dan);
    yield await withCls(() =>
      sequelize.transaction(async () => [await User.create(eve), await User.upsert({ ...dan, name: 'X' })]),
    );
    yield await User.upsert({ ...dan, name: 'Y' });
  },
  async *'direct calls'({ User, sequelize }) {
    const queryInterface = sequelize.getQueryInterface();
    const row = { scope: 'a', key: 'x', value: 'one' };
    const options = { model: sequelize.models.Setting, upsertKeys: ['scope', 'key'] };
    yield await User.bulkCreate([dan, eve, fay]);
    yield await queryInterface.bulkInsert('Settings', [row]);
    yield await queryInterface.upsert('Settings', row, { value: 'two' }, {}, options as never);
    yield await queryInterface.bulkInsert('Settings', [row], { ignoreDuplicates: true } as never);
    yield await queryInterface.insert(null as never, 'Tags', { name: 'red' });
    yield await User.upsert({ ...dan, name: 'X' });
  },
  async *'creates after everything that may use a number up'({ User, sequelize }) {
    yield await User.create(dan);
    yield await User.upsert({ ...dan, name: 'X' });
    yield await User.create(eve);
    yield await User.bulkCreate([dan, eve], { ignoreDuplicates: true });
    yield await User.create(fay);
    yield await User.create(dan).catch((error: unknown) => error);
    yield await User.findOrCreate({ where: eve });
    yield await User.findCreateFind({ where: eve });
    yield await User.create({ email: 'gus@example.org' });
    yield await User.bulkCreate([dan], { updateOnDuplicate: ['email'], conflictAttributes: ['email'] as never });
    const transaction = await sequelize.transaction();
    yield await User.bulkCreate([{ email: 'hal@example.org' }, { email: 'ian@example.org' }], { transaction });
    await transaction.rollback();
    yield await User.create({ email: 'joy@example.org' });
    yield await User.bulkCreate([{ email: 'kai@example.org' }, { email: 'leo@example.org' }]);
  },
  async *'a number that is taken'({ User, Draft }) {
    yield await User.bulkCreate([dan, eve]);
    yield await User.update({ id: 3 }, { where: dan });
    yield await User.upsert({ ...fay, name: 'X' }).catch((error: unknown) => error);
    yield await User.create({ email: 'gus@example.org' }).catch((error: unknown) => error);
    yield await Draft.bulkCreate([{ size: 1 }, { size: 2 }]);
    yield await Draft.increment('id' as never, { by: 2, where: { id: 1 } });
    yield await Draft.upsert({ size: 7 });
    yield await Draft.create({ size: 8 });
  },
  async *'an insert of rows that fails at the second'({ User }) {
    yield await User.bulkCreate([dan, eve]);
    yield await User.bulkCreate([fay, dan]).catch((error: unknown) => error);
    yield await User.upsert({ ...dan, name: 'X' });
    yield await User.create({ email: 'gus@example.org' });
  },
  async *'rows of which some are new and some are there, and upserts of those'({ User }) {
    const options = { updateOnDuplicate: ['name'], conflictAttributes: ['email'] as never };
    const gus = { email: 'gus@example.org' };
    yield await User.bulkCreate([dan, eve]);
    yield await User.bulkCreate([dan, fay], options);
    yield await User.upsert({ ...dan, name: 'X' });
    yield await User.bulkCreate([gus, eve], options);
    yield await User.upsert({ ...eve, name: 'X' });
  },
  async *'many at once'({ User, Tag }) {
    yield await Promise.all([User.create(dan), Tag.create({ name: 'red' }), User.bulkCreate([eve, fay])]);
    yield await User.upsert({ ...dan, name: 'X' });
  },
};

/**
 * Where they differ, and docs/what-is-not-recorded.md says so: what SQLite inserts past the gate, or inserts and takes
 * back, changes the number that Sequelize guesses from; and an upsert of PostgreSQL whose new number is taken by a row
 * overwrites it without the plugin, and draws the next number with it.
 */
const differing: Readonly<Record<string, readonly string[]>> = {
  sqlite: ['raw SQL between', 'an insert of rows that fails at the second'],
  postgres: ['a number that is taken'],
};

/**
 * What a program yields, and what it leaves behind. MySQL keeps `updatedAt` in seconds, and an upsert that changes nothing
 * has no id, with Sequelize alone as well: a run in which a second ends is done again.
 */
async function run(world: World<Models>, program: Program): Promise<unknown> {
  const second = () => Math.floor(Date.now() / 1000);
  for (;;) {
    const start = second();
    const done = await runOnce(world, program);
    if (second() === start || !isMysql(world.sequelize.getDialect())) return done;
  }
}

async function runOnce(world: World<Models>, program: Program): Promise<unknown> {
  const { sequelize, models } = world;
  await resetWorld(world);
  // So that no rowid of the log is an id of the application.
  await models.Setting.bulkCreate(Array.from({ length: 100 }, (_, index) => ({ scope: 'filler', key: String(index) })));
  const yielded: unknown[] = [];
  for await (const value of program({ sequelize, ...models })) yielded.push(snapshot(value));
  return { yielded, tables: await readTables(sequelize, Object.values(models)) };
}

onEachDatabase('The ids that a program gets', (database) => {
  let twins: Twins<Models>;
  before(async () => {
    if (database.isAvailable()) twins = await openTwins(database, defineModels);
  });
  after(() => closeTwins(twins));

  for (const [title, program] of Object.entries(programs)) {
    if (differing[database.dialect]?.includes(title)) continue;
    it(`are the same with the plugin and without: ${title}`, async () => {
      const bare = await run(twins.bare, program);
      const audited = await run(twins.audited, program);

      expect(differencesAt('', bare, audited)).to.deep.equal([]);
    });
  }
});

describe('An upsert on a connection that has inserted nothing', () => {
  const upsertLater = async ({ sequelize, models }: World<Models>, isAudited: boolean): Promise<unknown> => {
    await models.User.bulkCreate([dan, eve]);
    const later = await sqliteFile.connect({
      storage: (sequelize as unknown as { options: { storage: string } }).options.storage,
    });
    if (isAudited) attachAudit(later);
    const { User } = defineModels(later, () => undefined);
    const results = [
      await User.upsert({ ...eve, name: 'X' }),
      await User.bulkCreate([dan], { ignoreDuplicates: true }),
      await later.transaction((transaction) => User.upsert({ ...dan, name: 'X' }, { transaction })),
    ];
    await later.close();
    return snapshot(results);
  };

  it('guesses the same id as without the plugin', async () => {
    const twins = await openTwins(sqliteFile, defineModels);

    const bare = await upsertLater(twins.bare, false);
    const audited = await upsertLater(twins.audited, true);
    await closeTwins(twins);

    expect(differencesAt('', bare, audited)).to.deep.equal([]);
  });
});
