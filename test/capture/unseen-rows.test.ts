import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, QueryTypes, type Sequelize } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

onEachDatabase(
  'An upsert that meets rows by values that only the database knows',
  (database) => {
    let sequelize: Sequelize;
    let Post: ModelStatic<Model>;
    let Place: ModelStatic<Model>;

    beforeEach(async () => {
      sequelize = await connect(database);
      attachAudit(sequelize);
      Post = sequelize.define('Post', { title: DataTypes.STRING });
      Place = sequelize.define(
        'Place',
        {
          left: { type: DataTypes.INTEGER, primaryKey: true },
          right: { type: DataTypes.STRING, primaryKey: true },
          rank: { type: DataTypes.INTEGER, unique: true },
        },
        { timestamps: false },
      );
      await sequelize.sync();
    });

    async function expectExactLog(actions: readonly string[]): Promise<void> {
      const log = await readLog(sequelize);
      expect(foldLog(log)).to.deep.equal(await readTables([Post, Place]));
      expect(log.map(({ action }) => action)).to.deep.equal(actions);
    }

    it('is recorded when the numbers that it draws are taken, in a transaction and on its own', async () => {
      const ids = [1, 2, 3, 5, 6];
      await Post.bulkCreate(ids.map((id) => ({ id, title: `${id}` })));

      await sequelize.transaction((transaction) => Post.upsert({ title: 'new' }, { transaction }));
      await Post.upsert({ title: 'new' });

      const creates = [...ids.map(() => 'create'), 'create'];
      await expectExactLog([...creates, 'create']);
    });

    it('draws a number that one of them asks for no oftener than without the plugin', async () => {
      await sequelize.query('CREATE SEQUENCE numbers');
      await Place.create({ left: 9, right: 'z', rank: 9 });
      const row = { left: 1, right: 'a', rank: sequelize.literal("nextval('numbers')") };

      await Place.bulkCreate([row], { updateOnDuplicate: ['right'] });

      const [numbers] = await sequelize.query('SELECT last_value::int AS last FROM numbers', {
        type: QueryTypes.SELECT,
      });
      expect(numbers).to.deep.equal({ last: 1 });
      await expectExactLog(['create', 'create']);
    });

    for (const [name, rank] of Object.entries({ 'a sum': '1 + 1', 'a function': 'abs(-2)' })) {
      it(`is recorded when they are ${name}, whether or not it moves the key`, async () => {
        const row = { left: 1, right: 'a', rank: sequelize.literal(rank) };
        await Place.bulkCreate([row]);

        await Place.bulkCreate([{ ...row }], { updateOnDuplicate: ['right'] });
        await Place.bulkCreate([{ ...row, right: 'b' }], { updateOnDuplicate: ['right'] });
        await Place.bulkCreate([{ ...row, right: 'b', left: 2 }], { updateOnDuplicate: ['rank'] });

        await expectExactLog(['create', 'destroy', 'create']);
      });
    }
  },
  ({ dialect }) => dialect === 'postgres',
);
