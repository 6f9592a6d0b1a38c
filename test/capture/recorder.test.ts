import { expect } from 'chai';
import {
  DataTypes,
  type Model,
  type ModelStatic,
  type Options,
  type Sequelize,
  UniqueConstraintError,
} from 'sequelize';
import { type Audit, AuditError, attachAudit } from '../../lib/index.js';
import { type Database, postgresql } from '../setup/databases.js';
import { foldLog, readLog, readTables, select } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

interface World {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly Note: ModelStatic<Any>;
  readonly Plain: ModelStatic<Any>;
}

async function world(database: Database, options?: Options): Promise<World> {
  const sequelize = await connect(database, options);
  const audit = attachAudit(sequelize, { exclude: ['Plain'] });
  const Note = sequelize.define<Any>('Note', { title: { type: DataTypes.STRING, unique: true }, data: DataTypes.JSON });
  const Plain = sequelize.define<Any>('Plain', { title: DataTypes.STRING });
  await sequelize.sync();
  return { sequelize, audit, Note, Plain };
}

/** Makes every INSERT into the log fail. */
async function breakLog(sequelize: Sequelize): Promise<void> {
  await sequelize.getQueryInterface().renameTable('AuditLogs', 'Elsewhere');
}

async function mendLog(sequelize: Sequelize): Promise<void> {
  await sequelize.getQueryInterface().renameTable('Elsewhere', 'AuditLogs');
}

async function agrees({ sequelize, Note }: World): Promise<void> {
  expect(foldLog(await readLog(sequelize))).to.deep.equal(await readTables([Note]));
}

onEachDatabase('A write without a transaction', (database) => {
  for (const [verb, write] of Object.entries({
    create: ({ Note }: World) => Note.create({ title: 'never' }),
    update: (_: World, note: Any) => note.update({ title: 'never' }),
    destroy: (_: World, note: Any) => note.destroy(),
  })) {
    it(`is refused with its row unchanged when the entry of a ${verb} cannot be written`, async () => {
      const given = await world(database);
      const note = await given.Note.create({ title: 'one' });
      const rows = await select(given.sequelize, 'Notes');
      await breakLog(given.sequelize);

      const error = await write(given, note).then(
        () => null,
        (caught: unknown) => caught as AuditError,
      );

      expect(error).to.be.instanceOf(AuditError);
      expect(error).to.include({ code: 'ERR_AUDIT_ENTRY_NOT_WRITTEN', name: 'AuditError' });
      expect(error?.cause).to.be.instanceOf(Error);
      expect(error?.original).to.be.instanceOf(Error);
      expect(await select(given.sequelize, 'Notes')).to.deep.equal(rows);
      await mendLog(given.sequelize);
      await given.Note.create({ title: 'two' });
      await agrees(given);
    });
  }

  it('fails as without us when the database refuses the row, and leaves no entry', async () => {
    const given = await world(database);
    await given.Note.create({ title: 'one' });

    const error = await given.Note.create({ title: 'one' }).catch((caught: unknown) => caught);

    expect(error).to.be.instanceOf(UniqueConstraintError);
    expect(Object.keys((error as UniqueConstraintError).fields)).to.have.length(1);
    await given.Note.create({ title: 'two' });
    await agrees(given);
  });

  it('keeps every link between entries when eight writers write the same record', async () => {
    const given = await world(database);
    const { id } = await given.Note.create({ title: '0' });
    const writers = await Promise.all(Array.from({ length: 8 }, () => given.Note.findByPk(id as number)));

    await Promise.all(
      writers.map(async (writer, index) => {
        for (let turn = 0; turn < 5; turn += 1) await writer?.update({ title: `${index}-${turn}` });
      }),
    );

    expect(await readLog(given.sequelize)).to.have.length(41);
    await agrees(given);
  });

  it('costs a model that is not audited nothing', async () => {
    const statements: string[] = [];
    const { sequelize, audit, Plain } = await world(database, { logging: (sql) => statements.push(sql) });
    const life = async () => {
      statements.length = 0;
      const plain = await Plain.create({ title: 'a' });
      await plain.update({ title: 'b' });
      await plain.destroy();
      return statements.map((sql) => sql.replaceAll(/\d+/g, '#'));
    };

    // The first write that could cascade asks the database for its foreign keys, once.
    await life();

    const attached = await life();
    audit.detach();

    expect(attached).to.deep.equal(await life());
    expect(sequelize.models).to.have.keys('Note', 'Plain');
  });

  it('reaches the model with the result, the instance and the options it has without us', async () => {
    const { Note } = await world(database);
    const options = Object.freeze({ logging: false as const, audit: Object.freeze({ reason: 'frozen' }) });

    const note = await Note.create({ title: 'one' }, options);
    const updated = await note.update({ title: 'two' }, options);

    expect(updated).to.equal(note);
    expect(Object.keys(note.dataValues)).to.have.members(
      database.dialect === 'postgres'
        ? ['id', 'title', 'data', 'createdAt', 'updatedAt']
        : ['id', 'title', 'createdAt', 'updatedAt'],
    );
    expect(note.changed()).to.equal(false);
    expect(note.isNewRecord).to.equal(false);
  });

  it('is made by the very hooks, queries and transaction option that an application sees without us', async () => {
    const { sequelize, Note } = await world(database);
    const seen: unknown[] = [];
    sequelize.addHook('beforeQuery', (options: { transaction?: unknown }) => {
      seen.push(options.transaction);
    });

    await Note.create({ title: 'one' });

    expect(seen).to.deep.equal([undefined]);
  });
});

onEachDatabase('A transaction', (database) => {
  it('is refused as a whole when its entries cannot be written', async () => {
    const given = await world(database);
    const note = await given.Note.create({ title: 'one' });
    const rows = await select(given.sequelize, 'Notes');
    await breakLog(given.sequelize);
    let isCommitted = false;

    const error = await given.sequelize
      .transaction(async (transaction) => {
        transaction.afterCommit(() => {
          isCommitted = true;
        });
        await note.update({ title: 'never' }, { transaction });
        await given.Note.create({ title: 'never either' }, { transaction });
      })
      .then(
        () => null,
        (caught: unknown) => caught as AuditError,
      );

    expect(error).to.include({ code: 'ERR_AUDIT_ENTRY_NOT_WRITTEN' });
    expect(isCommitted).to.equal(false);
    expect(await select(given.sequelize, 'Notes')).to.deep.equal(rows);
    await mendLog(given.sequelize);
    await given.sequelize.transaction(async (transaction) => {
      await given.Note.create({ title: 'two' }, { transaction });
    });
    await agrees(given);
  });

  it('leaves neither row nor entry when it rolls back', async () => {
    const given = await world(database);

    const error = await given.sequelize
      .transaction(async (transaction) => {
        await given.Note.create({ title: 'never' }, { transaction });
        throw new Error('mind changed');
      })
      .catch((caught: unknown) => caught);

    expect(error).to.be.an('error').with.property('message', 'mind changed');
    expect(await readLog(given.sequelize)).to.deep.equal([]);
    await given.Note.create({ title: 'one' });
    await agrees(given);
  });

  it('writes one INSERT for all its entries, in the order of its writes and with one changeset', async () => {
    const statements: string[] = [];
    const given = await world(database, { logging: (sql) => statements.push(sql) });

    await given.sequelize.transaction(async (transaction) => {
      const first = await given.Note.create({ title: 'a' }, { transaction });
      const second = await given.Note.create({ title: 'b' }, { transaction });
      await first.update({ title: 'c' }, { transaction });
      await second.destroy({ transaction });
    });

    const log = await readLog(given.sequelize);
    expect(statements.filter((sql) => /INSERT INTO .AuditLogs/.test(sql))).to.have.length(1);
    expect(log.map(({ action, recordId }) => `${action} ${recordId}`)).to.deep.equal([
      'create 1',
      'create 2',
      'update 1',
      'destroy 2',
    ]);
    expect(new Set(log.map(({ changesetId }) => changesetId)).size).to.equal(1);
    await agrees(given);
  });

  it('gives different transactions different changesets', async () => {
    const given = await world(database);

    for (const title of ['a', 'b']) {
      await given.sequelize.transaction((transaction) => given.Note.create({ title }, { transaction }));
    }
    await given.Note.create({ title: 'c' });

    expect(new Set((await readLog(given.sequelize)).map(({ changesetId }) => changesetId)).size).to.equal(3);
  });

  it('keeps of three levels of savepoints what did not roll back', async () => {
    const given = await world(database);
    const { sequelize, Note } = given;
    const refuse = () => {
      throw new Error('back');
    };

    await sequelize.transaction(async (outer) => {
      await Note.create({ title: 'outer' }, { transaction: outer });
      await sequelize.transaction({ transaction: outer }, async (middle) => {
        await Note.create({ title: 'middle' }, { transaction: middle });
        await sequelize
          .transaction({ transaction: middle }, async (inner) => {
            await Note.create({ title: 'inner' }, { transaction: inner });
            // ROLLBACK TO also undoes what the parent writes after the savepoint.
            await Note.create({ title: 'middle, inside inner' }, { transaction: middle });
            refuse();
          })
          .catch(() => undefined);
        await Note.create({ title: 'middle again' }, { transaction: middle });
      });
      await sequelize
        .transaction({ transaction: outer }, async (second) => {
          await Note.create({ title: 'second' }, { transaction: second });
          refuse();
        })
        .catch(() => undefined);
      await Note.create({ title: 'outer again' }, { transaction: outer });
    });

    const titles = (await select(sequelize, 'Notes')).map(({ title }) => title);
    expect(titles).to.deep.equal(['outer', 'middle', 'middle again', 'outer again']);
    expect(await readLog(sequelize)).to.have.length(4);
    await agrees(given);
  });

  it('writes again what the rollback of a savepoint took out of the log', async () => {
    const given = await world(database);
    const { sequelize, audit, Note } = given;

    await sequelize.transaction(async (transaction) => {
      const note = await Note.create({ title: 'before' }, { transaction });
      await sequelize
        .transaction({ transaction }, async (savepoint) => {
          // Reading the history writes what waits, here inside the savepoint that is to roll back.
          expect(await audit.history(note).revisions({ transaction: savepoint })).to.have.length(1);
          throw new Error('back');
        })
        .catch(() => undefined);
    });

    expect(await readLog(sequelize)).to.have.length(1);
    await agrees(given);
  });

  it('shows its own entries to whoever reads inside it, and to nobody else', async () => {
    const { sequelize, audit, Note } = await world(database);
    const transaction = await sequelize.transaction();

    const note = await Note.create({ title: 'one' }, { transaction });
    const inside = await audit.AuditLog.findAll({ transaction });
    const counted = await audit.AuditLog.count({ transaction });
    const past = await audit.history(note).at(1, { transaction });
    await transaction.rollback();

    expect(inside).to.have.length(1);
    expect(counted).to.equal(1);
    expect(past?.get('title')).to.equal('one');
    expect(await readLog(sequelize)).to.deep.equal([]);
  });

  it('keeps the links between entries of writes that run side by side in it', async () => {
    const given = await world(database);
    const note = await given.Note.create({ title: 'one', data: { n: 0 } });
    const again = (await given.Note.findByPk(note.id as number)) as Any;

    await given.sequelize.transaction((transaction) =>
      Promise.all([
        note.update({ title: 'two' }, { transaction }),
        given.Note.create({ title: 'new' }, { transaction }),
        again.update({ data: { n: 1 } }, { transaction }),
        given.Note.create({ title: 'newer' }, { transaction }),
      ]),
    );

    expect(await readLog(given.sequelize)).to.have.length(5);
    await agrees(given);
  });

  it('refuses a write that comes after its end, as without us', async () => {
    const { sequelize, Note } = await world(database);
    const transaction = await sequelize.transaction();
    await Note.create({ title: 'one' }, { transaction });
    await transaction.commit();

    const error = await Note.create({ title: 'late' }, { transaction }).catch((caught: unknown) => caught);

    expect(error)
      .to.be.an('error')
      .with.property('message')
      .that.includes('commit has been called on this transaction');
    expect(await readLog(sequelize)).to.have.length(1);
  });

  it('refuses a write that is started while its commit is under way, as without us', async () => {
    const given = await world(database);
    const transaction = await given.sequelize.transaction();

    const first = given.Note.create({ title: 'first' }, { transaction, hooks: false, validate: false });
    const others = Promise.all(
      ['a', 'b', 'c'].map((title) => given.Note.create({ title }, { transaction, hooks: false, validate: false })),
    );
    await first;
    const commit = transaction.commit();
    const late = await given.Note.create({ title: 'late' }, { transaction }).catch((caught: unknown) => caught);
    await Promise.all([others, commit]);

    expect(late).to.be.an('error').with.property('message').that.includes('commit has been called on this transaction');
    expect(await readLog(given.sequelize)).to.have.length(4);
    await agrees(given);
  });

  it('is refused when it is that of another Sequelize instance', async () => {
    const given = await world(database);
    const other = await connect(database);
    const transaction = await other.transaction();

    const error = await given.Note.create({ title: 'never' }, { transaction }).catch((caught: unknown) => caught);
    await transaction.rollback();

    expect(error).to.include({ code: 'ERR_AUDIT_TRANSACTION_FOREIGN' });
  });

  it('does not commit a row when nobody knows whether it was written', async () => {
    const given = await world(database, { benchmark: true });
    const note = await given.Note.create({ title: 'one' });
    const rows = await select(given.sequelize, 'Notes');
    const transaction = await given.sequelize.transaction();
    // With benchmark a statement is logged when it is done.
    const logging = (sql: string) => {
      if (/UPDATE .?Notes/.test(sql)) throw new Error('the logger broke');
    };

    const thrown = await note.update({ title: 'two' }, { transaction, logging }).catch((caught: unknown) => caught);
    const error = await transaction.commit().catch((caught: unknown) => caught);

    expect(thrown).to.be.an('error').with.property('message', 'the logger broke');
    expect(error).to.equal(thrown);
    expect(await select(given.sequelize, 'Notes')).to.deep.equal(rows);
    await agrees(given);
  });

  it('holds back detach() while entries wait in it', async () => {
    const { sequelize, audit, Note } = await world(database);
    const transaction = await sequelize.transaction();
    await Note.create({ title: 'one' }, { transaction });

    expect(() => audit.detach())
      .to.throw(AuditError)
      .with.property('code', 'ERR_AUDIT_TRANSACTION_OPEN');
    await transaction.commit();

    expect(() => audit.detach()).not.to.throw();
  });
});

/** Moves a row to another key behind the back of whoever inserts it. */
const moveRows = {
  sqlite: 'CREATE TRIGGER move AFTER INSERT ON Notes BEGIN UPDATE Notes SET id = NEW.id + 1000 WHERE id = NEW.id; END',
  mariadb: 'CREATE TRIGGER move BEFORE INSERT ON Notes FOR EACH ROW SET NEW.id = NEW.id + 1000',
  mysql: 'CREATE TRIGGER move BEFORE INSERT ON Notes FOR EACH ROW SET NEW.id = NEW.id + 1000',
};

onEachDatabase(
  'A row that cannot be found again after its write',
  (database) => {
    const dialect = database.dialect as keyof typeof moveRows;

    it('is refused without a transaction', async () => {
      const { sequelize, Note } = await world(database);
      await sequelize.query(moveRows[dialect]);

      const error = await Note.create({ id: 5, title: 'lost' }).catch((caught: unknown) => caught);

      expect(error).to.include({ code: 'ERR_AUDIT_RECORD_UNKNOWN' });
      expect(await select(sequelize, 'Notes')).to.deep.equal([]);
    });

    it('keeps its transaction from committing, though the caller has swallowed the error', async () => {
      const { sequelize, Note } = await world(database);
      await sequelize.query(moveRows[dialect]);
      const transaction = await sequelize.transaction();
      await Note.create({ id: 5, title: 'lost' }, { transaction }).catch(() => undefined);

      const error = await transaction.commit().catch((caught: unknown) => caught);

      expect(error).to.include({ code: 'ERR_AUDIT_RECORD_UNKNOWN' });
      expect(await select(sequelize, 'Notes')).to.deep.equal([]);
      expect(await readLog(sequelize)).to.deep.equal([]);
    });

    it('is forgotten with the savepoint it was written in', async () => {
      const { sequelize, Note } = await world(database);
      await sequelize.query(moveRows[dialect]);

      await sequelize.transaction(async (transaction) => {
        await sequelize
          .transaction({ transaction }, (savepoint) =>
            Note.create({ id: 5, title: 'lost' }, { transaction: savepoint }),
          )
          .catch(() => undefined);
      });

      expect(await select(sequelize, 'Notes')).to.deep.equal([]);
    });
  },
  ({ dialect }) => dialect in moveRows,
);

onEachDatabase(
  'A deadlock',
  (database) => {
    it('ends its transaction for good, though the caller has swallowed the error', async () => {
      const given = await world(database);
      const [first, second] = (await Promise.all(['a', 'b'].map((title) => given.Note.create({ title })))) as [
        Any,
        Any,
      ];
      const one = await given.sequelize.transaction();
      const two = await given.sequelize.transaction();
      await first.update({ data: { by: 'one' } }, { transaction: one });
      await second.update({ data: { by: 'two' } }, { transaction: two });

      const crossed = await Promise.allSettled([
        second.update({ data: { by: 'one' } }, { transaction: one }),
        first.update({ data: { by: 'two' } }, { transaction: two }),
      ]);
      const [dead, alive] = crossed[0]?.status === 'rejected' ? [one, two] : [two, one];
      const later = await given.Note.create({ title: 'later' }, { transaction: dead }).catch(
        (caught: unknown) => caught,
      );
      await dead.commit().catch(() => undefined);
      await alive.commit();

      expect(crossed.map(({ status }) => status)).to.have.members(['fulfilled', 'rejected']);
      expect(later).to.be.an('error');
      expect(await readLog(given.sequelize)).to.have.length(4);
      await agrees(given);
    });

    it('reaches one of two transactions as without us, and leaves the log and the pool in order', async () => {
      const given = await world(database, { pool: { max: 2, acquire: 5000 } });
      const [first, second] = (await Promise.all(['a', 'b'].map((title) => given.Note.create({ title })))) as [
        Any,
        Any,
      ];
      let met = 0;
      let meet: () => void = () => undefined;
      const both = new Promise<void>((resolve) => {
        meet = resolve;
      });
      const cross = (one: Any, other: Any, value: string) =>
        given.sequelize.transaction(async (transaction) => {
          await one.update({ data: { value } }, { transaction });
          met += 1;
          if (met === 2) meet();
          await both;
          await other.update({ data: { value } }, { transaction });
        });

      const results = await Promise.allSettled([cross(first, second, 'x'), cross(second, first, 'y')]);

      const [refused, ...rest] = results.filter((result) => result.status === 'rejected');
      expect(rest).to.deep.equal([]);
      expect(String(refused?.reason)).to.match(/deadlock/i);
      await Promise.all(['c', 'd', 'e'].map((title) => given.Note.create({ title })));
      expect(await readLog(given.sequelize)).to.have.length(7);
      await agrees(given);
    });
  },
  ({ dialect }) => dialect !== 'sqlite',
);

onEachDatabase(
  'A pool of one connection',
  (database) => {
    it('is enough for parallel writes whose hooks ask queries of their own', async () => {
      const given = await world(database, { pool: { max: 1, acquire: 5000 } });
      given.Note.addHook('beforeCreate', async () => {
        await given.Plain.count();
      });
      given.Note.addHook('afterCreate', async () => {
        await given.Plain.create({ title: 'from a hook' });
      });

      await Promise.all(Array.from({ length: 20 }, (_, index) => given.Note.create({ title: String(index) })));

      expect(await readLog(given.sequelize)).to.have.length(20);
      await agrees(given);
    });
  },
  ({ dialect }) => dialect !== 'sqlite',
);

describe('PostgreSQL', () => {
  it('resolves the commit of an aborted transaction as without us, and keeps no entry', async () => {
    const { sequelize, Note } = await world(postgresql);
    const transaction = await sequelize.transaction();
    await Note.create({ title: 'one' }, { transaction });
    await sequelize.query('SELECT 1/0', { transaction }).catch(() => undefined);

    await transaction.commit();

    expect(await select(sequelize, 'Notes')).to.deep.equal([]);
    expect(await readLog(sequelize)).to.deep.equal([]);
  });

  it('does not block readers that hold a key share', async () => {
    const { sequelize, Note } = await world(postgresql);
    const note = await Note.create({ title: 'one' });
    const reader = await sequelize.transaction();
    await Note.findByPk(note.id as number, { transaction: reader, lock: reader.LOCK.KEY_SHARE });

    // Not the title: a change of what is unique waits for them without us, too.
    await note.update({ data: { n: 1 } });
    await reader.commit();

    expect(await readLog(sequelize)).to.have.length(2);
  });

  it('finds rows by the search path of a call, and its own table without it', async () => {
    const sequelize = await connect(postgresql, { dialectOptions: { prependSearchPath: true } });
    const audit = attachAudit(sequelize);
    const Note = sequelize.define<Any>('Note', { title: DataTypes.STRING });
    await sequelize.sync();
    await sequelize.query('DROP SCHEMA IF EXISTS acme CASCADE');
    await sequelize.createSchema('acme', {});
    await Note.schema('acme').sync();
    const options = { searchPath: 'acme' };

    const note = await Note.create({ title: 'one' }, options as object);
    await note.update({ title: 'two' }, options as object);
    await sequelize.transaction(async (transaction) => {
      await note.update({ title: 'three' }, { ...options, transaction } as object);
    });

    expect(await select(sequelize, 'Notes')).to.deep.equal([]);
    expect((await readLog(sequelize)).map(({ modelName, action }) => `${action} ${modelName}`)).to.deep.equal([
      'create acme.Note',
      'update acme.Note',
      'update acme.Note',
    ]);
    expect((await audit.history(Note.schema('acme'), note.id).at(3))?.get('title')).to.equal('three');
  });
});
