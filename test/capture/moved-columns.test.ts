import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, QueryTypes, type Sequelize } from 'sequelize';
import { type Audit, attachAudit } from '../../lib/index.js';
import { postgresql } from '../setup/databases.js';
import { foldLog, readLog } from '../setup/oracle.js';
import { recordSent } from '../setup/sent.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>>;

const { STRING, INTEGER, DOUBLE, DECIMAL, DATE, JSONB, BLOB, TEXT } = DataTypes;

/** What a trigger does to a row besides what its update sets. */
const triggers: Readonly<Record<string, string>> = {
  'a number and a text': `NEW."count" = OLD."count" + 1; NEW."text" = 'it''s "\\moved"' || chr(10) || NEW."name";`,
  'what text holds badly': `NEW."ratio" = 1e-7::float8 + 0.1; NEW."bytes" = '\\x00ff22'; NEW."at" = '2024-02-29 12:00:00.123456+05:30';
     NEW."data" = '{"a": [1, {"b": null}], "c": 1.50}';`,
  'a value to nothing': 'NEW."text" = NULL; NEW."price" = NULL;',
  'the key': 'NEW."id" = OLD."id" + 100;',
  'nothing but what is set': `NEW."name" = upper(NEW."name");`,
};

interface World {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly Row: ModelStatic<Any>;
  readonly sent: string[];
}

async function world(): Promise<World> {
  const sequelize = await connect(postgresql);
  const sent = recordSent(sequelize);
  const audit = attachAudit(sequelize);
  const columns = {
    name: STRING,
    count: INTEGER,
    ratio: DOUBLE,
    price: DECIMAL(20, 4),
    at: DATE(6),
    data: JSONB,
    bytes: BLOB,
    text: TEXT,
    // Of the name of its table, as which a whole row goes.
    Rows: STRING,
  };
  const Row = sequelize.define<Any>('Row', columns, { timestamps: false });
  await sequelize.sync();
  await Row.create({
    name: 'a',
    count: 1,
    ratio: 0.1,
    price: '12345678901.5000',
    text: 'old',
    Rows: 'r',
    bytes: Buffer.from([1]),
  });
  return { sequelize, audit, Row, sent };
}

/** The rows as the log would write them, made by PostgreSQL. */
async function stored(sequelize: Sequelize): Promise<object> {
  const rows = await sequelize.query<{ id: number }>(
    `SELECT *, price::text AS price, encode(bytes, 'base64') AS bytes,
       to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at FROM "Rows"`,
    { type: QueryTypes.SELECT },
  );
  return Object.fromEntries(rows.map((row) => [`Row ${row.id}`, row]));
}

onEachDatabase('An update in a transaction that changes more than it sets', (database) => {
  if (database !== postgresql) return;

  for (const [what, body] of Object.entries(triggers)) {
    it(`is recorded whole where a trigger changes ${what}`, async () => {
      const { sequelize, audit, Row, sent } = await world();
      await sequelize.query(
        `CREATE FUNCTION move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} RETURN NEW; END $$`,
      );
      await sequelize.query('CREATE TRIGGER move BEFORE UPDATE ON "Rows" FOR EACH ROW EXECUTE FUNCTION move()');
      const row = (await Row.findOne()) as Any;
      const statements: number[] = [];
      await sequelize.transaction(async (transaction) => {
        for (const name of ['b', 'c', 'd']) {
          sent.length = 0;
          const current = (await Row.findOne({ transaction })) as Any;
          await (current ?? row).update({ name }, { transaction });
          statements.push(sent.length - 1);
        }
      });

      const log = await readLog(sequelize);
      expect(log).to.have.length.above(3);
      // What it says of the values before is checked as well.
      expect((await audit.verify()).differences).to.deep.equal([]);
      expect(foldLog(log)).to.deep.equal(await stored(sequelize));
      // Once it is known, the statement gives all columns back by itself.
      if (what !== 'nothing but what is set') expect(statements.slice(1)).to.deep.equal([1, 1]);
    });
  }

  it('reads no column that the model does not have: the role that writes may have no right to it', async () => {
    const { sequelize, Row } = await world();
    await sequelize.query('ALTER TABLE "Rows" ADD COLUMN secret text');
    await sequelize.query('DROP ROLE IF EXISTS clerk');
    await sequelize.query('CREATE ROLE clerk');
    const columns = Object.values(Row.getAttributes()).map(({ field }) => `"${field}"`);
    await sequelize.query(`GRANT SELECT (${columns.join(',')}), UPDATE ON "Rows" TO clerk`);
    await sequelize.query('GRANT ALL ON "AuditLogs" TO clerk');
    const [place] = await sequelize.query<{ name: string }>('SELECT current_schema() AS name', {
      type: QueryTypes.SELECT,
    });
    await sequelize.query(`GRANT USAGE ON SCHEMA "${place?.name}" TO clerk`);
    await sequelize.query(`GRANT ALL ON ALL SEQUENCES IN SCHEMA "${place?.name}" TO clerk`);
    await sequelize.query(
      `CREATE FUNCTION move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW."text" = NEW.name; RETURN NEW; END $$`,
    );
    await sequelize.query('CREATE TRIGGER move BEFORE UPDATE ON "Rows" FOR EACH ROW EXECUTE FUNCTION move()');
    const row = (await Row.findOne()) as Any;
    await sequelize.transaction(async (transaction) => {
      await sequelize.query('SET LOCAL ROLE clerk', { transaction });
      await row.update({ name: 'b' }, { transaction });
      await row.update({ name: 'c' }, { transaction });
    });
    await sequelize.query('DROP OWNED BY clerk');
    await sequelize.query('DROP ROLE clerk');
    expect(foldLog(await readLog(sequelize))['Row 1']).to.include({ name: 'c', text: 'c' });
  });

  it('needs one statement where nothing else changes, and leaves what it does not set out of the answer', async () => {
    const { sequelize, Row, sent } = await world();
    const row = (await Row.findOne()) as Any;
    sent.length = 0;
    await sequelize.transaction((transaction) => row.update({ name: 'b' }, { transaction }));
    expect(sent.map((sql) => /^\w+/.exec(sql)?.[0])).to.deep.equal(['START', 'WITH', 'INSERT', 'COMMIT']);
    expect(foldLog(await readLog(sequelize))).to.deep.equal(await stored(sequelize));
  });
});
