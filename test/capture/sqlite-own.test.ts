import { AsyncLocalStorage } from 'node:async_hooks';
import { expect } from 'chai';
import { DataTypes, Deferrable, type Model, type ModelStatic, type Options, QueryTypes, Sequelize } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { type Database, sqliteFile, sqliteMemory } from '../setup/databases.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect } from '../setup/suite.js';

interface World {
  readonly sequelize: Sequelize;
  readonly Note: ModelStatic<Model>;
  readonly Page: ModelStatic<Model>;
}

async function world(database: Database, journal: string, isAudited = true, options: Options = {}): Promise<World> {
  const sequelize = await connect(database, options);
  if (isAudited) attachAudit(sequelize, { onUnaudited: 'ignore' });
  const Note = sequelize.define('Note', { title: { type: DataTypes.STRING, unique: true } });
  const reference = { model: 'Notes', key: 'id', deferrable: Deferrable.INITIALLY_DEFERRED as never };
  const Page = sequelize.define('Page', { noteId: { type: DataTypes.INTEGER, references: reference } });
  await sequelize.query(`PRAGMA journal_mode = ${journal}`);
  await sequelize.sync();
  return { sequelize, Note, Page };
}

const titles = (count: number) => Array.from({ length: count }, (_, index) => `title ${index}`);

/** The titles of the writes that were refused. */
async function refusedOf(writes: Readonly<Record<string, Promise<unknown>>>): Promise<Record<string, string>> {
  const settled = await Promise.allSettled(Object.values(writes));
  const names = Object.keys(writes);
  return Object.fromEntries(
    settled.flatMap((each, index) => (each.status === 'rejected' ? [[names[index], String(each.reason.message)]] : [])),
  );
}

for (const [name, database, journal] of [
  ['a file', sqliteFile, 'DELETE'],
  ['a file with a write-ahead log', sqliteFile, 'WAL'],
  ['a database in memory', sqliteMemory, 'MEMORY'],
] as const) {
  describe(`Own writes that wait for one another, on ${name}`, () => {
    let sequelize: Sequelize;
    let Note: ModelStatic<Model>;
    let Page: ModelStatic<Model>;

    beforeEach(async () => {
      ({ sequelize, Note, Page } = await world(database, journal));
    });

    async function expectExactLog(changesets: number): Promise<void> {
      const log = await readLog(sequelize);
      expect(foldLog(log)).to.deep.equal(await readTables([Note, Page]));
      expect(new Set(log.map(({ changesetId }) => changesetId)).size).to.equal(changesets);
    }

    /** Forty writes, of which some may be other than creates. */
    function writes(others: Readonly<Record<string, () => Promise<unknown>>> = {}): Record<string, Promise<unknown>> {
      const creates = titles(20).map((title) => [title, Note.create({ title })]);
      const between = Object.entries(others).map(([each, write]) => [each, write()]);
      const more = titles(40)
        .slice(20)
        .map((title) => [title, Note.create({ title })]);
      return Object.fromEntries([...creates, ...between, ...more]) as Record<string, Promise<unknown>>;
    }

    it('share a COMMIT, are each a changeset, and are done when it has passed', async () => {
      let commits = 0;
      const count = (sql: string) => {
        if (/COMMIT|RELEASE/.test(sql)) commits += 1;
      };
      const saved = titles(40).map((title) => Note.create({ title }, { logging: count }));
      const entriesWhenDone = saved.map(async (note) => {
        const id = (await note).get('id');
        const [row] = await sequelize.query<{ count: number }>(
          `SELECT count(*) AS count FROM AuditLogs WHERE recordId = '${id}'`,
          { type: QueryTypes.SELECT },
        );
        return row?.count;
      });

      expect(new Set(await Promise.all(entriesWhenDone))).to.deep.equal(new Set([1]));
      expect(commits).to.be.lessThan(20);
      await expectExactLog(40);
    });

    it('follow one another: each sees what the one before it wrote', async () => {
      const note = await Note.create({ title: 'title' });
      const Counter = sequelize.define('Counter', { count: DataTypes.INTEGER });
      await Counter.sync();
      const counter = await Counter.create({ count: 0 });

      await Promise.all(titles(30).map(() => counter.increment('count')));
      await Promise.all([note.update({ title: 'a' }), Note.update({ title: 'b' }, { where: {} }), note.destroy()]);

      const log = await readLog(sequelize);
      expect(foldLog(log)).to.deep.equal(await readTables([Note, Page, Counter]));
      expect(log.filter(({ modelName }) => modelName === 'Counter')).to.have.length(31);
    });

    it('are refused alone when the database refuses the statement of one', async () => {
      await Note.create({ title: 'taken' });

      const refused = await refusedOf(writes({ taken: () => Note.create({ title: 'taken' }) }));

      expect(refused).to.deep.equal({ taken: 'Validation error' });
      await expectExactLog(41);
    });

    it('are refused alone when the entry of one cannot be written', async () => {
      await sequelize.query(
        "CREATE TRIGGER no BEFORE INSERT ON AuditLogs WHEN NEW.patch LIKE '%poison%' BEGIN SELECT RAISE(ABORT, 'no'); END",
      );

      const refused = await refusedOf(writes({ poison: () => Note.create({ title: 'poison' }) }));

      expect(Object.keys(refused)).to.deep.equal(['poison']);
      expect(refused.poison).to.include('could not be written, so neither is the row');
      await expectExactLog(40);
    });

    it('are refused alone when the COMMIT of one is refused', async () => {
      const refused = await refusedOf(writes({ orphan: () => Page.create({ noteId: 999 }) }));

      expect(refused).to.deep.equal({ orphan: 'SQLITE_CONSTRAINT: FOREIGN KEY constraint failed' });
      await expectExactLog(40);
    });

    it('are refused alone when the failure of one ends the transaction', async () => {
      await sequelize.query(
        "CREATE TRIGGER back BEFORE INSERT ON Notes WHEN NEW.title = 'back' BEGIN SELECT RAISE(ROLLBACK, 'back'); END",
      );

      const refused = await refusedOf(writes({ back: () => Note.create({ title: 'back' }) }));

      expect(Object.keys(refused)).to.deep.equal(['back']);
      await expectExactLog(40);
    });

    it('are refused alone when a logger throws after the statement of one', async () => {
      let thrown = 0;
      const logging = (sql: string) => {
        if (!sql.includes('INSERT INTO `Notes`')) return;
        thrown += 1;
        throw new Error('logger');
      };

      const refused = await refusedOf(writes({ loud: () => Note.create({ title: 'loud' }, { logging }) }));

      expect(Object.keys(refused)).to.deep.equal(['loud']);
      expect(thrown).to.be.greaterThan(0);
      await expectExactLog(40);
    });

    it('run each in the context of its caller', async () => {
      const context = new AsyncLocalStorage<string>();
      const seen: unknown[] = [];
      const write = (title: string) =>
        context.run(title, () =>
          Note.create(
            { title },
            { logging: (sql) => sql.includes('INSERT INTO `Notes`') && seen.push(context.getStore()) },
          ),
        );

      await Promise.all(titles(20).map(write));

      expect(seen.sort()).to.deep.equal(titles(20).sort());
    });

    it('let a transaction of the caller in between', async () => {
      const order: string[] = [];
      const own = titles(95).map((title) => Note.create({ title }).then(() => order.push('own')));
      const managed = sequelize
        .transaction((transaction) => Note.create({ title: 'inside' }, { transaction }))
        .then(() => order.push('managed'));

      await Promise.all([...own, managed]);

      expect(order.indexOf('managed')).to.be.lessThan(order.length - 1);
      expect(foldLog(await readLog(sequelize))).to.deep.equal(await readTables([Note]));
    });
  });
}

describe('Own writes that wait for the lock of another connection', () => {
  it('are refused as they are without the audit, and nothing of them is left', async () => {
    const errors: unknown[] = [];
    for (const isAudited of [false, true]) {
      const { sequelize, Note, Page } = await world(sqliteFile, 'DELETE', isAudited, { retry: { max: 1 } });
      const { storage } = (sequelize as unknown as { options: { storage: string } }).options;
      const other = new Sequelize({ dialect: 'sqlite', storage, logging: false });
      const lock = await other.transaction({ type: 'IMMEDIATE' as never });

      const settled = await Promise.allSettled(titles(3).map((title) => Note.create({ title })));
      await lock.rollback();
      await other.close();

      errors.push(
        settled.map((each) => each.status === 'rejected' && [each.reason.constructor.name, each.reason.message]),
      );
      await Note.create({ title: 'free' });
      expect(Object.keys(await readTables([Note, Page]))).to.have.length(1);
      if (isAudited) expect(foldLog(await readLog(sequelize))).to.deep.equal(await readTables([Note, Page]));
    }
    expect(errors[0]).to.deep.equal(Array(3).fill(['TimeoutError', 'SQLITE_BUSY: database is locked']));
    expect(errors[1]).to.deep.equal(errors[0]);
  });
});
