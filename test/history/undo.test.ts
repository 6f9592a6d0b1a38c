import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { type Audit, AuditError, type AuditOptions, attachAudit } from '../../lib/index.js';
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
});
