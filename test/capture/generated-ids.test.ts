import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize, type Transaction } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { mariadb, mysql } from '../setup/databases.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';

const integer = DataTypes.INTEGER;

for (const database of [mariadb, mysql]) {
  describe(`ids that the database generates, on ${database.name}`, () => {
    let sequelize: Sequelize;
    let User: ModelStatic<Model>;
    let Post: ModelStatic<Model>;

    before(function () {
      if (!database.isAvailable()) this.skip();
    });

    beforeEach(async () => {
      sequelize = await database.connect();
      attachAudit(sequelize, { onUnaudited: 'ignore' });
      User = sequelize.define('User', { email: { type: DataTypes.STRING, unique: true } }, { timestamps: false });
      Post = sequelize.define(
        'Post',
        { slug: { type: integer, unique: true }, userId: { type: integer, references: { model: User, key: 'id' } } },
        { timestamps: false },
      );
      await sequelize.sync();
      await User.create({ id: 1, email: 'a' });
    });

    afterEach(() => sequelize?.close());

    async function expectExactLog(): Promise<void> {
      expect(foldLog(await readLog(sequelize))).to.deep.equal(await readTables([User, Post]));
    }

    const gone = { userId: 99 };
    const kept = { userId: 1 };
    for (const [name, rows] of Object.entries({
      'with a row before that is left out': [{ id: 5, ...gone }, kept],
      'with a row between that is left out': [kept, { id: 9, ...gone }, kept, kept],
      'with a row between that is not': [kept, { id: 9, ...kept }, kept, kept],
      'with one of each between': [kept, { id: 5, ...gone }, kept, { id: 9, ...kept }, kept, { id: 20, ...gone }, kept],
      'when the first of them is left out': [gone, kept, kept],
      'when all of them are left out': [gone, { id: 7, ...kept }, gone],
    })) {
      it(`are known of bulkCreate with ignoreDuplicates, ${name}`, async () => {
        await Post.bulkCreate([{ slug: 1 }, { slug: 2 }]);
        await Post.bulkCreate(rows, { ignoreDuplicates: true });
        await expectExactLog();
        const generated = rows.map((row, index) => ({ slug: index % 3, ...row }));
        await Post.bulkCreate(generated, { ignoreDuplicates: true });
        await expectExactLog();
      });
    }

    // Found by verify() after a chaos run: rows behind the last one that was met were recorded as created once more.
    for (const slugs of [[2, 4], [4, 2], [3], [1, 99, 2], [99, 1], [1, 2, 3, 4]]) {
      it(`are those of the rows that an upsert of ${slugs.join(', ')} makes, and of no others`, async () => {
        await Post.bulkCreate([1, 2, 3, 4, 5, 6].map((slug) => ({ slug })));
        const { length } = await readLog(sequelize);
        const upsert = (userId: number | null, transaction?: Transaction) => {
          const rows = slugs.map((slug) => ({ slug, userId }));
          return Post.bulkCreate(rows, { updateOnDuplicate: ['userId'], ...(transaction ? { transaction } : {}) });
        };

        await sequelize.transaction((transaction) => upsert(1, transaction));
        await upsert(null);

        const actions = (await readLog(sequelize)).slice(length).map(({ action }) => action);
        const made = slugs.includes(99) ? 1 : 0;
        expect(actions.filter((action) => action === 'create')).to.have.length(made);
        expect(actions.filter((action) => action === 'update')).to.have.length(2 * slugs.length - made);
        await expectExactLog();
      });
    }

    it('are known where they go in larger steps, as in a cluster', async () => {
      await sequelize.transaction(async (transaction) => {
        await sequelize.query('SET SESSION auto_increment_increment = 3', { transaction });
        await Post.bulkCreate([{ slug: 1 }, { slug: 2 }, { id: 50, slug: 3 }, { slug: 4 }, { slug: 5 }], {
          transaction,
        });
        await User.bulkCreate([{ email: 'b' }, { email: 'a' }, { email: 'c' }], {
          ignoreDuplicates: true,
          transaction,
        });
        await User.upsert({ email: 'd' }, { transaction });
      });
      await expectExactLog();
    });

    it('are not looked for when none was generated, as there may be a row 0', async () => {
      await User.increment({ id: -1 }, { where: {} });
      await User.upsert({ email: 'b' });
      await User.upsert({ email: 'b' });
      await User.upsert({ email: 'a' });
      await expectExactLog();
    });
  });
}
