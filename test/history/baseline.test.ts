import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { type Audit, AuditError, attachAudit } from '../../lib/index.js';
import { insisting } from '../concurrency/counters.js';
import { foldLog, type LoggedEntry, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { Vandal } from './vandal.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

/** Past the log, as before the log was there. */
const unseen = { audit: false } as const;

onEachDatabase('audit.baseline', (database) => {
  let sequelize: Sequelize;
  let audit: Audit;
  let User: ModelStatic<Any>;
  let Memo: ModelStatic<Any>;

  beforeEach(async () => {
    sequelize = await connect(database, { pool: { max: 8 } });
    audit = attachAudit(sequelize, {
      onUnaudited: 'ignore',
      models: { Memo: { redact: ['deletedAt'] }, User: { exclude: ['seen'] } },
    });
    User = sequelize.define<Any>(
      'User',
      { name: DataTypes.STRING, seen: DataTypes.INTEGER, data: DataTypes.JSON },
      { timestamps: false },
    );
    Memo = sequelize.define<Any>('Memo', { text: DataTypes.STRING }, { paranoid: true, timestamps: true });
    await sequelize.sync();
  });

  const manyUsers = (count: number) =>
    User.bulkCreate(
      Array.from({ length: count }, (_, index) => ({ name: `User ${index + 1}`, seen: 1, data: { n: index } })),
      unseen,
    );

  it('gives each row that has no entry one that holds it as it is, with who and why', async () => {
    await User.bulkCreate([{ name: 'Ada', seen: 1, data: { a: 1 } }, { name: null }], unseen);
    await User.create({ name: 'Eve' });

    const written = await audit.run({ actor: 'ops', reason: 'switched on', meta: { ticket: 7 } }, () =>
      audit.baseline(),
    );

    const log = await readLog(sequelize);
    expect(written).to.deep.equal({
      rows: 3,
      written: 2,
      models: { User: { rows: 3, written: 2 }, Memo: { rows: 0, written: 0 } },
    });
    expect(log.slice(1).map(({ id, changesetId, ...entry }) => entry)).to.deep.equal(
      [
        { id: 1, name: 'Ada', data: { a: 1 } },
        { id: 2, name: null, data: null },
      ].map((document) => ({
        modelName: 'User',
        recordId: String(document.id),
        action: 'baseline',
        patch: [{ op: 'add', path: '', value: document }],
        actor: 'ops',
        reason: 'switched on',
        meta: { ticket: 7 },
      })),
    );
    expect(await audit.verify()).to.deep.include({ differences: [] });
  });

  it('writes nothing when it is run again, and goes on where it was stopped', async () => {
    await manyUsers(25);
    class Stop extends Error {}
    const stopped = await audit
      .baseline(User, {
        batchSize: 10,
        onProgress: ({ rows }) => {
          if (rows === 20) throw new Stop();
        },
      })
      .catch((error: unknown) => error);
    expect(stopped).to.be.instanceOf(Stop);
    expect(await readLog(sequelize)).to.have.length(20);

    const seen: unknown[] = [];
    const second = await audit.baseline('User', { batchSize: 10, onProgress: (progress) => seen.push(progress) });
    const third = await audit.baseline([User, Memo]);

    expect(second).to.deep.include({ rows: 25, written: 5 });
    expect(seen).to.deep.equal([
      { modelName: 'User', rows: 10, written: 0 },
      { modelName: 'User', rows: 20, written: 0 },
      { modelName: 'User', rows: 25, written: 5 },
    ]);
    expect(third).to.deep.include({ rows: 25, written: 0 });
    expect(await readLog(sequelize)).to.have.length(25);
  });

  it('lets a record be read from its baseline on, and says that it is incomplete before', async () => {
    const [user] = (await manyUsers(1)) as [Any];
    await user.update({ name: 'Ada' });
    await audit.baseline();
    await user.update({ name: 'Eve' });
    const history = audit.history(user);
    const [update, baseline] = await history.revisions();

    expect([update?.action, baseline?.action]).to.deep.equal(['update', 'baseline']);
    expect((await history.at(2))?.get('name')).to.equal('Ada');
    expect((await history.at(3))?.get('name')).to.equal('Eve');
    expect((await history.at(new Date(Date.now() + 60_000)))?.get('name')).to.equal('Eve');
    for (const point of [1, new Date(0)]) {
      const error = await history.at(point).catch((caught: unknown) => caught);
      expect(error).to.include({ code: 'ERR_AUDIT_HISTORY_INCOMPLETE' });
    }
  });

  it('says that a record is incomplete before a baseline that is its first entry', async () => {
    const [user] = (await manyUsers(1)) as [Any];
    await audit.baseline();

    const error = await audit
      .history(user)
      .at(new Date(0))
      .catch((caught: unknown) => caught);

    expect(error).to.include({ code: 'ERR_AUDIT_HISTORY_INCOMPLETE' });
    expect((await audit.history(user).at(1))?.get('name')).to.equal('User 1');
  });

  it('knows of softly destroyed rows that they are gone, also where deletedAt is hidden', async () => {
    const Plain = sequelize.define<Any>('Plain', { text: DataTypes.STRING }, { paranoid: true });
    await Plain.sync();
    for (const model of [Memo, Plain]) {
      await model.bulkCreate([{ text: 'kept' }, { text: 'gone' }], unseen);
      await model.destroy({ where: { id: 2 }, ...unseen });
    }

    await audit.baseline();

    for (const model of [Memo, Plain]) {
      const now = new Date(Date.now() + 60_000);
      expect((await audit.history(model, 1).at(now))?.get('text')).to.equal('kept');
      expect(await audit.history(model, 2).at(now)).to.equal(null);
    }
    const entries = (await readLog(sequelize)).map(({ modelName, action }) => `${modelName} ${action}`);
    expect(entries).to.deep.equal([
      'Memo baseline',
      'Memo baseline',
      'Memo destroy',
      'Plain baseline',
      'Plain baseline',
    ]);
    await Memo.restore({ where: { id: 2 } });
    expect((await audit.history(Memo, 2).at(3))?.get('text')).to.equal('gone');
    expect((await audit.verify()).differences).to.deep.equal([]);
  });

  it('leaves records that differ from their log alone, unless it is told to begin them anew', async () => {
    const sql = new Vandal(sequelize).run;
    const users = await User.bulkCreate([{ name: 'Ada' }, { name: 'Eve' }, { name: 'Bob' }]);
    await users[1]?.update({ name: 'Eva' });
    await users[1]?.update({ name: 'Evi' });
    await sql(`UPDATE "Users" SET name = 'Ida' WHERE id = 1`);
    await sql(`DELETE FROM "AuditLogs" WHERE id = 4`);

    expect(await audit.baseline()).to.deep.include({ rows: 3, written: 0 });
    expect((await audit.verify()).counts.differences).to.deep.include({ changedOutside: 1, brokenLink: 1 });
    expect(await audit.baseline(User, { differing: true })).to.deep.include({ rows: 3, written: 2 });

    expect((await audit.verify()).differences).to.deep.equal([]);
    const history = audit.history(User, 1);
    expect((await history.at(1))?.get('name')).to.equal('Ada');
    expect((await history.at(2))?.get('name')).to.equal('Ida');
  });

  it('is undone with the transaction that it is given', async () => {
    await manyUsers(3);
    const transaction = await sequelize.transaction();

    expect(await audit.baseline(User, { batchSize: 2, transaction })).to.deep.include({ written: 3 });
    expect(await audit.baseline(User, { batchSize: 2, transaction })).to.deep.include({ written: 0 });
    await transaction.rollback();

    expect(await readLog(sequelize)).to.deep.equal([]);
  });

  it('misses no row, gives none two, and leaves every replay exact while others write', async function () {
    this.timeout(120_000);
    const count = 120;
    await manyUsers(count);
    let isDone = false;
    const write = async (writer: number) => {
      for (let turn = writer; !isDone; turn += 3) {
        const id = 1 + ((turn * 37) % count);
        const name = `Turn ${turn}`;
        await insisting(async () => {
          if (turn % 5 === 0) await User.create({ name });
          else if (turn % 5 === 1) await User.destroy({ where: { id } });
          else if (turn % 5 === 2 && database.name !== 'SQLite in memory')
            // Two rows, the higher first: a baseline that held the lower would have to wait for it.
            await sequelize.transaction(async (transaction) => {
              await User.update({ name }, { where: { id: id + 1 }, transaction });
              await User.update({ name }, { where: { id }, transaction });
            });
          else await User.update({ name }, { where: { id } });
        });
      }
    };
    const writers = Promise.all([write(0), write(1), write(2)]);

    const both = await Promise.all(database.dialect === 'sqlite' ? [insisting(run)] : [insisting(run), insisting(run)]);
    isDone = true;
    await writers;

    const log = await readLog(sequelize);
    const baselines = log.filter(({ action }) => action === 'baseline').map(({ recordId }) => recordId);
    expect(baselines.length).to.equal(both.reduce((sum, { written }) => sum + written, 0));
    expect(new Set(baselines).size).to.equal(baselines.length);
    expect(foldLog(log.filter(isKnown))).to.deep.equal(withoutSeen(await readTables([User])));
    expect((await audit.verify()).differences.filter(({ entry }) => entry === null)).to.deep.equal([]);

    function run() {
      return audit.baseline(User, { batchSize: 7 });
    }

    /** Entries from the baseline or create on: those before it are of a beginning that nobody saw. */
    function isKnown({ id, recordId }: LoggedEntry): boolean {
      const start = log.findLast((entry) => entry.recordId === recordId && /create|baseline/.test(entry.action));
      return start !== undefined && id >= start.id;
    }
  });

  for (const [models, options, message] of [
    ['Usr', {}, 'models: expected a model of this Sequelize instance or its name, got "Usr"'],
    [[], {}, 'models: expected at least one, got an array of 0'],
    [5, {}, 'models: expected a model of this Sequelize instance or its name, got 5'],
    ['AuditLog', {}, 'models: expected a model that is audited, got "AuditLog"'],
    ['User', null, 'options: expected an object, got null'],
    ['User', { size: 5 }, 'options: expected batchSize, differing, onProgress, transaction, got "size"'],
    ['User', { batchSize: 0 }, 'batchSize: expected a number from 1, got 0'],
    ['User', { batchSize: '5' }, 'batchSize: expected a number from 1, got "5"'],
    ['User', { differing: 'yes' }, 'differing: expected true or false, got "yes"'],
    ['User', { onProgress: {} }, 'onProgress: expected a function, got an object'],
    ['User', { transaction: 5 }, 'transaction: expected a transaction, got 5'],
  ] as [never, never, string][]) {
    it(`refuses ${JSON.stringify(models)} with ${JSON.stringify(options)}, and writes nothing`, async () => {
      await manyUsers(1);

      const error = await audit.baseline(models, options).catch((caught: unknown) => caught);

      expect(error).to.be.instanceOf(AuditError).and.include({ code: 'ERR_AUDIT_HISTORY_INVALID' });
      expect((error as Error).message).to.equal(message);
      expect(await readLog(sequelize)).to.deep.equal([]);
    });
  }
});

function withoutSeen(rows: Record<string, Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(rows).map(([name, { seen, ...row }]) => [name, row]));
}
