import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { type Audit, attachAudit } from '../../lib/index.js';
import { select } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { retype } from './cases/type-changes.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

onEachDatabase('After a change of the schema', (database) => {
  let sequelize: Sequelize;
  let audit: Audit;
  let User: ModelStatic<Any>;
  let before: Date;

  // Two users: the name renamed, the age text that was a number, the fax gone, the city new.
  beforeEach(async () => {
    sequelize = await connect(database);
    const first = attachAudit(sequelize);
    const Old = sequelize.define<Any>(
      'User',
      { name: DataTypes.STRING, age: DataTypes.INTEGER, fax: DataTypes.STRING },
      { timestamps: false },
    );
    await sequelize.sync();
    await Old.create({ name: 'Ada', age: 36, fax: '1815' });
    await Old.create({ name: 'Grace', age: 85, fax: '1906' });
    await Old.update({ name: 'Ada L.', fax: '1852' }, { where: { id: 1 } });
    before = (await first.history(Old, 1).revisions())[1]?.at as Date;
    first.detach();
    const query = sequelize.getQueryInterface();
    await query.renameColumn('Users', 'name', 'fullName');
    await retype(sequelize, database, 'Users', 'age', { to: DataTypes.STRING(40), postgres: 'varchar(40)' });
    // removeColumn of Sequelize 6 fails with the present driver of MariaDB.
    if (database.dialect === 'mariadb') await sequelize.query('ALTER TABLE Users DROP COLUMN fax');
    else await query.removeColumn('Users', 'fax');
    await query.addColumn('Users', 'city', { type: DataTypes.STRING });
    User = sequelize.define<Any>(
      'User',
      { fullName: DataTypes.STRING, age: DataTypes.STRING(40), city: DataTypes.STRING },
      { timestamps: false },
    );
    audit = attachAudit(sequelize, { models: { User: { renamed: { fullName: 'name' } } } });
  });

  it('verify finds nothing', async () => {
    await User.update({ age: '37', city: 'London' }, { where: { id: 1 } });

    const { differences } = await audit.verify();

    expect(differences).to.deep.equal([]);
  });

  it('verify finds what was changed past the log', async () => {
    const quote = database.dialect === 'postgres' ? '"' : '`';
    await audit.unaudited('a test', () => sequelize.query(`UPDATE ${quote}Users${quote} SET age = '99' WHERE id = 2`));

    const { differences } = await audit.verify();

    expect(differences.map(({ kind, recordId, mismatches }) => [kind, recordId, mismatches])).to.deep.equal([
      ['changedOutside', '2', [{ attribute: 'age', path: '/age', expected: 85, found: '99' }]],
    ]);
  });

  it('asOf opens the past in today’s shape', async () => {
    await User.update({ age: '37', fullName: 'Ada K.' }, { where: { id: 1 } });

    const past = await audit.asOf(before);

    const rows = await past.model('User').findAll({ where: { age: '36' }, attributes: ['id', 'fullName', 'age'] });
    expect(rows.map((row) => row.get())).to.deep.equal([{ id: 1, fullName: 'Ada L.', age: '36' }]);
    await past.close();
  });

  it('undo takes back what was changed under an earlier name', async () => {
    await User.update({ age: '37' }, { where: { id: 1 } });
    const [, update] = await audit.history(User, 1).revisions();

    await audit.undo(update as never);

    expect((await select(sequelize, 'Users'))[0]).to.include({ fullName: 'Ada', age: '37' });
  });

  it('undo finds a later change under today’s name in its way', async () => {
    await User.update({ fullName: 'Ada K.' }, { where: { id: 1 } });
    const [, update] = await audit.history(User, 1).revisions();

    const error = await audit.undo(update as never).catch((caught: unknown) => caught);

    expect((error as { conflicts: unknown }).conflicts).to.deep.equal([
      { modelName: 'User', recordId: '1', path: '/fullName', expected: 'Ada L.', found: 'Ada K.' },
    ]);
  });

  it('undo goes back from the row over the change where the log does not hold the beginning', async () => {
    await User.update({ city: 'London', fullName: 'Ada K.' }, { where: { id: 1 } });
    await User.update({ fullName: 'Ada L.' }, { where: { id: 1 } });
    const quote = (name: string) => (database.dialect === 'postgres' ? `"${name}"` : `\`${name}\``);
    await sequelize.query(
      `DELETE FROM ${quote('AuditLogs')} WHERE ${quote('recordId')} = '1' AND ${quote('action')} = 'create'`,
    );
    const [update] = await audit.history(User, 1).revisions();

    await audit.undo(update as never);

    expect((await select(sequelize, 'Users'))[0]).to.include({ fullName: 'Ada', city: 'London' });
  });

  it('undo takes back a creation, and brings back what was destroyed, of before', async () => {
    const [create] = await audit.history(User, 2).revisions();
    await audit.undo(create as never);
    expect(await User.findByPk(2)).to.equal(null);

    const [, destroy] = await audit.history(User, 2).revisions();
    await audit.undo(destroy as never);
    expect((await User.findByPk(2))?.get()).to.deep.equal({ id: 2, fullName: 'Grace', age: '85', city: null });
  });

  it('blame names the entry that set a value under an earlier name', async () => {
    await User.update({ city: 'London' }, { where: { id: 1 } });

    const blames = await audit.blame((await User.findByPk(1)) as Any);

    expect(blames?.map(({ attribute, entry }) => [attribute, entry.revision]).sort()).to.deep.equal([
      ['age', 1],
      ['city', 3],
      ['fullName', 2],
      ['id', 1],
    ]);
  });
});
