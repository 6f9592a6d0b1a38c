import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { type Audit, attachAudit, type Patch } from '../../lib/index.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { quoted } from './cases/type-changes.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

// Why history.at reads forwards: see docs/decisions/13-backwards.md.
onEachDatabase('A point of a history that has gaps', (database) => {
  let sequelize: Sequelize;
  let audit: Audit;
  let User: ModelStatic<Any>;
  const quote = (name: string) => quoted(database.dialect, name);
  const past = (sql: string) => audit.unaudited('a write past the log', () => sequelize.query(sql));
  const incomplete = async (point: number | Date) => {
    const error = await audit
      .history(User, 1)
      .at(point)
      .catch((caught: unknown) => caught);
    expect(error).to.include({ code: 'ERR_AUDIT_HISTORY_INCOMPLETE' });
  };
  beforeEach(async () => {
    sequelize = await connect(database);
    audit = attachAudit(sequelize);
    User = sequelize.define<Any>('User', { name: DataTypes.STRING, visits: DataTypes.INTEGER }, { timestamps: false });
    await sequelize.sync();
  });

  /** A user whose name was changed past the log, between two entries of his visits. */
  const changedUnseen = async () => {
    const user = await User.create({ name: 'Ada', visits: 1 });
    await user.update({ visits: 2 });
    await past(`UPDATE ${quote('Users')} SET name = 'Eve'`);
    await User.update({ visits: 3 }, { where: { id: user.id } });
    return audit.history(user);
  };

  it('has nothing of what the row has become without an entry', async () => {
    const history = await changedUnseen();

    expect((await history.at(1))?.dataValues).to.deep.equal({ id: 1, name: 'Ada', visits: 1 });
    expect((await history.at(2))?.dataValues).to.deep.equal({ id: 1, name: 'Ada', visits: 2 });
  });

  it('has nothing of what an entry at the end says that the log did not know before', async () => {
    const history = await changedUnseen();
    await User.destroy({ where: { id: 1 } });

    expect((await history.at(1))?.get('name')).to.equal('Ada');
    expect((await history.at(2))?.get('name')).to.equal('Ada');
    await incomplete(4);
  });

  it('is known again from where the record began anew', async () => {
    await changedUnseen();
    await User.destroy({ where: { id: 1 } });
    await User.create({ id: 1, name: 'Grace', visits: 1 });
    await User.update({ visits: 2 }, { where: { id: 1 } });

    await incomplete(4);
    expect((await audit.history(User, 1).at(5))?.get('name')).to.equal('Grace');
    expect((await audit.history(User, 1).at(6))?.dataValues).to.deep.equal({ id: 1, name: 'Grace', visits: 2 });
  });

  it('is not known before a baseline, when that is the first entry', async () => {
    await User.create({ name: 'Ada', visits: 1 }, { audit: false });
    await baseline({ id: 1, name: 'Ada', visits: 1 });
    await User.update({ visits: 2 }, { where: { id: 1 } });

    await incomplete(new Date(0));
    expect((await audit.history(User, 1).at(1))?.dataValues).to.deep.equal({ id: 1, name: 'Ada', visits: 1 });
    expect((await audit.history(User, 1).at(2))?.get('visits')).to.equal(2);
  });

  it('is known again from a baseline', async () => {
    await changedUnseen();
    await User.update({ name: 'Eva' }, { where: { id: 1 } });
    await baseline({ id: 1, name: 'Eva', visits: 3 });

    await incomplete(4);
    expect((await audit.history(User, 1).at(5))?.dataValues).to.deep.equal({ id: 1, name: 'Eva', visits: 3 });
    expect((await audit.history(User, 1).at(new Date(Date.now() + 60_000)))?.get('name')).to.equal('Eva');
  });

  async function baseline(document: Record<string, string | number>): Promise<void> {
    const patch: Patch = [{ op: 'add', path: '', value: document }];
    await audit.AuditLog.create({
      modelName: 'User',
      recordId: '1',
      action: 'baseline',
      patch,
      changesetId: '00000000-0000-4000-8000-000000000000',
      createdAt: new Date(),
    } as never);
  }
});
