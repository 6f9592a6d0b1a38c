import { expect } from 'chai';
import type { Transaction } from 'sequelize';
import type { Database } from '../setup/databases.js';
import { readLog } from '../setup/oracle.js';
import { onEachDatabase } from '../setup/suite.js';
import { agrees, entries, likeBare, type Program, settled, world } from './world.js';

const isMysql = ({ dialect }: Database) => dialect === 'mariadb' || dialect === 'mysql';

const raw =
  (sql: string): Program =>
  ({ sequelize }, transaction) =>
    sequelize.query(sql, { transaction });
const create =
  (title: string): Program =>
  ({ Note }, transaction) =>
    Note.create({ title }, { transaction });
const commit: Program = (_, transaction) => transaction.commit();
const rollback: Program = (_, transaction) => transaction.rollback();

/** One after the other, whatever becomes of each; the result is what the caller sees of all. */
const steps =
  (...all: readonly Program[]): Program =>
  async (given, transaction) => {
    const seen: unknown[] = [];
    for (const step of all) seen.push(await settled(step(given, transaction)));
    return seen.join(', ');
  };

const programs: Readonly<Record<string, { program: Program; entries: number; on?: (database: Database) => boolean }>> =
  {
    'COMMIT, then rollback()': { program: steps(create('a'), raw('COMMIT'), rollback), entries: 1 },
    'COMMIT, then commit()': { program: steps(create('a'), raw('COMMIT;'), commit), entries: 1 },
    'a comment and commit': { program: steps(create('a'), raw('/* now */ commit'), rollback), entries: 1 },
    'COMMIT, then a write and rollback()': {
      program: steps(create('a'), raw('COMMIT'), create('b'), rollback),
      entries: 2,
    },
    'COMMIT before anything is written': { program: steps(raw('COMMIT'), create('a'), rollback), entries: 1 },
    'COMMIT, BEGIN, a write and rollback()': {
      program: steps(create('a'), raw('COMMIT'), raw('BEGIN'), create('b'), rollback),
      entries: 1,
    },
    'COMMIT, BEGIN, a write and commit()': {
      program: steps(create('a'), raw('COMMIT'), raw('BEGIN'), create('b'), commit),
      entries: 2,
    },
    'ROLLBACK, then commit()': { program: steps(create('a'), raw('ROLLBACK'), commit), entries: 0 },
    'ROLLBACK, then a write and commit()': {
      program: steps(create('a'), raw('ROLLBACK'), create('b'), commit),
      entries: 1,
    },
    'ROLLBACK, then a write and rollback()': {
      program: steps(create('a'), raw('ROLLBACK'), create('b'), rollback),
      entries: 1,
    },
    'a savepoint of its own that is rolled back': {
      program: steps(
        create('a'),
        raw('SAVEPOINT Here'),
        create('b'),
        raw('ROLLBACK TO SAVEPOINT Here'),
        create('c'),
        commit,
      ),
      entries: 2,
    },
    'a savepoint of its own that is released': {
      program: steps(create('a'), raw('SAVEPOINT one'), create('b'), raw('RELEASE SAVEPOINT one'), commit),
      entries: 2,
    },
    'ROLLBACK TO a savepoint that is not there': {
      program: steps(create('a'), raw('ROLLBACK TO nowhere'), commit),
      entries: 1,
      on: (database) => database.dialect !== 'postgres',
    },
    'a definition, then a write and rollback()': {
      program: steps(create('a'), raw('CREATE TABLE IF NOT EXISTS elsewhere (id INTEGER)'), create('b'), rollback),
      entries: 2,
      on: isMysql,
    },
    'a definition that fails, then a write and rollback()': {
      program: steps(create('a'), raw('DROP TABLE nowhere'), create('b'), rollback),
      entries: 2,
      on: isMysql,
    },
    'a temporary table, then a write and rollback()': {
      program: steps(create('a'), raw('CREATE TEMPORARY TABLE aside (id INTEGER)'), create('b'), rollback),
      entries: 0,
      on: isMysql,
    },
    'START TRANSACTION, then a write and rollback()': {
      program: steps(create('a'), raw('START TRANSACTION'), create('b'), rollback),
      entries: 1,
      on: isMysql,
    },
    'SET autocommit = 1, then a write and rollback()': {
      program: steps(create('a'), raw('SET autocommit = 0'), raw('SET autocommit = 1'), create('b'), rollback),
      entries: 2,
      on: isMysql,
    },
    'COMMIT AND CHAIN, then a write and rollback()': {
      program: steps(create('a'), raw('COMMIT AND CHAIN'), create('b'), rollback),
      entries: 1,
      on: ({ dialect }) => dialect !== 'sqlite',
    },
    'two statements in one text': {
      program: steps(create('a'), raw('SELECT 1; COMMIT'), create('b'), rollback),
      entries: 2,
      on: ({ dialect }) => dialect === 'postgres',
    },
    'COMMIT after an aborted statement': {
      program: steps(create('a'), raw('SELECT 1/0'), raw('COMMIT'), create('b'), rollback),
      entries: 1,
      on: ({ dialect }) => dialect === 'postgres',
    },
  };

onEachDatabase('A transaction in which raw SQL sends', (database) => {
  const here = Object.entries(programs).filter(([, { on }]) => on?.(database) ?? true);
  for (const [name, { program, entries: count }] of here) {
    it(`${name}: leaves what it leaves without us, and an entry for each row`, async () => {
      const given = await likeBare(database, program);

      expect(await readLog(given.sequelize)).to.have.length(count);
      await given.Note.create({ title: 'next' });
      await agrees(given);
    });
  }
});

onEachDatabase(
  'A truncate, with which MySQL commits its transaction,',
  (database) => {
    it('lets what follows in that transaction be recorded, though it rolls back', async () => {
      const given = await likeBare(
        database,
        steps(create('a'), ({ Note }, transaction) => Note.truncate({ transaction }), create('b'), rollback),
      );

      expect(await entries(given)).to.deep.equal(['create 1', 'destroy 1', 'create 1']);
    });
  },
  isMysql,
);

const leaves = 'CREATE TABLE leaves (id INTEGER, noteId INTEGER, FOREIGN KEY (noteId) REFERENCES Notes (id))';

/** What Sequelize itself sends that MySQL commits before, whether it then does it or not. */
const committing: Readonly<Record<string, Program>> = {
  'a truncate that a foreign key forbids': ({ Note }, transaction) => Note.truncate({ transaction }),
  'a truncate that nothing forbids while foreign keys are not checked': async ({ sequelize, Note }, transaction) => {
    await sequelize.query('SET FOREIGN_KEY_CHECKS = 0', { transaction });
    await Note.truncate({ transaction }).finally(() => sequelize.query('SET FOREIGN_KEY_CHECKS = 1', { transaction }));
  },
  'a truncate of a table that is not audited': ({ sequelize }, transaction) =>
    sequelize
      .define('Leaf', {}, { tableName: 'leaves', timestamps: false, audit: false } as object)
      .truncate({ transaction }),
  'a change of a column': ({ sequelize }, transaction) =>
    sequelize.getQueryInterface().renameColumn('leaves', 'id', 'number', { transaction } as never),
  'a table that is made': ({ sequelize }, transaction) =>
    sequelize.getQueryInterface().createTable('twigs', { id: 'INTEGER' }, { transaction } as never),
};

onEachDatabase(
  'A transaction of MySQL that Sequelize commits by',
  (database) => {
    for (const [name, program] of Object.entries(committing)) {
      it(`${name}: leaves what it leaves without us, and an entry for each row`, async () => {
        const prepared: Program = async (given, transaction) => {
          await given.sequelize.query(leaves, { transaction: null });
          return steps(create('a'), program, create('b'), rollback)(given, transaction);
        };

        const given = await likeBare(database, prepared);

        const gone = name.startsWith('a truncate that nothing') ? ['destroy 1', 'create 1'] : ['create 2'];
        expect(await entries(given)).to.deep.equal(['create 1', ...gone]);
      });
    }
  },
  isMysql,
);

/** Has the database itself roll the whole transaction back. */
const rollingBack =
  "CREATE TRIGGER back BEFORE INSERT ON Notes WHEN NEW.title = 'back' BEGIN SELECT RAISE(ROLLBACK, 'back'); END";

onEachDatabase(
  'A transaction that SQLite has rolled back by itself',
  (database) => {
    const failing: Record<string, Program> = {
      'a write': create('back'),
      'raw SQL': raw("INSERT OR ROLLBACK INTO Notes (id, title) VALUES (1, 'lost')"),
    };
    for (const [name, fail] of Object.entries(failing)) {
      it(`over ${name} lets what follows in it be recorded as it is written`, async () => {
        const prepared =
          (program: Program): Program =>
          async (given, transaction) => {
            await given.sequelize.query(rollingBack, { transaction: null }).catch(() => undefined);
            return program(given, transaction);
          };
        const given = await likeBare(
          database,
          prepared(
            steps(create('lost'), fail, create('after'), ({ sequelize }) => sequelize.query('SELECT 1'), commit),
          ),
        );

        expect(await readLog(given.sequelize)).to.have.length(1);
        await given.Note.create({ title: 'next' });
        await agrees(given);
      });
    }
  },
  ({ dialect }) => dialect === 'sqlite',
);

onEachDatabase(
  'A deadlock in a savepoint, which takes the whole transaction with it,',
  (database) => {
    it('leaves no entry of what it undid, and records what is written after it', async () => {
      const given = await world(database, { pool: { max: 3 } });
      const { sequelize, Note } = given;
      await Note.bulkCreate([
        { title: 'a', size: 0 },
        { title: 'b', size: 0 },
      ]);
      const update = (id: number, size: number, transaction: Transaction) =>
        Note.update({ size }, { where: { id }, transaction });
      await sequelize.query('CREATE TABLE weights (id INTEGER)');
      const heavy = await sequelize.transaction();
      const light = await sequelize.transaction();
      // InnoDB undoes the transaction that has written less.
      const rows = Array.from({ length: 50 }, (_, id) => `(${id})`).join(', ');
      await sequelize.query(`INSERT INTO weights VALUES ${rows}`, { transaction: heavy });
      await update(1, 1, heavy);
      await Note.create({ title: 'undone' }, { transaction: light });
      const savepoint = await sequelize.transaction({ transaction: light });
      await update(2, 2, savepoint);

      const crossed = await Promise.allSettled([update(2, 1, heavy), update(1, 2, savepoint)]);
      await Note.create({ title: 'after' }, { transaction: light });
      await light.rollback();
      await heavy.commit();

      expect(crossed.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected']);
      expect(await Note.count({ where: { title: ['undone', 'after'] } })).to.equal(1);
      await agrees(given);
    });
  },
  isMysql,
);
