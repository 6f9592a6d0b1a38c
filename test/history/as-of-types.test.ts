import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { containerCases } from '../record/cases/containers.js';
import { dateCases, utcDateCases } from '../record/cases/dates.js';
import { numberCases } from '../record/cases/numbers.js';
import { textCases } from '../record/cases/texts.js';
import { Beyond, type TypeCase, Unwritable } from '../record/cases/type-case.js';
import { onEachDatabase } from '../setup/suite.js';

type Row = Model<{ id: number; value: unknown }, { id: number; value: unknown }>;

onEachDatabase('audit.asOf, for a value of any type,', (database) => {
  let sequelize: Sequelize;

  const cases = [...numberCases, ...textCases, ...dateCases, ...utcDateCases, ...containerCases].filter(
    ({ on, extension }) => (!on || on.includes(database.dialect)) && !extension,
  );
  /** By case, what each row must read as. */
  const expected: unknown[][] = [];
  let past: Sequelize;

  before(async function () {
    this.timeout(120_000);
    sequelize = await database.connect();
    if (database.dialect === 'postgres') {
      const { connectionManager } = sequelize as unknown as {
        connectionManager: { _refreshDynamicOIDs(): Promise<void> };
      };
      await connectionManager._refreshDynamicOIDs();
    }
    const audit = attachAudit(sequelize);
    await audit.AuditLog.sync();
    for (const [index, each] of cases.entries()) expected.push(await write(await define(`Row${index}`, each), each));
    past = await audit.asOf(new Date());
  });

  after(async () => {
    await past?.close();
    await sequelize?.close();
  });

  for (const [index, { title, values }] of cases.entries()) {
    it(`reads what findByPk gave: ${title}`, async () => {
      const model = past.model(`Row${index}`);
      const found = (await model.findAll({ order: ['id'] })).map((row) => row.get('value' as never) as unknown);
      const raw = (await model.findAll({ order: ['id'], raw: true })) as unknown as { value: unknown }[];

      expect(found).to.deep.equal(expected[index]);
      expect(found.map(kindOf)).to.deep.equal(expected[index]?.map(kindOf));
      expect(raw.map(({ value }) => value)).to.deep.equal(expected[index]);
    });

    it(`finds by what findByPk gave: ${title}`, async () => {
      const model = past.model(`Row${index}`);
      for (const [id, value] of (expected[index] as unknown[]).entries()) {
        if (values[id] instanceof Unwritable || !isComparable(value)) continue;
        const ids = (await model.findAll({ where: { value } as never })).map((row) => row.get('id' as never));
        expect(ids, String(value)).to.include(id);
      }
    });
  }

  async function define(name: string, { type }: TypeCase): Promise<ModelStatic<Row>> {
    const attributes = { id: { type: DataTypes.INTEGER, primaryKey: true }, value: type };
    const model = sequelize.define<Row>(name, attributes, { timestamps: false });
    await model.sync({ force: true });
    return model;
  }

  async function write(Row: ModelStatic<Row>, { values }: TypeCase): Promise<unknown[]> {
    const found: unknown[] = [];
    for (const [id, given] of [...values, null].entries()) {
      const value = given instanceof Beyond || given instanceof Unwritable ? given.input : given;
      await Row.create({ id, value });
      found.push(expectedOf(given, (await Row.findByPk(id))?.get('value')));
    }
    return found;
  }

  /** What Sequelize found, unless its read is known not to be exact. */
  function expectedOf(given: unknown, found: unknown): unknown {
    if (given instanceof Beyond && given.on.includes(database.dialect)) return given.replayed;
    return given instanceof Unwritable && given.replayed !== undefined ? given.replayed : found;
  }
});

/** Deep equality takes a Buffer for any other bytes. */
function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? (value.constructor?.name ?? 'null') : typeof value;
}

/** Whether Sequelize compares a value as a whole, and it is equal to itself. */
function isComparable(value: unknown): boolean {
  const isScalar = typeof value !== 'object' || value === null || value instanceof Date || Buffer.isBuffer(value);
  return isScalar && !Number.isNaN(value instanceof Date ? value.getTime() : value);
}
