import { expect } from 'chai';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { DataTypes, type Model, type ModelStatic, type Options, QueryTypes, type Sequelize } from 'sequelize';
import { type Audit, attachAudit, type Revision } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';
import { onEachDatabase } from '../setup/suite.js';
import { allCases, inputOf } from './cases/all-cases.js';
import { dateCases } from './cases/dates.js';
import { Beyond, type TypeCase, Unwritable } from './cases/type-case.js';
import { storedText } from './stored-text.js';

type Row = Model<{ id: number; value: unknown }, { id: number; value: unknown }>;

/** What was seen after one write: by plain SQL, by Sequelize, and at which revision. */
interface Step {
  readonly given: unknown;
  readonly text: string | null;
  readonly found: unknown;
  readonly revision: number;
}

onEachDatabase('history.at, for a value of any type,', (database) => {
  check(database, allCases);
});

for (const timezone of ['+05:30', '-03:00', 'Europe/Amsterdam']) {
  onEachDatabase(
    `history.at, in the time zone ${timezone},`,
    (database) => check(database, dateCases, { timezone }),
    ({ dialect }) => dialect !== 'sqlite',
  );
}

/** Writes the values of each case one after the other, and lets the database say whether the history knows them all. */
function check(database: Database, cases: readonly TypeCase[], options?: Options): void {
  let sequelize: Sequelize;
  let audit: Audit;
  let id = 0;

  before(async () => {
    sequelize = await database.connect(options);
    if (database.dialect === 'postgres') await findExtensions(sequelize);
    audit = attachAudit(sequelize, { exclude: ['Copy'] });
    await audit.AuditLog.sync();
  });

  after(() => sequelize?.close());

  for (const each of cases.filter(({ on }) => !on || on.includes(database.dialect))) {
    it(`gives back what the database held: ${each.title}`, async function () {
      if (each.extension && !(await hasExtension(sequelize, each.extension))) this.skip();
      id += 1;
      const Row = await define('Row', each);
      const Copy = await define('Copy', each);

      const steps = await write(Row, each);

      await compare(Row, Copy, each, steps);
    });
  }

  async function define(name: string, { type }: TypeCase): Promise<ModelStatic<Row>> {
    const attributes = { id: { type: DataTypes.INTEGER, primaryKey: true }, value: type };
    const model = sequelize.define<Row>(name, attributes, { timestamps: false });
    await model.sync({ force: true });
    return model;
  }

  function textOf(model: ModelStatic<Row>, key: number, { reading = 'text' }: TypeCase): Promise<string | null> {
    return storedText(sequelize, model.tableName, key, reading);
  }

  async function write(Row: ModelStatic<Row>, each: TypeCase): Promise<Step[]> {
    const steps: Step[] = [];
    for (const given of [...each.values, null]) {
      const row = (await Row.findByPk(id)) ?? Row.build({ id, value: null });
      row.set('value', inputOf(given));
      row.changed('value' as never, true);
      await row.save();

      const text = await textOf(Row, id, each);
      const found = (await Row.findByPk(id))?.get('value');
      const previous = steps.at(-1);
      // Law 2: there is an entry exactly where the stored value is another one.
      const revision = (previous?.revision ?? 0) + (previous?.text === text && previous !== undefined ? 0 : 1);
      steps.push({ given, text, found, revision });
    }
    await (await Row.findByPk(id))?.destroy();
    return steps;
  }

  async function compare(Row: ModelStatic<Row>, Copy: ModelStatic<Row>, each: TypeCase, steps: Step[]): Promise<void> {
    const history = audit.history(Row, id);
    const revisions = await history.revisions();
    const end = (steps.at(-1)?.revision ?? 0) + 1;

    expect(revisions).to.have.lengthOf(end);
    expect(await history.at(end)).to.equal(null);
    for (const [index, { given, text, found, revision }] of steps.entries()) {
      const replayed = (await history.at(revision))?.get('value');
      const expected = expectedOf(given, found);
      expect([kindOf(replayed), replayed], `revision ${revision}`).to.deep.equal([kindOf(expected), expected]);

      if (given instanceof Unwritable) {
        expect(JSON.stringify(documentAt(revisions.slice(0, revision)).value)).to.match(given.document);
        continue;
      }
      await Copy.create({ id: index, value: replayed });
      expect(await textOf(Copy, index, each), `written again from revision ${revision}`).to.equal(text);

      await history.revertTo(revision);
      expect(await textOf(Row, id, each), `reverted to revision ${revision}`).to.equal(text);
    }
  }

  /** What Sequelize found, unless its read is known not to be exact. */
  function expectedOf(given: unknown, found: unknown): unknown {
    if (given instanceof Beyond && given.on.includes(database.dialect)) return given.replayed;
    return given instanceof Unwritable && given.replayed !== undefined ? given.replayed : found;
  }
}

/** Puts in what the server has, and lets Sequelize find the types, which it looks for only when it connects first. */
async function findExtensions(sequelize: Sequelize): Promise<void> {
  const rows = await sequelize.query<{ name: string }>(
    "SELECT name FROM pg_available_extensions WHERE name = 'postgis'",
    { type: QueryTypes.SELECT },
  );
  for (const { name } of rows) await sequelize.query(`CREATE EXTENSION ${name}`);
  const { connectionManager } = sequelize as unknown as { connectionManager: { _refreshDynamicOIDs(): Promise<void> } };
  await connectionManager._refreshDynamicOIDs();
}

async function hasExtension(sequelize: Sequelize, name: string): Promise<boolean> {
  const sql = 'SELECT 1 FROM pg_extension WHERE extname = :name';
  return (await sequelize.query(sql, { type: QueryTypes.SELECT, replacements: { name } })).length > 0;
}

/** The document that the patches lead to, without our own replay. */
function documentAt(revisions: readonly Revision[]): { readonly value: unknown } {
  const patches = structuredClone(revisions.flatMap(({ patch }) => patch)) as Operation[];
  return jsonPatch.applyPatch<unknown>(null, patches, true).newDocument as { value: unknown };
}

/** Deep equality takes a Buffer for any other bytes. */
function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? (value.constructor?.name ?? 'null') : typeof value;
}
