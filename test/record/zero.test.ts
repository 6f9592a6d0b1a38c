import { expect } from 'chai';
import { DataTypes, type Model, QueryTypes } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { readLog } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>>;

onEachDatabase('A zero that gets another sign', (database) => {
  for (const isInTransaction of [false, true]) {
    it(`is a change where the database keeps it, ${isInTransaction ? 'in a transaction' : 'alone'}`, async () => {
      const sequelize = await connect(database);
      attachAudit(sequelize);
      const Row = sequelize.define<Any>('Row', { ratio: DataTypes.DOUBLE }, { timestamps: false });
      await sequelize.sync();
      const row = await Row.create({ ratio: 0 });
      const update = (transaction: never) => row.update({ ratio: sequelize.literal("'-0'") }, { transaction });
      await (isInTransaction
        ? sequelize.transaction((transaction) => update(transaction as never))
        : update(undefined as never));

      const type = { postgres: 'text', sqlite: 'TEXT', mariadb: 'CHAR', mysql: 'CHAR' }[database.dialect];
      const table = sequelize.getQueryInterface().quoteIdentifier('Rows');
      const [stored] = await sequelize.query<{ told: string }>(`SELECT CAST(ratio AS ${type}) AS told FROM ${table}`, {
        type: QueryTypes.SELECT,
      });
      const change = [
        { op: 'test', path: '/ratio', value: 0 },
        { op: 'replace', path: '/ratio', value: '-0' },
      ];
      const [, ...entries] = (await readLog(sequelize)).map(({ patch }) => patch);
      expect(entries).to.deep.equal(stored?.told.startsWith('-') ? [change] : []);
    });
  }
});
