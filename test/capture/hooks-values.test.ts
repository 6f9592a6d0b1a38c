import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { attachAudit, type UnauditedWrite } from '../../lib/index.js';
import { internalsOf } from '../../lib/internals.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>>;

onEachDatabase("capture: 'hooks', where an instance does not hold what is stored,", (database) => {
  const given = async () => {
    const sequelize = await connect(database);
    attachAudit(sequelize, { capture: 'hooks' });
    return { sequelize, Note: await defined(sequelize) };
  };

  const ways = {
    set: (note: Any) => note.set({ count: 4 }),
    setDataValue: (note: Any) => note.setDataValue('count', 4),
  };
  for (const [way, change] of Object.entries(ways)) {
    it(`records the old value of an attribute that it never loaded, given by ${way}()`, async () => {
      const { sequelize, Note } = await given();
      await Note.create({ title: 'one', count: 3 });
      const note = await partOf(Note);

      change(note);
      await note.save();

      const log = await readLog(sequelize);
      expect(log[1]?.patch).to.deep.equal([
        { op: 'test', path: '/count', value: 3 },
        { op: 'replace', path: '/count', value: 4 },
      ]);
      expect(foldLog(log)).to.deep.equal(await readTables([Note]));
    });
  }

  it('records JSON that is nothing but a number', async () => {
    const { sequelize, Note } = await given();

    const note = await Note.create({ data: 5 });
    await note.update({ data: 6 });

    const log = await readLog(sequelize);
    expect(Object.values(foldLog(log.slice(0, 1)))).to.deep.equal([
      { id: 1, title: null, count: null, at: null, data: 5 },
    ]);
    expect(foldLog(log)).to.deep.equal(await readTables([Note]));
  });

  it('records the whole row of a record that it loaded in part and destroys', async () => {
    const { sequelize, Note } = await given();
    await Note.create({ title: 'one', count: 3 });
    const [stored] = Object.values(await readTables([Note]));
    const note = await partOf(Note);

    await note.destroy();

    expect((await readLog(sequelize))[1]?.patch).to.deep.equal([
      { op: 'test', path: '', value: stored },
      { op: 'remove', path: '' },
    ]);
    expect(await Note.count()).to.equal(0);
  });
});

onEachDatabase(
  "capture: 'hooks'",
  (database) => {
    // PostgreSQL reads hours and minutes in these digits, and MySQL minutes and seconds.
    it('records a value as the database has stored it, and not as it was set', async () => {
      const sequelize = await connect(database);
      attachAudit(sequelize, { capture: 'hooks' });
      const Note = await defined(sequelize);

      const note = await Note.create({ title: 'one', at: '0123' });
      const created = await readTables([Note]);
      await note.update({ at: '0245' });
      const updated = await readTables([Note]);

      const log = await readLog(sequelize);
      expect(foldLog(log.slice(0, 1))).to.deep.equal(created);
      expect(foldLog(log)).to.deep.equal(updated);
      expect(updated).not.to.deep.equal(created);
    });
  },
  ({ dialect }) => dialect !== 'sqlite',
);

onEachDatabase("capture: 'complete' beside another plugin, of a save that stores the same values,", (database) => {
  it('records and reports nothing', async () => {
    const reports: UnauditedWrite[] = [];
    const sequelize = await connect(database);
    attachAudit(sequelize, { onUnaudited: (write) => reports.push(write) });
    const Note = await defined(sequelize);
    const note = await Note.create({ title: 'one', count: 3 });
    const { queryInterface } = internalsOf(sequelize);
    queryInterface.update = (Object.getPrototypeOf(queryInterface) as Record<string, unknown>).update;

    await note.update({ count: '3' });
    await note.update({ count: sequelize.literal('count') });
    await note.update({ count: '4' });

    expect((await readLog(sequelize)).map(({ action }) => action)).to.deep.equal(['create', 'update']);
    expect(reports.map(({ action }) => action)).to.deep.equal(['update']);
  });
});

async function defined(sequelize: Sequelize): Promise<ModelStatic<Any>> {
  const Note = sequelize.define<Any>(
    'Note',
    { title: DataTypes.STRING, count: DataTypes.INTEGER, at: DataTypes.TIME, data: DataTypes.JSON },
    { timestamps: false },
  );
  await sequelize.sync();
  return Note;
}

/** The first record, by its key and title alone. */
async function partOf(Note: ModelStatic<Any>): Promise<Any> {
  return (await Note.findByPk(1, { attributes: ['id', 'title'] })) as Any;
}
