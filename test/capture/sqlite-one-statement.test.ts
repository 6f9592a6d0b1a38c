import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Options, QueryTypes, type Sequelize } from 'sequelize';
import { type Audit, attachAudit } from '../../lib/index.js';
import { sqliteFile } from '../setup/databases.js';
import { foldLog, type LoggedEntry, readLog, readTables } from '../setup/oracle.js';
import { connect } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

interface World {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly Note: ModelStatic<Any>;
  /** An instance on the same file that knows nothing of the log. */
  readonly other: Sequelize;
  readonly sent: string[];
}

async function world(options: Options = {}): Promise<World> {
  const sent: string[] = [];
  const sequelize = await connect(sqliteFile, { logging: (sql) => sent.push(sql), ...options });
  const audit = attachAudit(sequelize, { onUnaudited: 'ignore' });
  const Note = sequelize.define<Any>(
    'Note',
    { title: DataTypes.STRING, size: DataTypes.INTEGER, data: DataTypes.JSON },
    { timestamps: false },
  );
  await sequelize.sync();
  const { Sequelize: Constructor } = await import('sequelize');
  const { storage } = (sequelize as unknown as { options: { storage: string } }).options;
  const other = new Constructor({ dialect: 'sqlite', storage, logging: false });
  closing.push(other);
  return { sequelize, audit, Note, other, sent };
}

const closing: Sequelize[] = [];

/** The log leads to the tables, by other code than ours. */
async function agrees(sequelize: Sequelize, ...models: ModelStatic<Any>[]): Promise<readonly LoggedEntry[]> {
  const log = await readLog(sequelize);
  expect(foldLog(log)).to.deep.equal(await readTables(models));
  return log;
}

const isOne = (sent: readonly string[]) => !sent.some((sql) => sql.includes(': BEGIN'));

describe('A write on a file of SQLite that records itself', () => {
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((each) => each.close()));
  });

  it('has the actor of its own caller, however many write at once', async () => {
    const { sequelize, audit, Note } = await world();
    const actors = Array.from({ length: 60 }, (_, index) => `actor ${index}`);

    await Promise.all(
      actors.map((actor, index) =>
        audit.run({ actor, reason: index % 2 ? `it's ${actor}` : undefined, meta: { actor } }, async () => {
          const note = await Note.create({ title: actor });
          await note.update(index % 3 ? { title: `${actor}!` } : { data: { [actor]: [index] } });
          await note.update({ size: index });
        }),
      ),
    );

    const log = await agrees(sequelize, Note);
    expect(log).to.have.length(180);
    const rows = await sequelize.query<Record<string, string>>('SELECT * FROM AuditLogs', { type: QueryTypes.SELECT });
    const titles = new Map(
      (await Note.findAll()).map((note) => [String(note.get('id')), String(note.get('title')).replace('!', '')]),
    );
    for (const { recordId, actor, reason, meta } of rows) {
      expect(actor).to.equal(titles.get(String(recordId)));
      expect(reason).to.equal(Number(actor?.split(' ')[1]) % 2 ? `it's ${actor}` : null);
      expect(JSON.parse(String(meta))).to.deep.equal({ actor });
    }
    const changesets = new Set(rows.map(({ changesetId }) => changesetId));
    expect(changesets.size).to.equal(180);
    for (const id of changesets)
      expect(id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('keeps the order of the log where others of the same record are recorded the general way', async () => {
    const { sequelize, Note } = await world();
    const note = await Note.create({ title: '0', data: [] });

    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        Note.update(index % 2 ? { title: String(index) } : { data: [index] }, {
          where: { id: note.get('id') as number },
        }),
      ),
    );

    expect(await agrees(sequelize, Note)).to.have.length(41);
  });

  it('goes on, and leaves no write unrecorded, while another program changes the schema', async () => {
    const { sequelize, Note, other } = await world();
    const qi = other.getQueryInterface();
    const steps: (() => Promise<unknown>)[] = [
      () => qi.addColumn('Notes', 'more', { type: DataTypes.STRING }),
      () => other.query('CREATE INDEX notes_title ON Notes (title)'),
      () => other.query('ALTER TABLE Notes DROP COLUMN more'),
      () => other.query('ALTER TABLE Notes RENAME TO Elsewhere'),
      () => other.query('ALTER TABLE Elsewhere RENAME TO Notes'),
      () => other.query('ALTER TABLE AuditLogs RENAME TO Elsewhere'),
      () => other.query('ALTER TABLE Elsewhere RENAME TO AuditLogs'),
      () => other.query('ALTER TABLE Notes DROP COLUMN size'),
      () => other.query('ALTER TABLE Notes ADD COLUMN size TEXT'),
      () => other.query('VACUUM'),
    ];
    const refused: number[] = [];
    let note = await Note.create({ title: 'first' });
    for (const [index, step] of steps.entries()) {
      await step();
      for (const again of [0, 1]) {
        const write = async () => {
          await note.update({ title: `${index} ${again}` });
          await Note.update({ title: `all ${index} ${again}` }, { where: {} });
          await Note.destroy({ where: { id: -1 } });
          note = await Note.create({ title: `new ${index} ${again}` });
        };
        await write().catch(() => refused.push(index));
      }
    }

    const log = await agrees(sequelize, Note);
    // Where a table or a column is not there, as without us.
    expect([...new Set(refused)]).to.deep.equal([3, 5, 7]);
    expect(log.length).to.be.above(50);
  });

  it('is not tried where the table itself resolves conflicts, or has triggers', async () => {
    const { sequelize, Note, sent } = await world();
    await sequelize.query('DROP TABLE Notes');
    await sequelize.query(
      'CREATE TABLE Notes (id INTEGER PRIMARY KEY, title TEXT UNIQUE ON CONFLICT REPLACE, size INTEGER, data JSON)',
    );
    await Note.create({ title: 'a', size: 1 });
    sent.length = 0;
    await Note.create({ title: 'b', size: 2 });
    expect(isOne(sent)).to.equal(false);

    await sequelize.query('DROP TABLE Notes');
    await sequelize.query('CREATE TABLE Notes (id INTEGER PRIMARY KEY, title TEXT, size INTEGER, data JSON)');
    await sequelize.query(
      "CREATE TRIGGER t AFTER UPDATE ON Notes BEGIN UPDATE Notes SET size = 99 WHERE id = NEW.id AND NEW.title = 'odd'; END",
    );
    const note = await Note.create({ title: 'c' });
    sent.length = 0;
    await note.update({ title: 'odd' });

    expect(isOne(sent)).to.equal(false);
    const last = (await readLog(sequelize)).at(-1);
    expect(last?.patch.filter(({ op }) => op === 'replace')).to.deep.equal([
      { op: 'replace', path: '/title', value: 'odd' },
      { op: 'replace', path: '/size', value: 99 },
    ]);
  });

  it('tells apart what a column itself takes for the same', async () => {
    const { sequelize, Note, sent } = await world();
    await sequelize.query('DROP TABLE Notes');
    await sequelize.query(
      'CREATE TABLE Notes (id INTEGER PRIMARY KEY, title TEXT COLLATE NOCASE, size INTEGER, data JSON)',
    );
    const note = await Note.create({ title: 'a' });
    sent.length = 0;

    await note.update({ title: 'A' });
    await note.update({ title: 'A' });

    expect(isOne(sent)).to.equal(true);
    expect(await agrees(sequelize, Note)).to.have.length(2);
  });

  it('is written once, with its entry, when a logger throws after it', async () => {
    let isThrowing = false;
    const { sequelize, Note } = await world({
      benchmark: true,
      logging: (sql) => {
        if (isThrowing && /INSERT INTO .Notes./.test(sql)) throw new Error('the logger');
      },
    });
    await Note.create({ title: 'warm' });
    isThrowing = true;

    const error = await Note.create({ title: 'logged' }).catch((caught: unknown) => caught);

    isThrowing = false;
    expect(String(error)).to.include('the logger');
    await agrees(sequelize, Note);
  });

  it('goes the general way for what SQL cannot tell, and back again', async () => {
    const { sequelize, Note, sent } = await world();
    await Note.create({ title: 'warm' });
    const ways: boolean[] = [];
    for (const size of ['odd', 1, 2, 3]) {
      sent.length = 0;
      await Note.create({ size });
      ways.push(isOne(sent));
    }

    expect(ways).to.deep.equal([false, false, true, true]);
    await agrees(sequelize, Note);
  });

  it('is refused as without us, one among others that are not, and leaves those', async () => {
    const { sequelize, Note, sent } = await world();
    await sequelize.query('CREATE UNIQUE INDEX one_title ON Notes (title)');
    await Note.create({ title: '3' });
    sent.length = 0;

    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => Note.create({ title: String(index) })),
    );

    expect(outcomes.map(({ status }) => status === 'fulfilled')).to.deep.equal([1, 1, 1, 0, 1, 1, 1, 1].map(Boolean));
    expect((outcomes[3] as PromiseRejectedResult).reason.name).to.equal('SequelizeUniqueConstraintError');
    expect(sent.filter((sql) => sql.includes('COMMIT'))).to.have.length(1);
    expect(await agrees(sequelize, Note)).to.have.length(8);
  });

  it('leaves nothing on the connections of the application', async () => {
    const { sequelize, audit, Note } = await world();
    const note = await Note.create({ title: 'a' });
    await note.update({ title: 'b' });

    await audit.unaudited('as a test', () => sequelize.query("UPDATE Notes SET title = 'c'"));
    await sequelize.transaction((transaction) =>
      audit.unaudited('as a test', () => sequelize.query("UPDATE Notes SET title = 'd'", { transaction })),
    );

    expect(await readLog(sequelize)).to.have.length(2);
    const made = await sequelize.query('SELECT name FROM sqlite_temp_master', { type: QueryTypes.SELECT });
    expect(made).to.deep.equal([]);
  });
});
