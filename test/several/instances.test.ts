import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Options, Sequelize, type Transaction } from 'sequelize';
import { type Audit, type AuditOptions, attachAudit } from '../../lib/index.js';
import { sqliteFile } from '../setup/databases.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { withCls } from '../setup/transactions.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

interface Side {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly User: ModelStatic<Any>;
}

async function side(sequelize: Sequelize, options?: AuditOptions): Promise<Side> {
  const audit = attachAudit(sequelize, options);
  const User = defineUser(sequelize);
  await sequelize.sync();
  return { sequelize, audit, User };
}

function defineUser(sequelize: Sequelize): ModelStatic<Any> {
  return sequelize.define<Any>('User', { name: DataTypes.STRING, size: DataTypes.INTEGER }, { timestamps: false });
}

async function agrees({ sequelize, User }: Side, table?: string): Promise<void> {
  expect(foldLog(await readLog(sequelize, table))).to.deep.equal(await readTables([User]));
}

const hasOne = (sequelize: Sequelize) => (sequelize as unknown as { options: Options }).options.storage === ':memory:';

const caught = (promise: Promise<unknown>) => promise.then(null, (error: unknown) => error);

onEachDatabase('Two instances in one process', (database) => {
  it('write side by side, each into a log of its own, by options of its own', async () => {
    const one = await side(await connect(database), { actor: () => 'one' });
    const two = await side(await connect(sqliteFile), {
      actor: () => 'two',
      tableName: 'journal',
      models: { User: { redact: ['name'] } },
    });
    const life = async ({ sequelize, User }: Side, index: number) => {
      const user = await User.create({ name: `n${index}`, size: index });
      const update = (transaction?: Transaction) =>
        user.update({ size: index + 1 }, { transaction: transaction ?? null });
      // In memory there is one connection, with one transaction.
      await (hasOne(sequelize) ? update() : sequelize.transaction(update));
      if (index % 2) await user.destroy();
    };

    await Promise.all(Array.from({ length: 60 }, (_, index) => life(index % 3 ? one : two, index)));

    const logs = [await readLog(one.sequelize), await readLog(two.sequelize, 'journal')];
    expect(logs.map((log) => log.length)).to.deep.equal([100, 50]);
    expect(logs.map((log) => [...new Set(log.map(({ actor }) => actor))])).to.deep.equal([['one'], ['two']]);
    expect(logs.map((log) => /"n\d/.test(JSON.stringify(log)))).to.deep.equal([true, false]);
    await agrees(one);
    const hidden = foldLog(logs[1] as []);
    const rows = await readTables([two.User]);
    expect(Object.keys(hidden)).to.deep.equal(Object.keys(rows));
    expect(Object.values(hidden).map(({ size }) => size)).to.deep.equal(Object.values(rows).map(({ size }) => size));
  });

  it('of which one is made from the options of the other record each write once, with the options of its own', async () => {
    const first = await side(await connect(database), { actor: () => 'first' });
    const { options, config } = first.sequelize as unknown as { options: Options; config: Options };
    const copy = new Sequelize({ ...config, ...options });
    const second = await side(copy, { actor: () => 'second' });

    for (const { sequelize, User } of [first, second]) {
      const user = await User.create({ name: 'a' });
      await user.update({ name: 'b' });
      await User.update({ size: 1 }, { where: { id: user.id }, individualHooks: true });
      await sequelize.transaction((transaction) => user.destroy({ transaction }));
    }
    second.audit.detach();
    await (await second.User.create({ name: 'not recorded' })).destroy();
    const kept = await first.User.create({ name: 'c' });

    const isShared = database.name !== 'SQLite in memory';
    const log = isShared
      ? await readLog(first.sequelize)
      : [...(await readLog(first.sequelize)), ...(await readLog(copy))];
    const of = (name: string) => log.filter(({ actor }) => actor === name).map(({ action }) => action);
    expect(of('first')).to.deep.equal(['create', 'update', 'update', 'destroy', 'create']);
    expect(of('second')).to.deep.equal(['create', 'update', 'update', 'destroy']);
    expect(log).to.have.length(9);
    expect(kept.isNewRecord).to.equal(false);
    await agrees(first);
    await copy.close();
  });

  for (const capture of ['complete', 'hooks'] as const) {
    it(`that share Sequelize.useCLS keep to their own transactions, with capture: '${capture}'`, async () => {
      const one = await side(await connect(database), { capture });
      const two = await side(await connect(sqliteFile), { capture });
      const mine = await two.User.create({ name: 'mine' });
      await mine.update({ name: 'mine too' });
      const history = two.audit.history(two.User, mine.id);
      const seen: unknown[] = [];

      await withCls(() =>
        one.sequelize.transaction(async () => {
          await one.User.create({ name: 'of one' });
          seen.push((await history.revisions()).length, (await history.at(1))?.get('name'));
          seen.push((await history.revertTo(1))?.get('name'));
          for (const write of [
            () => two.User.create({ name: 'never' }),
            () => mine.update({ name: 'never' }),
            () => mine.destroy(),
            ...(capture === 'complete'
              ? [
                  () => two.User.bulkCreate([{ name: 'never' }]),
                  () => two.User.update({ name: 'never' }, { where: {} }),
                  () => two.User.destroy({ where: {} }),
                ]
              : []),
          ]) {
            seen.push(((await caught(write())) as { code?: unknown } | null)?.code);
          }
          seen.push((await two.User.create({ name: 'alone' }, { transaction: null } as object)).id);
          await one.User.create({ name: 'of one too' });
        }),
      );

      expect(seen).to.deep.equal([
        2,
        'mine',
        'mine',
        ...Array.from({ length: capture === 'complete' ? 6 : 3 }, () => 'ERR_AUDIT_TRANSACTION_FOREIGN'),
        2,
      ]);
      const log = await readLog(one.sequelize);
      expect(log.map(({ patch }) => (patch[0] as { value: { name: string } }).value.name)).to.deep.equal([
        'of one',
        'of one too',
      ]);
      await agrees(one);
      await agrees(two);
    });
  }

  it('refuse a transaction of the other in a history', async () => {
    const one = await side(await connect(database));
    const two = await side(await connect(sqliteFile));
    const { id } = await one.User.create({ name: 'a' });
    const history = one.audit.history(one.User, id);
    const transaction = await two.sequelize.transaction();

    for (const ask of [
      () => history.revisions({ transaction }),
      () => history.at(1, { transaction }),
      () => history.diff(1, 1, { transaction }),
      () => history.revertTo(1, { transaction }),
    ]) {
      expect(await caught(ask())).to.include({ code: 'ERR_AUDIT_TRANSACTION_FOREIGN' });
    }
    await transaction.rollback();
  });
});
