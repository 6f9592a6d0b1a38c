import { expect } from 'chai';
import { onEachDatabase } from '../setup/suite.js';
import { type Given, household, type Options, taggedPost } from './case.js';
import { type Any, defineModels, type Models } from './models.js';
import { readTables } from './tables.js';
import { closeTwins, openTwins, type Twins } from './twins.js';
import { resetWorld, type World } from './world.js';

/** Calls of every kind, each on rows of its own. */
const calls: readonly ((given: Given, options: Options) => Promise<unknown>)[] = [
  ({ User }, options) => User.create({ email: 'one@example.org' }, options),
  ({ User }, options) => User.findOrCreate({ ...options, where: { email: 'two@example.org' } }),
  ({ User }, options) => User.upsert({ email: 'three@example.org' }, options),
  ({ Item }, options) => Item.bulkCreate([{ size: 1 }, { size: 2 }], { ...options, individualHooks: true }),
  ({ User, Post, Account }, options) =>
    User.create(
      { email: 'four@example.org', Posts: [{ title: 'four' }, { title: 'five' }], Account: { code: 'four' } },
      { ...options, include: [Post, Account] },
    ),
  ({ Tag }, options) => Tag.update({ name: 'violet' }, { ...options, where: { name: 'blue' } }),
  ({ Setting }, options) => Setting.update({ value: 'X' }, { ...options, where: {}, individualHooks: true }),
  ({ Draft }, options) => Draft.increment('size', { ...options, where: {} }),
];

/** Hooks that read, in the transaction of the call or on a connection of the pool. */
function reading({ models }: World<Models>): World['effects'] {
  const read = (_: Any, { transaction }: Options) => models.Tag.count(transaction ? { transaction } : {});
  return { beforeCreate: read, afterCreate: read, beforeUpdate: read, afterUpdate: read };
}

onEachDatabase(
  'A small pool',
  (database) => {
    for (const max of [1, 2]) {
      describe(`of ${max}`, () => {
        let twins: Twins<Models>;
        before(async () => {
          if (!database.isAvailable()) return;
          twins = await openTwins(database, defineModels, { pool: { max, acquire: 5000, idle: 600_000 } });
        });
        after(() => closeTwins(twins));

        /** What became of calls that were made at once, and the connections that were opened for them. */
        const observe = async (
          world: World<Models>,
          all: (given: Given) => readonly Promise<unknown>[],
        ): Promise<unknown> => {
          const given = { sequelize: world.sequelize, ...world.models };
          await resetWorld(world);
          await taggedPost(given);
          await given.Setting.bulkCreate([{ scope: 'a', key: 'x' }]);
          await given.Draft.create({ size: 1 });
          world.effects = reading(world);
          world.isListening = true;
          const settled = await Promise.allSettled(all(given));
          world.isListening = false;
          const tables = await readTables(world.sequelize, Object.values(world.models));
          return {
            outcomes: settled.map((each) => (each.status === 'rejected' ? String(each.reason) : 'done')),
            // Who comes first gets the first id.
            rows: Object.entries(tables).map(([table, rows]) => `${table}: ${(rows as unknown[]).length}`),
            opened: world.opened,
          };
        };

        it('is enough for calls at once whose hooks read, as it is without the plugin', async () => {
          const all = (given: Given) => calls.map((call) => call(given, {}));

          const bare = await observe(twins.bare, all);
          const audited = await observe(twins.audited, all);

          expect(bare).to.deep.include({ outcomes: calls.map(() => 'done') });
          expect(audited).to.deep.equal(bare);
        });

        it('is enough for transactions at once whose hooks read in them', async () => {
          const all = (given: Given) =>
            calls.map((call) => given.sequelize.transaction((transaction) => call(given, { transaction })));

          const bare = await observe(twins.bare, all);
          const audited = await observe(twins.audited, all);

          expect(bare).to.deep.include({ outcomes: calls.map(() => 'done') });
          expect(audited).to.deep.equal(bare);
        });

        it('is enough to destroy a record with all that belongs to it', async () => {
          const all = (given: Given) => [household(given).then((owner) => owner.destroy())];

          const bare = await observe(twins.bare, all);
          const audited = await observe(twins.audited, all);

          expect(audited).to.deep.equal(bare);
        });
      });
    }
  },
  ({ dialect }) => dialect !== 'sqlite',
);
