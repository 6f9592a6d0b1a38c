import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, QueryTypes, Sequelize } from 'sequelize';
import { type Audit, type AuditOptions, attachAudit } from '../../lib/index.js';
import { mariadb } from '../setup/databases.js';
import { foldLog, readLog } from '../setup/oracle.js';
import { recordSent } from '../setup/sent.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>>;
type Write = (options: object) => Promise<unknown>;

const { STRING, INTEGER, DOUBLE, DECIMAL, DATE, JSON: Json, BLOB, TEXT } = DataTypes;

/** What a trigger does to a row besides what its update sets. */
const triggers: Readonly<Record<string, string>> = {
  'a number and a text': `SET NEW.count = OLD.count + 1, NEW.text = CONCAT('it''s "', CHAR(92), 'moved"', CHAR(10), NEW.name);`,
  'what text holds badly': `SET NEW.ratio = 1e-7 + 0.1, NEW.bytes = X'00ff22', NEW.at = '2024-02-29 12:00:00.123456';`,
  'the case of a text, and the spaces at its end': "SET NEW.text = CONCAT(UPPER(OLD.text), ' ');",
  'a value to nothing': 'SET NEW.text = NULL, NEW.price = NULL;',
  'a JSON column': `SET NEW.data = '{"a": [1, {"b": null}]}';`,
  'nothing but what is set': 'SET NEW.name = UPPER(NEW.name);',
};

interface World {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly Row: ModelStatic<Any>;
  readonly sent: string[];
}

async function world(options: AuditOptions = {}): Promise<World> {
  const sequelize = await connect(mariadb);
  const sent = recordSent(sequelize);
  const audit = attachAudit(sequelize, { onUnaudited: 'ignore', ...options });
  const columns = {
    name: STRING,
    count: INTEGER,
    ratio: DOUBLE,
    price: DECIMAL(20, 4),
    at: DATE(6),
    data: Json,
    bytes: BLOB,
    text: TEXT,
  };
  const Row = sequelize.define<Any>('Row', columns, { timestamps: false });
  await sequelize.sync();
  await Row.create({
    ...{ name: 'a', count: 1, ratio: 0.1, price: '12345678901.5000', text: 'old', bytes: Buffer.from([1]) },
    ...{ data: { b: [1] }, at: new Date(0) },
  });
  return { sequelize, audit, Row, sent };
}

/** The rows as the log would write them, made by MariaDB. */
async function stored(sequelize: Sequelize): Promise<object> {
  const rows = await sequelize.query<{ id: number; data: string | null; at: string }>(
    `SELECT id, name, count, ratio, text, CAST(price AS CHAR) AS price, TO_BASE64(bytes) AS bytes, CAST(data AS CHAR) AS data,
       DATE_FORMAT(at, '%Y-%m-%dT%H:%i:%s.%fZ') AS at FROM \`Rows\``,
    { type: QueryTypes.SELECT },
  );
  return Object.fromEntries(
    rows.map((row) => [
      `Row ${row.id}`,
      { ...row, data: typeof row.data === 'string' ? JSON.parse(row.data) : row.data, at: row.at.replace('000Z', 'Z') },
    ]),
  );
}

const isOne = (sql: string) => sql.startsWith('BEGIN NOT ATOMIC DECLARE');

/** The write in a transaction of the caller's, or without. */
function inside({ sequelize }: World, isWithin: boolean, write: Write): Promise<unknown> {
  return isWithin ? sequelize.transaction((transaction) => write({ transaction })) : write({});
}

const ended = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error as Error & { code?: string; parent?: { errno?: number } },
  );

onEachDatabase('A write that is one block with its entry', (database) => {
  if (database !== mariadb) return;

  for (const isWithin of [false, true]) {
    const where = isWithin ? 'in a transaction' : 'alone';

    for (const [what, body] of Object.entries(triggers)) {
      it(`is recorded whole, and done once, where a trigger changes ${what}: ${where}`, async () => {
        const given = await world();
        const { sequelize, audit, Row, sent } = given;
        await sequelize.query('CREATE TABLE Counted (name VARCHAR(255))');
        await sequelize.query(
          `CREATE TRIGGER move BEFORE UPDATE ON \`Rows\` FOR EACH ROW BEGIN INSERT INTO Counted VALUES (NEW.name); ${body} END`,
        );
        const [blocks, general]: [number[], number[]] = [[], []];
        for (const name of ['b', 'c', 'd']) {
          const row = (await Row.findOne()) as Any;
          sent.length = 0;
          await inside(given, isWithin, (options) => row.update({ name }, options));
          blocks.push(sent.filter(isOne).length);
          general.push(sent.filter((sql) => /BEGIN NOT ATOMIC (?!DECLARE).*\bFROM `Rows`/s.test(sql)).length);
        }

        expect(foldLog(await readLog(sequelize))).to.deep.equal(await stored(sequelize));
        // What it says of the values before is checked as well.
        expect((await audit.verify()).differences).to.deep.equal([]);
        const counted = await sequelize.query('SELECT name FROM Counted', { type: QueryTypes.SELECT });
        expect(counted).to.deep.equal([{ name: 'b' }, { name: 'c' }, { name: 'd' }]);
        expect(blocks).to.deep.equal([1, 1, 1]);
        // Once it is known, the block says of all columns how they were.
        expect(general).to.deep.equal([what.startsWith('nothing') ? 0 : 1, 0, 0]);
      });
    }

    it(`leaves to JavaScript what SQL cannot tell: ${where}`, async () => {
      const given = await world();
      const { sequelize, audit, Row } = given;
      const odd = { $redacted: true };
      await inside(given, isWithin, (options) => Row.create({ name: 'odd', data: odd }, options));
      const row = (await Row.findOne({ where: { name: 'odd' } })) as Any;
      await inside(given, isWithin, (options) => row.update({ name: 'still odd' }, options));
      await inside(given, isWithin, (options) => row.destroy(options));

      expect((await readLog(sequelize)).map(({ action }) => action)).to.deep.equal([
        ...['create', 'create', 'update', 'destroy'],
      ]);
      expect((await audit.verify()).differences).to.deep.equal([]);
    });

    it(`is undone when the server is told to stop it after its write: ${where}`, async () => {
      const given = await world();
      const { sequelize } = given;
      await sequelize.query(
        'CREATE OR REPLACE FUNCTION slow(n INT) RETURNS INT NOT DETERMINISTIC NO SQL RETURN IF(n = 99, SLEEP(20), n)',
      );
      await sequelize.query('CREATE OR REPLACE VIEW Slow AS SELECT id, count, name, slow(count) AS seen FROM `Rows`');
      const columns = { name: STRING, count: INTEGER, seen: INTEGER };
      const View = sequelize.define<Any>('Slow', columns, { timestamps: false, tableName: 'Slow' });
      const row = (await View.findOne()) as Any;
      await row.update({ name: 'warm' });

      const swallowed: unknown[] = [];
      const write = ended(
        inside(given, isWithin, (options) =>
          row.update({ count: 99 }, options).catch((error: unknown) => swallowed.push(error)),
        ),
      );
      const other = new Sequelize({ ...(sequelize as unknown as { options: object }).options, hooks: {} });
      for (let killed = false; !killed; ) {
        const [busy] = await other.query<{ id: number }>(
          "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep' AND DB = DATABASE()",
          { type: QueryTypes.SELECT },
        );
        if (busy) await other.query(`KILL QUERY ${busy.id}`);
        killed = busy !== undefined;
      }
      const error = await write;
      await other.close();

      expect(swallowed).to.have.length(1);
      expect(swallowed[0]).to.have.nested.property('parent.errno', 1317);
      // Whoever swallows the error of the update, the transaction does not commit.
      if (isWithin) expect(error).to.be.an('error');
      const [now] = await sequelize.query('SELECT count FROM `Rows`', { type: QueryTypes.SELECT });
      expect(now).to.deep.equal({ count: 1 });
      const actions = (await readLog(sequelize)).map(({ action }) => action);
      expect(actions).to.deep.equal(['create', 'update']);
      await sequelize.query('DROP VIEW Slow');
      await sequelize.query('DROP FUNCTION slow');
    });
  }

  it('goes on when another program changes the table under it', async () => {
    const { sequelize, audit, Row } = await world();
    const other = new Sequelize({ ...(sequelize as unknown as { options: object }).options, hooks: {} });
    const row = (await Row.findOne()) as Any;
    let count = 10;
    const change = async (...definitions: string[]) => {
      if (definitions.length > 0) await other.query(`ALTER TABLE \`Rows\` ${definitions.join(', ')}`);
      for (const isWithin of [false, true])
        await inside({ sequelize } as World, isWithin, (options) => {
          count += 1;
          return row.update({ count, text: `text ${count}` }, options);
        });
    };
    await change();
    await change('ADD COLUMN more INT FIRST');
    // Columns of one type change places.
    await change('MODIFY text TEXT FIRST', 'MODIFY name VARCHAR(255) AFTER bytes');
    await change('MODIFY count VARCHAR(20)');
    await change('MODIFY count INT', 'MODIFY name LONGTEXT');
    await other.query('ALTER TABLE AuditLogs ADD COLUMN tag VARCHAR(10) FIRST');
    await change();
    await other.close();

    expect((await readLog(sequelize)).map(({ action }) => action)).to.deep.equal([
      'create',
      ...Array(12).fill('update'),
    ]);
    expect(foldLog(await readLog(sequelize))).to.deep.equal(await stored(sequelize));
    expect((await audit.verify()).differences).to.deep.equal([]);
  });

  it('takes values that are sent in parts', async () => {
    const given = await world();
    const { sequelize, audit, Row } = given;
    for (const isWithin of [false, true]) {
      const large = { text: 'é"'.repeat(20_000), bytes: Buffer.alloc(60_000, 7) };
      // The first of its text, and one that is known.
      for (const name of ['a', 'b'])
        await inside(given, isWithin, (options) => Row.create({ name, ...large }, options));
      const row = (await Row.findOne({ order: [['id', 'DESC']] })) as Any;
      for (const fill of [1, 2])
        await inside(given, isWithin, (options) => row.update({ bytes: Buffer.alloc(50_000, fill) }, options));
    }
    expect(await readLog(sequelize)).to.have.length(9);
    expect((await audit.verify()).differences).to.deep.equal([]);
  });

  it('is refused by the log as elsewhere, and leaves nothing', async () => {
    const given = await world();
    const { sequelize, Row } = given;
    const row = (await Row.findOne()) as Any;
    await row.update({ name: 'b' });
    await sequelize.query('DELETE FROM AuditLogs');
    await sequelize.query("ALTER TABLE AuditLogs ADD CONSTRAINT no_updates CHECK (action <> 'update')");
    const error = await ended(row.update({ name: 'c' }));

    expect(error).to.have.property('code', 'ERR_AUDIT_ENTRY_NOT_WRITTEN');
    expect(await sequelize.query('SELECT name FROM `Rows`', { type: QueryTypes.SELECT })).to.deep.equal([
      { name: 'b' },
    ]);
  });

  it('is kept ready on the server, unless the options say otherwise', async () => {
    const prepared: number[] = [];
    for (const preparedStatements of [true, false]) {
      const { sequelize, Row } = await world({ preparedStatements });
      const row = (await Row.findOne()) as Any;
      for (const name of ['b', 'c', 'd']) await row.update({ name });
      const [{ Value }] = (await sequelize.query("SHOW STATUS LIKE 'Com_stmt_prepare'", {
        type: QueryTypes.SELECT,
      })) as [{ Value: string }];
      prepared.push(Number(Value));
      expect(foldLog(await readLog(sequelize))).to.deep.equal(await stored(sequelize));
    }

    // The create, and the update once.
    expect(prepared).to.deep.equal([2, 0]);
  });

  it('tells Sequelize of a row that it has not found', async () => {
    const { sequelize } = await world();
    const Versioned = sequelize.define<Any>('Versioned', { name: STRING }, { timestamps: false, version: true });
    await sequelize.sync();
    const row = await Versioned.create({ name: 'a' });
    const stale = (await Versioned.findOne()) as Any;
    await row.update({ name: 'b' });
    for (const isWithin of [false, true]) {
      const error = await ended(
        inside({ sequelize } as World, isWithin, (options) => stale.update({ name: 'c' }, options)),
      );
      expect(error).to.have.property('name', 'SequelizeOptimisticLockError');
    }
    expect(await Versioned.findAll({ raw: true })).to.deep.equal([{ id: row.get('id'), name: 'b', version: 1 }]);
  });

  it('is recorded where it reaches another row than that of its instance', async () => {
    const { sequelize, Row } = await world();
    const first = (await Row.findOne()) as Any;
    await Row.create({ name: 'other', at: new Date(0), data: {}, bytes: Buffer.from([]) });
    const queryInterface = sequelize.getQueryInterface();
    await queryInterface.update(first, 'Rows', { count: 5 }, { name: 'other' }, {});
    await queryInterface.update(first, 'Rows', { count: 6 }, { id: 2, name: 'other' }, {});
    await sequelize.transaction((transaction) =>
      queryInterface.update(first, 'Rows', { count: 7 }, { name: 'other' }, { transaction }),
    );

    const log = await readLog(sequelize);
    expect(log.map(({ action, recordId }) => `${action} ${recordId}`)).to.deep.equal([
      ...['create 1', 'create 2', 'update 2', 'update 2', 'update 2'],
    ]);
    expect(foldLog(log)).to.deep.equal(await stored(sequelize));
  });

  it('is given values that mean the same as in the text of a statement', async () => {
    const given = await world();
    const { sequelize, Row } = given;
    const columns = { whole: INTEGER, exact: DECIMAL(20, 2), short: STRING, large: DataTypes.BIGINT };
    const [Audited, Bare] = ['Audited', 'Bare'].map((name) =>
      sequelize.define<Any>(name, columns, { timestamps: false }),
    ) as [ModelStatic<Any>, ModelStatic<Any>];
    await sequelize.sync();
    const values = [
      0,
      -0,
      1,
      -1,
      0.5,
      1.5,
      2.5,
      -2.5,
      1.005,
      0.125,
      1e15,
      2 ** 31,
      -(2 ** 31),
      123456789012345,
      true,
      false,
      '2.5',
      null,
    ];
    for (const value of values) {
      for (const column of Object.keys(columns)) {
        if (column === 'whole' && Math.abs(Number(value)) > 2 ** 30) continue;
        const options = { validate: false };
        await Audited.create({ [column]: value }, options);
        await Bare.create({ [column]: value }, { ...options, audit: false } as object);
      }
    }
    const rows = (table: string) =>
      sequelize.query(
        `SELECT whole, CAST(exact AS CHAR) AS exact, short, CAST(large AS CHAR) AS large FROM ${table} ORDER BY id`,
        {
          type: QueryTypes.SELECT,
        },
      );
    expect(await rows(Audited.getTableName() as string)).to.deep.equal(await rows(Bare.getTableName() as string));
    expect(await Row.count()).to.equal(1);
  });
});
