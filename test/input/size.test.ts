import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { AuditError, attachAudit } from '../../lib/index.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

const megabytes = (count: number, letter: string) => letter.repeat(count * 1_000_000);

async function agrees(sequelize: Sequelize, model: ModelStatic<Any>): Promise<void> {
  // Not expect(…).to.deep.equal, which would print them.
  const [log, rows] = [foldLog(await readLog(sequelize)), await readTables([model])];
  expect(Object.keys(log)).to.deep.equal(Object.keys(rows));
  expect(JSON.stringify(Object.values(log).map(sorted)) === JSON.stringify(Object.values(rows).map(sorted))).to.equal(
    true,
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, sorted(inner)] as const)
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}

onEachDatabase('What is very large', (database) => {
  it('in a JSON column, of 10 MB, is recorded exactly, or refused with its row by the limits of the database', async function () {
    this.timeout(120_000);
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const Note = sequelize.define<Any>('Note', { data: DataTypes.JSON }, { timestamps: false });
    await sequelize.sync();
    const list = Array.from({ length: 10_000 }, (_, index) => ({ index, text: 'x'.repeat(900) }));
    const refusals: unknown[] = [];
    const attempt = (write: () => Promise<unknown>) => write().catch((error: unknown) => refusals.push(error));

    const note = await Note.create({ data: { list } });
    await note.update({ data: { list: list.with(5000, { index: -1, text: 'changed' }) } });
    await attempt(() => note.update({ data: { text: megabytes(10, 'a') } }));
    await attempt(() => note.update({ data: { [megabytes(3, 'key')]: megabytes(3, 'b') } }));
    await agrees(sequelize, Note);
    await attempt(() => Note.update({ data: { small: 1 } }, { where: {} }));
    await attempt(() => Note.destroy({ where: {} }));
    await Note.create({ data: { next: 1 } });
    await agrees(sequelize, Note);

    const [, second] = await audit.history(Note, note.get('id')).revisions();
    expect(JSON.stringify(second?.patch).length).to.be.below(3000);
    for (const refusal of refusals) {
      expect(refusal).to.be.instanceOf(AuditError).with.property('code', 'ERR_AUDIT_ENTRY_NOT_WRITTEN');
    }
    // A statement of MySQL is at most max_allowed_packet long.
    if (!['mariadb', 'mysql'].includes(database.dialect)) expect(refusals).to.deep.equal([]);
  });

  it('in meta, of 10 MB, is recorded exactly, and what is no JSON or too deep is refused', async function () {
    this.timeout(120_000);
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const Note = sequelize.define<Any>('Note', { size: DataTypes.INTEGER }, { timestamps: false });
    await sequelize.sync();
    const text = megabytes(10, 'm');
    let deep: Record<string, unknown> = {};
    for (let level = 0; level < 100_000; level += 1) deep = { deep };

    await Note.create({ size: 1 }, { audit: { meta: { text } } });
    // Not as an option of the call, which Sequelize itself cannot clone then.
    const error = await audit.run({ meta: deep }, () => Note.create({ size: 2 })).catch((caught: unknown) => caught);

    expect(error).to.include({ code: 'ERR_AUDIT_CONTEXT_INVALID' });
    const log = await readLog(sequelize);
    expect(log.map(({ meta }) => (meta as { text: string }).text === text)).to.deep.equal([true]);
    await agrees(sequelize, Note);
  });

  it('as a model of 1,000 columns is recorded in every kind of write', async function () {
    this.timeout(120_000);
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const names = Array.from({ length: 1000 }, (_, index) => `attribute${index}`);
    const values = (value: number) => Object.fromEntries(names.map((name, index) => [name, value + index]));
    const Wide = sequelize.define<Any>('Wide', Object.fromEntries(names.map((name) => [name, DataTypes.INTEGER])), {
      timestamps: false,
    });
    await sequelize.sync();

    const wide = await Wide.create(values(0));
    await wide.update(values(1000));
    await Wide.bulkCreate([values(1), values(2)]);
    await Wide.update({ attribute7: -1 }, { where: { attribute999: 1001 } });
    await Wide.upsert({ id: 3, ...values(3) });
    await Wide.increment(['attribute0', 'attribute1'], { where: { id: 1 } });
    await sequelize.transaction((transaction) => Wide.update(values(5), { where: { id: 2 }, transaction }));
    await agrees(sequelize, Wide);
    expect((await audit.history(wide).at(1))?.get()).to.deep.equal({ id: 1, ...values(0) });
    await Wide.destroy({ where: {} });

    await agrees(sequelize, Wide);
    expect(await readLog(sequelize)).to.have.length(11);
  });
});
