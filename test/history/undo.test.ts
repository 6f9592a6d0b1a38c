import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { type Audit, AuditError, type AuditOptions, attachAudit } from '../../lib/index.js';
import { untilBlocked } from '../concurrency/blocked.js';
import { foldLog, readLog, readTables, select } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { transactionModes } from '../setup/transactions.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

interface World {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly User: ModelStatic<Any>;
}

const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('it did not reject'),
    (error: unknown) => error as AuditError,
  );

onEachDatabase('audit.undo', (database) => {
  const world = async (options: AuditOptions = {}, extra: object = {}, settings: object = {}): Promise<World> => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize, options);
    const User = sequelize.define<Any>(
      'User',
      { name: DataTypes.STRING, email: { type: DataTypes.STRING, unique: true }, data: DataTypes.JSON, ...extra },
      { timestamps: false, ...settings },
    );
    await sequelize.sync();
    return { sequelize, audit, User };
  };
  const rows = ({ sequelize, User }: World) => select(sequelize, User.tableName);
  const lastId = async ({ sequelize }: World) => (await readLog(sequelize)).at(-1)?.id as number;
  /** What every test ends with: the log and the tables say the same. */
  const isConsistent = async (given: World, ...models: ModelStatic<Model>[]) =>
    expect(foldLog(await readLog(given.sequelize))).to.deep.equal(await readTables([given.User, ...models]));

  for (const mode of transactionModes) {
    it(`takes one change back and keeps later ones, in ${mode.name}`, async () => {
      const given = await world();
      const user = await given.User.create({ name: 'Ada', email: 'ada@example.org', data: { city: 'London', zip: 1 } });
      await user.update({ name: 'Grace', data: { city: 'Paris', zip: 1 } });
      const mistake = await lastId(given);
      await user.update({ email: 'grace@example.org', data: { city: 'Paris', zip: 2 } });

      const result = (await given.audit.run({ actor: 'ops', reason: 'wrong person', meta: { ticket: 7 } }, () =>
        mode.run(given.sequelize, (options) => given.audit.undo(mistake, options)),
      )) as Awaited<ReturnType<Audit['undo']>>;

      expect(Object.values(await readTables([given.User]))).to.deep.equal([
        { id: user.id, name: 'Ada', email: 'grace@example.org', data: { city: 'London', zip: 2 } },
      ]);
      const log = await readLog(given.sequelize);
      const { id, patch, changesetId, ...last } = log.at(-1) as (typeof log)[number];
      expect(log).to.have.length(4);
      expect(last).to.deep.equal({
        modelName: 'User',
        recordId: String(user.id),
        action: 'update',
        actor: 'ops',
        reason: 'wrong person',
        meta: { ticket: 7, undoes: String(mistake) },
      });
      expect(result).to.deep.equal({
        undoes: String(mistake),
        changesetId,
        changes: [{ modelName: 'User', recordId: String(user.id), action: 'update', patch }],
        conflicts: [],
      });
      await isConsistent(given);
    });
  }

  it('takes an entry, a revision, a row of the log, or its id in any form', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada' });
    await user.update({ name: 'Grace' });
    const [, revision] = await given.audit.history(user).revisions();
    const row = await given.audit.AuditLog.findOne({ order: [['id', 'DESC']] });
    const id = revision?.id as string;

    for (const what of [revision, row, row?.get(), id, Number(id), BigInt(id)]) {
      const { undoes, changes } = await given.audit.undo(what as never, { dryRun: true });

      expect(undoes).to.equal(id);
      expect(changes).to.deep.equal([
        {
          modelName: 'User',
          recordId: String(user.id),
          action: 'update',
          patch: [
            { op: 'test', path: '/name', value: 'Grace' },
            { op: 'replace', path: '/name', value: 'Ada' },
          ],
        },
      ]);
    }
    expect(await readLog(given.sequelize)).to.have.length(2);
  });

  it('refuses what a later change stands in the way of, says where, and writes nothing', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada', data: { a: 1, b: 1, 'x/y': 1 } });
    await user.update({ name: 'Grace', data: { a: 2, b: 2, 'x/y': 2 } });
    const id = await lastId(given);
    await user.update({ name: 'Emmy', data: { b: 2 } });
    const before = await rows(given);

    const error = await caught(given.audit.undo(id));

    const record = { modelName: 'User', recordId: String(user.id) };
    const conflicts = [
      { ...record, path: '/name', expected: 'Grace', found: 'Emmy' },
      { ...record, path: '/data/a', expected: 2, found: undefined },
      { ...record, path: '/data/x~1y', expected: 2, found: undefined },
    ];
    expect(error).to.be.instanceOf(AuditError).and.include({ code: 'ERR_AUDIT_UNDO_CONFLICT' });
    expect(error.conflicts).to.have.deep.members(conflicts);
    expect(error.message).to.include(`, and 2 more`);
    expect(await rows(given)).to.deep.equal(before);
    expect(await readLog(given.sequelize)).to.have.length(3);
    expect((await given.audit.undo(id, { dryRun: true })).conflicts).to.have.deep.members(conflicts);
  });

  it("undoes the rest with 'skip', and overwrites with 'force'", async () => {
    for (const [onConflict, name, data] of [
      ['skip', 'Emmy', { a: 1, b: 3, c: 1 }],
      ['force', 'Ada', { a: 1, b: 1, c: 1 }],
    ] as const) {
      const given = await world();
      const user = await given.User.create({ name: 'Ada', data: { a: 1, b: 1, c: 0 } });
      await user.update({ name: 'Grace', data: { a: 2, b: 2, c: 0 } });
      const id = await lastId(given);
      await user.update({ name: 'Emmy', data: { a: 2, b: 3, c: 1 } });

      const { conflicts } = await given.audit.undo(id, { onConflict });

      expect(Object.values(await readTables([given.User]))).to.deep.equal([{ id: user.id, email: null, name, data }]);
      expect(conflicts.map(({ path }) => path)).to.have.members(['/name', '/data/b']);
      await isConsistent(given);
    }
  });

  it('sees no conflict where a value was set back, nor in other members of one JSON column', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada', data: { a: { x: 1 }, b: 1 } });
    await user.update({ name: 'Grace', data: { a: { x: 2 }, b: 1 } });
    const id = await lastId(given);
    await user.update({ name: 'Emmy', data: { a: { x: 2, y: 1 }, b: 2, d: [] } });
    await user.update({ name: 'Grace' });

    await given.audit.undo(id);

    const [stored] = Object.values(await readTables([given.User]));
    expect(stored).to.include({ name: 'Ada' });
    expect(stored?.data).to.deep.equal({ a: { x: 1, y: 1 }, b: 2, d: [] });
  });

  it('takes an array as one value, as its elements move', async () => {
    const given = await world();
    const user = await given.User.create({ data: { tags: ['one', 'two'], n: 1 } });
    await user.update({ data: { tags: ['one', 'two', 'three'], n: 1 } });
    const id = await lastId(given);
    await user.update({ data: { tags: ['one', 'two', 'three'], n: 2 } });
    await given.audit.undo(id);
    expect((await given.User.findByPk(user.id as number))?.data).to.deep.equal({ tags: ['one', 'two'], n: 2 });

    await user.update({ data: { tags: ['zero', 'one', 'two'], n: 2 } });
    const error = await caught(given.audit.undo(await lastId(given).then((last) => last - 1)));

    expect(error.conflicts.map(({ path, expected, found }) => [path, expected, found])).to.deep.equal([
      ['/data/tags', ['one', 'two'], ['zero', 'one', 'two']],
    ]);
  });

  it('undoes a create, unless the record changed since', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada', data: { a: 1 } });
    const id = await lastId(given);
    await user.update({ name: 'Grace', data: { a: 2 } });

    const error = await caught(given.audit.undo(id));
    expect(error.conflicts.map(({ path, expected, found }) => [path, expected, found])).to.have.deep.members([
      ['/name', 'Ada', 'Grace'],
      ['/data/a', 1, 2],
    ]);
    await user.update({ name: 'Ada', data: { a: 1 } });
    const undone = await given.audit.undo(id);

    expect(await rows(given)).to.deep.equal([]);
    expect(undone.changes.map(({ action }) => action)).to.deep.equal(['destroy']);
    await given.audit.undo(undone.changesetId as string);
    expect(Object.values(await readTables([given.User]))).to.deep.equal([
      { id: user.id, name: 'Ada', email: null, data: { a: 1 } },
    ]);
    await isConsistent(given);
    expect((await caught(given.audit.undo(undone.changesetId as string))).conflicts).to.have.length(1);
  });

  it('brings back what was destroyed under its old key, and does it again', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada', data: [1] });
    const stored = await rows(given);
    await user.destroy();

    const undone = await given.audit.undo(await lastId(given));
    expect(await rows(given)).to.deep.equal(stored);
    const again = await given.audit.undo(undone.changesetId as string);

    expect(await rows(given)).to.deep.equal([]);
    expect((await readLog(given.sequelize)).map(({ action }) => action)).to.deep.equal([
      'create',
      'destroy',
      'create',
      'destroy',
    ]);
    expect(again.undoes).to.equal(undone.changesetId);
    await isConsistent(given);
  });

  it('leaves a record alone that is destroyed, whatever is done with conflicts', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada' });
    await user.update({ name: 'Grace' });
    const id = await lastId(given);
    await user.destroy();

    for (const onConflict of ['skip', 'force'] as const) {
      const { changes, changesetId, conflicts } = await given.audit.undo(id, { onConflict });
      expect([changes, changesetId, conflicts.length]).to.deep.equal([[], null, 1]);
    }
    expect((await caught(given.audit.undo(id))).conflicts).to.deep.equal([
      { modelName: 'User', recordId: String(user.id), path: '/name', expected: 'Grace', found: undefined },
    ]);
  });

  it('does not bring a record back over another one with its key, unless forced', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada' });
    await user.destroy();
    const id = await lastId(given);
    await given.User.create({ id: user.id as number, name: 'Grace', data: {} });

    const error = await caught(given.audit.undo(id));
    const found = { id: user.id, name: 'Grace', email: null, data: {} };
    expect(error.conflicts).to.deep.equal([
      { modelName: 'User', recordId: String(user.id), path: '', expected: undefined, found },
    ]);
    await given.audit.undo(id, { onConflict: 'force' });

    expect(Object.values(await readTables([given.User]))).to.deep.equal([
      { id: user.id, name: 'Ada', email: null, data: null },
    ]);
    await isConsistent(given);
  });

  it('undoes a soft destroy, and a restore, by their own hooks, with what they wrote besides', async () => {
    const given = await world({}, {}, { paranoid: true, timestamps: true });
    const user = await given.User.create({ name: 'Ada' });
    user.set({ name: 'Grace' });
    await user.destroy();
    const destroyed = await lastId(given);
    const hooks: string[] = [];
    for (const hook of ['beforeRestore', 'beforeDestroy', 'beforeUpdate'] as const)
      given.User.addHook(hook, () => void hooks.push(hook));
    const [then] = await rows(given);

    const undone = await given.audit.undo(destroyed);
    expect((await rows(given))[0]).to.include({ name: 'Ada', deletedAt: null });
    await given.audit.undo(undone.changesetId as string);

    const { updatedAt, ...now } = (await rows(given))[0] as Record<string, unknown>;
    expect({ ...then, ...now }).to.deep.equal(then);
    expect(hooks).to.deep.equal(['beforeRestore', 'beforeDestroy']);
    expect((await readLog(given.sequelize)).map(({ action }) => action)).to.deep.equal([
      'create',
      'destroy',
      'restore',
      'destroy',
    ]);
    await isConsistent(given);
  });

  it('lets updatedAt and version go on, and never takes them for a conflict', async () => {
    const given = await world({}, {}, { timestamps: true, version: true });
    const user = await given.User.create({ name: 'Ada' });
    const created = await lastId(given);
    await user.update({ name: 'Grace' });
    const id = await lastId(given);
    await user.update({ email: 'g@example.org' });

    await given.audit.undo(id);

    expect((await rows(given))[0]).to.include({ name: 'Ada', email: 'g@example.org', version: 3 });
    await user.reload();
    await user.update({ email: null });
    await given.audit.undo(created);
    expect(await rows(given)).to.deep.equal([]);
    await isConsistent(given);
  });

  it('passes default scopes, setters and read-only attributes by', async () => {
    const given = await world(
      {},
      {
        shout: {
          type: DataTypes.STRING,
          set(this: Any, value: string) {
            this.setDataValue('shout' as never, `${value}!` as never);
          },
        },
        fixed: DataTypes.STRING,
      },
      { defaultScope: { where: { name: 'nobody' }, attributes: ['id'] } },
    );
    (given.User as unknown as { _readOnlyAttributes: Set<string> })._readOnlyAttributes.add('fixed');
    const user = await given.User.create({ name: 'Ada', shout: 'hi', fixed: 'a' });
    await given.User.unscoped().update(
      { name: 'Grace', shout: 'ho', fixed: 'b' },
      { where: { id: user.id as number } },
    );

    await given.audit.undo(await lastId(given));

    expect((await rows(given))[0]).to.include({ name: 'Ada', shout: 'hi!', fixed: 'a' });
    await isConsistent(given);
  });

  it('rejects with the error of a validation, hook or constraint, and writes nothing', async () => {
    const given = await world({}, { code: { type: DataTypes.STRING, validate: { isIn: [['b', 'c']] } } });
    const [one, two] = [
      await given.User.create({ name: 'one', email: 'a', code: 'a' }, { validate: false }),
      await given.User.create({ name: 'two', email: 'b', code: 'b' }),
    ];
    const update = (changes: readonly (readonly [Any, object])[]) =>
      given.sequelize.transaction(async (transaction) => {
        for (const [user, values] of changes) await user.update(values as never, { transaction });
        return (await readLog(given.sequelize, 'AuditLogs', transaction)).at(-1)?.id as number;
      });
    const changesetOf = async () => (await readLog(given.sequelize)).at(-1)?.changesetId as string;
    await update([
      [two, { name: 'second' }],
      [one, { code: 'c' }],
    ]);
    const invalid = await changesetOf();
    await update([[two, { name: 'other', email: 'c' }]]);
    const taken = await changesetOf();
    await one.update({ email: 'b' });
    const before = await rows(given);
    const log = await readLog(given.sequelize);

    expect((await caught(given.audit.undo(invalid, { onConflict: 'force' }))).name).to.equal(
      'SequelizeValidationError',
    );
    expect((await caught(given.audit.undo(taken))).name).to.equal('SequelizeUniqueConstraintError');
    given.User.addHook('beforeUpdate', () => {
      throw new Error('not today');
    });
    await given.sequelize.transaction(async (transaction) => {
      await given.User.update({ name: 'kept' }, { where: { id: one.id as number }, transaction });
      const error = await caught(given.audit.undo(taken, { transaction }));
      expect(error.message).to.equal('not today');
    });

    const [first, second] = await rows(given);
    expect([{ ...first, name: 'one' }, second]).to.deep.equal(before);
    expect(first).to.include({ name: 'kept' });
    expect(await readLog(given.sequelize)).to.have.length(log.length + 1);
    await isConsistent(given);
  });

  it('refuses to undo what the log does not hold, and names it', async () => {
    const given = await world(
      { models: { User: { redact: ['secret'], exclude: ['pin'] } } },
      { secret: DataTypes.STRING, pin: { type: DataTypes.STRING, allowNull: false } },
    );
    const user = await given.User.create({ name: 'Ada', secret: 'one', pin: '1' });
    const created = await lastId(given);
    await user.update({ name: 'Grace', secret: 'two' });
    const id = await lastId(given);

    const error = await caught(given.audit.undo(id));
    expect(error).to.include({ code: 'ERR_AUDIT_REVERT_IMPOSSIBLE' });
    expect(error.message).to.equal(
      `The change of User ${user.id} cannot be undone: the log does not hold what secret was before`,
    );
    expect((await caught(given.audit.undo(created))).conflicts.map(({ path }) => path)).to.have.members([
      '/name',
      '/secret',
    ]);
    const { conflicts } = await given.audit.undo(id, { onConflict: 'skip' });
    expect(conflicts.map(({ path }) => path)).to.deep.equal(['/secret']);
    expect((await rows(given))[0]).to.include({ name: 'Ada', secret: 'two', pin: '1' });

    await user.destroy();
    expect((await caught(given.audit.undo(await lastId(given)))).message).to.equal(
      'User cannot be brought back: pin must have a value, and the log does not hold it',
    );
    expect(await rows(given)).to.deep.equal([]);
  });

  it('undoes a change of a record that was there before the log, and says when it cannot know it', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada', data: { a: 1, tags: ['x'] } }, { audit: false });
    await user.update({ name: 'Grace', data: { a: 2, tags: ['x', 'y'] } });
    const id = await lastId(given);
    await user.update({ email: 'g', data: { a: 2, b: 1, tags: ['x', 'y'] } });

    await given.audit.undo(id);
    expect((await given.User.findByPk(user.id as number))?.get()).to.deep.include({
      name: 'Ada',
      email: 'g',
      data: { a: 1, b: 1, tags: ['x'] },
    });

    await user.update({ name: 'Grace' });
    await user.update({ name: 'Hopper' }, { audit: false });
    await user.update({ name: 'Emmy' });
    expect(await caught(given.audit.undo((await lastId(given)) - 1))).to.include({
      code: 'ERR_AUDIT_HISTORY_INCOMPLETE',
    });
  });

  it('undoes changes before and after a baseline, and no baseline', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada', email: 'a' }, { audit: false });
    await user.update({ name: 'Grace' });
    const first = await lastId(given);
    await given.audit.baseline(given.User);
    const baseline = await lastId(given);
    await user.update({ email: 'g' });
    const last = await lastId(given);

    await given.audit.undo(last);
    await given.audit.undo(first);

    expect((await rows(given))[0]).to.include({ name: 'Ada', email: 'a' });
    const error = await caught(given.audit.undo(baseline));
    expect(error).to.include({ code: 'ERR_AUDIT_REVERT_IMPOSSIBLE' });
    expect(error.message).to.include(`${baseline} is a baseline`);
  });

  it('waits for a writer of the record, and sees what that has changed', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada' });
    await user.update({ name: 'Grace' });
    const id = await lastId(given);
    const transaction = await given.sequelize.transaction();
    await given.User.update({ name: 'Emmy' }, { where: { id: user.id as number }, transaction });

    const undoing = caught(given.audit.undo(id));
    // Writers of SQLite wait in line, without a lock that could be seen.
    if (database.dialect !== 'sqlite') await untilBlocked(given.sequelize);
    await transaction.commit();

    expect((await undoing).conflicts.map(({ found }) => found)).to.deep.equal(['Emmy']);
    await isConsistent(given);
  });

  it('undoes only once where two ask for it at a time', async function () {
    // In memory Sequelize has one connection, on which no two transactions can be open.
    if (database.name === 'SQLite in memory') return this.skip();
    const given = await world();
    const user = await given.User.create({ name: 'Ada' });
    await user.update({ name: 'Grace' });
    const id = await lastId(given);

    const results = await Promise.allSettled([given.audit.undo(id), given.audit.undo(id)]);

    expect(results.map(({ status }) => status)).to.have.members(['fulfilled', 'rejected']);
    expect((await rows(given))[0]).to.include({ name: 'Ada' });
    expect(await readLog(given.sequelize)).to.have.length(3);
    await isConsistent(given);
  });

  const uuid = '3f1e2d4c-5b6a-4788-9a0b-1c2d3e4f5a6b';
  for (const [name, types, key] of [
    ['a text', { code: DataTypes.STRING }, { code: '23' }],
    ['a uuid', { code: DataTypes.UUID }, { code: uuid }],
    ['a big integer', { code: DataTypes.BIGINT }, { code: '9007199254740993' }],
    ['a day', { code: DataTypes.DATEONLY }, { code: '2026-01-02' }],
    ['two parts', { code: DataTypes.INTEGER, part: DataTypes.STRING }, { code: 1, part: '23' }],
  ] as const) {
    it(`finds the record by ${name} as its key`, async () => {
      const sequelize = await connect(database);
      const audit = attachAudit(sequelize);
      const keys = Object.entries(types).map(([attribute, type]) => [attribute, { type, primaryKey: true }]);
      const attributes = { ...Object.fromEntries(keys), text: DataTypes.STRING };
      const Item = sequelize.define<Any>('Item', attributes, { timestamps: false });
      await sequelize.sync();
      await Item.create({ ...key, text: 'one' });
      await Item.create({
        ...key,
        code: { 1: 2, '23': '24' }[String(key.code)] ?? key.code,
        part: 'x',
        text: 'other',
      }).catch(() => null);
      await Item.update({ text: 'two' }, { where: key });
      const updated = (await readLog(sequelize)).at(-1)?.id as number;
      await audit.undo(updated);
      expect((await Item.findOne({ where: key }))?.text).to.equal('one');
      await Item.destroy({ where: key });

      await audit.undo((await readLog(sequelize)).at(-1)?.id as number);

      expect((await Item.findOne({ where: key }))?.text).to.equal('one');
      const log = await readLog(sequelize);
      expect(log.at(-1)).to.deep.include({ action: 'create', recordId: log.at(-2)?.recordId });
    });
  }

  it('finds the model of a record by its schema', async function () {
    if (database.dialect === 'sqlite' || database.dialect === 'mysql') return this.skip();
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const Item = sequelize.define<Any>('Item', { text: DataTypes.STRING }, { timestamps: false });
    await sequelize.createSchema('undone', {});
    try {
      const There = Item.schema('undone');
      await sequelize.sync();
      await There.sync();
      const item = await There.create({ text: 'one' });
      await Item.create({ text: 'here' });
      await item.update({ text: 'two' });

      await audit.undo((await readLog(sequelize)).at(-1)?.id as number);

      expect((await There.findOne())?.text).to.equal('one');
      expect((await Item.findOne())?.text).to.equal('here');
    } finally {
      await sequelize.dropSchema('undone', {});
    }
  });

  it('writes through the models alone, so that the hooks record it as well', async () => {
    const given = await world({ capture: 'hooks' });
    const user = await given.User.create({ name: 'Ada', data: { a: 1 } });
    await user.update({ name: 'Grace' });
    const id = await lastId(given);
    await user.update({ email: 'g' });

    const undone = await given.audit.undo(id);

    expect((await rows(given))[0]).to.include({ name: 'Ada', email: 'g' });
    expect(undone.changes).to.have.length(1);
    expect((await readLog(given.sequelize)).at(-1)?.meta).to.deep.equal({ undoes: String(id) });
    await given.audit.undo(undone.changesetId as string);
    expect((await rows(given))[0]).to.include({ name: 'Grace', email: 'g' });
    await isConsistent(given);
  });

  it('undoes in a transaction what that has just written', async () => {
    const given = await world();
    await given.sequelize.transaction(async (transaction) => {
      const user = await given.User.create({ name: 'Ada' }, { transaction });
      await user.update({ name: 'Grace' }, { transaction });
      const [, update] = await given.audit.history(user).revisions({ transaction });

      const { changes } = await given.audit.undo(update as never, { transaction });

      expect(changes.map(({ action }) => action)).to.deep.equal(['update']);
    });

    expect((await rows(given))[0]).to.include({ name: 'Ada' });
    await isConsistent(given);
  });

  it('says that a model is not there any more', async () => {
    const given = await world();
    await given.User.create({ name: 'Ada' });
    given.sequelize.modelManager.removeModel(given.User as never);

    const error = await caught(given.audit.undo(await lastId(given)));

    expect(error).to.include({ code: 'ERR_AUDIT_REVERT_IMPOSSIBLE' });
    expect(error.message).to.include('User 1 cannot be undone: its model is not defined, or not audited any more');
  });

  it('sees what was changed past the log as a conflict', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada', data: { tags: [1, 2] } });
    await user.update({ name: 'Grace', data: { tags: [1, 2, 3] } });
    await given.User.update({ data: { tags: [9, 2, 3] } }, { where: { id: user.id as number }, audit: false });

    const error = await caught(given.audit.undo(await lastId(given)));

    expect(error.conflicts.map(({ path }) => path)).to.deep.equal(['/data/tags']);
  });

  for (const what of [
    undefined,
    null,
    0,
    -1,
    1.5,
    Number.NaN,
    '',
    '1x',
    'not-a-uuid',
    99999999999999999999n,
    {},
    { id: 1 },
    [],
  ] as never[]) {
    it(`refuses to undo ${typeof what === 'object' ? JSON.stringify(what) : String(what)}`, async () => {
      const given = await world();
      await given.User.create({ name: 'Ada' });

      const error = await caught(given.audit.undo(what));

      expect(error).to.be.instanceOf(AuditError).and.include({ code: 'ERR_AUDIT_HISTORY_INVALID' });
      expect(error.message).to.include('undo: expected an entry, the id of one, or a changesetId, got ');
    });
  }

  it('refuses a record of the application, what is not in the log, and options it does not know', async () => {
    const given = await world();
    const user = await given.User.create({ name: 'Ada' });
    const absent = '00000000-0000-4000-8000-000000000000';
    for (const [attempt, message] of [
      [() => given.audit.undo(user as never), 'expected an entry, the id of one, or a changesetId, got a User'],
      [() => given.audit.undo(999), 'undo: the log holds no entry "999"'],
      [() => given.audit.undo(absent), `undo: the log holds no changeset "${absent}"`],
      [() => given.audit.undo(1, null as never), 'options: expected an object, got null'],
      [() => given.audit.undo(1, { dry: true } as never), 'expected dryRun, onConflict, transaction, got "dry"'],
      [() => given.audit.undo(1, { dryRun: 1 } as never), 'dryRun: expected true or false, got 1'],
      [() => given.audit.undo(1, { onConflict: 'ask' } as never), `onConflict: expected 'reject', 'skip' or 'force'`],
      [() => given.audit.undo(1, { transaction: {} } as never), 'transaction: expected a transaction, got an object'],
    ] as const) {
      const error = await caught(attempt());
      expect(error).to.be.instanceOf(AuditError).and.include({ code: 'ERR_AUDIT_HISTORY_INVALID' });
      expect(error.message).to.include(message);
    }
    expect(await readLog(given.sequelize)).to.have.length(1);
  });
});
