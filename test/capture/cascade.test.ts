import { expect } from 'chai';
import { DataTypes, type Model } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & {
  readonly id: number;
  setFriends(friends: readonly unknown[]): Promise<void>;
};

// InnoDB refuses to change a row through two foreign keys at once.
onEachDatabase(
  'A change of a key',
  (database) => {
    it('is followed along two foreign keys that lead to the same row', async () => {
      const sequelize = await connect(database);
      attachAudit(sequelize);
      const Person = sequelize.define<Any>('Person', { name: DataTypes.STRING }, { timestamps: false });
      const Friendship = sequelize.define<Any>('Friendship', {}, { timestamps: false });
      Person.belongsToMany(Person, { as: 'Friends', through: Friendship, foreignKey: 'fromId', otherKey: 'toId' });
      await sequelize.sync();
      const [ada, bob] = (await Person.bulkCreate([{ name: 'Ada' }, { name: 'Bob' }])) as [Any, Any];
      await ada.setFriends([ada, bob]);

      await Person.update({ id: 70 }, { where: { name: 'Ada' } });

      const log = await readLog(sequelize);
      expect(foldLog(log)).to.deep.equal(await readTables([Person, Friendship]));
      expect(Object.keys(foldLog(log)).filter((name) => name.startsWith('Friendship'))).to.have.members([
        'Friendship [70,70]',
        'Friendship [70,2]',
      ]);
    });
  },
  ({ dialect }) => dialect === 'sqlite' || dialect === 'postgres',
);
