import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { foldLog, type LoggedEntry, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Row = Model<Record<string, unknown>, Record<string, unknown>>;
type Write = (Item: ModelStatic<Row>, options: { transaction: Transaction }) => Promise<unknown>;

interface World {
  readonly sequelize: Sequelize;
  readonly Item: ModelStatic<Row>;
  readonly sent: string[];
  /** Entries that there were before the test. */
  readonly ready: number;
}

const count = 1200;

const rows = (from: number) =>
  Array.from({ length: count }, (_, index) => ({ id: from + index, name: `it's "${index}" \\ 😀`, size: index % 9 }));

const writes: Readonly<Record<string, Write>> = {
  'an update': (Item, options) => Item.update({ size: 100, secret: 'known' }, { where: {}, ...options }),
  'a destroy': (Item, options) => Item.destroy({ where: {}, ...options }),
  'a bulkCreate': (Item, options) => Item.bulkCreate(rows(10_001), options),
};

onEachDatabase(
  'A write of many rows in a transaction of the caller',
  (database) => {
    const isPostgres = database.dialect === 'postgres';

    /** @param isKnown whether writes of this table have reached many rows before, after which it is asked */
    async function world(isKnown = true): Promise<World> {
      const sent: string[] = [];
      const sequelize = await connect(database, { logging: (sql) => sent.push(sql) });
      attachAudit(sequelize, { models: { Item: { redact: ['secret'] } }, onUnaudited: 'ignore' });
      const Item = sequelize.define<Row>(
        'Item',
        { name: DataTypes.STRING, size: DataTypes.INTEGER, secret: DataTypes.STRING },
        { timestamps: false },
      );
      await sequelize.sync();
      await Item.bulkCreate(rows(1));
      if (isKnown) {
        await sequelize.transaction(async (transaction) => {
          await Item.update({ size: 200 }, { where: {}, transaction });
          await Item.destroy({ where: {}, transaction });
        });
        await Item.bulkCreate(rows(1));
      }
      sent.length = 0;
      return { sequelize, Item, sent, ready: (await readLog(sequelize)).length };
    }

    /** The log leads to the table, by other code than ours. */
    async function agrees({ sequelize, Item, ready }: World): Promise<readonly LoggedEntry[]> {
      const log = await readLog(sequelize);
      const hidden = (states: Record<string, object>) =>
        Object.fromEntries(Object.entries(states).map(([name, state]) => [name, { ...state, secret: null }]));
      expect(hidden(foldLog(log))).to.deep.equal(hidden(await readTables([Item])));
      return log.slice(ready);
    }

    for (const [title, write] of Object.entries(writes)) {
      it(`leaves an entry for each row, between those of what came before and after: ${title}`, async () => {
        const given = await world();
        const { sequelize, Item } = given;
        await sequelize.transaction(async (transaction) => {
          const first = (await Item.findByPk(5, { transaction })) as Row;
          await first.update({ size: 50 }, { transaction });
          await write(Item, { transaction });
          await Item.create({ id: 20_000, name: 'last' }, { transaction });
        });

        const log = await agrees(given);
        expect(log).to.have.length(count + 2);
        expect(new Set(log.map(({ changesetId }) => changesetId)).size).to.equal(1);
        expect([log[0], log.at(-1)].map((entry) => entry?.recordId)).to.deep.equal(['5', '20000']);
      });

      it(`leaves none when it is rolled back, or a savepoint before it: ${title}`, async () => {
        const given = await world();
        const { sequelize, Item } = given;
        const transaction = await sequelize.transaction();
        await write(Item, { transaction });
        await transaction.rollback();
        await sequelize.transaction(async (outer) => {
          await Item.update({ size: 7 }, { where: { id: 1 }, transaction: outer });
          const inner = await sequelize.transaction({ transaction: outer });
          await write(Item, { transaction: inner });
          await inner.rollback();
          await Item.update({ size: 8 }, { where: { id: 1 }, transaction: outer });
          await Item.update({ size: 9 }, { where: { id: 2 }, transaction: outer });
        });

        const log = await agrees(given);
        expect(log.map(({ recordId }) => recordId)).to.deep.equal(['1', '1', '2']);
      });
    }

    it('hands no row to JavaScript', async () => {
      const { sequelize, Item, sent } = await world();
      for (const size of [100, 101]) {
        sent.length = 0;
        await sequelize.transaction((transaction) => Item.update({ size }, { where: {}, transaction }));
      }

      const verbs = sent.map((sql) => /: (\w+(?: 1\b)?)/.exec(sql)?.[1]);
      expect(verbs).to.deep.equal(
        isPostgres
          ? ['START', 'SELECT 1', 'SAVEPOINT', 'WITH', 'RELEASE', 'COMMIT']
          : // The lock, the question how many, the trigger, the write, and the trigger again.
            ['BEGIN', 'UPDATE', 'SELECT 1', 'CREATE', 'UPDATE', 'SELECT 1', 'DROP', 'COMMIT'],
      );
    });

    it('is asked for its rows only after one that reached as many', async () => {
      const { sequelize, Item, sent } = await world(false);
      const asked = async (where: Record<string, unknown>) => {
        sent.length = 0;
        await sequelize.transaction((transaction) =>
          Item.update({ size: 3 + count }, { where: where as never, transaction }),
        );
        return sent.filter((sql) => /: SELECT 1 FROM .Items/.test(sql)).length;
      };

      const found = [await asked({ size: 4 }), await asked({ name: '0' })];
      await asked({});
      await sequelize.query('UPDATE "Items" SET size = 1');
      found.push(await asked({}), await asked({ id: [1, 2] }), await asked({ id: [1, 2] }));

      expect(found).to.deep.equal([0, 0, 1, 1, 0]);
    });

    it('is done in another way where SQL cannot tell its entries, with the same ones', async () => {
      const { sequelize, Item, sent } = await world();
      const Odd = sequelize.define<Row>('Odd', { at: DataTypes.DATE, size: DataTypes.INTEGER }, { timestamps: false });
      await Odd.sync();
      const at = isPostgres ? "'0044-03-15 BC'" : "'no time at all'";
      const fill = `INSERT INTO "${Odd.tableName}" (id, at, size) SELECT id, NULL, 1 FROM "Items"`;
      await sequelize.query(fill);
      await sequelize.transaction((transaction) => Odd.destroy({ where: {}, transaction }));
      await sequelize.query(fill);
      await sequelize.query(`UPDATE "${Odd.tableName}" SET at = ${at} WHERE id = 700`);
      const { length } = await readLog(sequelize);
      sent.length = 0;

      await sequelize.transaction(async (transaction) => {
        await Item.update({ size: 1 }, { where: { id: 3 }, transaction });
        await Odd.destroy({ where: {}, transaction });
        await Item.update({ size: 2 }, { where: { id: 3 }, transaction });
      });

      const log = (await readLog(sequelize)).slice(length);
      expect(sent.filter((sql) => /: (ROLLBACK TO|CREATE TABLE IF)/.test(sql))).to.have.length(1);
      expect(log.map(({ modelName }) => modelName).filter((name) => name === 'Odd')).to.have.length(count);
      expect(log.map(({ recordId }) => recordId)).to.include('700');
      expect([log[0], log.at(-1)].map((entry) => entry?.modelName)).to.deep.equal(['Item', 'Item']);
    });

    it('meets what it would meet without us, and leaves the transaction as it would be', async () => {
      const outcomes = [];
      for (const isAudited of [true, false]) {
        const { sequelize, Item } = await world();
        await sequelize.query('CREATE UNIQUE INDEX once ON "Items" (name)');
        const transaction = await sequelize.transaction();
        const options = { transaction, ...(isAudited ? {} : { audit: false as const }) };
        const refused = (await Item.update({ name: 'one' }, { where: {}, ...options }).catch(
          (error: unknown) => error,
        )) as Error;
        const next = await Item.update({ size: 3 }, { where: { id: 1 }, ...options }).catch(
          (error: Error) => error.message,
        );
        await transaction.rollback();
        outcomes.push({ name: refused.name, message: refused.message, next });
      }

      expect(outcomes[0]).to.deep.equal(outcomes[1]);
    });

    it('keeps the transaction from committing where the log refuses an entry', async () => {
      const { sequelize, Item, ready } = await world();
      await sequelize.query(
        isPostgres
          ? 'ALTER TABLE "AuditLogs" ADD CHECK ("recordId" <> \'700\') NOT VALID'
          : `CREATE TRIGGER full_up BEFORE INSERT ON AuditLogs WHEN NEW.recordId = '700' BEGIN SELECT RAISE(ABORT, 'full'); END`,
      );

      const refused = await sequelize
        .transaction((transaction) => Item.update({ size: 100 }, { where: {}, transaction }))
        .catch((error: unknown) => error);

      expect((refused as { code?: string }).code).to.equal('ERR_AUDIT_ENTRY_NOT_WRITTEN');
      expect(await Item.count({ where: { size: 100 } })).to.equal(0);
      expect(await readLog(sequelize)).to.have.length(ready);
    });

    if (isPostgres) return;

    it('is recorded once, by the trigger or by the general way after it', async () => {
      const given = await world();
      const { sequelize, Item } = given;
      await sequelize.transaction(async (transaction) => {
        await Item.update({ size: 100 }, { where: {}, transaction });
        const one = (await Item.findByPk(5, { transaction })) as Row;
        await one.update({ size: 101 }, { transaction });
        await Item.update({ size: 102 }, { where: { id: [6, 7] }, transaction });
        const left = await sequelize.query("SELECT name FROM sqlite_temp_master WHERE type = 'trigger'", {
          transaction,
          type: QueryTypes.SELECT,
        });
        expect(left).to.deep.equal([]);
      });

      expect((await agrees(given)).slice(count).map(({ recordId }) => recordId)).to.deep.equal(['5', '6', '7']);
    });

    it('is refused where the log ends the transaction', async () => {
      const { sequelize, Item, ready } = await world();
      await sequelize.query(
        `CREATE TRIGGER full_up BEFORE INSERT ON AuditLogs WHEN NEW.recordId = '700' BEGIN SELECT RAISE(ROLLBACK, 'full'); END`,
      );
      const transaction = await sequelize.transaction();

      const refused = await Item.update({ size: 100 }, { where: {}, transaction }).catch((error: unknown) => error);
      const next = await Item.update({ size: 101 }, { where: { id: 1 }, transaction }).catch((error: unknown) => error);
      const atCommit = await transaction.commit().catch((error: unknown) => error);

      expect((refused as { code?: string }).code).to.equal('ERR_AUDIT_ENTRY_NOT_WRITTEN');
      expect([next, atCommit]).to.deep.equal([refused, refused]);
      expect(await Item.count({ where: { size: [100, 101] } })).to.equal(0);
      expect(await readLog(sequelize)).to.have.length(ready);
    });

    it('keeps the transaction from committing where somebody takes the trigger away', async () => {
      const { sequelize, Item } = await world();
      const transaction = await sequelize.transaction();
      const { connection } = transaction as unknown as { connection: { exec(sql: string): void } };
      const logging = (sql: string) => {
        if (sql.includes('UPDATE `Items`')) connection.exec('DROP TRIGGER IF EXISTS temp."audit$update$Items"');
      };

      const refused = await Item.update({ size: 100 }, { where: {}, transaction, logging }).catch(
        (error: unknown) => error,
      );
      const atCommit = await transaction.commit().catch((error: unknown) => error);

      expect((refused as { code?: string }).code).to.equal('ERR_AUDIT_ENTRY_NOT_WRITTEN');
      expect(atCommit).to.equal(refused);
      expect(await Item.count({ where: { size: 100 } })).to.equal(0);
    });
  },
  ({ name, dialect }) => dialect === 'postgres' || name === 'SQLite',
);
