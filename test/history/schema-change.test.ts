import { expect } from 'chai';
import { DataTypes, type Model, type ModelAttributes, type ModelStatic, type Sequelize } from 'sequelize';
import { type Audit, type AuditOptions, attachAudit, type ModelAuditOptions } from '../../lib/index.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { quoted, retype, typeChanges } from './cases/type-changes.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

interface World {
  readonly audit: Audit;
  readonly User: ModelStatic<Any>;
}

const toText = { to: DataTypes.STRING(40), postgres: 'varchar(40)' };

/** Rules for a model of `id`, `name`, `city` and the virtual `label`, and what is said of them. */
const refusals: readonly (readonly [unknown, string])[] = [
  [{ renamed: 'name' }, 'Option models.User.renamed: expected an object of earlier names by attribute, got "name"'],
  [{ renamed: ['name'] }, 'Option models.User.renamed: expected an object of earlier names by attribute, got an array'],
  [{ renamed: { name: 5 } }, 'Option models.User.renamed.name: expected an earlier name, or an array of them, got 5'],
  [{ renamed: { name: [5] } }, 'Option models.User.renamed.name: expected an array of names, got an array of 1'],
  [
    { renamed: { nam: 'title' } },
    'Model User: renamed has no attribute "nam" with a column. Attributes: id, name, city',
  ],
  [{ renamed: { label: 'title' } }, 'Model User: renamed has no attribute "label" with a column'],
  [
    { renamed: { name: 'city' } },
    'Model User: "city" is an attribute, so entries would not say whether they mean it or name',
  ],
  [
    { renamed: { name: 'title', city: 'title' } },
    'Model User: "title" was renamed to both name and city: expected one of them',
  ],
  [{ renamed: { name: 'name' } }, 'Model User: "name" cannot be renamed to itself in renamed.name'],
  [{ renamed: { name: ['a', 'a'] } }, 'Model User: "a" cannot be renamed to itself in renamed.name'],
];

onEachDatabase('A change of the schema', (database) => {
  let sequelize: Sequelize;
  beforeEach(async () => {
    sequelize = await connect(database);
  });

  /** The application as it is started anew after a change: its model, and the audit. */
  const deploy = async (attributes: ModelAttributes<Any>, rules: ModelAuditOptions = {}): Promise<World> => {
    const User = sequelize.define<Any>('User', attributes, { timestamps: false });
    const audit = attachAudit(sequelize, { models: { User: rules } });
    await audit.AuditLog.sync();
    await User.sync();
    return { audit, User };
  };
  const migrate = async ({ audit }: World, change: (table: string) => Promise<unknown>) => {
    audit.detach();
    await change('Users');
  };
  const query = () => sequelize.getQueryInterface();
  // removeColumn of Sequelize 6 fails with the present driver of MariaDB.
  const drop = (table: string, column: string) =>
    database.dialect === 'mariadb'
      ? sequelize.query(`ALTER TABLE \`${table}\` DROP COLUMN \`${column}\``)
      : query().removeColumn(table, column);
  const code = (attempt: Promise<unknown>) => attempt.catch((error: unknown) => (error as { code?: string }).code);

  it('leaves an attribute that was added later absent until an entry says what it was', async () => {
    const first = await deploy({ name: DataTypes.STRING });
    const user = await first.User.create({ name: 'Ada' });
    await user.update({ name: 'Ada L.' });
    await migrate(first, (table) => query().addColumn(table, 'city', { type: DataTypes.STRING, defaultValue: 'Rome' }));
    const { audit, User } = await deploy({ name: DataTypes.STRING, city: DataTypes.STRING });
    await User.update({ name: 'Ada' }, { where: { id: user.id } });
    await User.update({ city: 'Paris' }, { where: { id: user.id } });

    const history = audit.history(User, user.id);

    expect((await history.at(1))?.dataValues).to.deep.equal({ id: 1, name: 'Ada' });
    expect((await history.at(3))?.dataValues).to.deep.equal({ id: 1, name: 'Ada' });
    expect((await history.at(4))?.dataValues).to.deep.equal({ id: 1, name: 'Ada', city: 'Paris' });
    expect(await history.diff(3, 4)).to.deep.equal([{ op: 'add', path: '/city', value: 'Paris' }]);
  });

  it('keeps the values of an attribute that was dropped in the document, and names it', async () => {
    const first = await deploy({ name: DataTypes.STRING, fax: DataTypes.STRING });
    const user = await first.User.create({ name: 'Ada', fax: '1815' });
    await user.update({ fax: '1852' });
    await migrate(first, (table) => drop(table, 'fax'));
    const { audit, User } = await deploy({ name: DataTypes.STRING });
    await User.update({ name: 'Ada L.' }, { where: { id: user.id } });
    await User.destroy({ where: { id: user.id } });

    const history = audit.history(User, user.id);

    expect((await history.at(1))?.dataValues).to.deep.equal({ id: 1, name: 'Ada' });
    expect(await history.documentAt(1)).to.deep.equal({
      document: { id: 1, name: 'Ada', fax: '1815' },
      unknown: ['fax'],
    });
    expect((await history.documentAt(3))?.document).to.deep.equal({ id: 1, name: 'Ada L.', fax: '1852' });
    expect(await history.documentAt(4)).to.equal(null);
  });

  it('reads entries under today’s names, and leaves the log as it was written', async () => {
    const first = await deploy({ title: DataTypes.STRING, address: DataTypes.JSON });
    const user = await first.User.create({ title: 'Ada', address: { city: 'London', zip: 'SW1', street: 'St James' } });
    await user.update({ title: 'Ada L.' });
    await migrate(first, (table) => query().renameColumn(table, 'title', 'name'));
    const second = await deploy({ name: DataTypes.STRING, address: DataTypes.JSON }, { renamed: { name: 'title' } });
    await second.User.update({ name: 'Ada K.' }, { where: { id: user.id } });
    await migrate(second, async (table) => {
      await query().renameColumn(table, 'name', 'fullName');
      await query().renameColumn(table, 'address', 'home');
    });
    const { audit, User } = await deploy(
      { fullName: DataTypes.STRING, home: DataTypes.JSON },
      { renamed: { fullName: ['title', 'name'], home: 'address' } },
    );
    const home = { city: 'Paris', zip: 'SW1', street: 'St James' };
    await User.update({ home }, { where: { id: user.id } });
    await User.destroy({ where: { id: user.id } });

    const history = audit.history(User, user.id);
    const names = [1, 2, 3, 4].map(async (point) => (await history.at(point))?.get('fullName'));

    expect(await Promise.all(names)).to.deep.equal(['Ada', 'Ada L.', 'Ada K.', 'Ada K.']);
    expect((await history.at(1))?.get('home')).to.deep.include({ city: 'London' });
    expect((await history.at(4))?.get('home')).to.deep.equal(home);
    expect((await history.documentAt(4))?.unknown).to.deep.equal([]);
    expect(await history.diff(1, 2)).to.deep.equal([
      { op: 'test', path: '/fullName', value: 'Ada' },
      { op: 'replace', path: '/fullName', value: 'Ada L.' },
    ]);
    expect((await history.revisions())[1]?.patch.map(({ path }) => path)).to.deep.equal(['/title', '/title']);
    expect((await history.revertTo(2))?.get('fullName')).to.equal('Ada L.');
  });

  it('takes earlier names from the definition of a model, and joins them with the options', async () => {
    const first = await deploy({ a: DataTypes.STRING, b: DataTypes.STRING });
    await first.User.create({ a: '1', b: '2' });
    await migrate(first, async (table) => {
      await query().renameColumn(table, 'a', 'c');
      await query().renameColumn(table, 'b', 'd');
    });
    const User = sequelize.define<Any>(
      'User',
      { c: DataTypes.STRING, d: DataTypes.STRING },
      { timestamps: false, audit: { renamed: { d: 'b' } } },
    );
    const audit = attachAudit(sequelize, { models: { User: { renamed: { c: 'a' } } } });

    expect((await audit.history(User, 1).at(1))?.dataValues).to.deep.equal({ id: 1, c: '1', d: '2' });
  });

  it('follows the primary key under its new name', async () => {
    // Sequelize keeps the name of the column in the object that it is given.
    const key = () => ({ type: DataTypes.INTEGER, primaryKey: true });
    const first = await deploy({ number: key(), name: DataTypes.STRING });
    await first.User.create({ number: 7, name: 'Ada' });
    await first.User.update({ name: 'Ada L.' }, { where: { number: 7 } });
    // Sequelize cannot rename a primary key of SQLite.
    const quote = (name: string) => quoted(database.dialect, name);
    await migrate(first, (table) =>
      sequelize.query(`ALTER TABLE ${quote(table)} RENAME COLUMN ${quote('number')} TO ${quote('userId')}`),
    );
    const { audit, User } = await deploy({ userId: key(), name: DataTypes.STRING }, { renamed: { userId: 'number' } });
    await User.update({ name: 'Ada K.' }, { where: { userId: 7 } });

    const history = audit.history(User, 7);

    expect((await history.at(1))?.dataValues).to.deep.equal({ userId: 7, name: 'Ada' });
    expect((await history.at(3))?.dataValues).to.deep.equal({ userId: 7, name: 'Ada K.' });
  });

  it('hides by today’s rules what was recorded under an earlier name', async () => {
    const first = await deploy({ name: DataTypes.STRING, pass: DataTypes.STRING, seen: DataTypes.STRING });
    const user = await first.User.create({ name: 'Ada', pass: 'secret', seen: 'monday' });
    await user.update({ pass: 'secret too', seen: 'friday' });
    await migrate(first, async (table) => {
      await query().renameColumn(table, 'pass', 'password');
      await query().renameColumn(table, 'seen', 'seenAt');
    });
    const { audit, User } = await deploy(
      { name: DataTypes.STRING, password: DataTypes.STRING, seenAt: DataTypes.STRING },
      { renamed: { password: 'pass', seenAt: 'seen' }, redact: ['password'], exclude: ['seenAt'] },
    );

    const history = audit.history(User, user.id);

    expect((await history.at(1))?.dataValues).to.deep.equal({ id: 1, name: 'Ada' });
    expect(await history.diff(1, 2)).to.deep.equal([]);
    expect(await history.documentAt(2)).to.deep.equal({
      document: { id: 1, name: 'Ada', password: { $redacted: true } },
      unknown: [],
    });
  });

  describe('that uses a name again', () => {
    it('does not mix two attributes: the history is incomplete from where the name means another', async () => {
      const first = await deploy({ name: DataTypes.STRING });
      const user = await first.User.create({ name: null });
      await migrate(first, async (table) => {
        await query().renameColumn(table, 'name', 'fullName');
        await query().addColumn(table, 'name', { type: DataTypes.STRING });
      });
      const second = await deploy({ fullName: DataTypes.STRING, name: DataTypes.STRING });
      const row = await second.User.findByPk(user.id as number);
      await row?.update({ fullName: 'Ada Lovelace' });
      await row?.update({ fullName: null });
      await row?.update({ name: 'Ada' });
      const other = await second.User.create({ fullName: null, name: null });
      await migrate(second, (table) => drop(table, 'name'));
      const { audit, User } = await deploy({ fullName: DataTypes.STRING }, { renamed: { fullName: 'name' } });

      const history = audit.history(User, user.id);

      expect((await history.at(2))?.get('fullName')).to.equal('Ada Lovelace');
      expect(await code(history.at(4))).to.equal('ERR_AUDIT_HISTORY_INCOMPLETE');
      expect(await history.at(4).catch(String)).to.include('expected name, then fullName, got name after fullName');
      expect(await audit.history(User, other.id).at(1).catch(String)).to.include('got both name and fullName');
    });

    it('reads one that was given back to its attribute', async () => {
      const first = await deploy({ name: DataTypes.STRING });
      const user = await first.User.create({ name: 'Ada' });
      await migrate(first, (table) => query().renameColumn(table, 'name', 'title'));
      const second = await deploy({ title: DataTypes.STRING });
      await second.User.update({ title: 'Ada L.' }, { where: { id: user.id } });
      await migrate(second, (table) => query().renameColumn(table, 'title', 'name'));
      const { audit, User } = await deploy({ name: DataTypes.STRING }, { renamed: { name: ['name', 'title'] } });
      await User.update({ name: 'Ada K.' }, { where: { id: user.id } });

      const history = audit.history(User, user.id);
      const names = [1, 2, 3].map(async (point) => (await history.at(point))?.get('name'));

      expect(await Promise.all(names)).to.deep.equal(['Ada', 'Ada L.', 'Ada K.']);
    });

    it('does not mind what is gone by now', async () => {
      const first = await deploy({ name: DataTypes.STRING, a: DataTypes.STRING, data: DataTypes.JSON });
      const json = (city: string) => ({ city, text: 'a text that stays the same, so that patches go inside' });
      const user = await first.User.create({ name: 'Ada', a: '1', data: json('London') });
      await migrate(first, async (table) => {
        await query().renameColumn(table, 'a', 'b');
        await query().renameColumn(table, 'data', 'json');
      });
      const second = await deploy({ name: DataTypes.STRING, b: DataTypes.STRING, json: DataTypes.JSON });
      await second.User.update({ b: '2', json: json('Paris') }, { where: { id: user.id } });
      await migrate(second, async (table) => {
        await query().renameColumn(table, 'b', 'a');
        await query().renameColumn(table, 'json', 'data');
      });
      const third = await deploy({ name: DataTypes.STRING, a: DataTypes.STRING, data: DataTypes.JSON });
      await third.User.update({ a: '3', data: json('Rome') }, { where: { id: user.id } });
      await migrate(third, async (table) => {
        await drop(table, 'a');
        await drop(table, 'data');
      });
      const { audit, User } = await deploy({ name: DataTypes.STRING });

      const history = audit.history(User, user.id);

      expect((await history.at(3))?.dataValues).to.deep.equal({ id: 1, name: 'Ada' });
      expect((await history.documentAt(3))?.document).to.deep.include({ a: '3', b: '2' });
      expect((await history.documentAt(3))?.unknown).to.have.members(['a', 'b']);
    });

    it('notices a dropped attribute that came back with other values', async () => {
      const first = await deploy({ name: DataTypes.STRING, city: DataTypes.STRING });
      const user = await first.User.create({ name: 'Ada', city: 'London' });
      await migrate(first, async (table) => {
        await drop(table, 'city');
        await query().addColumn(table, 'city', { type: DataTypes.STRING });
      });
      const { audit, User } = await deploy({ name: DataTypes.STRING, city: DataTypes.STRING });
      await User.update({ city: 'Paris' }, { where: { id: user.id } });

      expect((await audit.history(User, user.id).at(1))?.get('city')).to.equal('London');
      expect(await code(audit.history(User, user.id).at(2))).to.equal('ERR_AUDIT_HISTORY_INCOMPLETE');
    });
  });

  describe('of a type', () => {
    for (const change of typeChanges.filter(({ on }) => !on || on.includes(database.dialect))) {
      it(`gives today’s values of what was written before: ${change.title}`, async () => {
        const first = await deploy({ value: change.from });
        for (const [value] of change.values) await first.User.create({ value });
        await migrate(first, (table) => retype(sequelize, database, table, 'value', change));
        const { audit, User } = await deploy({ value: change.to });
        for (const [index, [, expected]] of change.values.entries()) {
          const row = await User.findByPk(index + 1);
          await row?.update({ value: null });
          const history = audit.history(User, index + 1);

          const before = (await history.at(1))?.get('value');
          const after = (await history.at(2))?.get('value');

          expect(before, String(change.values[index]?.[0])).to.deep.equal(
            typeof expected === 'function' ? expected(database.dialect) : expected,
          );
          expect(after).to.equal(null);
        }
      });
    }

    it('is noticed where its migration changed the values as well', async () => {
      const first = await deploy({ value: DataTypes.INTEGER });
      const user = await first.User.create({ value: 5 });
      await migrate(first, async (table) => {
        await retype(sequelize, database, table, 'value', toText);
        await sequelize.query(`UPDATE ${quoted(database.dialect, table)} SET value = 'five'`);
      });
      const { audit, User } = await deploy({ value: DataTypes.STRING(40) });
      await User.update({ value: 'six' }, { where: { id: user.id } });

      expect((await audit.history(User, user.id).at(1))?.get('value')).to.equal('5');
      expect(await code(audit.history(User, user.id).at(2))).to.equal('ERR_AUDIT_HISTORY_INCOMPLETE');
    });

    it('shows in a difference only where the value is another one', async () => {
      const first = await deploy({ value: DataTypes.INTEGER, name: DataTypes.STRING });
      const user = await first.User.create({ value: 5, name: 'Ada' });
      await migrate(first, (table) => retype(sequelize, database, table, 'value', toText));
      const { audit, User } = await deploy({ value: DataTypes.STRING(40), name: DataTypes.STRING });
      await User.update({ value: '6' }, { where: { id: user.id } });
      await User.update({ value: '5', name: 'Eve' }, { where: { id: user.id } });

      expect(await audit.history(User, user.id).diff(1, 3)).to.deep.equal([
        { op: 'test', path: '/name', value: 'Ada' },
        { op: 'replace', path: '/name', value: 'Eve' },
      ]);
    });

    it('from text to JSON lets later entries change a part of it', async () => {
      const first = await deploy({ value: DataTypes.TEXT });
      const text = JSON.stringify({ city: 'London', street: 'St James', zip: 'SW1', country: 'UK' });
      const user = await first.User.create({ value: text });
      await migrate(first, (table) =>
        retype(sequelize, database, table, 'value', { to: DataTypes.JSON, postgres: 'json' }),
      );
      const { audit, User } = await deploy({ value: DataTypes.JSON });
      const row = await User.findByPk(user.id as number);
      await row?.update({ value: { ...(row.value as object), city: 'Paris' } });

      const history = audit.history(User, user.id);

      expect((await history.revisions())[1]?.patch.map(({ path }) => path)).to.deep.equal([
        '/value/city',
        '/value/city',
      ]);
      expect((await history.at(1))?.get('value')).to.equal(text);
      expect((await history.at(2))?.get('value')).to.deep.equal({ ...JSON.parse(text), city: 'Paris' });
    });
  });

  it('leaves a value of JSON unknown of which the log knows only a part', async () => {
    const first = await deploy({ name: DataTypes.STRING });
    const user = await first.User.create({ name: 'Ada' });
    await migrate(first, async (table) => {
      await query().addColumn(table, 'data', { type: DataTypes.JSON });
      const data = JSON.stringify({ city: 'London', street: 'St James', zip: 'SW1' });
      await sequelize.query(`UPDATE ${quoted(database.dialect, table)} SET data = '${data}'`);
    });
    const { audit, User } = await deploy({ name: DataTypes.STRING, data: DataTypes.JSON });
    const row = await User.findByPk(user.id as number);
    await row?.update({ name: 'Ada L.', data: { ...(row.data as object), city: 'Paris' } });
    await row?.update({ data: null });

    const history = audit.history(User, user.id);

    expect((await history.at(2))?.dataValues).to.deep.equal({ id: 1, name: 'Ada L.' });
    expect((await history.at(3))?.dataValues).to.deep.equal({ id: 1, name: 'Ada L.', data: null });
  });

  for (const [rules, message] of refusals) {
    it(`is refused as ${JSON.stringify(rules)}`, () => {
      sequelize.define(
        'User',
        { name: DataTypes.STRING, city: DataTypes.STRING, label: { type: DataTypes.VIRTUAL, get: () => 'computed' } },
        { timestamps: false },
      );

      expect(() => attachAudit(sequelize, { models: { User: rules } } as AuditOptions))
        .to.throw(message)
        .with.property('code', 'ERR_AUDIT_OPTION_INVALID');
    });
  }

  it('can give the earlier name of an attribute to a virtual one', async () => {
    const first = await deploy({ name: DataTypes.STRING });
    await first.User.create({ name: 'Ada' });
    await migrate(first, (table) => query().renameColumn(table, 'name', 'fullName'));
    const { audit, User } = await deploy(
      { fullName: DataTypes.STRING, name: { type: DataTypes.VIRTUAL, get: () => 'computed' } },
      { renamed: { fullName: 'name' } },
    );

    expect((await audit.history(User, 1).at(1))?.get()).to.deep.equal({ id: 1, fullName: 'Ada', name: 'computed' });
  });
});
