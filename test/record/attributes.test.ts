import { expect } from 'chai';
import { DataTypes, Model, type ModelAttributes, type ModelOptions, type ModelStatic, type Sequelize } from 'sequelize';
import { type Audit, attachAudit, type Patch } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';
import { select } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

onEachDatabase('The document of a model', (database) => {
  it('has no virtual attribute, whatever it is set to or computes', async () => {
    const { audit, Thing } = await setUp(database, {
      email: DataTypes.STRING,
      password: {
        type: DataTypes.VIRTUAL,
        set(value: string) {
          this.setDataValue('password', value);
          this.setDataValue('email', `${value}@example.org`);
        },
      },
      label: { type: DataTypes.VIRTUAL(DataTypes.STRING, ['email']), get: () => 'computed' },
    });
    const thing = await Thing.create({ password: 'first-secret' });
    await thing.update({ password: 'second-secret', label: 'set' });
    await thing.destroy();

    const history = audit.history(thing);

    expect(await patchesOf(audit, thing)).to.deep.equal([
      [{ op: 'add', path: '', value: { id: 1, email: 'first-secret@example.org' } }],
      [
        { op: 'test', path: '/email', value: 'first-secret@example.org' },
        { op: 'replace', path: '/email', value: 'second-secret@example.org' },
      ],
      [
        { op: 'test', path: '', value: { id: 1, email: 'second-secret@example.org' } },
        { op: 'remove', path: '' },
      ],
    ]);
    expect((await history.at(1))?.get()).to.deep.equal({
      id: 1,
      email: 'first-secret@example.org',
      label: 'computed',
    });
    expect((await history.revertTo(1))?.get('email')).to.equal('first-secret@example.org');
  });

  it('has the names of attributes, and not those of their columns', async () => {
    const { sequelize, audit, Thing } = await setUp(database, {
      firstName: { type: DataTypes.STRING, field: 'first name' },
      lastName: { type: DataTypes.STRING, field: 'select' },
    });
    const thing = await Thing.create({ firstName: 'Ada', lastName: 'Byron' });
    await thing.update({ lastName: 'Lovelace' });
    await thing.destroy();

    const reverted = await audit.history(thing).revertTo(1);

    expect((await patchesOf(audit, thing)).slice(0, 2)).to.deep.equal([
      [{ op: 'add', path: '', value: { id: 1, firstName: 'Ada', lastName: 'Byron' } }],
      [
        { op: 'test', path: '/lastName', value: 'Byron' },
        { op: 'replace', path: '/lastName', value: 'Lovelace' },
      ],
    ]);
    expect(reverted?.get()).to.deep.equal({ id: 1, firstName: 'Ada', lastName: 'Byron' });
    expect(await select(sequelize, 'Things')).to.deep.equal([{ id: 1, 'first name': 'Ada', select: 'Byron' }]);
  });

  it('keeps apart two attributes that have each the name of the other column', async () => {
    const { sequelize, audit, Thing } = await setUp(database, {
      a: { type: DataTypes.STRING, field: 'b' },
      b: { type: DataTypes.STRING, field: 'a' },
    });
    const thing = await Thing.create({ a: 'value of a', b: 'value of b' });
    await thing.update({ a: 'new value of a' });
    await thing.update({ b: 'new value of b' });

    const reverted = await audit.history(thing).revertTo(2);

    expect((await patchesOf(audit, thing)).slice(0, 3)).to.deep.equal([
      [{ op: 'add', path: '', value: { id: 1, a: 'value of a', b: 'value of b' } }],
      [
        { op: 'test', path: '/a', value: 'value of a' },
        { op: 'replace', path: '/a', value: 'new value of a' },
      ],
      [
        { op: 'test', path: '/b', value: 'value of b' },
        { op: 'replace', path: '/b', value: 'new value of b' },
      ],
    ]);
    expect(reverted?.get()).to.deep.equal({ id: 1, a: 'new value of a', b: 'value of b' });
    expect(await select(sequelize, 'Things')).to.deep.equal([{ id: 1, a: 'value of b', b: 'new value of a' }]);
  });

  it('has what is stored, not what a getter shows or a setter was given', async () => {
    const { sequelize, audit, Thing } = await setUp(database, {
      name: {
        type: DataTypes.STRING,
        get() {
          return `<${String(this.getDataValue('name'))}>`;
        },
        set(value: string) {
          this.setDataValue('name', `${value}!`);
        },
      },
    });
    const thing = await Thing.create({ name: 'one' });
    await thing.update({ name: 'two' });

    const history = audit.history(thing);
    const past = await history.at(1);
    await history.revertTo(1);

    expect(await patchesOf(audit, thing)).to.deep.equal([
      [{ op: 'add', path: '', value: { id: 1, name: 'one!' } }],
      [
        { op: 'test', path: '/name', value: 'one!' },
        { op: 'replace', path: '/name', value: 'two!' },
      ],
      [
        { op: 'test', path: '/name', value: 'two!' },
        { op: 'replace', path: '/name', value: 'one!' },
      ],
    ]);
    expect([past?.getDataValue('name'), past?.get('name')]).to.deep.equal(['one!', '<one!>']);
    expect(await select(sequelize, 'Things')).to.deep.equal([{ id: 1, name: 'one!' }]);
  });

  it('has what is stored, whatever toJSON and get of the model show', async () => {
    const { audit, Thing } = await setUp(database, { name: DataTypes.STRING });
    Thing.prototype.toJSON = () => ({ nothing: 'to see' }) as never;
    const get = Thing.prototype.get;
    Thing.prototype.get = function (this: Model, name: unknown, options?: { raw?: boolean }) {
      return typeof name === 'string' && !options?.raw ? 'shadowed' : Reflect.apply(get, this, [name, options]);
    } as never;
    const thing = await Thing.create({ name: 'one' });
    await thing.update({ name: 'two' });

    const past = await audit.history(thing).at(1);

    expect((await patchesOf(audit, thing))[1]).to.deep.equal([
      { op: 'test', path: '/name', value: 'one' },
      { op: 'replace', path: '/name', value: 'two' },
    ]);
    expect([past?.dataValues, past?.toJSON()]).to.deep.equal([{ id: 1, name: 'one' }, { nothing: 'to see' }]);
  });

  it('has attributes of any name', async () => {
    const names = ['a/b', '~', '~1', '/', 'a b', 'é', 'ключ', '0', 'op', 'path', 'audit', 'key', 'order'];
    // MySQL has no such columns.
    if (database.dialect === 'sqlite' || database.dialect === 'postgres') names.push(' ', '\u{1f600}');
    // Sequelize takes quotes out of the names of columns where they are its own.
    if (database.dialect !== 'postgres') names.push('"', 'say "hi"');
    const attributes = Object.fromEntries(names.map((name) => [name, DataTypes.STRING]));
    const { audit, Thing } = await setUp(database, attributes);
    const values = (value: string) => Object.fromEntries(names.map((name) => [name, `${value} of ${name}`]));
    const thing = await Thing.create(values('first'));
    await thing.update(values('second'));
    await thing.destroy();

    const history = audit.history(thing);
    const [create, update] = await patchesOf(audit, thing);

    expect(create).to.deep.equal([{ op: 'add', path: '', value: { id: 1, ...values('first') } }]);
    expect(update).to.deep.equal(
      names.toSorted(byIndex).flatMap((name) => {
        const path = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        return [
          { op: 'test', path, value: `first of ${name}` },
          { op: 'replace', path, value: `second of ${name}` },
        ];
      }),
    );
    expect((await history.at(1))?.get()).to.deep.equal({ id: 1, ...values('first') });
    expect((await history.revertTo(2))?.get()).to.deep.equal({ id: 1, ...values('second') });
  });

  it('has the names of attributes where columns are underscored', async () => {
    const { sequelize, audit, Thing } = await setUp(
      database,
      { firstName: DataTypes.STRING },
      { underscored: true, timestamps: true, paranoid: true },
    );
    const thing = await Thing.create({ firstName: 'Ada' });
    await thing.destroy();

    const history = audit.history(thing);
    const [[create] = []] = await patchesOf(audit, thing);

    expect(Object.keys(create?.op === 'add' ? (create.value as object) : {}).sort()).to.deep.equal([
      'createdAt',
      'deletedAt',
      'firstName',
      'id',
      'updatedAt',
    ]);
    expect((await history.revisions()).map(({ action }) => action)).to.deep.equal(['create', 'destroy']);
    expect((await history.revertTo(1))?.get('firstName')).to.equal('Ada');
    expect(Object.keys((await select(sequelize, 'things'))[0] ?? {}).sort()).to.deep.equal([
      'created_at',
      'deleted_at',
      'first_name',
      'id',
      'updated_at',
    ]);
  });

  it('has 300 attributes', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `attribute${index}`);
    const values = (value: number) => Object.fromEntries(names.map((name, index) => [name, value + index]));
    const { sequelize, audit, Thing } = await setUp(
      database,
      Object.fromEntries(names.map((name) => [name, DataTypes.INTEGER])),
    );
    const thing = await Thing.create(values(0));
    await thing.update(values(1000));
    await thing.destroy();

    const history = audit.history(thing);

    expect((await history.revisions()).map(({ patch }) => patch.length)).to.deep.equal([1, 600, 2]);
    expect((await history.at(1))?.get()).to.deep.equal({ id: 1, ...values(0) });
    await history.revertTo(2);
    expect(await select(sequelize, 'Things')).to.deep.equal([{ id: 1, ...values(1000) }]);
  });

  it('has every attribute of a model that is defined as a class with fields of its own', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    class Thing extends Model {
      declare id: number;
      declare name: string;
    }
    Thing.init({ name: { type: DataTypes.STRING, field: 'thing_name' } }, { sequelize, timestamps: false });
    await sequelize.sync();
    const thing = await Thing.create({ name: 'one' });

    expect((await audit.history(thing).at(1))?.name).to.equal('one');
  });
});

/** Objects have members called like indexes first. */
function byIndex(left: string, right: string): number {
  return Number(/^\d+$/.test(right)) - Number(/^\d+$/.test(left));
}

async function setUp(
  database: Database,
  attributes: ModelAttributes,
  options: ModelOptions = { timestamps: false },
): Promise<{ sequelize: Sequelize; audit: Audit; Thing: ModelStatic<Model> }> {
  const sequelize = await connect(database);
  const audit = attachAudit(sequelize);
  const Thing = sequelize.define('Thing', attributes, options);
  await sequelize.sync();
  return { sequelize, audit, Thing };
}

async function patchesOf(audit: Audit, record: Model): Promise<Patch[]> {
  return (await audit.history(record).revisions()).map(({ patch }) => patch);
}
