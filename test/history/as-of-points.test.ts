import { AsyncLocalStorage } from 'node:async_hooks';
import Module from 'node:module';
import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, Op, QueryTypes, Sequelize } from 'sequelize';
import { type AsOfProgress, type Audit, type AuditOptions, attachAudit } from '../../lib/index.js';
import { postgresql } from '../setup/databases.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { instant } from './as-of-world.js';

type Thrown = { readonly code?: string; readonly message: string } | null;

const thrownBy = (promise: Promise<unknown>): Promise<Thrown> =>
  promise.then(
    () => null,
    (error: Thrown) => error,
  );

onEachDatabase('audit.asOf', (database) => {
  async function open(options?: AuditOptions) {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize, { onUnaudited: 'ignore', ...options });
    const User = sequelize.define('User', { name: DataTypes.STRING, secret: DataTypes.STRING }, { timestamps: false });
    const Note = sequelize.define('Note', { text: DataTypes.STRING }, { paranoid: true });
    await sequelize.sync();
    return { sequelize, audit, User, Note };
  }

  async function namesAt(audit: Audit, point: Date | string, options = {}): Promise<unknown[]> {
    const past = await audit.asOf(point, { models: ['User'], ...options });
    const rows = await past.model('User').findAll({ order: ['id'] });
    await past.close();
    return rows.map((row) => row.get('name'));
  }

  it('includes the instant it is asked for, and nothing before the first entry', async () => {
    const { audit, User } = await open();
    const before = await instant();
    await User.create({ name: 'a' });
    const [entry] = await audit.AuditLog.findAll();
    const at = entry?.createdAt as Date;

    expect(await namesAt(audit, before)).to.deep.equal([]);
    expect(await namesAt(audit, new Date(at.getTime() - 1))).to.deep.equal([]);
    expect(await namesAt(audit, at)).to.deep.equal(['a']);
    expect(await namesAt(audit, new Date(at.getTime() + 1e9))).to.deep.equal(['a']);
  });

  it('is that of the last entry of a changeset', async () => {
    const { sequelize, audit, User } = await open();
    await User.create({ name: 'a' });
    await sequelize.transaction(async (transaction) => {
      await User.update({ name: 'b' }, { where: {}, transaction });
      await User.create({ name: 'c' }, { transaction });
    });
    await User.destroy({ where: {} });
    const ids = [...new Set((await audit.AuditLog.findAll({ order: ['id'] })).map(({ changesetId }) => changesetId))];

    expect(await Promise.all(ids.map((id) => namesAt(audit, id)))).to.deep.equal([['a'], ['b', 'c'], []]);
  });

  it('follows the order of the log where clocks differ, as history.at does', async () => {
    const { sequelize, audit, User } = await open();
    const user = await User.create({ name: 'a' });
    const other = await User.create({ name: 'x' });
    await user.update({ name: 'b' });
    await other.update({ name: 'y' });
    await user.update({ name: 'c' });
    const ids = (await audit.AuditLog.findAll({ order: ['id'] })).map(({ id }) => id);
    const clock = async (index: number, time: string) => {
      const quoted = database.dialect === 'postgres' ? ['"AuditLogs"', '"createdAt"'] : ['AuditLogs', 'createdAt'];
      const at = database.dialect === 'mysql' || database.dialect === 'mariadb' ? time : `${time}.000 +00:00`;
      await sequelize.query(`UPDATE ${quoted[0]} SET ${quoted[1]} = '${at}' WHERE id = ${ids[index]}`);
    };
    // The changes of the middle were written by a machine whose clock is an hour ahead.
    for (const [index, time] of ['10:00:00', '10:00:01', '11:00:02', '11:00:03', '10:00:04'].entries())
      await clock(index, `2026-01-01 ${time}`);

    for (const time of ['10:00:00', '10:00:03', '10:00:04', '11:00:02', '11:00:03']) {
      const point = new Date(`2026-01-01T${time}Z`);
      const at = await Promise.all([user, other].map((row) => audit.history(row).at(point)));
      const expected = at.flatMap((row) => (row === null ? [] : [row.get('name')]));
      expect(await namesAt(audit, point), time).to.deep.equal(expected);
    }
    expect(await namesAt(audit, new Date('2026-01-01T10:00:04Z'))).to.deep.equal(['c', 'x']);
  });

  it('reads what its own transaction has written', async () => {
    const { sequelize, audit, User } = await open();
    await User.create({ name: 'a' });

    await sequelize.transaction(async (transaction) => {
      await User.update({ name: 'b' }, { where: {}, transaction });
      expect(await namesAt(audit, new Date(Date.now() + 1e6), { transaction })).to.deep.equal(['b']);
    });
  });

  it('opens only the models that are named, by name or class', async () => {
    const { audit, User, Note } = await open();
    await User.create({ name: 'a' });
    await Note.create({ text: 'n' });

    const past = await audit.asOf(new Date(), { models: [Note, 'Note'] });

    expect(Object.keys(past.models)).to.deep.equal(['Note']);
    expect(await past.model('Note').count()).to.equal(1);
    await past.close();
  });

  it('tells how far it is', async () => {
    const { audit, User } = await open();
    await User.bulkCreate(Array.from({ length: 2500 }, (_, index) => ({ name: `${index}` })));
    const seen: AsOfProgress[] = [];

    const past = await audit.asOf(new Date(), { onProgress: (progress) => seen.push(progress) });

    expect(await past.model('User').count()).to.equal(2500);
    await past.close();
    expect(seen[0]).to.deep.equal({ entries: 2000, total: 2500, rows: 0 });
    expect(seen.at(-1)).to.deep.equal({ entries: 2500, total: 2500, rows: 2500 });
    const figures = seen.map(({ entries, rows }) => entries + rows);
    expect(figures).to.deep.equal([...figures].sort((left, right) => left - right));
  });

  it('closes what it has opened when onProgress throws, and passes the error on', async () => {
    const { audit, User } = await open();
    await User.create({ name: 'a' });
    const closed: string[] = [];
    const { close } = Sequelize.prototype;
    Sequelize.prototype.close = function (this: Sequelize) {
      closed.push(this.getDialect());
      return close.call(this);
    };
    try {
      const error = await thrownBy(audit.asOf(new Date(), { onProgress: () => Promise.reject(new Error('enough')) }));

      expect(error?.message).to.equal('enough');
      expect(closed).to.deep.equal(['sqlite']);
    } finally {
      Sequelize.prototype.close = close;
    }
    expect(await namesAt(audit, new Date())).to.deep.equal(['a']);
    await User.create({ name: 'b' });
  });

  it('stays by itself inside the transactions of Sequelize.useCLS', async () => {
    const storage = new AsyncLocalStorage<Map<string, unknown>>();
    Sequelize.useCLS({
      bind: (fn: never) => fn,
      get: (key: string) => storage.getStore()?.get(key),
      set: (key: string, value: unknown) => storage.getStore()?.set(key, value),
      run: (fn: (context: unknown) => void) => storage.run(new Map(storage.getStore()), fn, undefined as never),
    } as object);
    try {
      const { sequelize, audit, User } = await open();
      await User.create({ name: 'a' });
      const past = await audit.asOf(new Date());

      await sequelize.transaction(async () => {
        await User.create({ name: 'b' });
        expect(await past.model('User').count()).to.equal(1);
        expect(await past.query('SELECT count(*) AS count FROM Users', { type: QueryTypes.SELECT })).to.deep.equal([
          { count: 1 },
        ]);
        expect(await namesAt(audit, new Date(Date.now() + 1e6))).to.deep.equal(['a', 'b']);
        expect(await User.count()).to.equal(2);
      });
      await past.close();
    } finally {
      delete (Sequelize as unknown as { _cls?: unknown })._cls;
    }
  });

  it('leaves excluded and redacted values absent, in conditions as well', async () => {
    const { audit, User } = await open({ models: { User: { exclude: ['name'], redact: ['secret'] } } });
    await User.create({ name: 'a', secret: 's' });
    await User.create({ name: null, secret: null });
    const past = await audit.asOf(new Date());
    const Past = past.model('User') as ModelStatic<Model>;

    const rows = await Past.findAll({ order: ['id'] });

    expect(rows.map((row) => row.get())).to.deep.equal([{ id: 1 }, { id: 2 }]);
    expect(rows[0]?.get('secret')).to.equal(undefined);
    expect(await Past.count({ where: { secret: null } })).to.equal(0);
    for (const where of [{ name: 'a' }, { secret: { [Op.like]: 's%' } }]) {
      const error = await thrownBy(Past.findAll({ where }));
      expect(error).to.include({ code: 'ERR_AUDIT_HISTORY_INVALID' });
      expect(error?.message).to.match(/^User\.(name|secret) is excluded or redacted/);
    }
    await past.close();
  });

  it('knows which records were softly destroyed also where deletedAt is redacted', async () => {
    const { audit, Note } = await open({ models: { Note: { redact: ['deletedAt'] } } });
    await Note.create({ text: 'a' });
    await (await Note.create({ text: 'b' })).destroy();
    const past = await audit.asOf(new Date());

    expect((await past.model('Note').findAll()).map((note) => note.get('text' as never))).to.deep.equal(['a']);
    expect(await past.model('Note').count({ paranoid: false })).to.equal(2);
    await past.close();
  });

  it('holds attributes that a model got later as absent, of rows from before', async () => {
    const { sequelize, audit, User } = await open();
    await User.create({ name: 'a' });
    await sequelize.getQueryInterface().addColumn('Users', 'age', DataTypes.INTEGER);
    const Grown = sequelize.define(
      'User',
      { name: DataTypes.STRING, secret: DataTypes.STRING, age: DataTypes.INTEGER },
      { timestamps: false },
    );
    await Grown.create({ name: 'b', age: 7 });
    const past = await audit.asOf(new Date(), { models: ['User'] });

    const rows = await past.model('User').findAll({ order: ['id'] });

    expect(rows.map((row) => row.get())).to.deep.equal([
      { id: 1, name: 'a', secret: null },
      { id: 2, name: 'b', secret: null, age: 7 },
    ]);
    await past.close();
  });

  describe('refuses to invent', () => {
    const incomplete = async (audit: Audit, point: Date | string, count: number, name: RegExp, options = {}) => {
      const error = await thrownBy(audit.asOf(point, options));
      expect(error).to.include({ code: 'ERR_AUDIT_HISTORY_INCOMPLETE' });
      expect(error?.message)
        .to.match(new RegExp(`not known of ${count} records?: `))
        .and.to.match(name);
    };

    it('rows that were there before the log, also where their model has no entry', async () => {
      const { audit, User, Note } = await open();
      await User.bulkCreate([{ name: 'a' }, { name: 'b' }], { audit: false });
      await Note.create({ text: 'n' });

      await incomplete(audit, new Date(), 2, /User 1 is there now/);
      await User.create({ name: 'c' });
      await incomplete(audit, new Date(), 2, /User 1 is there now/);
      const past = await audit.asOf(new Date(), { models: ['Note'] });
      await past.close();
    });

    for (const [title, change] of Object.entries({
      updated: (user: Model) => user.update({ name: 'b' }),
      destroyed: (user: Model) => user.destroy(),
    })) {
      it(`rows that were there before the log and were ${title} after the point`, async () => {
        const { audit, User } = await open();
        const user = await User.create({ name: 'a' }, { audit: false });
        await User.create({ name: 'x' });
        const point = await instant();
        await change(user);

        await incomplete(audit, point, 1, /history of User 1 begins with a (update|destroy)/);
      });
    }

    it('rows whose entries do not follow from each other', async () => {
      const { audit, User } = await open();
      const users = await User.bulkCreate([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
      const before = await instant();
      for (const user of users.slice(1)) await user.update({ name: 'unseen' }, { audit: false });
      for (const user of users) await user.update({ name: 'seen' });

      await incomplete(audit, new Date(), 2, /revision 2 of User 2/);
      expect(await namesAt(audit, before)).to.deep.equal(['a', 'b', 'c']);
    });

    it('what was before a baseline, and nothing after it', async () => {
      const { audit, User } = await open();
      const user = await User.create({ name: 'old' }, { audit: false });
      const before = await instant();
      await user.update({ name: 'seen' });
      const broken = await instant();
      const document = { id: 1, name: 'seen', secret: null };
      await audit.AuditLog.create({
        modelName: 'User',
        recordId: '1',
        action: 'baseline',
        patch: [{ op: 'add', path: '', value: document }],
        changesetId: '00000000-0000-4000-8000-000000000000',
        createdAt: new Date(),
      } as never);
      await user.update({ name: 'new' });

      await incomplete(audit, before, 1, /User 1/);
      await incomplete(audit, broken, 1, /revision 1 of User 1/);
      expect(await namesAt(audit, '00000000-0000-4000-8000-000000000000')).to.deep.equal(['seen']);
      expect(await namesAt(audit, new Date())).to.deep.equal(['new']);
    });

    it('nothing of a record that has been destroyed by then, whatever is missing of it', async () => {
      const { audit, User } = await open();
      const [kept, gone] = await User.bulkCreate([{ name: 'a' }, { name: 'b' }]);
      await gone?.update({ name: 'unseen' }, { audit: false });
      await gone?.destroy();
      const old: Model = await User.create({ name: 'old' }, { audit: false });
      await old.destroy();

      expect(await namesAt(audit, new Date())).to.deep.equal([kept?.get('name')]);
    });
  });

  it('refuses what is no point, no model and no option', async () => {
    const { audit } = await open();
    const unknown = '00000000-0000-4000-8000-000000000000';
    const cases: [point: unknown, options: unknown, message: RegExp][] = [
      [undefined, {}, /A point in the past: expected a valid Date or a changesetId, got undefined/],
      [1, {}, /got 1/],
      ['yesterday', {}, /got "yesterday"/],
      [new Date(Number.NaN), {}, /got a Date/],
      [unknown, {}, /expected a changesetId of the log, got "00000000-/],
      [new Date(), null, /options: expected an object, got null/],
      [new Date(), { model: [] }, /options: expected models, onProgress, transaction, got "model"/],
      [new Date(), { models: [] }, /models: expected at least one, got an array of 0/],
      [
        new Date(),
        { models: ['Nobody'] },
        /models: expected a model of this Sequelize instance or its name, got "Nobody"/,
      ],
      [new Date(), { models: [audit.AuditLog] }, /models: expected a model that is audited, got "AuditLog"/],
      [new Date(), { onProgress: 1 }, /onProgress: expected a function, got 1/],
      [new Date(), { transaction: 1 }, /transaction: expected a transaction, got 1/],
    ];
    for (const [point, options, message] of cases) {
      const error = await thrownBy(audit.asOf(point as Date, options as object));
      expect(error, String(message)).to.include({ code: 'ERR_AUDIT_HISTORY_INVALID' });
      expect(error?.message).to.match(message);
    }
  });

  it('tells the schemas of Model.schema() apart', async () => {
    const { sequelize, audit, User } = await open();
    await sequelize.createSchema('audit_tenant', {}).catch(() => undefined);
    const Tenant = User.schema('audit_tenant');
    await Tenant.sync({ force: true });
    await User.create({ name: 'home' });
    await Tenant.create({ name: 'tenant' });

    const past = await audit.asOf(new Date());

    const found = [past.model('User'), past.model('User').schema('audit_tenant')].map((model) => model.findAll());
    expect((await Promise.all(found)).map(([row]) => row?.get('name' as never))).to.deep.equal(['home', 'tenant']);
    await past.close();
    const tenant = await audit.asOf(new Date(), { models: 'audit_tenant.User' });
    expect(await tenant.model('User').findAll({ raw: true })).to.deep.equal([{ id: 1, name: 'tenant', secret: null }]);
    await tenant.close();
    await Tenant.drop();
    if (database.dialect === 'mariadb' || database.dialect === 'postgres')
      await sequelize.dropSchema('audit_tenant', {});
  });

  it('opens models that share a table, with the rows of both', async () => {
    const { sequelize, audit } = await open();
    const Cat = sequelize.define('Cat', { name: DataTypes.STRING }, { tableName: 'animals', timestamps: false });
    const Dog = sequelize.define('Dog', { name: DataTypes.STRING }, { tableName: 'animals', timestamps: false });
    await Cat.sync();
    await Cat.create({ name: 'cat' });
    await Dog.create({ name: 'dog' });

    const past = await audit.asOf(new Date(), { models: [Cat, Dog] });

    expect((await past.model('Dog').findAll({ order: ['id'] })).map((row) => row.get('name' as never))).to.deep.equal([
      'cat',
      'dog',
    ]);
    await past.close();
    const cats = await audit.asOf(new Date(), { models: [Cat] });
    expect(await cats.model('Cat').count()).to.equal(1);
    await cats.close();
  });
});

describe('audit.asOf without the package sqlite3', () => {
  it('says what to install', async function () {
    this.timeout(60_000);
    const sequelize = await connect(postgresql);
    const audit = attachAudit(sequelize);
    await audit.AuditLog.sync();
    const loader = Module as unknown as { _load(name: string, ...rest: unknown[]): unknown };
    const { _load } = loader;
    loader._load = (name, ...rest) => {
      if (name !== 'sqlite3') return _load.call(Module, name, ...rest);
      throw Object.assign(new Error("Cannot find module 'sqlite3'"), { code: 'MODULE_NOT_FOUND' });
    };
    try {
      const error = await thrownBy(audit.asOf(new Date()));

      expect(error).to.include({ code: 'ERR_AUDIT_PAST_UNAVAILABLE' });
      expect(error?.message).to.match(/npm install sqlite3/);
    } finally {
      loader._load = _load;
    }
  });
});
