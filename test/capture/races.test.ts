import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { untilBlocked } from '../concurrency/blocked.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

const onServer = ({ dialect }: { dialect: string }) => dialect !== 'sqlite';

onEachDatabase(
  'Writers side by side',
  (database) => {
    let sequelize: Sequelize;
    let Item: ModelStatic<Any>;
    const agrees = async () => expect(foldLog(await readLog(sequelize))).to.deep.equal(await readTables([Item]));

    beforeEach(async () => {
      sequelize = await connect(database, { pool: { max: 20 } });
      attachAudit(sequelize);
      Item = sequelize.define<Any>(
        'Item',
        { code: { type: DataTypes.STRING, unique: true }, size: DataTypes.INTEGER },
        { timestamps: false },
      );
      await sequelize.sync();
    });

    it('record one create and updates with true old values when all upsert the same new rows', async () => {
      const rounds = Array.from({ length: 20 }, (_, round) => `code ${round}`);

      for (const code of rounds) {
        await Promise.all(Array.from({ length: 8 }, (_, size) => Item.upsert({ code, size })));
      }

      const log = await readLog(sequelize);
      expect(log.filter(({ action }) => action === 'create')).to.have.length(rounds.length);
      await agrees();
    });

    it('do not deadlock when they upsert side by side, some rows new and some there', async () => {
      for (let round = 0; round < 40; round += 1) {
        const rows = (writer: number) => [
          { code: `new ${round}-${writer}`, size: writer },
          { code: `new ${round - 1}-${writer}`, size: writer + 10 },
        ];
        await Promise.all(
          [0, 1, 2, 3].flatMap((writer) => [
            Item.bulkCreate(rows(writer), { updateOnDuplicate: ['size'] }),
            Item.bulkCreate(rows(writer + 4), { ignoreDuplicates: true }),
            Item.upsert({ code: `alone ${round}-${writer}`, size: round }),
          ]),
        );
      }

      await agrees();
    });

    it('record the same inside their transactions', async () => {
      for (let round = 0; round < 10; round += 1) {
        await Promise.allSettled(
          Array.from({ length: 6 }, (_, size) =>
            sequelize.transaction(async (transaction) => {
              await Item.upsert({ code: `code ${round}`, size }, { transaction });
              await Item.upsert({ code: `other ${round}-${size}`, size }, { transaction });
            }),
          ),
        );
      }

      const log = await readLog(sequelize);
      expect(log.filter(({ action }) => action === 'create').length).to.equal(await Item.count());
      await agrees();
    });

    const writes: Record<string, (transaction: Transaction) => Promise<unknown>> = {
      update: (transaction) => Item.update({ size: 2 }, { where: { size: 1 }, transaction }),
      increment: (transaction) => Item.increment('size', { where: { size: 1 }, transaction }),
      destroy: (transaction) => Item.destroy({ where: { size: 1 }, transaction }),
    };
    for (const [name, write] of Object.entries(writes)) {
      it(`agree about a row that appears between the look and the ${name}`, async () => {
        await Item.bulkCreate([
          { code: 'a', size: 1 },
          { code: 'b', size: 1 },
        ]);
        const isolationLevel = 'READ COMMITTED' as Transaction.ISOLATION_LEVELS;
        const holder = await sequelize.transaction({ isolationLevel });
        await Item.findAll({ transaction: holder, lock: true });
        const writing = sequelize.transaction({ isolationLevel }, write);
        await untilBlocked(sequelize);
        await Item.create({ code: 'late', size: 1 });
        await holder.commit();
        await writing;

        expect(await Item.count({ where: { code: ['a', 'b'], size: 1 } })).to.equal(0);
        await agrees();
      });
    }

    it('lock the rows of a bulk update in the order of their keys', async () => {
      // On disk the other way round.
      for (const id of [3, 2, 1]) await Item.create({ id, code: `c${id}`, size: 1 });
      const holder = await sequelize.transaction();
      const table = database.dialect === 'postgres' ? '"Items"' : 'Items';
      const lock = (id: number, transaction: Transaction) =>
        sequelize.query(`SELECT id FROM ${table} WHERE id = ${id} FOR UPDATE SKIP LOCKED`, {
          type: QueryTypes.SELECT,
          transaction,
        });
      await Item.findByPk(2, { transaction: holder, lock: true });

      const writing = Item.update({ size: 2 }, { where: { size: 1 } });
      await untilBlocked(sequelize);
      const other = await sequelize.transaction();
      const [one, three] = [await lock(1, other), await lock(3, other)];
      await other.rollback();
      await holder.commit();
      await writing;

      expect({ one, three }).to.deep.equal({ one: [], three: [{ id: 3 }] });
      await agrees();
    });
  },
  onServer,
);
