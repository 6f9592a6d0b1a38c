import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { type Audit, attachAudit, type Json } from '../../lib/index.js';
import { type Codec, codecOf, type DataType } from '../../lib/record/codec.js';
import type { Database } from '../setup/databases.js';
import { onEachDatabase } from '../setup/suite.js';
import { containerCases } from './cases/containers.js';
import { dateCases, utcDateCases } from './cases/dates.js';
import { numberCases } from './cases/numbers.js';
import { textCases } from './cases/texts.js';
import { Beyond, type TypeCase, Unwritable } from './cases/type-case.js';

type Row = Model<{ id: number; value: unknown }, { id: number; value: unknown }>;

const cases: readonly TypeCase[] = [
  ...numberCases,
  ...textCases,
  ...dateCases,
  ...utcDateCases,
  ...containerCases.filter(({ extension }) => !extension),
];

// What an instance holds decides in three places: the hooks trust it, a key names a record by it, and a revert
// compares it with the past.
onEachDatabase('The codec of a type', (database) => {
  let sequelize: Sequelize;
  let audit: Audit;
  let id = 0;

  before(async () => {
    sequelize = await database.connect();
    audit = attachAudit(sequelize);
    await audit.AuditLog.sync();
  });

  after(() => sequelize?.close());

  for (const each of cases.filter(({ on }) => !on || on.includes(database.dialect))) {
    it(`makes of an instance's value the document of the stored one: ${each.title}`, async () => {
      const [Row, codec] = await define(each);

      for (const given of each.values) {
        const value = given instanceof Beyond || given instanceof Unwritable ? given.input : given;
        const row = Row.build({ id: ++id, value });
        const held = row.getDataValue('value');
        await row.save();

        const stored = await documentOf(Row);
        const found = (await Row.findByPk(id))?.getDataValue('value');

        expect(codec.isExact(null)).to.equal(true);
        if (codec.isExact(held)) expect(codec.fromInstance(held)).to.deep.equal(stored);
        if (isReadExactly(given, database)) expect(codec.fromInstance(found)).to.deep.equal(stored);
        if (given instanceof Unwritable) continue;
        expect(codec.fromInstance(codec.decode(stored as Json))).to.deep.equal(stored);
      }
    });
  }

  async function define({ type }: TypeCase): Promise<[ModelStatic<Row>, Codec]> {
    const attributes = { id: { type: DataTypes.INTEGER, primaryKey: true }, value: type };
    const Row = sequelize.define<Row>('Row', attributes, { timestamps: false });
    await Row.sync({ force: true });
    const resolved = Row.getAttributes().value.type as unknown as DataType;
    return [Row, codecOf(resolved, { dialect: database.dialect, timezone: '+00:00' })];
  }

  async function documentOf(Row: ModelStatic<Row>): Promise<Json | undefined> {
    const [create] = (await audit.history(Row, id).revisions())[0]?.patch ?? [];
    return create?.op === 'add' ? (create.value as { value: Json }).value : undefined;
  }
});

function isReadExactly(given: unknown, { dialect }: Database): boolean {
  if (given instanceof Beyond) return !given.on.includes(dialect);
  return !(given instanceof Unwritable);
}
