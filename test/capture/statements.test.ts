import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize, type Transaction } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';
import { recordSent } from '../setup/sent.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>>;

interface World {
  readonly sequelize: Sequelize;
  readonly Note: ModelStatic<Any>;
  /** Not audited. */
  readonly Other: ModelStatic<Any>;
}

const rows = [{ title: 'a' }, { title: 'b' }, { title: 'c' }];

const within = ({ sequelize }: World, write: (transaction: Transaction) => Promise<unknown>) =>
  sequelize.transaction(write);

/** By name; each on a table with three notes, the first of which is given to it. */
const writes: Readonly<Record<string, (world: World, note: Any) => Promise<unknown>>> = {
  create: ({ Note }) => Note.create({ title: 'one' }),
  update: (_, note) => note.update({ title: 'two' }),
  destroy: (_, note) => note.destroy(),
  bulkCreate: ({ Note }) => Note.bulkCreate(rows),
  'Model.update': ({ Note }) => Note.update({ title: 'all' }, { where: {} }),
  'Model.destroy': ({ Note }) => Note.destroy({ where: {} }),
  'ten updates in a transaction': (world) =>
    within(world, async (transaction) => {
      const other = await world.Note.create({ title: '0' }, { transaction });
      for (let turn = 1; turn < 10; turn += 1) await other.update({ title: String(turn) }, { transaction });
    }),
  'a destroy in a transaction': (world, note) => within(world, (transaction) => note.destroy({ transaction })),
  'a bulkCreate in a transaction': (world) =>
    within(world, (transaction) => world.Note.bulkCreate(rows, { transaction })),
  'a Model.update in a transaction': (world) =>
    within(world, (transaction) => world.Note.update({ title: 'all' }, { where: {}, transaction })),
  'a Model.destroy in a transaction': (world) =>
    within(world, (transaction) => world.Note.destroy({ where: {}, transaction })),
};

/** What costs nothing: it sends what bare Sequelize sends. */
const free: Readonly<Record<string, (world: World, note: Any) => Promise<unknown>>> = {
  'a read': ({ Note }, note) => Note.findByPk(note.get('id') as number),
  'a read in a transaction': (world) => within(world, (transaction) => world.Note.findAll({ transaction })),
  'a transaction of nothing': (world) => within(world, async () => undefined),
  'a save that writes nothing': (_, note) => note.save(),
  'a create of what is not audited': ({ Other }) => Other.create({ title: 'one' }),
  'writes of what is not audited, in a transaction': (world) =>
    within(world, async (transaction) => {
      const other = await world.Other.create({ title: 'one' }, { transaction });
      await other.update({ title: 'two' }, { transaction });
      await world.Other.destroy({ where: {}, transaction });
    }),
  'a write with audit: false': ({ Note }) => Note.create({ title: 'unseen' }, { audit: false } as never),
};

/** Statements by verb, as they reach the driver. */
async function statementsOf(
  database: Database,
  calls: typeof writes,
  isAudited: boolean,
): Promise<Record<string, string[]>> {
  const sequelize = await connect(database);
  const sent = recordSent(sequelize);
  if (isAudited) attachAudit(sequelize, { exclude: ['Other'] });
  const define = (name: string) => sequelize.define<Any>(name, { title: DataTypes.STRING });
  const world = { sequelize, Note: define('Note'), Other: define('Other') };
  await sequelize.sync();
  // The first writes of a model ask the database for its foreign keys and types, once.
  for (const Each of [world.Note, world.Other])
    await (await Each.create({ title: 'warm' })).update({ title: 'warmer' });

  const found: Record<string, string[]> = {};
  for (const [name, call] of Object.entries(calls)) {
    await world.Note.destroy({ where: {} });
    await world.Note.bulkCreate(rows);
    const note = (await world.Note.findOne({ order: ['id'] })) as Any;
    await note.update({ title: 'first' });
    sent.length = 0;
    await call(world, note);
    found[name] = sent.map(verbOf).filter((verb) => verb !== 'PRAGMA');
  }
  return found;
}

/** The verb of a statement, and of one that goes with it. */
function verbOf(sql: string): string {
  if (sql.startsWith('BEGIN NOT ATOMIC')) return 'block';
  const [verb = sql] = /^(SAVEPOINT|ROLLBACK TO|[A-Z]+)/.exec(sql) ?? [];
  const [, last] = /; (COMMIT|RELEASE audit);$/.exec(sql) ?? [];
  return last === undefined ? verb : `${verb}, ${last}`;
}

const times = (count: number, ...statements: string[]) => Array.from({ length: count }, () => statements).flat();

const onSqlite = (begin: string[], first: string[], last: string[]) => ({
  create: [...begin, 'INSERT', ...last],
  update: [...begin, 'WITH', ...last],
  destroy: [...begin, 'DELETE', ...last],
  'ten updates in a transaction': ['BEGIN', ...first, 'INSERT', ...times(9, 'WITH'), 'BEGIN', 'INSERT', 'COMMIT'],
  'a destroy in a transaction': ['BEGIN', ...first, 'DELETE', 'BEGIN', 'INSERT', 'COMMIT'],
  'a bulkCreate in a transaction': ['BEGIN', ...first, 'INSERT', 'BEGIN', 'INSERT', 'COMMIT'],
  'a Model.update in a transaction': ['BEGIN', ...first, 'SELECT', 'UPDATE', 'BEGIN', 'INSERT', 'COMMIT'],
  'a Model.destroy in a transaction': ['BEGIN', ...first, 'DELETE', 'BEGIN', 'INSERT', 'COMMIT'],
});

const expected: Record<string, Record<string, string[]>> = {
  PostgreSQL: {
    create: ['WITH'],
    update: ['WITH'],
    destroy: ['WITH'],
    bulkCreate: ['WITH'],
    'Model.update': ['WITH'],
    'Model.destroy': ['WITH'],
    'ten updates in a transaction': ['START', 'INSERT', ...times(9, 'WITH'), 'INSERT', 'COMMIT'],
    'a destroy in a transaction': ['START', 'DELETE', 'INSERT', 'COMMIT'],
    'a bulkCreate in a transaction': ['START', 'INSERT', 'INSERT', 'COMMIT'],
    'a Model.update in a transaction': ['START', 'SELECT', 'UPDATE', 'INSERT', 'COMMIT'],
    'a Model.destroy in a transaction': ['START', 'DELETE', 'INSERT', 'COMMIT'],
  },
  // A statement that records itself is told before who writes, where that is not what it was told last: as that many rows
  // are one changeset.
  SQLite: {
    ...onSqlite([], ['UPDATE'], []),
    create: ['INSERT'],
    update: ['UPDATE'],
    destroy: ['DELETE'],
    bulkCreate: ['UPDATE', 'INSERT'],
    'Model.update': ['UPDATE', 'UPDATE'],
    'Model.destroy': ['UPDATE', 'DELETE'],
  },
  // The INSERT of the log takes the COMMIT along where the entries are few.
  'SQLite in memory': {
    ...onSqlite(['SAVEPOINT'], [], ['INSERT, RELEASE audit']),
    bulkCreate: ['SAVEPOINT', 'INSERT', 'INSERT', 'RELEASE'],
    'Model.update': ['SAVEPOINT', 'SELECT', 'UPDATE', 'INSERT', 'RELEASE'],
    'Model.destroy': ['SAVEPOINT', 'DELETE', 'INSERT', 'RELEASE'],
  },
};
const onMysql = {
  create: ['START', 'INSERT', 'SELECT', 'INSERT', 'COMMIT'],
  update: ['START', 'SELECT', 'UPDATE', 'SELECT', 'INSERT', 'COMMIT'],
  destroy: ['START', 'SELECT', 'DELETE', 'INSERT', 'COMMIT'],
  bulkCreate: ['START', 'INSERT', 'SELECT', 'INSERT', 'COMMIT'],
  'Model.update': ['START', 'SELECT', 'UPDATE', 'SELECT', 'INSERT', 'COMMIT'],
  'Model.destroy': ['START', 'SELECT', 'DELETE', 'INSERT', 'COMMIT'],
  'ten updates in a transaction': [
    'START',
    'INSERT',
    'SELECT',
    ...times(9, 'SELECT', 'UPDATE', 'SELECT'),
    'INSERT',
    'COMMIT',
  ],
  'a destroy in a transaction': ['START', 'SELECT', 'DELETE', 'INSERT', 'COMMIT'],
  'a bulkCreate in a transaction': ['START', 'INSERT', 'SELECT', 'INSERT', 'COMMIT'],
  'a Model.update in a transaction': ['START', 'SELECT', 'UPDATE', 'SELECT', 'INSERT', 'COMMIT'],
  'a Model.destroy in a transaction': ['START', 'SELECT', 'DELETE', 'INSERT', 'COMMIT'],
};

// A block takes its looks, its entry and a transaction around them along.
expected.MariaDB = {
  ...onMysql,
  create: ['block'],
  update: ['block'],
  destroy: ['block'],
  'ten updates in a transaction': ['START', ...times(10, 'block'), 'INSERT', 'COMMIT'],
  'a destroy in a transaction': ['START', 'block', 'INSERT', 'COMMIT'],
};

onEachDatabase('The statements of a write', (database) => {
  it('are those that docs/decisions counts, and no more', async () => {
    expect(await statementsOf(database, writes, true)).to.deep.equal(expected[database.name] ?? onMysql);
  });

  it('are those of bare Sequelize where nothing audited is written', async () => {
    expect(await statementsOf(database, free, true)).to.deep.equal(await statementsOf(database, free, false));
  });
});
