import { expect } from 'chai';
import {
  type DataType,
  DataTypes,
  type Model,
  type ModelAttributes,
  type ModelStatic,
  type Sequelize,
} from 'sequelize';
import { type Audit, AuditError, attachAudit } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Dialect = Database['dialect'];

interface KeyCase {
  readonly title: string;
  readonly type: DataType;
  readonly key: unknown;
  /** What the log calls the record. */
  readonly recordId: string | ((dialect: Dialect) => string);
  /** Other values that name the same record. */
  readonly alsoBy?: readonly unknown[];
  /** A key that is next to it, and is another one. */
  readonly other: unknown;
  readonly on?: readonly Dialect[];
  /** Where Sequelize reads another key than is stored, so that it cannot write the row it has found. */
  readonly isMisread?: readonly Dialect[];
  /** Where Sequelize writes another key into an UPDATE than into an INSERT, so that the row stays as it is. */
  readonly isMissed?: readonly Dialect[];
}

const maria: readonly Dialect[] = ['mariadb', 'mysql'];
const instant = new Date('2026-01-02T03:04:05.678Z');
const later = new Date('2026-01-02T03:04:05.679Z');

const cases: readonly KeyCase[] = [
  { title: 'INTEGER', type: DataTypes.INTEGER, key: 42, recordId: '42', alsoBy: ['42'], other: 43 },
  { title: 'a negative INTEGER', type: DataTypes.INTEGER, key: -1, recordId: '-1', alsoBy: ['-1'], other: 1 },
  {
    title: 'BIGINT beyond 2^53',
    type: DataTypes.BIGINT,
    key: '9007199254740993',
    recordId: '9007199254740993',
    alsoBy: [9007199254740993n],
    other: '9007199254740992',
    isMisread: ['sqlite'],
  },
  {
    title: 'the last BIGINT',
    type: DataTypes.BIGINT,
    key: '9223372036854775807',
    recordId: '9223372036854775807',
    other: '9223372036854775806',
    isMisread: ['sqlite'],
  },
  { title: 'STRING', type: DataTypes.STRING, key: 'a', recordId: 'a', other: 'b' },
  { title: 'STRING of digits', type: DataTypes.STRING, key: '007', recordId: '007', other: '7' },
  {
    title: 'STRING that is null to a careless reader',
    type: DataTypes.STRING,
    key: 'null',
    recordId: 'null',
    other: 'undefined',
  },
  { title: 'an empty STRING', type: DataTypes.STRING, key: '', recordId: '', other: ' x' },
  {
    title: 'STRING with quotes, slashes, tildes and more',
    type: DataTypes.STRING,
    key: `'"\`\\/~0~1[]{}%_$1?:id ключ \u{1f600}`,
    recordId: `'"\`\\/~0~1[]{}%_$1?:id ключ \u{1f600}`,
    other: `'"\`\\/~0~1[]{}%_$1?:id ключ`,
  },
  { title: 'STRING that is JSON', type: DataTypes.STRING, key: '[1,"23"]', recordId: '[1,"23"]', other: '[1,23]' },
  { title: 'STRING given as a number', type: DataTypes.STRING, key: '42', recordId: '42', alsoBy: [42], other: '43' },
  {
    title: 'STRING that differs in case',
    type: DataTypes.STRING,
    key: 'a',
    recordId: 'a',
    other: 'A',
    on: ['sqlite', 'postgres'],
  },
  {
    title: 'STRING.BINARY that differs in case',
    type: DataTypes.STRING(20, true),
    key: 'a',
    recordId: 'a',
    other: 'A',
    on: maria,
  },
  {
    title: 'CHAR(5)',
    type: DataTypes.CHAR(5),
    key: 'ab',
    recordId: (dialect) => (dialect === 'postgres' ? 'ab   ' : 'ab'),
    other: 'ac',
  },
  {
    title: 'UUID in capital letters',
    type: DataTypes.UUID,
    key: '6BA7B810-9DAD-11D1-80B4-00C04FD430C8',
    recordId: (dialect) =>
      dialect === 'postgres' ? '6ba7b810-9dad-11d1-80b4-00c04fd430c8' : '6BA7B810-9DAD-11D1-80B4-00C04FD430C8',
    other: '6BA7B810-9DAD-11D1-80B4-00C04FD430C9',
  },
  { title: 'ENUM', type: DataTypes.ENUM('a', "b'c"), key: "b'c", recordId: "b'c", other: 'a' },
  {
    title: 'DECIMAL(10,2)',
    type: DataTypes.DECIMAL(10, 2),
    key: '1.50',
    recordId: (dialect) => (dialect === 'sqlite' ? '1.5' : '1.50'),
    alsoBy: [1.5],
    other: '1.51',
  },
  {
    title: 'DECIMAL beyond the digits of a double',
    type: DataTypes.DECIMAL(30, 10),
    key: '12345678901234567890.0123456789',
    recordId: '12345678901234567890.0123456789',
    other: '12345678901234567890.0123456788',
    on: ['postgres', ...maria],
  },
  { title: 'DOUBLE', type: DataTypes.DOUBLE, key: 0.1, recordId: '0.1', other: 0.2 },
  {
    title: 'BOOLEAN',
    type: DataTypes.BOOLEAN,
    key: true,
    recordId: 'true',
    other: false,
  },
  {
    title: 'DATE',
    type: DataTypes.DATE(3),
    key: instant,
    recordId: '2026-01-02T03:04:05.678Z',
    alsoBy: ['2026-01-02T04:04:05.678+01:00', instant.getTime()],
    other: later,
    isMissed: ['sqlite'],
  },
  { title: 'DATEONLY', type: DataTypes.DATEONLY, key: '2026-01-02', recordId: '2026-01-02', other: '2026-01-03' },
  { title: 'TIME', type: DataTypes.TIME, key: '12:34:56', recordId: '12:34:56', other: '12:34:57' },
  {
    title: 'BLOB',
    type: DataTypes.BLOB,
    key: Buffer.from([0, 255, 39]),
    recordId: 'AP8n',
    other: Buffer.from([0, 255, 40]),
    on: ['sqlite', 'postgres'],
  },
  { title: 'INET', type: DataTypes.INET, key: '10.0.0.1', recordId: '10.0.0.1', other: '10.0.0.2', on: ['postgres'] },
  { title: 'CITEXT', type: DataTypes.CITEXT, key: 'a', recordId: 'a', other: 'b', on: ['postgres'] },
];

onEachDatabase('A record', (database) => {
  const here = cases.filter(({ on }) => !on || on.includes(database.dialect));
  for (const { title, type, key, recordId, alsoBy = [], other, isMisread, isMissed } of here) {
    it(`is named by a primary key: ${title}`, async () => {
      const { audit, Thing } = await setUp(database, { key: { type, primaryKey: true, field: 'key column' } });
      const neighbour = await Thing.create({ key: other, text: 'other' });
      const thing = await Thing.create({ key, text: 'one' });

      await thing.update({ text: 'two' });
      await neighbour.destroy();
      await thing.destroy();

      const isUpdated = !isMissed?.includes(database.dialect);
      const actions = isUpdated ? ['create', 'update', 'destroy'] : ['create', 'destroy'];
      const expected = typeof recordId === 'string' ? recordId : recordId(database.dialect);
      const entries = await audit.AuditLog.findAll({ where: { recordId: expected }, order: ['id'] });
      expect(entries.map(({ action }) => action)).to.deep.equal(actions);
      expect(await actionsOf(audit, Thing, other)).to.deep.equal(['create', 'destroy']);
      expect((await audit.history(thing).revisions()).map(({ id }) => id)).to.deep.equal(
        entries.map(({ id }) => String(id)),
      );
      for (const named of [key, { key }, ...alsoBy]) {
        expect(await actionsOf(audit, Thing, named)).to.deep.equal(actions);
      }
      if (isUpdated) expect((await audit.history(Thing, key).at(2))?.get('text')).to.equal('two');
    });

    if (isMisread?.includes(database.dialect)) continue;
    it(`is found and brought back by a primary key: ${title}`, async () => {
      const { audit, Thing } = await setUp(database, { key: { type, primaryKey: true } });
      await Thing.create({ key, text: 'one' });
      await Thing.create({ key: other, text: 'other' });
      const [thing] = await Thing.findAll({ where: { text: 'one' } });
      await thing?.destroy();

      const reverted = await audit.history(Thing, key).revertTo(1);

      expect(await actionsOf(audit, Thing, key)).to.deep.equal(['create', 'destroy', 'create']);
      expect(reverted?.get('text')).to.equal('one');
      expect(await Thing.count()).to.equal(2);
    });
  }

  it('is named by its primary key, whatever the attribute is called', async () => {
    for (const name of ['uuid', 'a/b', '~1', 'ключ', 'with space', 'key', 'length', 'value', 'where']) {
      const { audit, Thing } = await setUp(database, { [name]: { type: DataTypes.INTEGER, primaryKey: true } });
      const thing = await Thing.create({ [name]: 7, text: 'one' });

      for (const history of [audit.history(thing), audit.history(Thing, 7), audit.history(Thing, { [name]: 7 })]) {
        expect((await history.at(1))?.toJSON()).to.deep.equal({ [name]: 7, text: 'one' });
      }
    }
  });

  it('is named by a UUID that the application makes', async () => {
    const { audit, Thing } = await setUp(database, {
      key: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 },
    });
    const thing = await Thing.create({ text: 'one' });

    const [entry] = await audit.AuditLog.findAll();

    expect(entry?.recordId).to.equal(thing.get('key'));
  });
});

onEachDatabase('A record with a composite key', (database) => {
  const attributes = {
    b: { type: DataTypes.INTEGER, primaryKey: true, field: 'column_b' },
    a: { type: DataTypes.STRING, primaryKey: true },
  };

  it('is named by a JSON array in the order of the primary key', async () => {
    const { audit, Thing } = await setUp(database, attributes);

    await Thing.create({ a: '23', b: 1, text: 'one' });

    expect((await audit.AuditLog.findAll()).map(({ recordId }) => recordId)).to.deep.equal(['[1,"23"]']);
  });

  it('is not taken for one whose key looks the same when its parts are joined', async () => {
    const { audit, Thing } = await setUp(database, attributes);
    const keys = [
      { b: 1, a: '23' },
      { b: 12, a: '3' },
      { b: 123, a: '' },
      { b: 1, a: '2","3' },
      { b: 1, a: '2\\' },
      { b: 1, a: '2,3' },
    ];
    const things = await Promise.all(keys.map((key) => Thing.create({ ...key, text: JSON.stringify(key) })));
    for (const thing of things) await thing.update({ text: `${thing.get('text')}, changed` });

    for (const [index, key] of keys.entries()) {
      const thing = things[index] as Model;
      const [byInstance, byKey] = [audit.history(thing), audit.history(Thing, { a: key.a, b: key.b })];

      expect((await byInstance.revisions()).map(({ id }) => id)).to.deep.equal(
        (await byKey.revisions()).map(({ id }) => id),
      );
      expect((await byKey.at(1))?.toJSON()).to.deep.equal({ ...key, text: JSON.stringify(key) });
      expect((await byKey.at(2))?.get('text')).to.equal(`${JSON.stringify(key)}, changed`);
    }
  });

  it('is brought back by its parts in any order, and found by them in another form', async () => {
    const { audit, Thing } = await setUp(database, attributes);
    const thing = await Thing.create({ a: '23', b: 1, text: 'one' });
    await thing.destroy();

    const reverted = await audit.history(Thing, { a: '23', b: 1 }).revertTo(1);

    expect(reverted?.toJSON()).to.deep.equal({ a: '23', b: 1, text: 'one' });
    expect(await actionsOf(audit, Thing, { a: 23, b: '1' })).to.deep.equal(['create', 'destroy', 'create']);
  });

  for (const [title, key, message] of [
    ['one part of it', { a: '23' }, 'got an object with a'],
    ['a value', '23', 'got "23"'],
    ['an attribute that is no part of it', { a: '23', b: 1, c: 2 }, 'got an object with a, b, c'],
    ['a part that is null', { a: null, b: 1 }, 'got an object with a, b'],
  ] as const) {
    it(`is not named by ${title}`, async () => {
      const { audit, Thing } = await setUp(database, attributes);

      expect(() => audit.history(Thing, key))
        .to.throw(
          AuditError,
          `A record of Thing is named by b and a: expected an object with a value for each, ${message}`,
        )
        .with.property('code', 'ERR_AUDIT_HISTORY_INVALID');
    });
  }

  it('of three types is named by each of them as it is stored', async () => {
    const { audit, Thing } = await setUp(database, {
      id: { type: DataTypes.BIGINT, primaryKey: true },
      day: { type: DataTypes.DATEONLY, primaryKey: true },
      at: { type: DataTypes.DATE(3), primaryKey: true },
    });
    const key = { id: '9007199254740993', day: '2026-01-02', at: instant };

    await Thing.create({ ...key, text: 'one' });

    expect((await audit.AuditLog.findAll()).map(({ recordId }) => recordId)).to.deep.equal([
      '["9007199254740993","2026-01-02","2026-01-02T03:04:05.678Z"]',
    ]);
    expect(await actionsOf(audit, Thing, key)).to.deep.equal(['create']);
  });
});

async function setUp(
  database: Database,
  key: ModelAttributes,
): Promise<{ sequelize: Sequelize; audit: Audit; Thing: ModelStatic<Model> }> {
  const sequelize = await connect(database);
  const audit = attachAudit(sequelize);
  const Thing = sequelize.define('Thing', { ...key, text: DataTypes.STRING }, { timestamps: false });
  await sequelize.sync();
  return { sequelize, audit, Thing };
}

async function actionsOf(audit: Audit, model: ModelStatic<Model>, key: unknown): Promise<string[]> {
  return (await audit.history(model, key).revisions()).map(({ action }) => action);
}
