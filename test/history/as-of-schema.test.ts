import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { retype, typeChanges } from './cases/type-changes.js';

onEachDatabase('A past of audit.asOf from before a change of the schema', (database) => {
  for (const change of typeChanges.filter(({ on }) => !on || on.includes(database.dialect))) {
    it(`reads and finds today’s values of what was written before: ${change.title}`, async () => {
      const sequelize = await connect(database);
      const define = (type: typeof change.from) =>
        sequelize.define('User', { value: type } as never, { timestamps: false }) as ModelStatic<Model>;
      const first = attachAudit(sequelize);
      const User = define(change.from);
      await sequelize.sync();
      for (const [value] of change.values) await User.create({ value });
      first.detach();
      await retype(sequelize, database, 'Users', 'value', change);
      define(change.to);
      const audit = attachAudit(sequelize);

      const past = await audit.asOf(new Date());

      const Past = past.model('User') as ModelStatic<Model>;
      const rows = await Past.findAll({ order: ['id'] });
      for (const [index, [, expected]] of change.values.entries()) {
        const value = typeof expected === 'function' ? expected(database.dialect) : expected;
        expect(rows[index]?.get('value')).to.deep.equal(value);
        const isScalar = typeof value !== 'object' || value instanceof Date;
        if (isScalar) expect(await Past.count({ where: { id: index + 1, value } as never }), String(value)).to.equal(1);
      }
      await past.close();
    });
  }

  it('has the values of renamed attributes under their names of today, and those that are new as absent', async () => {
    const sequelize = await connect(database);
    const first = attachAudit(sequelize);
    const User = sequelize.define('User', { name: DataTypes.STRING }, { timestamps: false });
    await sequelize.sync();
    await User.create({ name: 'Ada' });
    first.detach();
    await sequelize.getQueryInterface().renameColumn('Users', 'name', 'fullName');
    await sequelize.getQueryInterface().addColumn('Users', 'city', DataTypes.STRING);
    sequelize.define('User', { fullName: DataTypes.STRING, city: DataTypes.STRING }, { timestamps: false });
    const audit = attachAudit(sequelize, { models: { User: { renamed: { fullName: 'name' } } } });

    const past = await audit.asOf(new Date());

    const rows = await past.model('User').findAll({ where: { fullName: 'Ada' } as never });
    expect(rows.map((row) => row.get())).to.deep.equal([{ id: 1, fullName: 'Ada' }]);
    await past.close();
  });
});
