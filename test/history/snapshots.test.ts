import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, QueryTypes, type Sequelize } from 'sequelize';
import { type Audit, AuditError, type AuditOptions, attachAudit } from '../../lib/index.js';
import { sqliteMemory } from '../setup/databases.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { quoted } from './cases/type-changes.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

/** What an answer is, or the code of the error it ends with. */
async function answer(ask: () => Promise<unknown>): Promise<unknown> {
  try {
    const found = (await ask()) as Any | null;
    return found === null ? null : (found.dataValues ?? found);
  } catch (error) {
    return (error as AuditError).message;
  }
}

onEachDatabase('audit.snapshot', (database) => {
  let sequelize: Sequelize;
  let audit: Audit;
  let User: ModelStatic<Any>;
  let seen: string[];
  const quote = (name: string) => quoted(database.dialect, name);

  const attach = (options: AuditOptions = {}) => {
    audit = attachAudit(sequelize, { snapshots: true, onUnaudited: 'ignore', ...options });
  };
  const define = (attributes: Record<string, unknown> = { name: DataTypes.STRING }) => {
    const all = { visits: DataTypes.INTEGER, data: DataTypes.JSON, ...attributes };
    User = sequelize.define<Any>('User', all as never, { paranoid: true, timestamps: true, createdAt: false });
  };
  /** As the next start of the application would, on the tables that are there. */
  const restart = (attributes?: Record<string, unknown>, options?: AuditOptions) => {
    audit.detach();
    sequelize.modelManager.removeModel(User);
    attach(options);
    define(attributes);
  };
  const snapshots = () =>
    sequelize.query<{ recordId: string; revision: number; shape: string; state: string }>(
      `SELECT * FROM ${quote('AuditLogSnapshots')} ORDER BY ${quote('entryId')}`,
      { type: QueryTypes.SELECT },
    );
  /** A life with everything that the fold has to get right, of 23 revisions. */
  const live = async () => {
    const user = await User.create({ id: 1, name: 'Ada', visits: 0, data: { tags: ['a'], deep: { n: 0 } } });
    for (let index = 1; index <= 8; index += 1)
      await user.update(index % 2 ? { visits: index } : { data: { tags: ['a', `t${index}`], deep: { n: index } } });
    await user.destroy();
    await user.restore();
    await user.update({ name: 'Ada L.' });
    await user.destroy({ force: true });
    await User.create({ id: 1, name: 'Grace', visits: 0, data: null });
    for (let index = 1; index <= 9; index += 1) await User.increment('visits', { where: { id: 1 } });
  };
  const everyPoint = async () => {
    const rows = await audit.AuditLog.findAll({ where: { recordId: '1' }, order: ['id'] });
    const times = rows.flatMap(({ createdAt }) => [createdAt, new Date(createdAt.getTime() - 1)]);
    return [...rows.map((_, index) => index + 1), rows.length + 1, ...times, new Date(0), new Date('2100-01-01')];
  };
  const answers = async () => {
    const history = audit.history(User, 1);
    const all = [];
    for (const point of await everyPoint())
      all.push([await answer(() => history.at(point)), await answer(() => history.documentAt(point))]);
    return all;
  };

  beforeEach(async () => {
    seen = [];
    sequelize = await connect(database, { logging: (sql: string) => seen.push(sql) });
    attach();
    define();
    await sequelize.sync();
  });

  it('keeps a state every so many revisions, and then reads only what is new', async () => {
    await live();
    await User.create({ id: 2, name: 'Ben' });

    const first = await audit.snapshot([User], { every: 5 });
    const again = await audit.snapshot('User', { every: 5 });
    for (let index = 0; index < 3; index += 1) await User.increment('visits', { where: { id: 1 } });
    const later = await audit.snapshot(undefined, { every: 5 });

    expect(first).to.deep.include({ records: 1, entries: 23, written: 4 });
    expect(again).to.deep.include({ records: 1, entries: 3, written: 0 });
    expect(later).to.deep.equal({
      records: 1,
      entries: 6,
      written: 1,
      models: { User: { records: 1, entries: 6, written: 1 } },
    });
    expect((await snapshots()).map(({ recordId, revision }) => [recordId, revision])).to.deep.equal(
      [5, 10, 15, 20, 25].map((revision) => ['1', revision]),
    );
  });

  it('changes no answer, at any revision and any time', async () => {
    await live();
    const before = await answers();

    await audit.snapshot(User, { every: 4 });

    expect(await snapshots()).to.have.length(5);
    expect(await answers()).to.deep.equal(before);
    const history = audit.history(User, 1);
    expect(await history.diff(3, 22)).to.deep.equal(await history.diff(3, 22));
  });

  it('is what a point in a long history is read from: no more than the entries since the last one', async () => {
    await live();
    await audit.snapshot(User, { every: 5 });
    seen.length = 0;

    await audit.history(User, 1).at(19);

    const read = seen.find((sql) => /SELECT.*action.*patch/s.test(sql));
    expect(read).to.match(/LIMIT (0, )?4\b/);
    expect(seen).to.have.length(2);
  });

  it('takes nothing from a kept state that a changed entry does not fit any more', async () => {
    await live();
    await audit.snapshot(User, { every: 5 });
    const [, , third] = await audit.AuditLog.findAll({ order: ['id'] });
    await sequelize.query(`DELETE FROM ${quote('AuditLogs')} WHERE id = ${third?.id}`);
    const kept = await audit.history(User, 1).at(7);

    const rebuilt = await audit.snapshot(User, { every: 5, rebuild: true });

    expect(kept?.get('visits')).to.equal(5);
    expect((await snapshots()).map(({ revision }) => revision)).to.deep.equal([15, 20]);
    expect(rebuilt).to.deep.include({ entries: 22, written: 2 });
    expect(await answer(() => audit.history(User, 1).at(7))).to.match(/does not lead to revision [34] of User 1/);
  });

  for (const [title, attributes, options] of [
    ['a type', { name: DataTypes.TEXT }, {}],
    ['a redaction', { name: DataTypes.STRING }, { models: { User: { redact: ['name'] } } }],
    ['a new attribute', { name: DataTypes.STRING, motto: DataTypes.STRING }, {}],
    [
      'a name',
      { fullName: { type: DataTypes.STRING, field: 'name' } },
      { models: { User: { renamed: { fullName: 'name' } } } },
    ],
  ] as const) {
    it(`does not read what was kept before ${title} of the model changed, and makes it anew`, async () => {
      await live();
      await audit.snapshot(User, { every: 5 });
      const shape = (await snapshots())[0]?.shape;

      restart(attributes, options as AuditOptions);
      const unkept = await answers();
      seen.length = 0;
      await audit.history(User, 1).at(19);
      const reads = seen.find((sql) => /SELECT.*action.*patch/s.test(sql));
      const made = await audit.snapshot(User, { every: 5 });

      expect(reads).to.match(/LIMIT (0, )?19\b/);
      expect(made).to.deep.include({ entries: 23, written: 4 });
      expect((await snapshots()).map((each) => each.shape === shape)).to.deep.equal([false, false, false, false]);
      expect(await answers()).to.deep.equal(unkept);
    });
  }

  it('is made once by two that run at the same time', async () => {
    await live();

    await Promise.all([audit.snapshot(User, { every: 5 }), audit.snapshot(User, { every: 5 })]);

    expect((await snapshots()).map(({ revision }) => revision)).to.deep.equal([5, 10, 15, 20]);
  });

  it('costs a write nothing, and leaves no entry of itself', async () => {
    await live();
    await audit.snapshot(User, { every: 5 });
    const count = await audit.AuditLog.count();
    seen.length = 0;

    await User.update({ visits: 1 }, { where: { id: 1 } });
    await User.create({ id: 9, name: 'Ben' });

    expect(seen.filter((sql) => sql.includes('Snapshot'))).to.deep.equal([]);
    expect(await audit.AuditLog.count()).to.equal(count + 2);
  });

  it('reads what an open transaction has written', async () => {
    await live();

    await sequelize.transaction(async (transaction) => {
      for (let index = 0; index < 3; index += 1) await User.increment('visits', { where: { id: 1 }, transaction });
      expect(await audit.snapshot(User, { every: 13, transaction })).to.deep.include({ entries: 26, written: 2 });
      expect((await audit.history(User, 1).at(26, { transaction }))?.get('visits')).to.equal(12);
    });

    expect((await snapshots()).map(({ revision }) => revision)).to.deep.equal([13, 26]);
  });

  it('tells of its progress', async () => {
    await live();
    const told: unknown[] = [];

    await audit.snapshot(undefined, { every: 10, onProgress: (progress) => told.push(progress) });

    expect(told).to.deep.equal([{ modelName: 'User', records: 1, entries: 23, written: 2 }]);
  });

  it('refuses what it cannot do before anything is read', async () => {
    seen.length = 0;
    const refused = async (models: unknown, options: unknown) =>
      answer(() => audit.snapshot(models as never, options as never) as never);

    expect(await refused(User, { every: 1 })).to.equal('every: expected a number from 2, got 1');
    expect(await refused(User, { every: 2.5 })).to.equal('every: expected a number from 2, got 2.5');
    expect(await refused(User, { rebuild: 'yes' })).to.equal('rebuild: expected true or false, got "yes"');
    expect(await refused(User, { onProgress: 1 })).to.equal('onProgress: expected a function, got 1');
    expect(await refused(User, { evry: 1 })).to.match(/options: expected every, rebuild, onProgress, transaction, got/);
    expect(await refused('Nobody', {})).to.match(/models: expected a model of this Sequelize instance/);
    expect(seen).to.deep.equal([]);
  });
});

describe('The option snapshots', () => {
  it('is needed for audit.snapshot, and leaves no table without', async () => {
    const sequelize = await connect(sqliteMemory);
    const audit = attachAudit(sequelize);
    await sequelize.sync();

    expect(await answer(() => audit.snapshot() as never)).to.match(
      /expected attachAudit\(sequelize, { snapshots: true }\)/,
    );
    expect(await sequelize.getQueryInterface().showAllTables()).to.deep.equal(['AuditLogs']);
  });

  it('names the table after that of the log, and goes with it', async () => {
    const sequelize = await connect(sqliteMemory, { define: { underscored: true } });
    const audit = attachAudit(sequelize, { snapshots: true, modelName: 'Trail' });
    await sequelize.sync();
    const tables = await sequelize.getQueryInterface().showAllTables();
    const columns = Object.keys(await sequelize.getQueryInterface().describeTable('trail_snapshots'));
    audit.detach();

    expect(tables).to.have.members(['trails', 'trail_snapshots']);
    expect(columns).to.deep.equal(['entry_id', 'model_name', 'record_id', 'revision', 'shape', 'state']);
    expect(Object.keys(sequelize.models)).to.deep.equal([]);
  });

  it('refuses a name that is taken, and leaves nothing behind', async () => {
    const sequelize = await connect(sqliteMemory);
    sequelize.define('AuditLogSnapshot', { name: DataTypes.STRING });

    expect(() => attachAudit(sequelize, { snapshots: true })).to.throw(
      AuditError,
      /got "AuditLog", and AuditLogSnapshot is a model already/,
    );
    expect(Object.keys(sequelize.models)).to.deep.equal(['AuditLogSnapshot']);
    attachAudit(sequelize);
  });
});
