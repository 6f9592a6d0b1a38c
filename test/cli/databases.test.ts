import { expect } from 'chai';
import { QueryTypes, type Sequelize } from 'sequelize';
import { logSize } from '../../lib/cli/log-size.js';
import { attachAudit } from '../../lib/index.js';
import { readLog } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { Application, applicationOf, settingsOf } from './application.js';

onEachDatabase(
  'The command line',
  (database) => {
    const app = new Application();
    after(() => app.remove());

    it('reads, counts, undoes and verifies with columns and tables of other names', async function () {
      this.timeout(60_000);
      const settings = database.dialect === 'sqlite' ? app.sqlite : await settingsOf(database);
      const define = { define: { underscored: true } };
      const hasSchemas = database.dialect === 'postgres';
      const options = hasSchemas ? `{ tableName: 'audit trail', schema: 'past' }` : `{ tableName: 'audit trail' }`;
      app.write('audit.js', applicationOf({ ...settings, ...define }, options));
      const schema = async (sequelize: Sequelize) => hasSchemas && sequelize.createSchema('past', {});
      const { audit, sequelize, User } = await app.load('audit.js', schema);
      const ada = await audit.run({ actor: 'hr' }, () => User.create({ name: 'Ada', settings: { a: [1] } }));
      await ada.update({ settings: { a: [1, 2] } });

      const [stats] = await app.json('stats');
      const listed = await app.json('log', '--actor', 'hr');
      const [undone] = await app.json('undo', '2');
      const verified = await app.run(['verify']);

      expect(stats).to.deep.include({ entries: 2, actorCount: 2 });
      expect(stats?.bytes).to.be.greaterThan(0);
      expect(listed.map(({ id }) => id)).to.deep.equal(['1']);
      expect(undone?.changes).to.have.lengthOf(1);
      expect(verified).to.include({ code: 0, stderr: '' });
      expect((await ada.reload()).get('settings')).to.deep.equal({ a: [1] });
      if (hasSchemas) await sequelize.dropSchema('past', {});
      await sequelize.close();
    });
  },
  ({ name }) => name !== 'SQLite in memory',
);

onEachDatabase('The size of the log', (database) => {
  it('is what the database says, and grows with it', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const User = sequelize.define('User', { name: { type: 'TEXT' } }, { timestamps: false });
    await sequelize.sync();
    const before = await logSize(audit);

    await User.bulkCreate(Array.from({ length: 1000 }, () => ({ name: 'x'.repeat(500) })));
    if (database.dialect === 'mariadb' || database.dialect === 'mysql')
      await sequelize.query('ANALYZE TABLE `AuditLogs`', { type: QueryTypes.SELECT });

    expect(await readLog(sequelize)).to.have.lengthOf(1000);
    expect(before).to.be.a('number');
    expect(await logSize(audit)).to.be.greaterThan((before as number) + 500_000);
  });
});
