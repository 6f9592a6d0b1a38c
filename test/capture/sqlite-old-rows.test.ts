import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, QueryTypes, type Sequelize } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { internalsOf } from '../../lib/internals.js';
import { foldLog, readLog } from '../setup/oracle.js';
import { recordSent } from '../setup/sent.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>>;

const { STRING, INTEGER, TEXT } = DataTypes;

interface World {
  readonly sequelize: Sequelize;
  readonly Row: ModelStatic<Any>;
  readonly sent: string[];
  /** What a transaction sends for one update of the first row. */
  readonly update: (values: Record<string, unknown>, key?: Record<string, unknown>) => Promise<string[]>;
}

onEachDatabase('An update in a transaction of SQLite that gives back the row as it was', (database) => {
  if (database.dialect !== 'sqlite') return;

  async function world(table: string, columns: Parameters<Sequelize['define']>[1] = {}): Promise<World> {
    const sequelize = await connect(database);
    const sent = recordSent(sequelize);
    attachAudit(sequelize);
    await sequelize.query(table);
    const Row = sequelize.define<Any>('Row', { name: STRING, size: INTEGER, ...columns }, { timestamps: false });
    await sequelize.sync();
    let turn = 0;
    const update = async (values: Record<string, unknown>, key?: Record<string, unknown>) => {
      const row = (await Row.findOne()) as Any;
      await sequelize.transaction(async (transaction) => {
        // The write lock and what is asked once are not what is counted.
        turn += 1;
        await row.update({ size: -turn }, { transaction });
        sent.length = 0;
        if (key) await sequelize.getQueryInterface().update(row, 'Rows', values, key as never, { transaction });
        else await row.update(values, { transaction });
      });
      return sent.map((sql) => sql.split(' ')[0] as string).slice(0, -3);
    };
    await Row.create({ name: 'a', size: 1 });
    return { sequelize, Row, sent, update };
  }

  const plain = 'CREATE TABLE Rows (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE, size INTEGER, twice, text TEXT)';

  async function expectTrue({ sequelize }: World): Promise<void> {
    const rows = await sequelize.query<{ id: number }>('SELECT * FROM Rows', { type: QueryTypes.SELECT });
    const shown = rows.map(({ id, ...row }) => [`Row ${id}`, { id, ...row }]);
    const log = foldLog(await readLog(sequelize));
    for (const [name, row] of shown as [string, object][]) expect(row).to.include(log[name]);
    expect(Object.keys(log)).to.have.length(rows.length);
  }

  it('is one statement, whose old values are those that were stored', async () => {
    const given = await world(plain);
    expect(await given.update({ name: 'A' })).to.deep.equal(['WITH']);
    expect(await given.update({ name: given.sequelize.literal("name || 'b'") })).to.deep.equal(['WITH']);
    const [, , first, , second] = await readLog(given.sequelize);
    expect([first?.patch, second?.patch]).to.deep.equal([
      [
        { op: 'test', path: '/name', value: 'a' },
        { op: 'replace', path: '/name', value: 'A' },
      ],
      [
        { op: 'test', path: '/name', value: 'A' },
        { op: 'replace', path: '/name', value: 'Ab' },
      ],
    ]);
    await expectTrue(given);
  });

  it('is nothing where the row is not found by all that is asked for', async () => {
    const given = await world(plain);
    expect(await given.update({ name: 'b' }, { id: 1, size: 99 })).to.deep.equal(['WITH']);
    expect((await readLog(given.sequelize)).map(({ action }) => action)).to.deep.equal(['create', 'update']);
    await given.update({ name: 'b' }, { id: 1, name: 'a' });
    await expectTrue(given);
  });

  for (const kind of ['VIRTUAL', 'STORED']) {
    it(`has what is worked out from others, ${kind}`, async () => {
      const given = await world(
        `CREATE TABLE Rows (id INTEGER PRIMARY KEY, name TEXT, size INTEGER, twice AS/**/(size * 2) ${kind})`,
        { twice: INTEGER },
      );
      expect(await given.update({ size: 21 })).to.deep.equal(['WITH']);
      const log = foldLog(await readLog(given.sequelize));
      expect(log['Row 1']).to.include({ size: 21, twice: 42 });
      await expectTrue(given);
    });
  }

  it('is looked at before where a trigger changes more', async () => {
    const given = await world(plain, { text: TEXT });
    await given.sequelize.query(
      "CREATE TRIGGER more AFTER UPDATE ON Rows BEGIN UPDATE Rows SET text = 'from ' || OLD.name WHERE id = NEW.id; END",
    );
    expect(await given.update({ name: 'b' })).to.deep.equal(['SELECT', 'UPDATE', 'SELECT']);
    expect(foldLog(await readLog(given.sequelize))['Row 1']).to.include({ name: 'b', text: 'from a' });
    await expectTrue(given);
  });

  it('is looked at before where an SQLite does not give it back', async () => {
    const sequelize = await connect(database);
    const { connectionManager } = internalsOf(sequelize);
    const driver = connectionManager.lib as { Database: new (...given: unknown[]) => object };
    // A library whose trial ends as one would that reads the row only when it gives it back.
    const Database = new Proxy(driver.Database, {
      construct(target, given) {
        const [, done] = given;
        if (typeof done !== 'function') return Reflect.construct(target, given) as object;
        setImmediate(() => done(null));
        const all = (_sql: string, _parameters: unknown, answer: (error: null, rows: object[]) => void) =>
          answer(null, [{ a: 11, b: 11 }]);
        return { all, close: () => undefined };
      },
    });
    const lib: unknown = Object.create(driver, { Database: { value: Database } });
    Object.defineProperty(connectionManager, 'lib', { value: lib });
    const sent = recordSent(sequelize);
    attachAudit(sequelize);
    const Row = sequelize.define<Any>('Row', { name: STRING, size: INTEGER }, { timestamps: false });
    await sequelize.sync();
    const row = await Row.create({ name: 'a' });
    sent.length = 0;
    await sequelize.transaction((transaction) => row.update({ name: 'b' }, { transaction }));
    expect(sent.filter((sql) => sql.startsWith('WITH'))).to.deep.equal([]);
    expect(foldLog(await readLog(sequelize))['Row 1']).to.include({ name: 'b' });
  });
});
