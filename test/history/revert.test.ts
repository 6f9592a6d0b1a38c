import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, QueryTypes, type Sequelize } from 'sequelize';
import { type Audit, type AuditOptions, attachAudit } from '../../lib/index.js';
import { foldLog, readLog, readTables, select } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { transactionModes } from '../setup/transactions.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

interface World {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly User: ModelStatic<Any>;
}

/** Makes every further INSERT into the log fail. */
const refuseEntries = {
  sqlite: "CREATE TRIGGER full BEFORE INSERT ON AuditLogs BEGIN SELECT RAISE(ABORT, 'full'); END",
  postgres: 'ALTER TABLE "AuditLogs" ADD CONSTRAINT full_up CHECK (id < 3)',
  mariadb: 'CREATE TRIGGER full_up BEFORE INSERT ON AuditLogs FOR EACH ROW SIGNAL SQLSTATE "45000"',
  mysql: 'CREATE TRIGGER full_up BEFORE INSERT ON AuditLogs FOR EACH ROW SIGNAL SQLSTATE "45000"',
};

onEachDatabase('history.revertTo', (database) => {
  const world = async (options: AuditOptions = {}, extra: object = {}): Promise<World> => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize, options);
    const User = sequelize.define<Any>(
      'User',
      {
        name: {
          type: DataTypes.STRING,
          set(value: string) {
            this.setDataValue('name' as never, `set ${value}` as never);
          },
        },
        data: DataTypes.JSON,
        secret: DataTypes.STRING,
        ...extra,
      },
      { paranoid: true },
    );
    await sequelize.sync();
    return { sequelize, audit, User };
  };
  const row = async ({ sequelize }: World) => (await select(sequelize, 'Users'))[0];

  for (const mode of transactionModes) {
    it(`writes the record back as it was, through its model, in ${mode.name}`, async () => {
      const given = await world();
      const user = await given.User.create({ name: 'Ada', data: { a: [1, 2] }, secret: 'x' });
      await user.update({ name: 'Grace', data: { b: 1 }, secret: null });

      const reverted = await given.audit.run({ actor: 'ops', reason: 'mistake' }, () =>
        mode.run(given.sequelize, (options) => given.audit.history(user).revertTo(1, options)),
      );

      expect((reverted as Any).get()).to.deep.include({ name: 'set Ada', data: { a: [1, 2] }, secret: 'x' });
      expect(await row(given)).to.include({ name: 'set Ada', secret: 'x' });
      const log = await readLog(given.sequelize);
      expect(log.at(-1)).to.include({ action: 'update', actor: 'ops', reason: 'mistake' });
      expect(log).to.have.length(3);
      expect(foldLog(log)).to.deep.equal(await readTables([given.User]));
    });
  }

  it('runs the hooks and the validation of the model', async () => {
    const given = await world({}, { code: { type: DataTypes.STRING, validate: { isIn: [['a', 'b']] } } });
    const user = await given.User.create({ name: 'Ada', code: 'wrong' }, { validate: false });
    await user.update({ code: 'a' });
    let hooks = 0;
    given.User.addHook('beforeUpdate', () => {
      hooks += 1;
    });

    const error = await given.audit
      .history(user)
      .revertTo(1)
      .catch((caught: unknown) => caught);

    expect(error).to.be.an('error').with.property('name', 'SequelizeValidationError');
    expect(hooks).to.equal(0);
    expect(await row(given)).to.include({ code: 'a' });
    await given.audit.history(user).revertTo(2);
    expect(await readLog(given.sequelize)).to.have.length(2);
  });

  it('lets updatedAt and an optimistic lock go on, as any save does', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const Locked = sequelize.define<Any>('Locked', { name: DataTypes.STRING }, { version: true });
    await sequelize.sync();
    const locked = await Locked.create({ name: 'a' });
    await locked.update({ name: 'b' });

    await audit.history(locked).revertTo(1);

    const [stored] = await select(sequelize, 'Lockeds');
    expect(stored).to.include({ name: 'a', version: 2 });
    expect(foldLog(await readLog(sequelize))).to.deep.equal(await readTables([Locked]));
    const error = await locked.update({ name: 'stale' }).catch((caught: unknown) => caught);
    expect(error).to.be.an('error').with.property('name', 'SequelizeOptimisticLockError');
    expect(await readLog(sequelize)).to.have.length(3);
  });

  it('leaves an attribute alone that holds more than an instance can say', async function () {
    const columns = { postgres: '"at"', mariadb: '`at`', mysql: '`at`', sqlite: '' };
    if (database.dialect === 'sqlite') return this.skip();
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const Event = sequelize.define<Any>('Event', { at: DataTypes.DATE(6), text: DataTypes.STRING });
    await sequelize.sync();
    const event = await Event.create({ text: 'one', at: sequelize.literal("'2026-01-01 00:00:00.123456'") });
    await event.update({ text: 'two' });

    await audit.history(event).revertTo(1);

    const [stored] = await sequelize.query(
      `SELECT CAST(${columns[database.dialect]} AS CHAR(26)) AS text FROM ${
        database.dialect === 'postgres' ? '"Events"' : 'Events'
      }`,
      { type: QueryTypes.SELECT },
    );
    expect(stored).to.deep.equal({ text: '2026-01-01 00:00:00.123456' });
  });

  it('finds the row by a key that is given in another form than it is stored', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const Item = sequelize.define<Any>('Item', {
      code: { type: DataTypes.STRING, primaryKey: true },
      text: DataTypes.STRING,
    });
    await sequelize.sync();
    const item = await Item.create({ code: '23', text: 'one' });
    await item.update({ text: 'two' });

    const reverted = await audit.history(Item, 23).revertTo(1);

    expect(reverted?.get()).to.include({ code: '23', text: 'one' });
  });

  it('writes nothing when nothing has to change', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada' });

    const reverted = await given.audit.history(user).revertTo(1);

    expect(reverted?.get('name')).to.equal('set Ada');
    expect(await readLog(given.sequelize)).to.have.length(1);
  });

  it('brings a destroyed record back under its old key', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada', data: { a: 1 } });
    const created = (await row(given)) as Record<string, unknown>;
    await user.destroy({ force: true });
    await given.User.create({ name: 'Grace' });

    const back = await given.audit.history(given.User, user.id).revertTo(1);

    expect(back?.get('id')).to.equal(user.id);
    const { updatedAt, ...values } = (await row(given)) as Record<string, unknown>;
    expect({ ...created, ...values }).to.deep.equal(created);
    const log = await readLog(given.sequelize);
    expect(log.map(({ action }) => action)).to.deep.equal(['create', 'destroy', 'create', 'create']);
    expect(foldLog(log)).to.deep.equal(await readTables([given.User]));
  });

  it('restores a record that was softly destroyed, and destroys one that was', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada' });
    await user.destroy();
    const history = given.audit.history(user);

    await history.revertTo(1);
    expect(await row(given)).to.include({ deletedAt: null });
    expect(await history.revertTo(2)).to.equal(null);
    expect((await row(given))?.deletedAt).not.to.equal(null);
    expect(await history.revertTo(2)).to.equal(null);

    const log = await readLog(given.sequelize);
    expect(log.map(({ action }) => action)).to.deep.equal(['create', 'destroy', 'restore', 'destroy']);
    expect(foldLog(log)).to.deep.equal(await readTables([given.User]));
  });

  it('brings back what a record was when it was softly destroyed', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada' });
    await user.destroy();
    const then = (await row(given)) as Record<string, unknown>;
    await user.restore();
    await user.update({ name: 'Grace', data: { n: 1 } });

    await given.audit.history(user).revertTo(2);

    const { updatedAt, ...now } = (await row(given)) as Record<string, unknown>;
    expect({ ...then, ...now }).to.deep.equal(then);
    expect(foldLog(await readLog(given.sequelize))).to.deep.equal(await readTables([given.User]));
  });

  it('removes a record that did not exist at the point', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada' });

    expect(await given.audit.history(user).revertTo(new Date(0))).to.equal(null);

    expect(await row(given)).to.equal(undefined);
    expect((await readLog(given.sequelize)).map(({ action }) => action)).to.deep.equal(['create', 'destroy']);
  });

  it('leaves excluded and redacted attributes as they are now', async () => {
    const given = await world({ models: { User: { exclude: ['data'], redact: ['secret'] } } });
    const user = await given.User.create({ name: 'Ada', data: { old: true }, secret: 'old' });
    await user.update({ name: 'Grace', data: { now: true }, secret: 'now' });

    await given.audit.history(user).revertTo(1);

    const found = (await given.User.findByPk(user.id as number)) as Any;
    expect(found.get()).to.deep.include({ name: 'set Ada', data: { now: true }, secret: 'now' });
  });

  it('refuses to bring back a record that needs what the log does not hold, and writes nothing', async () => {
    const given = await world(
      { models: { User: { exclude: ['pin'], redact: ['token'] } } },
      { pin: { type: DataTypes.STRING, allowNull: false }, token: { type: DataTypes.STRING, allowNull: false } },
    );
    const user = await given.User.create({ name: 'Ada', pin: '1', token: 't' });
    await user.destroy({ force: true });

    const error = await given.audit
      .history(given.User, user.id)
      .revertTo(1)
      .catch((caught: unknown) => caught);

    expect(error).to.include({ code: 'ERR_AUDIT_REVERT_IMPOSSIBLE' });
    expect((error as Error).message).to.equal(
      'User cannot be brought back: pin, token must have a value, and the log does not hold it',
    );
    expect(await row(given)).to.equal(undefined);
    expect(await readLog(given.sequelize)).to.have.length(2);
  });

  it('leaves everything as it was when its entry cannot be written', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada' });
    await user.update({ name: 'Grace' });
    await given.sequelize.query(refuseEntries[database.dialect]);

    const error = await given.audit
      .history(user)
      .revertTo(1)
      .catch((caught: unknown) => caught);

    expect(error).to.include({ code: 'ERR_AUDIT_ENTRY_NOT_WRITTEN' });
    expect(await row(given)).to.include({ name: 'set Grace' });
  });

  it('says with dryRun what it would write, and writes nothing', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada', data: { a: 1 } });
    await user.update({ secret: 'x', data: { a: 1, b: 2 } });
    await user.destroy();
    const history = given.audit.history(user);
    const log = await readLog(given.sequelize);
    const before = await row(given);
    const { deletedAt } = (await readTables([given.User]))[`User ${user.id}`] as { deletedAt: string };

    const plan = await history.revertTo(1, { dryRun: true });

    const { patch, ...rest } = plan as NonNullable<typeof plan>;
    expect(rest).to.deep.equal({ modelName: 'User', recordId: String(user.id), action: 'restore' });
    expect(patch).to.deep.equal([
      { op: 'test', path: '/data/b', value: 2 },
      { op: 'remove', path: '/data/b' },
      { op: 'test', path: '/secret', value: 'x' },
      { op: 'replace', path: '/secret', value: null },
      { op: 'test', path: '/deletedAt', value: deletedAt },
      { op: 'replace', path: '/deletedAt', value: null },
    ]);
    expect((await history.revertTo(2, { dryRun: true }))?.action).to.equal('restore');
    expect(await history.revertTo(3, { dryRun: true })).to.equal(null);
    expect((await history.revertTo(new Date(0), { dryRun: true }))?.action).to.equal('destroy');
    expect(await row(given)).to.deep.equal(before);
    expect(await readLog(given.sequelize)).to.deep.equal(log);

    await history.revertTo(1);
    const written = (await readLog(given.sequelize)).at(-1);
    expect(written?.action).to.equal('restore');
    expect(written?.patch.filter(({ path }) => path !== '/updatedAt')).to.have.deep.members(patch);
    await user.destroy({ force: true });
    expect((await history.revertTo(1, { dryRun: true }))?.action).to.equal('create');
  });

  for (const options of [{ dryRun: 1 }, { dryRun: null }, { dry: true }, null] as never[]) {
    it(`refuses the options ${JSON.stringify(options)}`, async () => {
      const given = await world();
      const user = await given.User.create({ name: 'Ada' });

      const error = await given.audit
        .history(user)
        .revertTo(1, options)
        .catch((caught: unknown) => caught);

      expect(error).to.include({ code: 'ERR_AUDIT_HISTORY_INVALID' });
    });
  }

  it('leaves nothing behind in a transaction that goes on after it failed', async () => {
    const given = await world({}, { code: { type: DataTypes.STRING, validate: { isIn: [['a', 'b']] } } });
    const user = await given.User.create({ name: 'Ada', code: 'wrong' }, { validate: false });
    await user.update({ code: 'a' });

    await given.sequelize.transaction(async (transaction) => {
      await user.update({ secret: 'kept' }, { transaction });
      const error = await given.audit
        .history(user)
        .revertTo(1, { transaction })
        .catch((caught: unknown) => caught);
      expect(error).to.have.property('name', 'SequelizeValidationError');
    });

    expect(await row(given)).to.include({ code: 'a', secret: 'kept' });
    expect(foldLog(await readLog(given.sequelize))).to.deep.equal(await readTables([given.User]));
  });
});
