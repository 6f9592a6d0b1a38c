import { expect } from 'chai';
import { DataTypes } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { connect, onEachDatabase } from '../setup/suite.js';

onEachDatabase('The time of an entry', (database) => {
  it('is kept to the millisecond', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const User = sequelize.define('User', { name: DataTypes.STRING }, { timestamps: false });
    await sequelize.sync();

    const begin = Date.now();
    for (const name of ['a', 'b', 'c']) await User.create({ name });
    const end = Date.now();

    // Without milliseconds the first would be earlier than it was, unless it was made at a full second.
    for (const entry of await audit.AuditLog.findAll()) expect(entry.createdAt.getTime()).to.be.within(begin, end);
  });
});
