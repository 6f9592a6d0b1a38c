import { expect } from 'chai';
import { DataTypes, Deferrable, type Model, type ModelStatic, type Options, type Sequelize } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { type Database, sqliteFile, sqliteMemory } from '../setup/databases.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

async function world(database: Database, options?: Options): Promise<{ sequelize: Sequelize; Note: ModelStatic<Any> }> {
  const sequelize = await connect(database, options);
  attachAudit(sequelize);
  const Note = sequelize.define<Any>('Note', { title: DataTypes.STRING });
  await sequelize.sync();
  return { sequelize, Note };
}

async function agrees(sequelize: Sequelize, Note: ModelStatic<Any>, entries: number): Promise<void> {
  const log = await readLog(sequelize);
  expect(log).to.have.length(entries);
  expect(foldLog(log)).to.deep.equal(await readTables([Note]));
}

const titles = (count: number) => Array.from({ length: count }, (_, index) => String(index));

for (const journal of ['DELETE', 'WAL']) {
  describe(`SQLite on a file with journal_mode ${journal}`, () => {
    let sequelize: Sequelize;
    let Note: ModelStatic<Any>;
    beforeEach(async () => {
      ({ sequelize, Note } = await world(sqliteFile));
      await sequelize.query(`PRAGMA journal_mode = ${journal}`);
    });

    it('takes 20 parallel saves without one being refused', async () => {
      const notes = await Promise.all(titles(20).map((title) => Note.create({ title })));

      await Promise.all(notes.map((note) => note.update({ title: 'new' })));

      await agrees(sequelize, Note, 40);
    });

    it('takes them mixed with transactions of the caller', async () => {
      const write = (title: string) => Note.create({ title });
      const inTransaction = (title: string) =>
        sequelize.transaction(async (transaction) => {
          const note = await Note.create({ title }, { transaction });
          await note.update({ title: `${title} again` }, { transaction });
        });

      await Promise.all(titles(20).flatMap((title) => [write(title), inTransaction(title)]));

      await agrees(sequelize, Note, 60);
    });

    it('takes them mixed with immediate transactions, and with ones that wrote something else first', async () => {
      const { Transaction } = await import('sequelize');
      const immediate = (title: string) =>
        sequelize.transaction({ type: Transaction.TYPES.IMMEDIATE }, (transaction) =>
          Note.create({ title }, { transaction }),
        );
      const later = (title: string) =>
        sequelize.transaction(async (transaction) => {
          await sequelize.query('UPDATE Notes SET title = title WHERE 0', { transaction });
          await Note.create({ title }, { transaction });
        });

      await Promise.all(titles(5).flatMap((title) => [immediate(title), Note.create({ title })]));
      for (const title of titles(5)) await Promise.all([later(title), Note.create({ title })]);

      await agrees(sequelize, Note, 20);
    });

    it('lets a reader that holds up the first of them finish, and loses none', async () => {
      const notes = await Promise.all(titles(4).map((title) => Note.create({ title })));
      const reader = await sequelize.transaction();
      await Note.findAll({ transaction: reader });
      const committing = new Promise<void>((resolve) => {
        (sequelize as unknown as { options: { logging: unknown } }).options.logging = (sql: string) =>
          sql.includes('COMMIT') && resolve();
      });

      const saves = Promise.all(notes.map((note) => note.update({ title: 'new' })));
      await committing;
      await reader.commit();
      await saves;

      await agrees(sequelize, Note, 8);
    });

    it('takes all creates beside transactions that read first, whatever becomes of those', async () => {
      const finds = titles(8).map((title) =>
        Note.findOrCreate({ where: { title: `found ${title}` } }).catch(() => null),
      );

      const created = await Promise.all(titles(8).map((title) => Note.create({ title })));
      await Promise.all(finds);

      expect(created).to.have.length(8);
      expect(foldLog(await readLog(sequelize))).to.deep.equal(await readTables([Note]));
    });

    it('keeps no entry of a transaction that SQLite itself has rolled back', async () => {
      await sequelize.query('CREATE UNIQUE INDEX one_title ON Notes (title)');
      await Note.create({ title: 'taken' });
      await sequelize.query(
        "CREATE TRIGGER back BEFORE INSERT ON Notes WHEN NEW.title = 'back' BEGIN SELECT RAISE(ROLLBACK, 'back'); END",
      );
      const transaction = await sequelize.transaction();
      await Note.create({ title: 'lost' }, { transaction });
      await Note.create({ title: 'back' }, { transaction }).catch(() => undefined);

      const error = await transaction.commit().catch((caught: unknown) => caught);

      expect(String(error)).to.include('no transaction is active');
      await agrees(sequelize, Note, 1);
    });

    it('goes on after a transaction was rolled back in the middle of others', async () => {
      const rolledBack = (title: string) =>
        sequelize
          .transaction(async (transaction) => {
            await Note.create({ title }, { transaction });
            throw new Error('back');
          })
          .catch(() => undefined);

      await Promise.all(titles(10).flatMap((title) => [rolledBack(title), Note.create({ title })]));

      await agrees(sequelize, Note, 10);
    });
  });
}

describe('SQLite in memory', () => {
  it('keeps parallel writes from breaking one another', async () => {
    const { sequelize, Note } = await world(sqliteMemory);

    await Promise.all(titles(20).map((title) => Note.create({ title })));

    await agrees(sequelize, Note, 20);
  });

  it('takes a write while a transaction of the caller is open on the only connection', async () => {
    const { sequelize, Note } = await world(sqliteMemory);
    const transaction = await sequelize.transaction();
    const note = await Note.create({ title: 'inside' }, { transaction });

    const outside = await Note.create({ title: 'beside' });
    await outside.update({ title: 'beside again' });
    await note.update({ title: 'inside again' }, { transaction });
    await transaction.commit();

    await agrees(sequelize, Note, 4);
  });

  it('loses such a write, and its entry, when that transaction rolls back', async () => {
    const { sequelize, Note } = await world(sqliteMemory);
    const transaction = await sequelize.transaction();

    await Note.create({ title: 'beside' });
    await transaction.rollback();

    await agrees(sequelize, Note, 0);
  });

  it('joins a transaction that raw SQL has opened', async () => {
    const { sequelize, Note } = await world(sqliteMemory);
    await sequelize.query('BEGIN');

    await Note.create({ title: 'one' });
    await sequelize.query('COMMIT');

    await agrees(sequelize, Note, 1);
  });

  it('lets a transaction of the caller begin between two writes', async () => {
    const { sequelize, Note } = await world(sqliteMemory);
    const managed = () => sequelize.transaction((transaction) => Note.create({ title: 'inside' }, { transaction }));

    await Promise.all([
      ...titles(5).map((title) => Note.create({ title })),
      managed(),
      ...titles(5).map((title) => Note.create({ title })),
    ]);

    await agrees(sequelize, Note, 11);
  });

  it('undoes nothing of anyone else when the database refuses a write', async () => {
    const { sequelize, Note } = await world(sqliteMemory);
    await sequelize.query('CREATE UNIQUE INDEX one_title ON Notes (title)');
    await sequelize.query('CREATE TABLE others (name TEXT)');
    await Note.create({ title: 'taken' });
    let isDone = false;
    const refused = (async () => {
      while (!isDone) await Note.create({ title: 'taken' }).catch(() => undefined);
    })();

    for (const name of titles(300)) {
      await sequelize.query(`INSERT INTO others VALUES ('${name}')`);
      for (let turn = 0; turn < Number(name) % 37; turn += 1) await null;
    }
    isDone = true;
    await refused;

    const [rows] = await sequelize.query('SELECT count(*) AS count FROM others');
    expect(rows).to.deep.equal([{ count: 300 }]);
    await agrees(sequelize, Note, 1);
  });

  it('leaves no transaction open when its COMMIT is refused', async () => {
    const { sequelize, Note } = await world(sqliteMemory);
    const Child = sequelize.define<Any>('Child', {
      noteId: {
        type: DataTypes.INTEGER,
        references: { model: 'Notes', key: 'id', deferrable: Deferrable.INITIALLY_DEFERRED as never },
      },
    });
    await Child.sync();

    const error = await Child.create({ noteId: 99 }).catch((caught: unknown) => caught);
    await Note.create({ title: 'kept' });
    await sequelize.transaction((transaction) => Note.create({ title: 'inside' }, { transaction }));

    expect(error).to.be.an('error').with.property('name', 'SequelizeForeignKeyConstraintError');
    expect(await readTables([Child])).to.deep.equal({});
    await agrees(sequelize, Note, 2);
  });

  it('keeps no entry of a transaction that another one has ended on the only connection', async () => {
    const { sequelize, Note } = await world(sqliteMemory);
    const first = await sequelize.transaction();
    await Note.create({ title: 'lost' }, { transaction: first });

    const second = await sequelize.transaction().catch((caught: unknown) => caught);
    await Note.create({ title: 'written at once' }, { transaction: first });
    const error = await first.commit().catch((caught: unknown) => caught);

    expect(String(second)).to.include('within a transaction');
    expect(String(error)).to.include('no transaction is active');
    await agrees(sequelize, Note, 1);
  });

  it('undoes nothing of anyone else when it refuses a write whose entry cannot be written', async () => {
    const { sequelize, Note } = await world(sqliteMemory);
    await sequelize.query('CREATE TABLE others (name TEXT)');
    await sequelize.getQueryInterface().renameTable('AuditLogs', 'Elsewhere');

    const refused = Note.create({ title: 'never' }).catch((error: unknown) => error);
    await sequelize.query("INSERT INTO others VALUES ('kept')");

    expect(await refused).to.include({ code: 'ERR_AUDIT_ENTRY_NOT_WRITTEN' });
    const [rows] = await sequelize.query('SELECT * FROM others');
    expect(rows).to.deep.equal([{ name: 'kept' }]);
    expect(await readTables([Note])).to.deep.equal({});
  });
});

/** What a write says while a reader holds its COMMIT up longer than SQLite waits. */
async function heldUp(type: 'STRING' | 'JSON', isSecondTry: (sql: string, commits: number) => boolean) {
  const said: string[] = [];
  let release = () => {};
  const { sequelize } = await world(sqliteFile, {
    logging: (sql) => {
      said.push(sql);
      if (isSecondTry(sql, said.filter((each) => each.includes('COMMIT')).length)) release();
    },
  });
  const Page = sequelize.define<Any>('Page', { body: DataTypes[type] });
  await Page.sync();
  const page = await Page.create({ body: 'one' });
  const reader = await sequelize.transaction();
  await Page.findAll({ transaction: reader });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  }).then(() => reader.rollback());
  said.length = 0;

  await page.update({ body: 'two' });

  await released;
  await agrees(sequelize, Page, 2);
  return said.filter((sql) => sql.includes('COMMIT')).map((sql) => sql.includes('INSERT'));
}

describe('A COMMIT that a reader holds up longer than SQLite waits', () => {
  it('is tried again alone when it went with the entry, which is written once', async () => {
    // Asked after the first try only.
    const ends = await heldUp('JSON', (sql) => /SELECT 1 FROM/.test(sql));

    expect(ends).to.deep.equal([true, false]);
  });

  it('is tried again where the statement has written the entry', async () => {
    const ends = await heldUp('STRING', (sql, commits) => sql.includes('COMMIT') && commits === 2);

    expect(ends).to.deep.equal([false, false]);
  });
});
