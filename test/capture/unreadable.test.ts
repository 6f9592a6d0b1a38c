import { expect } from 'chai';
import { DataTypes, type Model } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>>;

onEachDatabase('A delete through the query interface without a type', (database) => {
  for (const isInTransaction of [false, true]) {
    it(`is recorded ${isInTransaction ? 'in a transaction' : 'alone'}, also where Sequelize cannot read the answer`, async () => {
      const sequelize = await connect(database);
      attachAudit(sequelize);
      const Note = sequelize.define<Any>('Note', { title: DataTypes.STRING }, { timestamps: false });
      await sequelize.sync();
      const [first] = (await Note.bulkCreate([{ title: 'one' }, { title: 'two' }])) as [Any, Any];
      const transaction = isInTransaction ? await sequelize.transaction() : null;

      // With the drivers of MySQL and MariaDB Sequelize takes the answer for rows, and throws when it has none.
      const remove = sequelize.getQueryInterface().delete(first, 'Notes', { id: 1 }, { transaction });
      await remove.catch((error: unknown) => expect(error).to.be.instanceOf(TypeError));
      await transaction?.commit();

      const log = await readLog(sequelize);
      expect(log.map(({ action, recordId }) => `${action} ${recordId}`)).to.deep.equal([
        'create 1',
        'create 2',
        'destroy 1',
      ]);
      expect(foldLog(log)).to.deep.equal(await readTables([Note]));
    });
  }
});
