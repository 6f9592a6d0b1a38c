import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, QueryTypes, type Sequelize } from 'sequelize';
import { type Audit, attachAudit } from '../../lib/index.js';
import { mariadb } from '../setup/databases.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { recordSent } from '../setup/sent.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>>;

interface World {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly Note: ModelStatic<Any>;
  readonly sent: string[];
}

async function world(define: Parameters<Sequelize['define']>[1] = {}): Promise<World> {
  const sequelize = await connect(mariadb);
  const sent = recordSent(sequelize);
  const audit = attachAudit(sequelize);
  const columns = { title: { type: DataTypes.STRING, unique: true }, size: DataTypes.INTEGER, ...define };
  const Note = sequelize.define<Any>('Note', columns, { timestamps: false });
  await sequelize.sync();
  // The first write reads the catalog.
  await Note.create({ title: 'first' });
  sent.length = 0;
  return { sequelize, audit, Note, sent };
}

const isBlock = (sql: string) => sql.startsWith('BEGIN NOT ATOMIC');

async function agrees({ sequelize, audit, Note }: World): Promise<void> {
  expect(foldLog(await readLog(sequelize))).to.deep.equal(await readTables([Note]));
  expect((await audit.verify({ models: 'Note' })).differences).to.deep.equal([]);
}

onEachDatabase('A write of MariaDB and its looks as one block', (database) => {
  if (database !== mariadb) return;

  it('leaves the instance as bare Sequelize does, the number that it was given included', async () => {
    const given = await world();
    const Bare = given.sequelize.define<Any>('Bare', { title: DataTypes.STRING }, { timestamps: false });
    await Bare.sync();
    await Bare.create({ title: 'first' }, { audit: false } as never);
    for (const values of [{ title: 'drawn' }, { id: 50, title: 'given' }, { title: 'after it' }]) {
      const made = await given.Note.create(values);
      const expected: Any = await Bare.create(values, { audit: false } as object);
      expect(made.get()).to.include(expected.get());
      const stored = (await given.Note.findByPk(made.get('id') as number)) as Any;
      expect(stored.get('title')).to.equal(values.title);
    }
    await agrees(given);
  });

  it('is no record where it asks for more than the key, and does not find that', async () => {
    const given = await world();
    const note = (await given.Note.findOne()) as Any;
    await given.sequelize.getQueryInterface().update(note, 'Notes', { size: 1 }, { id: 1, size: 99 }, {});
    expect(await readLog(given.sequelize)).to.have.length(1);
    await given.sequelize.getQueryInterface().update(note, 'Notes', { size: 1 }, { id: 1, title: 'first' }, {});
    expect((await readLog(given.sequelize)).map(({ action }) => action)).to.deep.equal(['create', 'update']);
    await agrees(given);
  });

  it('is undone with what fails in it, and the error is that of the write', async () => {
    const given = await world();
    const note = await given.Note.create({ title: 'second' });
    await given.sequelize.query(
      'CREATE TABLE Held (noteId INT NOT NULL, FOREIGN KEY (noteId) REFERENCES Notes (id) ON DELETE NO ACTION)',
    );
    await given.sequelize.query('INSERT INTO Held SELECT id FROM Notes');
    const refused = {
      SequelizeForeignKeyConstraintError: [() => note.destroy()],
      SequelizeUniqueConstraintError: [
        () => note.update({ title: 'first' }),
        () => given.Note.create({ title: 'first' }),
      ],
    };
    for (const [name, write] of Object.entries(refused).flatMap(([name, all]) =>
      all.map((one) => [name, one] as const),
    )) {
      given.sent.length = 0;
      const error = await write().catch((caught: unknown) => caught as Error);
      expect(error).to.have.property('name', name);
      expect(String((error as { parent?: Error }).parent?.message)).to.match(/\nsql: (UPDATE|INSERT|DELETE)/);
      expect(given.sent.filter(isBlock)).to.have.length(1);
    }
    await note.reload();
    expect(note.get('title')).to.equal('second');
    await agrees(given);
  });

  it('lets a transaction go on after a write that was refused, without its entry', async () => {
    const given = await world();
    await given.sequelize.transaction(async (transaction) => {
      const note = await given.Note.create({ title: 'second' }, { transaction });
      await note.update({ title: 'first' }, { transaction }).catch(() => undefined);
      await note.reload({ transaction });
      await note.update({ size: 2 }, { transaction });
    });
    expect((await readLog(given.sequelize)).map(({ action }) => action)).to.deep.equal(['create', 'create', 'update']);
    await agrees(given);
  });

  it('is refused when only the look after it fails, and its transaction does not commit', async () => {
    const given = await world();
    const { sequelize } = given;
    await sequelize.query(
      "CREATE OR REPLACE FUNCTION known(n INT) RETURNS INT DETERMINISTIC NO SQL BEGIN IF n = 0 THEN SIGNAL SQLSTATE '45000'; END IF; RETURN n; END",
    );
    await sequelize.query('CREATE OR REPLACE VIEW Views AS SELECT id, title, size, known(size) AS checked FROM Notes');
    const { STRING, INTEGER } = DataTypes;
    const columns = { title: STRING, size: INTEGER, checked: INTEGER };
    const View = sequelize.define<Any>('View', columns, { timestamps: false, tableName: 'Views' });
    const row = (await View.findOne()) as Any;
    const expectRefused = async (write: Promise<unknown>) => {
      const error = await write.then(
        () => null,
        (caught: unknown) => caught,
      );
      expect(error).to.have.property('code', 'ERR_AUDIT_ENTRY_NOT_WRITTEN');
    };

    given.sent.length = 0;
    await expectRefused(row.update({ size: 0 }));
    // The second tells whose error it is.
    expect(given.sent.filter(isBlock)).to.have.length(2);
    await expectRefused(
      sequelize.transaction(async (transaction) => {
        await expectRefused(row.update({ size: 0 }, { transaction }));
      }),
    );

    const [stored] = await sequelize.query('SELECT size FROM Notes', { type: QueryTypes.SELECT });
    expect(stored).to.deep.equal({ size: null });
    await row.update({ size: 3 });
    await sequelize.query('DROP VIEW Views');
    await sequelize.query('DROP FUNCTION known');
    expect((await readLog(sequelize)).map(({ action, modelName }) => `${action} ${modelName}`)).to.deep.equal([
      'create Note',
      'update View',
    ]);
  });

  it('is not one where the row draws its number from a trigger: it is refused, as before', async () => {
    const given = await world();
    const { sequelize } = given;
    await sequelize.query('CREATE TABLE Numbered (id INT PRIMARY KEY, title VARCHAR(255))');
    // The row that the number of the note, which was drawn last, would lead to.
    await sequelize.query("INSERT INTO Numbered VALUES (1, 'another')");
    await sequelize.query('CREATE TRIGGER numbers BEFORE INSERT ON Numbered FOR EACH ROW SET NEW.id = 77');
    const Numbered = sequelize.define<Any>(
      'Numbered',
      { id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true }, title: DataTypes.STRING },
      { timestamps: false, tableName: 'Numbered' },
    );
    await sequelize.query('ALTER TABLE Numbered MODIFY id INT DEFAULT 1');
    const error = await Numbered.create({ title: 'one' }).catch((caught: unknown) => caught);
    expect(error).to.have.property('code', 'ERR_AUDIT_RECORD_UNKNOWN');
    expect(await sequelize.query('SELECT * FROM Numbered', { type: QueryTypes.SELECT })).to.deep.equal([
      { id: 1, title: 'another' },
    ]);
  });

  it('is left out where a statement would be two in it, and where warnings are shown', async () => {
    const given = await world({ price: DataTypes.DECIMAL(5, 0) });
    const { sequelize, Note } = given;
    const note = (await Note.findOne()) as Any;
    given.sent.length = 0;
    await note.update({ title: sequelize.literal("'a;b'") });
    await note.update({ title: 'shown' }, { showWarnings: true, logging: () => undefined } as never);
    expect(given.sent.filter((sql) => isBlock(sql) && /UPDATE/.test(sql))).to.deep.equal([]);
    // One that has a warning, with and without a transaction: Sequelize asks for it from inside the write.
    const shown = { showWarnings: true, logging: () => undefined };
    await note.update({ price: 2.5 }, shown as never);
    await sequelize.transaction((transaction) => note.update({ price: 3.5 }, { ...shown, transaction } as never));
    expect(given.sent.filter((sql) => sql === 'SHOW WARNINGS')).to.have.length(2);
    expect((await note.reload()).get('price')).to.equal(4);
    const made = await Note.create({ title: 'warned of', price: 2.5 }, shown as object);
    for (const each of [note, made]) await each.update({ price: null });
    await made.update({ price: 4.5 }, shown as never);
    await made.destroy(shown as never);
    await note.update({ title: sequelize.literal("'x' -- y'") }).catch(() => undefined);
    await agrees(given);
  });
});
