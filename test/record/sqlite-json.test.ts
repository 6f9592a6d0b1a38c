import { expect } from 'chai';
import fc from 'fast-check';
import { type DataType, DataTypes, type Model, QueryTypes, type Sequelize } from 'sequelize';
import { type DataType as CodecType, codecOf } from '../../lib/record/codec.js';
import { sqliteDiffers, sqliteJson, unformed } from '../../lib/record/sqlite-json.js';
import { sqliteMemory } from '../setup/databases.js';
import { connect } from '../setup/suite.js';
import { allCases, inputOf } from './cases/all-cases.js';

type Row = Model<Record<string, unknown>, Record<string, unknown>>;

/** JSON of a stored value that SQL makes of it, and that which JavaScript makes. */
interface Pair {
  readonly stored: string;
  /** Whether SQL takes it for another than the value before it. */
  readonly isOther: boolean;
  /** null where SQL cannot tell. */
  readonly bySql: string | null;
  readonly byCodec: unknown;
}

/** Reads a column both ways. */
async function pairsOf(sequelize: Sequelize, given: DataType): Promise<Pair[]> {
  const type = sequelize.models.Row?.getAttributes().value?.type as unknown as CodecType;
  const codec = codecOf(type, { dialect: 'sqlite', timezone: '+00:00' });
  // A trigger alone may raise an error.
  const sql = sqliteJson(type, '`value`')?.replaceAll(unformed, 'NULL');
  if (sql === undefined) throw new TypeError(`no SQL for ${String(given)}`);
  const before = '(SELECT b.value FROM Rows b WHERE b.id = Rows.id - 1)';
  const rows = await sequelize.query<{ stored: string; bySql: string | null; read: unknown; isOther: number }>(
    `SELECT typeof(value) || ' ' || quote(value) AS stored, ${sql} AS bySql, ${codec.select('`value`')} AS read, ${sqliteDiffers(type, before, 'value')} AS isOther FROM Rows ORDER BY id`,
    { type: QueryTypes.SELECT, raw: true, ...{ tableNames: [] } },
  );
  return rows.map(({ stored, bySql, read, isOther }) => ({
    stored,
    bySql,
    byCodec: codec.fromStored(read),
    isOther: isOther === 1,
  }));
}

/** Those that SQL can tell, and takes for another where they are the same, or for the same. */
const confused = (pairs: readonly Pair[], isJson: boolean) =>
  pairs.flatMap((pair, index) => {
    const before = pairs[index - 1];
    if (!before || before.bySql === null || pair.bySql === null) return [];
    const isOther = JSON.stringify(before.byCodec) !== JSON.stringify(pair.byCodec);
    // Of JSON the text may differ: then JavaScript looks into it.
    const isRight = isOther === pair.isOther || (pair.isOther && isJson);
    return isRight ? [] : [[before, pair]];
  });

const differences = (pairs: readonly Pair[]) =>
  pairs.filter(({ bySql, byCodec }) => bySql !== null && JSON.stringify(JSON.parse(bySql)) !== JSON.stringify(byCodec));

/** Straight to the driver, which binds what Sequelize would write as text. */
async function send(sequelize: Sequelize, sql: string, parameters: readonly unknown[]): Promise<void> {
  const { connectionManager } = sequelize as unknown as {
    connectionManager: { getConnection(options: object): Promise<Driver> };
  };
  const connection = await connectionManager.getConnection({});
  await new Promise<void>((resolve, reject) => {
    connection.run(sql, parameters, (error) => (error ? reject(error) : resolve()));
  });
}

interface Driver {
  run(sql: string, parameters: readonly unknown[], done: (error: Error | null) => void): void;
}

async function define(sequelize: Sequelize, type: DataType) {
  const Row = sequelize.define<Row>('Row', { value: type }, { timestamps: false });
  await sequelize.sync({ force: true });
  return Row;
}

const names = [
  ...(['INTEGER', 'BIGINT', 'DOUBLE', 'FLOAT', 'BOOLEAN', 'STRING', 'TEXT'] as const),
  ...(['UUID', 'DATE', 'DATEONLY', 'JSON', 'BLOB'] as const),
];
const types: Readonly<Record<string, DataType>> = {
  ...Object.fromEntries(names.map((name) => [name, DataTypes[name]])),
  DECIMAL: DataTypes.DECIMAL(10, 2),
};

const pad = (digits: number) => (value: number) => String(value).padStart(digits, '0');
const upTo = (limit: number, digits = 2) => fc.integer({ min: 0, max: limit }).map(pad(digits));
/** Text that is a time, or nearly. */
const time = fc
  .tuple(
    upTo(9999, 4),
    upTo(14),
    upTo(33),
    upTo(25),
    upTo(61),
    upTo(61),
    fc.constantFrom('.123', '', '.1', '.123456'),
    fc.constantFrom(' +00:00', '', 'Z', ' +02:00'),
  )
  .map(
    ([year, month, day, hour, minute, second, fraction, zone]) =>
      `${year}-${month}-${day} ${hour}:${minute}:${second}${fraction}${zone}`,
  );
const money = fc
  .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 8 }))
  .map(([value, digits]) => value / 10 ** digits);
/** A double beside a short decimal, which SQLite itself prints as that. */
const neighbour = money.map((value) => {
  const double = new Float64Array([value]);
  const bits = new BigInt64Array(double.buffer);
  bits[0] = (bits[0] ?? 0n) + 1n;
  return double[0] as number;
});
const double = fc.double({ noNaN: true });

/** Anything that SQLite can store, as SQL with one parameter. */
const values = fc.oneof(
  fc.oneof(double, money, neighbour).map((value) => ({ sql: '?', value })),
  fc
    .oneof(double, money)
    .filter(Number.isFinite)
    .map((value) => ({ sql: `? + ${value.toExponential()}`, value: 0 })),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((value) => ({ sql: 'CAST(? AS INTEGER)', value: String(value) })),
  fc.integer({ min: -2, max: 2 }).map((value) => ({ sql: '?', value })),
  fc
    .oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      time,
      fc.uuid(),
      fc.json(),
      double.map(String),
    )
    .map((value) => ({ sql: '?', value })),
  fc.string().map((value) => ({ sql: 'CAST(? AS BLOB)', value })),
  // Beside one another, numbers that are the same or nearly, in either form.
  fc.constantFrom(
    { sql: 'CAST(? AS INTEGER)', value: '-9223372036854775808' },
    { sql: 'CAST(? AS REAL)', value: '-9223372036854775808' },
    { sql: 'CAST(? AS INTEGER)', value: '9007199254740992' },
    { sql: 'CAST(? AS REAL)', value: '9007199254740992' },
    { sql: 'CAST(? AS INTEGER)', value: '9007199254740993' },
    { sql: 'CAST(? AS REAL)', value: '1' },
    { sql: 'CAST(? AS INTEGER)', value: '1' },
    { sql: 'CAST(? AS TEXT)', value: '1' },
  ),
  fc.constantFrom({ sql: 'NULL OR ?', value: 0 }, { sql: '-0.0 * ?', value: 1 }, { sql: '9e999 * ?', value: 1 }),
);

describe('The JSON that SQLite makes of a column', () => {
  it('means what its codec makes of the value, for every value of every type', async () => {
    const sequelize = await connect(sqliteMemory);
    const wrong: unknown[] = [];
    let [formed, all] = [0, 0];
    for (const { title, type, values: written, on } of allCases) {
      if (on && !on.includes('sqlite')) continue;
      const Row = await define(sequelize, type);
      for (const given of [null, ...written]) await Row.create({ value: inputOf(given) });
      if (sqliteJson(Row.getAttributes().value?.type as never, 'x') === null) continue;
      const pairs = await pairsOf(sequelize, type);
      wrong.push(...[...differences(pairs), ...confused(pairs, /JSON/.test(title))].map((pair) => ({ title, pair })));
      all += pairs.length;
      formed += pairs.filter(({ bySql }) => bySql !== null).length;
    }

    expect(wrong).to.deep.equal([]);
    expect(formed / all, 'values that SQL can tell').to.be.above(0.7);
  });

  for (const [title, type] of Object.entries(types)) {
    it(`means what its codec makes of whatever stands in a column of ${title}`, async function () {
      this.timeout(60_000);
      const sequelize = await connect(sqliteMemory);
      await define(sequelize, type);
      let formed = 0;

      await fc.assert(
        fc.asyncProperty(fc.array(values, { minLength: 100, maxLength: 100 }), async (list) => {
          await sequelize.query('DELETE FROM Rows');
          const sql = `INSERT INTO Rows (value) VALUES ${list.map((each) => `(${each.sql})`).join(',')}`;
          await send(
            sequelize,
            sql,
            list.map(({ value }) => value),
          );
          const pairs = await pairsOf(sequelize, type);
          formed += pairs.filter(({ bySql }) => bySql !== null).length;
          expect(differences(pairs)).to.deep.equal([]);
          expect(confused(pairs, title === 'JSON')).to.deep.equal([]);
        }),
        { numRuns: 20 },
      );

      expect(formed).to.be.above(50);
    });
  }
});
