import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize, type Transaction } from 'sequelize';
import { type Audit, AuditError, attachAudit } from '../../lib/index.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { Vandal } from './vandal.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

const none = { missingEntry: 0, brokenLink: 0, changedOutside: 0, orphan: 0 };

onEachDatabase('audit.verify', (database) => {
  let sequelize: Sequelize;
  let audit: Audit;
  let User: ModelStatic<Any>;
  let Stay: ModelStatic<Any>;
  let Secret: ModelStatic<Any>;
  let sql: (text: string) => Promise<unknown>;

  beforeEach(async () => {
    sequelize = await connect(database);
    audit = attachAudit(sequelize, {
      onUnaudited: 'ignore',
      models: { Secret: { exclude: ['seen'], redact: ['pin'] } },
    });
    User = sequelize.define<Any>('User', { name: DataTypes.STRING, data: DataTypes.JSON }, { timestamps: false });
    Stay = sequelize.define<Any>(
      'Stay',
      {
        room: { type: DataTypes.BIGINT, primaryKey: true },
        night: { type: DataTypes.STRING(20), primaryKey: true },
        guests: DataTypes.INTEGER,
      },
      { timestamps: false },
    );
    Secret = sequelize.define<Any>(
      'Secret',
      { seen: DataTypes.INTEGER, pin: DataTypes.STRING, name: DataTypes.STRING },
      { timestamps: false },
    );
    await sequelize.sync();
    sql = new Vandal(sequelize).run;
  });

  it('finds nothing where log and tables agree, and says what it has compared', async () => {
    const users = await User.bulkCreate([{ name: 'Ada' }, { name: 'Eve' }, { name: 'Bob' }]);
    await users[0]?.update({ data: { city: 'Rome' } });
    await users[1]?.destroy();
    await Stay.bulkCreate([
      { room: '9007199254740993', night: 'a' },
      { room: '9007199254740993', night: 'b' },
    ]);

    const verification = await audit.verify();

    expect(verification).to.deep.equal({
      differences: [],
      counts: { rows: 4, records: 5, entries: 7, differences: none },
      models: {
        User: { rows: 2, records: 3, entries: 5, differences: none },
        Stay: { rows: 2, records: 2, entries: 2, differences: none },
        Secret: { rows: 0, records: 0, entries: 0, differences: none },
      },
      others: {},
    });
  });

  it('names a row that was changed outside, and each of its values that differs', async () => {
    await User.create({ id: 1, name: 'Ada', data: { city: 'Rome', tags: ['a'] } });

    await sql(`UPDATE "Users" SET name = 'Eve', data = '{"city":"Oslo","tags":["a"]}' WHERE id = 1`);

    const { differences, counts } = await audit.verify();
    expect(differences).to.deep.equal([
      {
        kind: 'changedOutside',
        modelName: 'User',
        recordId: '1',
        entry: '1',
        mismatches: [
          { attribute: 'name', path: '/name', expected: 'Ada', found: 'Eve' },
          { attribute: 'data', path: '/data/city', expected: 'Rome', found: 'Oslo' },
        ],
      },
    ]);
    expect(counts.differences).to.deep.equal({ ...none, changedOutside: 1 });
  });

  it('names rows without an entry, and records without a row', async () => {
    await Stay.bulkCreate([
      { room: 1, night: 'a' },
      { room: 1, night: 'b' },
    ]);

    await sql(`UPDATE "Stays" SET night = 'c' WHERE night = 'b'`);

    const { differences } = await audit.verify();
    expect(differences).to.deep.equal([
      { kind: 'missingEntry', modelName: 'Stay', recordId: '["1","c"]', entry: null, mismatches: [] },
      { kind: 'orphan', modelName: 'Stay', recordId: '["1","b"]', entry: '2', mismatches: [] },
    ]);
  });

  it('names the entry whose old values are not what the entries before it left', async () => {
    const user = await User.create({ id: 1, name: 'Ada' });
    await user.update({ name: 'Eve' });
    await user.update({ name: 'Bob' });
    await user.update({ name: 'Cid' });

    await sql(`DELETE FROM "AuditLogs" WHERE id = 2`);

    expect((await audit.verify()).differences).to.deep.equal([
      {
        kind: 'brokenLink',
        modelName: 'User',
        recordId: '1',
        entry: '3',
        mismatches: [{ attribute: 'name', path: '/name', expected: 'Ada', found: 'Eve' }],
      },
    ]);
  });

  it('says of a record whose first entry is gone that its beginning is missing', async () => {
    const user = await User.create({ id: 1, name: 'Ada' });
    await user.update({ name: 'Eve' });

    await sql(`DELETE FROM "AuditLogs" WHERE id = 1`);

    const [difference] = (await audit.verify()).differences;
    expect(difference).to.deep.include({ kind: 'missingEntry', recordId: '1', entry: '2' });
  });

  it('says of a row that was put back after its destroy that it was changed outside', async () => {
    const user = await User.create({ id: 1, name: 'Ada' });
    await user.destroy();

    await sql(`INSERT INTO "Users" (id, name) VALUES (1, 'Ada')`);

    const [difference] = (await audit.verify()).differences;
    expect(difference).to.deep.include({ kind: 'changedOutside', recordId: '1', entry: '2' });
  });

  it('compares neither excluded nor redacted attributes, nor those the log has not known', async () => {
    await Secret.create({ id: 1, seen: 1, pin: '1234', name: 'Ada' });
    await sql(`UPDATE "Secrets" SET seen = 2, pin = '4321' WHERE id = 1`);
    audit.detach();
    await sequelize.getQueryInterface().addColumn('Secrets', 'later', { type: DataTypes.STRING, defaultValue: 'x' });
    Secret = sequelize.define<Any>(
      'Secret',
      { seen: DataTypes.INTEGER, pin: DataTypes.STRING, name: DataTypes.STRING, later: DataTypes.STRING },
      { timestamps: false },
    );
    audit = attachAudit(sequelize, { onUnaudited: 'ignore' });

    expect((await audit.verify()).differences.map(({ mismatches }) => mismatches)).to.deep.equal([]);
  });

  it('compares in the shape that a model has today', async () => {
    const Old = sequelize.define<Any>(
      'Shape',
      { size: DataTypes.INTEGER, label: DataTypes.STRING, price: DataTypes.DECIMAL(8, 1), gone: DataTypes.STRING },
      { timestamps: false },
    );
    await Old.sync();
    const [shape] = await Old.bulkCreate([
      { size: 5, label: 'a', price: '1.5', gone: 'x' },
      { size: 7, label: '1.5', price: '2.5', gone: 'y' },
    ]);
    await shape?.update({ size: 6, label: 'b' });
    const tables = sequelize.getQueryInterface();
    audit.detach();
    await tables.changeColumn('Shapes', 'size', { type: DataTypes.STRING });
    await tables.changeColumn('Shapes', 'price', { type: DataTypes.DECIMAL(8, 3) });
    await tables.renameColumn('Shapes', 'label', 'title');
    await sql('ALTER TABLE "Shapes" DROP COLUMN gone');
    const New = sequelize.define<Any>(
      'Shape',
      { size: DataTypes.STRING, title: DataTypes.STRING, price: DataTypes.DECIMAL(8, 3) },
      { timestamps: false },
    );
    audit = attachAudit(sequelize, { onUnaudited: 'ignore', models: { Shape: { renamed: { title: 'label' } } } });
    await New.update({ title: 'c' }, { where: { id: 1 } });

    expect((await audit.verify({ models: New })).differences).to.deep.equal([]);
    await sql(`UPDATE "Shapes" SET size = '8' WHERE id = 1`);
    await sql(`UPDATE "Shapes" SET title = '1.50' WHERE id = 2`);
    expect((await audit.verify({ models: New })).differences.map(({ mismatches }) => mismatches)).to.deep.equal([
      [{ attribute: 'size', path: '/size', expected: 6, found: '8' }],
      [{ attribute: 'title', path: '/title', expected: '1.5', found: '1.50' }],
    ]);
  });

  it('shows no value that is redacted, wherever it differs', async () => {
    const secret = await Secret.create({ id: 1, pin: '1234', name: 'Ada' });
    await secret.update({ pin: '5678', name: 'Eve' });
    await secret.update({ pin: '9012', name: 'Bob' });
    await Secret.create({ id: 2, pin: '3456', name: 'Cid' });
    await sql(`DELETE FROM "AuditLogs" WHERE id = 2`);
    await sql(`UPDATE "Secrets" SET name = 'Dan', pin = '7890' WHERE id = 2`);

    const { differences } = await audit.verify();

    expect(differences).to.have.length(2);
    expect(JSON.stringify(differences)).not.to.match(/1234|5678|9012|3456|7890|redacted/);
  });

  it('counts what the log holds of other models apart', async () => {
    await User.create({ name: 'Ada' });
    await Stay.bulkCreate([
      { room: 1, night: 'a' },
      { room: 2, night: 'b' },
    ]);
    await Stay.update({ guests: 2 }, { where: { room: 1 } });
    await sql(`DELETE FROM "Stays"`);
    audit.detach();
    audit = attachAudit(sequelize, { exclude: ['Stay'] });

    expect(await audit.verify()).to.deep.include({
      differences: [],
      counts: { rows: 1, records: 1, entries: 1, differences: none },
      others: { Stay: { records: 2, entries: 3 } },
    });
  });

  it('compares the models that are named, by class or name, and lists as many differences as asked', async () => {
    await User.bulkCreate([{ name: 'Ada' }, { name: 'Eve' }, { name: 'Bob' }], { audit: false });
    await Stay.create({ room: 1, night: 'a' }, { audit: false });

    const one = await audit.verify({ models: User, limit: 2 });
    const both = await audit.verify({ models: ['Stay', User, 'User'] });

    expect(one.differences.map(({ recordId }) => recordId)).to.deep.equal(['1', '2']);
    expect(one.counts).to.deep.equal({ rows: 3, records: 3, entries: 0, differences: { ...none, missingEntry: 3 } });
    expect(Object.keys(one.models)).to.deep.equal(['User']);
    expect(both.differences.map(({ modelName }) => modelName)).to.deep.equal(['Stay', 'User', 'User', 'User']);
  });

  it('compares a model in another schema when it is named', async function () {
    // Sequelize itself does not make the table there.
    if (database.dialect === 'sqlite') this.skip();
    const Other = User.schema('acme');
    await sequelize.dropSchema('acme', {});
    await sequelize.createSchema('acme', {});
    await Other.sync();
    await Other.create({ id: 1, name: 'Ada' });
    await User.create({ id: 1, name: 'Eve' });

    expect((await audit.verify()).others).to.deep.equal({ 'acme.User': { records: 1, entries: 1 } });
    for (const models of [Other, 'acme.User']) {
      const verification = await audit.verify({ models });
      expect(verification.differences).to.deep.equal([]);
      expect(verification.models).to.deep.equal({
        'acme.User': { rows: 1, records: 1, entries: 1, differences: none },
      });
    }
    await sequelize.dropSchema('acme', {});
  });

  it('reads in the transaction it is given, what that has not logged yet included', async () => {
    const found = await sequelize.transaction(async (transaction: Transaction) => {
      await User.create({ name: 'Ada' }, { transaction });
      return audit.verify({ transaction });
    });

    expect(found.counts).to.deep.equal({ rows: 1, records: 1, entries: 1, differences: none });
  });

  it('tells how far it is', async () => {
    await User.bulkCreate(Array.from({ length: 5000 }, (_, index) => ({ name: `User ${index}` })));
    const seen: number[] = [];

    const { counts } = await audit.verify({ onProgress: ({ rows, total }) => seen.push(rows / total) });

    expect(seen).to.deep.equal([0.2, 0.4, 0.6, 0.8, 1]);
    expect(counts).to.deep.equal({ rows: 5000, records: 5000, entries: 5000, differences: none });
  });

  it('raises no alarm while others write', async function () {
    // There is one connection, and no moment that a reader could keep to.
    if (database.name === 'SQLite in memory') this.skip();
    if (database.dialect === 'sqlite') await sequelize.query('PRAGMA journal_mode = WAL');
    const users = await User.bulkCreate(Array.from({ length: 40 }, (_, index) => ({ name: `User ${index}` })));
    let isDone = false;
    const write = async (offset: number) => {
      for (let turn = offset; !isDone; turn += 1) {
        const user = users[turn % users.length] as Any;
        await sequelize.transaction(async (transaction) => {
          await User.update({ name: `Turn ${turn}` }, { where: { id: user.id as number }, transaction });
          await Stay.create({ room: turn, night: String(offset) }, { transaction });
        });
      }
    };
    const writers = Promise.all([write(0), write(20)]);

    const rounds = [await audit.verify()];
    const hasGrown = () => rounds.at(-1)?.counts.entries !== rounds[0]?.counts.entries;
    while (rounds.length < 10 || !hasGrown()) rounds.push(await audit.verify());
    isDone = true;
    await writers;

    expect(rounds.flatMap(({ differences }) => differences)).to.deep.equal([]);
    expect((await audit.verify()).differences).to.deep.equal([]);
    const log = (await readLog(sequelize)).filter(({ modelName }) => modelName === 'User');
    expect(foldLog(log)).to.deep.equal(await readTables([User]));
  });

  for (const [options, message] of [
    [null, 'options: expected an object, got null'],
    [{ model: 'User' }, 'options: expected models, limit, onProgress, transaction, got "model"'],
    [{ limit: 0 }, 'limit: expected a number from 1, got 0'],
    [{ onProgress: true }, 'onProgress: expected a function, got true'],
    [{ transaction: {} }, 'transaction: expected a transaction, got an object'],
    [{ models: [] }, 'models: expected at least one, got an array of 0'],
    [{ models: 'Usr' }, 'models: expected a model of this Sequelize instance or its name, got "Usr"'],
    [{ models: ['User', null] }, 'models: expected a model of this Sequelize instance or its name, got'],
    [{ models: 'AuditLog' }, 'models: expected a model that is audited, got "AuditLog"'],
  ] as [never, string][]) {
    it(`refuses the options ${JSON.stringify(options)}`, async () => {
      const error = await audit.verify(options).catch((caught: unknown) => caught);

      expect(error).to.be.instanceOf(AuditError).and.include({ code: 'ERR_AUDIT_HISTORY_INVALID' });
      expect((error as Error).message).to.include(message);
    });
  }
});
