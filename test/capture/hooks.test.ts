import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { type AuditOptions, attachAudit, type UnauditedWrite } from '../../lib/index.js';
import { internalsOf } from '../../lib/internals.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { transactionModes } from '../setup/transactions.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

/** A life of three records, with what hooks can see of it: no stale instance, no value set twice. */
async function live({ Note, sequelize }: World, options: object): Promise<void> {
  const first = await Note.create({ title: 'one', data: { a: 1 } }, options);
  await first.update({ title: 'two', data: { a: 2, b: null } }, options);
  await first.update({ count: sequelize.literal('40 + 2') }, options);
  await first.reload(options);
  await first.save(options);
  await first.set('count', 1).save({ ...options, fields: ['count'] });
  const second = await Note.create({ title: 'second' }, options);
  await second.destroy(options);
  await second.restore(options);
  const third = await Note.create({ title: 'third', count: 3 }, options);
  const partly = (await Note.findByPk(third.id as number, { ...options, attributes: ['id', 'title'] })) as Any;
  await partly.update({ title: 'partly', count: 4 }, options);
  await third.destroy({ ...options, force: true });
}

/** What such a life leaves in the log. */
const lifeEntries = [
  'create 1',
  'update 1',
  'update 1',
  'update 1',
  'create 2',
  'destroy 2',
  'restore 2',
  'create 3',
  'update 3',
  'destroy 3',
];

interface World {
  readonly sequelize: Sequelize;
  readonly Note: ModelStatic<Any>;
}

async function world(
  sequelize: Sequelize,
  options: AuditOptions,
): Promise<World & { audit: ReturnType<typeof attachAudit> }> {
  const audit = attachAudit(sequelize, options);
  const Note = sequelize.define<Any>(
    'Note',
    { title: DataTypes.STRING, data: DataTypes.JSON, count: { type: DataTypes.INTEGER, defaultValue: 0 } },
    { paranoid: true },
  );
  await sequelize.sync();
  return { sequelize, Note, audit };
}

onEachDatabase("capture: 'hooks'", (database) => {
  for (const mode of transactionModes) {
    it(`makes the entries of the gate in ${mode.name}, and they replay to the table`, async () => {
      const hooks = await world(await connect(database), { capture: 'hooks' });

      await mode.run(hooks.sequelize, (options) => live(hooks, options));

      const log = await readLog(hooks.sequelize);
      const table = await readTables([hooks.Note]);
      expect(log.map(({ action, recordId }) => `${action} ${recordId}`)).to.deep.equal(lifeEntries);
      // The instance that was destroyed never learnt of the last update: its record ends as it knew it.
      expect(foldLog(log.slice(0, -1))).to.deep.include(table);
      expect(new Set(log.map(({ changesetId }) => changesetId)).size).to.equal(
        mode.name === 'no transaction' ? log.length : 1,
      );
    });
  }

  it('rolls back with the transaction of the caller', async () => {
    const { sequelize, Note } = await world(await connect(database), { capture: 'hooks' });
    const transaction = await sequelize.transaction();

    await Note.create({ title: 'never' }, { transaction });
    await transaction.rollback();

    expect(await readLog(sequelize)).to.deep.equal([]);
  });

  it('refuses what it cannot record before the row is written', async () => {
    const { sequelize, Note } = await world(await connect(database), { capture: 'hooks' });
    const Keyless = sequelize.define<Any>('Keyless', { title: DataTypes.STRING });
    Keyless.removeAttribute('id');
    await Keyless.sync();
    const note = await Note.create({ title: 'one' });
    const audit = { meta: { big: 1n } };

    const errors = await Promise.all(
      [
        () => Keyless.create({ title: 'never' }),
        () => Note.create({ title: 'never' }, { audit }),
        () => note.update({ title: 'never' }, { audit }),
      ].map((write) => write().catch((caught: unknown) => caught)),
    );

    expect(errors.map((error) => (error as { code: string }).code)).to.deep.equal([
      'ERR_AUDIT_PRIMARY_KEY_MISSING',
      'ERR_AUDIT_CONTEXT_INVALID',
      'ERR_AUDIT_CONTEXT_INVALID',
    ]);
    expect(await Keyless.count()).to.equal(0);
    expect(await Note.findAll().then((notes) => notes.map(({ title }) => title))).to.deep.equal(['one']);
  });

  it('leaves the query interface alone', async () => {
    const sequelize = await connect(database);
    const before = Object.keys(internalsOf(sequelize).queryInterface);

    attachAudit(sequelize, { capture: 'hooks' });

    expect(Object.keys(internalsOf(sequelize).queryInterface)).to.deep.equal(before);
  });
});

onEachDatabase("capture: 'complete' beside another plugin", (database) => {
  for (const mode of transactionModes) {
    it(`loses and doubles nothing in ${mode.name} when the methods of the query interface are replaced`, async () => {
      const reports: UnauditedWrite[] = [];
      const given = await world(await connect(database), { onUnaudited: (write) => reports.push(write) });
      const { queryInterface } = internalsOf(given.sequelize);
      const prototype = Object.getPrototypeOf(queryInterface) as Record<string, unknown>;
      for (const method of ['insert', 'update', 'delete']) queryInterface[method] = prototype[method];

      await mode.run(given.sequelize, (options) => live(given, options));

      const log = await readLog(given.sequelize);
      expect(log.map(({ action, recordId }) => `${action} ${recordId}`)).to.deep.equal(lifeEntries);
      expect(reports.map(({ modelName, action, recorded }) => ({ modelName, action, recorded }))).to.deep.equal(
        log.map(({ action }) => ({ modelName: 'Note', action, recorded: true })),
      );
    });
  }

  it('reports nothing when another plugin calls through', async () => {
    const reports: UnauditedWrite[] = [];
    const given = await world(await connect(database), { onUnaudited: (write) => reports.push(write) });
    const { queryInterface } = internalsOf(given.sequelize);
    for (const method of ['insert', 'update', 'delete']) {
      const original = queryInterface[method] as (...args: unknown[]) => unknown;
      queryInterface[method] = (...args: unknown[]) => original.apply(queryInterface, args);
    }

    await live(given, {});

    expect(reports).to.deep.equal([]);
    expect(foldLog(await readLog(given.sequelize))).to.deep.equal(await readTables([given.Note]));
  });

  it('records every row of a bulk update with individualHooks', async () => {
    const given = await world(await connect(database), { onUnaudited: 'ignore' });
    await Promise.all(['a', 'b', 'c'].map((title) => given.Note.create({ title })));

    await given.Note.update({ count: 9 }, { where: {}, individualHooks: true });

    const actions = (await readLog(given.sequelize)).map(({ action, recordId }) => `${action} ${recordId}`);
    expect(actions).to.have.members(['create', 'update'].flatMap((action) => [1, 2, 3].map((id) => `${action} ${id}`)));
  });

  it("throws after recording with onUnaudited: 'throw'", async () => {
    const { sequelize, Note } = await world(await connect(database), { onUnaudited: 'throw' });
    const { queryInterface } = internalsOf(sequelize);
    queryInterface.insert = (Object.getPrototypeOf(queryInterface) as Record<string, unknown>).insert;

    const error = await Note.create({ title: 'seen' }).catch((caught: unknown) => caught);

    expect(error).to.include({ code: 'ERR_AUDIT_WRITE_UNSEEN' });
    expect((await readLog(sequelize)).map(({ action }) => action)).to.deep.equal(['create']);
  });
});
