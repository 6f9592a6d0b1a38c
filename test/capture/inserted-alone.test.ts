import { expect } from 'chai';
import { DataTypes, type Model } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { foldLog, readLog, readTables, select } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>>;

onEachDatabase('A row that is inserted alone', (database) => {
  it('is itself in a table with a column called rowid, whatever that holds of other rows', async () => {
    const sequelize = await connect(database);
    attachAudit(sequelize);
    const Note = sequelize.define<Any>('Note', { place: { type: DataTypes.INTEGER, field: 'RowID' } }, bare);
    await sequelize.sync();

    for (const place of [2, 3, 1]) await Note.create({ place });

    const log = await readLog(sequelize);
    expect(log.map(({ action, recordId }) => `${action} ${recordId}`)).to.deep.equal([
      'create 1',
      'create 2',
      'create 3',
    ]);
    expect(foldLog(log)).to.deep.equal(await readTables([Note]));
  });

  it('is none where it is left out, as another is there', async () => {
    const sequelize = await connect(database);
    attachAudit(sequelize);
    const Note = sequelize.define<Any>('Note', { title: { type: DataTypes.STRING, unique: true } }, bare);
    await sequelize.sync();
    await Note.bulkCreate([{ title: 'one' }, { title: 'two' }]);

    await Note.bulkCreate([{ title: 'one' }], { ignoreDuplicates: true });

    const log = await readLog(sequelize);
    expect(log.map(({ action }) => action)).to.deep.equal(['create', 'create']);
    expect(foldLog(log)).to.deep.equal(await readTables([Note]));
  });
});

onEachDatabase(
  'An insert into a table that lacks a column of its model',
  (database) => {
    for (const isInTransaction of [false, true]) {
      it(`is refused ${isInTransaction ? 'in a transaction' : 'alone'}, as it cannot be read back`, async () => {
        const sequelize = await connect(database);
        attachAudit(sequelize);
        sequelize.define<Any>('Note', { title: DataTypes.STRING }, bare);
        await sequelize.sync();
        const Late = sequelize.define<Any>('Note', { title: DataTypes.STRING, late: DataTypes.STRING }, bare);
        const create = (options: object) => Late.create({ title: 'one' }, { fields: ['title'], ...options });

        const error = await (isInTransaction
          ? sequelize.transaction((transaction) => create({ transaction }))
          : create({})
        )
          .then(() => undefined)
          .catch((caught: unknown) => caught);

        expect(error).to.include({ code: 'ERR_AUDIT_ENTRY_NOT_WRITTEN' });
        expect((error as Error).message).to.match(/^What the insert of Note wrote could not be read back: .*late/i);
        expect(await select(sequelize, 'Notes')).to.deep.equal([]);
        expect(await readLog(sequelize)).to.deep.equal([]);
      });
    }
  },
  // PostgreSQL and SQLite give a row back as it is written, and refuse the statement itself.
  ({ dialect }) => dialect === 'mariadb' || dialect === 'mysql',
);

const bare = { timestamps: false };
