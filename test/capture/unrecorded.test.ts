import { expect } from 'chai';
import { DataTypes, type Model } from 'sequelize';
import { attachAudit, type OnUnaudited, type UnauditedWrite } from '../../lib/index.js';
import { readLog } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

onEachDatabase('A write that is not recorded', (database) => {
  const given = async (onUnaudited: OnUnaudited) => {
    const sequelize = await connect(database);
    attachAudit(sequelize, { exclude: ['Free'], onUnaudited });
    const Note = sequelize.define<Any>('Note', {
      title: DataTypes.STRING,
      count: { type: DataTypes.INTEGER, defaultValue: 0 },
    });
    const Free = sequelize.define<Any>('Free', { title: DataTypes.STRING });
    await sequelize.sync();
    const note = await Note.create({ title: 'one' });
    const writes: Record<string, () => Promise<unknown>> = {
      create: () => Note.bulkCreate([{ title: 'bulk' }]),
      update: () => Note.update({ title: 'bulk' }, { where: { id: note.id as number } }),
      upsert: () => Note.upsert({ id: 1, title: 'bulk' }),
      'update, increment': () => note.increment('count'),
      'update, decrement': () => Note.decrement('count', { where: {} }),
      'create, direct': () =>
        sequelize
          .getQueryInterface()
          .insert(null, 'Notes', { title: 'direct', createdAt: new Date(), updatedAt: new Date() }),
      'destroy, direct': () => sequelize.getQueryInterface().bulkDelete('Notes', { title: 'nobody' }),
      destroy: () => Note.destroy({ where: {} }),
    };
    return { sequelize, Note, Free, writes };
  };

  it('is reported before it runs', async () => {
    const reports: UnauditedWrite[] = [];
    const { writes, sequelize } = await given((write) => reports.push(write));

    for (const write of Object.values(writes)) await write();

    expect(reports.map(({ action }) => action)).to.deep.equal(Object.keys(writes).map((name) => name.split(',')[0]));
    for (const report of reports) expect(report).to.include({ modelName: 'Note', recorded: false });
    expect(await readLog(sequelize)).to.have.length(1);
  });

  it("is refused with onUnaudited: 'throw', and leaves the rows as they were", async () => {
    const { writes, Note } = await given('throw');

    for (const [name, write] of Object.entries(writes)) {
      const error = await write().catch((caught: unknown) => caught);
      expect(error, name).to.include({ code: 'ERR_AUDIT_WRITE_UNSEEN' });
    }

    expect((await Note.findAll()).map((note) => [note.title, note.count])).to.deep.equal([['one', 0]]);
  });

  it('is nothing to report on a model that is not audited, or with audit: false', async () => {
    const reports: UnauditedWrite[] = [];
    const { Free, Note } = await given((write) => reports.push(write));

    await Free.bulkCreate([{ title: 'a' }]);
    await Free.destroy({ where: {} });
    await Note.bulkCreate([{ title: 'a' }], { audit: false });

    expect(reports).to.deep.equal([]);
  });
});
