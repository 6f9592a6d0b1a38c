import { expect } from 'chai';
import { DataTypes, type Model } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>>;

/** Statements by verb, as `logging` shows them. */
async function statementsOf(database: Database): Promise<Record<string, string[]>> {
  let seen: string[] = [];
  const sequelize = await connect(database, { logging: (sql) => seen.push(sql) });
  attachAudit(sequelize);
  const Note = sequelize.define<Any>('Note', { title: DataTypes.STRING });
  await sequelize.sync();
  // The first write that can change a key asks the database for its foreign keys, once.
  await (await Note.create({ title: 'warm' })).update({ title: 'warmer' });

  const found: Record<string, string[]> = {};
  const count = async (name: string, write: () => Promise<unknown>) => {
    seen = [];
    await write();
    found[name] = seen.map(
      (sql) => (/^Executing \([^)]*\): (SAVEPOINT|ROLLBACK TO|[A-Z]+)/.exec(sql)?.[1] ?? sql) as string,
    );
  };
  let note = Note.build();
  await count('create', async () => {
    note = await Note.create({ title: 'one' });
  });
  await count('update', () => note.update({ title: 'two' }));
  await count('destroy', () => note.destroy());
  await count('ten updates in a transaction', () =>
    sequelize.transaction(async (transaction) => {
      const other = await Note.create({ title: '0' }, { transaction });
      for (let turn = 1; turn < 10; turn += 1) await other.update({ title: String(turn) }, { transaction });
    }),
  );
  return found;
}

const times = (count: number, ...statements: string[]) => Array.from({ length: count }, () => statements).flat();

const expected: Record<string, Record<string, string[]>> = {
  PostgreSQL: {
    create: ['WITH'],
    update: ['WITH'],
    destroy: ['WITH'],
    'ten updates in a transaction': ['START', 'INSERT', ...times(9, 'WITH'), 'INSERT', 'COMMIT'],
  },
  SQLite: {
    // The INSERT of the log takes the COMMIT along.
    create: ['BEGIN', 'INSERT', 'INSERT'],
    update: ['BEGIN', 'SELECT', 'UPDATE', 'INSERT'],
    destroy: ['BEGIN', 'DELETE', 'INSERT'],
    'ten updates in a transaction': [
      'BEGIN',
      'UPDATE',
      'INSERT',
      ...times(9, 'SELECT', 'UPDATE'),
      'BEGIN',
      'INSERT',
      'COMMIT',
    ],
  },
  'SQLite in memory': {
    create: ['SAVEPOINT', 'INSERT', 'INSERT'],
    update: ['SAVEPOINT', 'SELECT', 'UPDATE', 'INSERT'],
    destroy: ['SAVEPOINT', 'DELETE', 'INSERT'],
    'ten updates in a transaction': ['BEGIN', 'INSERT', ...times(9, 'SELECT', 'UPDATE'), 'BEGIN', 'INSERT', 'COMMIT'],
  },
};
const onMariadb = {
  create: ['START', 'INSERT', 'SELECT', 'INSERT', 'COMMIT'],
  update: ['START', 'SELECT', 'UPDATE', 'SELECT', 'INSERT', 'COMMIT'],
  destroy: ['START', 'SELECT', 'DELETE', 'INSERT', 'COMMIT'],
  'ten updates in a transaction': [
    'START',
    'INSERT',
    'SELECT',
    ...times(9, 'SELECT', 'UPDATE', 'SELECT'),
    'INSERT',
    'COMMIT',
  ],
};

onEachDatabase('The statements of a write', (database) => {
  it('are those that docs/decisions counts, and no more', async () => {
    expect(await statementsOf(database)).to.deep.equal(expected[database.name] ?? onMariadb);
  });
});
