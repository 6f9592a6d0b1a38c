import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { ModelStatic, Sequelize, Transaction } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { foldLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { type Any, defineCounter, insisting, readOrder, type WriteOptions, write } from './counters.js';
import { beginningWith, neighbourOf } from './neighbours.js';

const run = promisify(execFile);

const levels = ['READ UNCOMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'] as const;
const writers = 16;

/** Writes of one writer at one level; in the long form there are 10,000 entries for each database. */
const turns = Math.ceil(Number(process.env.AUDIT_TEST_ORDER_ENTRIES ?? 192) / levels.length / writers);

/** Sets the isolation level for all that a connection does, also without a transaction. */
function sessionAt(dialect: string, level: string): string {
  return dialect === 'postgres'
    ? `SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL ${level}`
    : `SET SESSION TRANSACTION ISOLATION LEVEL ${level}`;
}

class Undone extends Error {}

/** The ways in which a turn of a writer comes about; each gives how many versions it made of the first record. */
const ways: readonly ((Counter: ModelStatic<Any>, turn: number) => Promise<number>)[] = [
  async (Counter, turn) => {
    await write(Counter, 1, turn, {});
    return 1;
  },
  // Reads first, so that its snapshot is older than the row that it writes.
  async (Counter, turn) =>
    inTransaction(Counter, async (options) => {
      await Counter.findByPk(1, options);
      await write(Counter, 1, turn, options);
      return 1;
    }),
  // Two records in turn, in either order.
  async (Counter, turn) =>
    inTransaction(Counter, async (options) => {
      // Opposite orders deadlock, which takes its time.
      const [first, second] = turn % 8 ? [1, 2] : [2, 1];
      await write(Counter, first, turn, options);
      await write(Counter, second, turn + 1, options);
      await write(Counter, first, turn + 2, options);
      return turn % 8 ? 2 : 1;
    }),
  // A savepoint that is rolled back lets go of the row, or keeps it where it was locked before.
  async (Counter, turn) =>
    inTransaction(Counter, async (options) => {
      const { transaction } = options;
      if (turn % 2) await write(Counter, 1, turn, options);
      const inner = (Counter.sequelize as Sequelize).transaction({ transaction } as object, async (savepoint) => {
        await write(Counter, 1, turn + 1, { transaction: savepoint });
        throw new Undone();
      });
      await inner.catch((error: unknown) => {
        if (!(error instanceof Undone)) throw error;
      });
      await write(Counter, 1, turn + 2, options);
      return turn % 2 ? 2 : 1;
    }),
];

function inTransaction(Counter: ModelStatic<Any>, task: (options: WriteOptions) => Promise<number>): Promise<number> {
  return (Counter.sequelize as Sequelize).transaction((transaction: Transaction) => task({ transaction }));
}

onEachDatabase(
  'The order of entries',
  (database) => {
    for (const level of levels) {
      it(`is that of the versions when 16 write one record at ${level}`, async function () {
        this.timeout(600_000);
        const options = { pool: { max: writers / 2 }, ...beginningWith(sessionAt(database.dialect, level)) };
        const sequelize = await connect(database, options);
        const instances = [sequelize, await neighbourOf(database, sequelize)];
        for (const instance of instances) attachAudit(instance);
        const Counters = instances.map((instance) => defineCounter(instance));
        const [Counter] = Counters as [ModelStatic<Any>];
        await sequelize.sync();
        await Counter.bulkCreate([{}, {}]);

        const made = await Promise.all(
          Array.from({ length: writers }, async (_, writer) => {
            let versions = 0;
            for (let turn = writer; turn < writer + turns; turn += 1) {
              const way = ways[(turn + (writer >> 2)) % ways.length] as (typeof ways)[number];
              versions += await insisting(() => way(Counters[writer % 2] as ModelStatic<Any>, turn));
            }
            return versions;
          }),
        );

        const { broken, log } = await readOrder(sequelize, Counter);
        expect(broken).to.deep.equal([]);
        const versions = made.reduce((sum, each) => sum + each);
        expect(log.filter(({ recordId }) => recordId === '1')).to.have.length(1 + versions);
        expect(foldLog(log)).to.deep.equal(await readTables([Counter]));
        if (process.env.AUDIT_TEST_ORDER_ENTRIES) console.log(`      ${log.length} entries, 0 broken links`);
      });
    }
  },
  ({ dialect }) => dialect !== 'sqlite',
);

onEachDatabase(
  'The order of entries',
  (database) => {
    it('is that of the versions when several processes write one record', async function () {
      this.timeout(120_000);
      const sequelize = await connect(database, { pool: { max: 4 } });
      attachAudit(sequelize);
      const Counter = defineCounter(sequelize);
      await sequelize.sync();
      await Counter.bulkCreate([{}]);

      const { config, options } = sequelize as unknown as { config: object; options: { storage?: string } };
      const place = JSON.stringify({ ...config, dialect: database.dialect, storage: options.storage });
      const file = path.join(import.meta.dirname, 'writer.ts');
      const program = (turns: number) => ['--import', 'tsx', file, place, String(turns)];
      const processes = [run(process.execPath, program(5)), run(process.execPath, program(5))];
      for (let turn = 0; turn < 20; turn += 1) await insisting(() => write(Counter, 1, turn, {}));
      await Promise.all(processes);

      const { broken, entries } = await readOrder(sequelize, Counter);
      expect(broken).to.deep.equal([]);
      expect(entries).to.equal(1 + 20 + 2 * 4 * 5);
    });
  },
  ({ name }) => name !== 'SQLite in memory',
);

onEachDatabase('The order of entries', (database) => {
  it('is that of the versions when the writers of one instance write one record', async () => {
    const sequelize = await connect(database, { pool: { max: 8 } });
    attachAudit(sequelize);
    const Counter = defineCounter(sequelize);
    await sequelize.sync();
    await Counter.bulkCreate([{}]);

    await Promise.all(Array.from({ length: 48 }, (_, turn) => write(Counter, 1, turn, {})));

    const { broken, entries } = await readOrder(sequelize, Counter);
    expect(broken).to.deep.equal([]);
    expect(entries).to.equal(49);
  });
});
