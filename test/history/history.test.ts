import { expect } from 'chai';
import { DataTypes } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { connect, onEachDatabase } from '../setup/suite.js';

onEachDatabase('history', (database) => {
  it('works', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const User = sequelize.define('User', { email: DataTypes.STRING });
    await sequelize.sync();
    const user = await User.create({ email: 'a' });
    await user.update({ email: 'b' });
    expect((await audit.history(user).revisions()).length).to.equal(2);
  });
});
