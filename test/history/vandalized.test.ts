import { expect } from 'chai';
import { DataTypes, type Model, Op, type Sequelize } from 'sequelize';
import { type Audit, attachAudit } from '../../lib/index.js';
import { readLog, select } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { Vandal } from './vandal.js';
import { type Vandalism, type Victim, vandalisms } from './vandalism.js';

const edits = 1000;

/** Records with one to five entries; of some the last is a destroy, soft or not. */
async function populate(sequelize: Sequelize): Promise<void> {
  const Thing = sequelize.define<Model<Record<string, unknown>, Record<string, unknown>>>(
    'Thing',
    { name: DataTypes.STRING, count: { type: DataTypes.INTEGER, defaultValue: 1 }, data: DataTypes.JSON },
    { paranoid: true, createdAt: false, updatedAt: false },
  );
  await sequelize.sync();
  const data = { a: [1, 2, 3] };
  await Thing.bulkCreate(Array.from({ length: edits + 200 }, (_, index) => ({ name: `Thing ${index}`, data })));
  for (const round of [1, 2, 3]) {
    const ids = Array.from({ length: edits + 200 }, (_, index) => index + 1).filter((id) => id % 5 >= round);
    await Thing.update({ name: `Round ${round}`, count: round * 7 }, { where: { id: { [Op.in]: ids } } });
  }
  const every = (divisor: number, rest: number) =>
    Array.from({ length: edits + 200 }, (_, index) => index + 1).filter((id) => id % divisor === rest);
  await Thing.destroy({ where: { id: every(7, 3) }, force: true });
  await Thing.destroy({ where: { id: every(11, 5) } });
}

async function victimsOf(sequelize: Sequelize): Promise<Victim[]> {
  const alive = new Set((await select(sequelize, 'Things')).map(({ id }) => Number(id)));
  const entries = new Map<number, number[]>();
  for (const { id, recordId } of await readLog(sequelize))
    entries.set(Number(recordId), [...(entries.get(Number(recordId)) ?? []), id]);
  return [...entries].map(([id, list]) => ({ id, entries: list, isAlive: alive.has(id) }));
}

/** Each edit has a record of its own. */
function* deals(victims: readonly Victim[]): Generator<[Vandalism, Victim, number]> {
  const waiting = new Set(victims);
  for (let turn = 0; turn < edits; turn += 1) {
    const vandalism = vandalisms[turn % vandalisms.length] as Vandalism;
    const fits = ({ entries, isAlive }: Victim) =>
      entries.length >= vandalism.entries && (vandalism.isAlive ?? isAlive) === isAlive;
    const victim = [...waiting].find(fits);
    if (!victim) throw new Error(`No record is left for ${vandalism.name}`);
    waiting.delete(victim);
    yield [vandalism, victim, 100_000 + turn];
  }
}

onEachDatabase('audit.verify', (database) => {
  let sequelize: Sequelize;
  let audit: Audit;

  it(`finds every one of ${edits} changes that were made past the library, and no others`, async function () {
    this.timeout(300_000);
    sequelize = await connect(database);
    audit = attachAudit(sequelize, { onUnaudited: 'ignore' });
    await populate(sequelize);
    expect((await audit.verify()).differences).to.deep.equal([]);
    const expected = new Map<string, string>();
    const innocent = new Set((await victimsOf(sequelize)).map(({ id }) => String(id)));

    const victims = await victimsOf(sequelize);
    await sequelize.transaction(async (transaction) => {
      const vandal = new Vandal(sequelize, transaction);
      for (const [vandalism, victim, free] of deals(victims)) {
        for (const statement of vandalism.statements(victim, free)) await vandal.run(statement);
        innocent.delete(String(victim.id));
        expected.set(String(vandalism.isElsewhere ? free : victim.id), vandalism.name);
      }
    });

    const { differences, counts } = await audit.verify({ limit: 10 * edits });
    const found = new Set(differences.map(({ recordId }) => recordId));
    expect(expected.size).to.equal(edits);
    expect([...expected].filter(([recordId]) => !found.has(recordId))).to.deep.equal([]);
    expect([...innocent].filter((recordId) => found.has(recordId))).to.deep.equal([]);
    expect(innocent.size).to.be.greaterThan(100);
    expect(Object.values(counts.differences).every((count) => count > 50)).to.equal(true);
  });
});
