import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, QueryTypes, type Sequelize } from 'sequelize';
import { type Audit, AuditError, attachAudit } from '../../lib/index.js';
import { foldLog, readLog } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { oddTexts } from './odd.js';
import { expectNoPollution } from './world.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;
type Step = (model: ModelStatic<Any>) => Promise<unknown>;

/** A life in which every kind of statement names the attribute. */
const life = (attribute: string): readonly Step[] => [
  (model) => model.create({ id: 1, [attribute]: 'one' }),
  async (model) => (await model.findByPk(1))?.update({ [attribute]: 'two' }),
  (model) => model.bulkCreate([{ id: 2, [attribute]: 'three' }]),
  (model) => model.update({ [attribute]: 'four' }, { where: { [attribute]: 'three' } }),
  (model) => model.upsert({ id: 2, [attribute]: 'five' }),
  (model) => model.destroy({ where: { id: 2 } }),
];

/** Whether the log can hold it as a name: half a surrogate pair is no character, and 255 are the most. */
const isStored = (text: string) => !/\p{Cs}/u.test(text) && text.length < 256;

/** Sequelize asks PostgreSQL for the indexes of a table without escaping its name. */
const isTable = (text: string) => !text.includes("'");

/** What becomes of each step: nothing, or the text of its error. */
async function outcomes(model: ModelStatic<Any>, steps: readonly Step[]): Promise<(string | undefined)[]> {
  const seen: (string | undefined)[] = [];
  for (const step of steps) {
    seen.push(
      await step(model).then(
        () => undefined,
        (error: unknown) => (error as Error).message.replace(/\nsql: .*/s, '').replace(/conn:\d+/, 'conn'),
      ),
    );
  }
  return seen;
}

/** The rows as plain SQL has them, in the form of the log. */
async function rowsOf(sequelize: Sequelize, model: ModelStatic<Any>, name: string): Promise<Record<string, unknown>> {
  const { queryGenerator } = sequelize.getQueryInterface() as unknown as {
    queryGenerator: { quoteTable(table: unknown): string; quoteIdentifier(name: string): string };
  };
  const { field = 'value' } = model.getAttributes()[name] ?? {};
  const column = queryGenerator.quoteIdentifier(field);
  const rows = await sequelize.query<{ id: number; v: unknown }>(
    `SELECT id, ${column} AS v FROM ${queryGenerator.quoteTable(model.getTableName())}`,
    { type: QueryTypes.SELECT },
  );
  return Object.fromEntries(
    rows.map(({ id, v }) => [
      `${model.name} ${id}`,
      Object.fromEntries([
        ['id', id],
        [name, v],
      ]),
    ]),
  );
}

/** Ways of putting a name where SQL or JavaScript could take it for something else. */
const places: Readonly<
  Record<string, (sequelize: Sequelize, name: string, index: number) => [ModelStatic<Any>, string]>
> = {
  'a model': (sequelize, name, index) => [define(sequelize, name, 'value', `things${index}`), 'value'],
  'a table': (sequelize, name, index) => [define(sequelize, `Thing${index}`, 'value', name), 'value'],
  'an attribute': (sequelize, name, index) => [define(sequelize, `Thing${index}`, name, `things${index}`), name],
  'a column': (sequelize, name, index) => [
    define(sequelize, `Thing${index}`, 'value', `things${index}`, name),
    'value',
  ],
};

function define(sequelize: Sequelize, model: string, attribute: string, tableName: string, field?: string) {
  const attributes = Object.fromEntries([
    ['id', { type: DataTypes.INTEGER, primaryKey: true }],
    [attribute, { type: DataTypes.STRING, ...(field === undefined ? {} : { field }) }],
  ]);
  return sequelize.define<Any>(model, attributes, { timestamps: false, tableName });
}

onEachDatabase('A name that could be SQL or JavaScript', (database) => {
  for (const [title, place] of Object.entries(places)) {
    it(`of ${title} is recorded as any other, wherever Sequelize itself can use it`, async function () {
      this.timeout(120_000);
      const usable: (readonly [string, number])[] = [];
      const bare = await connect(database);
      for (const [index, name] of oddTexts.entries()) {
        if (!isStored(name) || (title === 'a table' && !isTable(name))) continue;
        try {
          const [model, attribute] = place(bare, name, index);
          await model.sync();
          const seen = await outcomes(model, life(attribute));
          if (seen.every((error) => error === undefined)) usable.push([name, index]);
        } catch {
          // Sequelize or the database cannot use it.
        }
      }
      const sequelize = await connect(database);
      attachAudit(sequelize);
      await sequelize.sync();
      const rows: Record<string, unknown> = {};

      for (const [name, index] of usable) {
        const [model, attribute] = place(sequelize, name, index);
        await model.sync({ force: true });
        const seen = await outcomes(model, life(attribute));
        expect(seen.filter(Boolean), name).to.deep.equal([]);
        Object.assign(rows, await rowsOf(sequelize, model, attribute));
      }

      expect(usable.length).to.be.greaterThan(10);
      expect(foldLog(await readLog(sequelize))).to.deep.equal(rows);
      expectNoPollution();
    });
  }

  it('of the log is taken, or refused by attachAudit or by the database, before a row is written', async function () {
    this.timeout(120_000);
    const sequelize = await connect(database);
    const Thing = define(sequelize, 'Thing', 'value', 'things');
    await Thing.sync();
    for (const option of ['modelName', 'tableName', 'schema'] as const) {
      for (const name of oddTexts.filter(isTable)) {
        const where = `${option} ${JSON.stringify(name)}`;
        await sequelize.query('DELETE FROM things');
        let audit: Audit;
        try {
          audit = attachAudit(sequelize, { [option]: name, onUnaudited: 'ignore' });
        } catch (error) {
          expect(error, where).to.be.instanceOf(AuditError);
          continue;
        }
        const hasLog = await audit.AuditLog.sync().then(
          () => true,
          () => false,
        );

        const error = await Thing.create({ id: 1, value: 'one' }).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );

        const { length } = Object.keys(await rowsOf(sequelize, Thing, 'value'));
        expect(length, where).to.equal(error === undefined ? 1 : 0);
        if (hasLog) expect(error, where).to.equal(undefined);
        audit.detach();
        expectNoPollution();
      }
    }
  });
});
