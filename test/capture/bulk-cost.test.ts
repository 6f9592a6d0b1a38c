import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { readLog } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;
type Write = (Item: ModelStatic<Any>, count: number, sequelize: Sequelize) => Promise<unknown>;

const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ code: `c${index}`, size: index }));

/** Each on a table that holds `count` rows already, but for the first. */
const writes: Record<string, Write> = {
  bulkCreate: (Item, count) => Item.bulkCreate(rows(count)),
  'bulkCreate with ignoreDuplicates': (Item, count) =>
    Item.bulkCreate([...rows(count), { code: 'new', size: 1 }], { ignoreDuplicates: true }),
  'bulkCreate with updateOnDuplicate': (Item, count) =>
    Item.bulkCreate(
      rows(count).map(({ code, size }) => ({ code, size: size + 1 })),
      { updateOnDuplicate: ['size'] },
    ),
  'Model.update': (Item, count) => Item.update({ size: -count }, { where: {} }),
  'Model.update of the key': (Item, __, sequelize) =>
    Item.update({ id: sequelize.literal('id + 1000000') }, { where: {} }),
  'Model.increment': (Item) => Item.increment('size', { where: {} }),
  'Model.destroy': (Item) => Item.destroy({ where: {} }),
};

onEachDatabase('A write of many rows', (database) => {
  /** Statements of ours around each write: those of the log, and all others. */
  async function statementsOf(count: number): Promise<Record<string, { log: number; others: number }>> {
    let seen: string[] = [];
    const sequelize = await connect(database, { logging: (sql) => seen.push(sql) });
    attachAudit(sequelize);
    const Item = sequelize.define<Any>(
      'Item',
      { code: { type: DataTypes.STRING, unique: true }, size: DataTypes.INTEGER },
      { timestamps: false },
    );
    await sequelize.sync();
    // What is asked once of the schema is asked here.
    await Item.bulkCreate([{ code: 'first', size: 0 }], { updateOnDuplicate: ['size'] });
    await Item.destroy({ where: {} });

    const found: Record<string, { log: number; others: number }> = {};
    for (const [name, write] of Object.entries(writes)) {
      seen = [];
      await write(Item, count, sequelize);
      const log = seen.filter((sql) => /: INSERT INTO .AuditLogs./.test(sql)).length;
      found[name] = { log, others: seen.length - log - 1 };
    }
    const changesets = new Set((await readLog(sequelize)).map(({ changesetId }) => changesetId));
    expect(changesets.size, 'one changeset for each write, however many INSERTs its entries take').to.equal(
      Object.keys(writes).length + 2,
    );
    return found;
  }

  it('takes at most four statements besides the write and its entries, whether it writes ten or 10,000', async function () {
    this.timeout(120_000);
    const few = await statementsOf(10);
    const many = await statementsOf(10_000);

    for (const [name, { log, others }] of Object.entries(few)) {
      expect(log, name).to.be.at.most(1);
      expect(others, name).to.be.at.most(4);
      // PostgreSQL takes longer over the documents of many new rows than Node.
      const isOneOfFew = database.dialect === 'postgres' && name === 'bulkCreate';
      expect(many[name]?.others, name).to.equal(isOneOfFew ? 2 : others);
      // One for every MB.
      expect(many[name]?.log, name).to.be.at.most(6);
    }
  });
});
