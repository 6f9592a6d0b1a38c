import { expect } from 'chai';
import fc from 'fast-check';
import { type DataType, DataTypes, type Model, QueryTypes, type Sequelize } from 'sequelize';
import { type DataType as CodecType, codecOf } from '../../lib/record/codec.js';
import { mariadbJson } from '../../lib/record/mariadb-json.js';
import { mariadb } from '../setup/databases.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { allCases, inputOf } from './cases/all-cases.js';

type Row = Model<Record<string, unknown>, Record<string, unknown>>;

/** JSON of a stored value that SQL makes of it, and that which JavaScript makes. */
interface Pair {
  readonly stored: string;
  /** null where SQL cannot tell. */
  readonly bySql: string | null;
  readonly byCodec: string;
}

/** Reads a column both ways; null where SQL can tell none of its values. */
async function pairsOf(sequelize: Sequelize): Promise<Pair[] | null> {
  const type = sequelize.models.Row?.getAttributes().value?.type as unknown as CodecType;
  const place = { dialect: 'mariadb', timezone: '+00:00' };
  const codec = codecOf(type, place);
  const [column] = await sequelize.query<{ type: string }>(
    "SELECT CONCAT(DATA_TYPE, COALESCE(CONCAT('(', DATETIME_PRECISION, ')'), '')) AS type FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'Rows' AND COLUMN_NAME = 'value'",
    { type: QueryTypes.SELECT },
  );
  const sql = mariadbJson(type, column?.type, place, '`value`');
  if (sql === null) return null;
  const rows = await sequelize.query<{ stored: string; bySql: string | null; read: unknown }>(
    `SELECT HEX(CAST(value AS CHAR)) AS stored, ${sql} AS bySql, ${codec.select('`value`')} AS \`read\` FROM \`Rows\` ORDER BY id`,
    { type: QueryTypes.SELECT, raw: true },
  );
  return rows.map(({ stored, bySql, read }) => ({ stored, bySql, byCodec: JSON.stringify(codec.fromStored(read)) }));
}

const differences = (pairs: readonly Pair[]) =>
  pairs.filter(({ bySql, byCodec }) => bySql !== null && JSON.stringify(JSON.parse(bySql)) !== byCodec);

/** Neighbours that are the same to one and not to the other; of JSON the text may differ: then JavaScript looks into it. */
const confused = (pairs: readonly Pair[], isJson: boolean) =>
  pairs.filter((pair, index) => {
    const before = pairs[index - 1];
    if (!before || before.bySql === null || pair.bySql === null) return false;
    const isOther = before.byCodec !== pair.byCodec;
    const isOtherText = before.bySql !== pair.bySql;
    return isOther !== isOtherText && !(isJson && isOtherText);
  });

async function define(sequelize: Sequelize, type: DataType) {
  const Row = sequelize.define<Row>('Row', { value: type }, { timestamps: false });
  await sequelize.sync({ force: true });
  return Row;
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCodePoint(code)) }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('a', 'A', 'a ', 'ä', '"', '\\', '\\u0000', "'", '?', '$redacted'),
);
const part = (limit: number) => fc.integer({ min: 0, max: limit }).map((value) => String(value).padStart(2, '0'));
const day = fc
  .tuple(fc.constantFrom('0000', '0001', '1969', '2024', '9999'), part(13), part(32))
  .map((parts) => parts.join('-'));
const time = fc
  .tuple(part(23), part(59), part(59), fc.constantFrom('', '.1', '.123', '.123400', '.123456'))
  .map(([hour, minute, second, fraction]) => `${hour}:${minute}:${second}${fraction}`);
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const money = fc
  .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 8 }))
  .map(([value, digits]) => value / 10 ** digits);
const number = fc.oneof(
  money,
  double,
  fc.constantFrom(
    '-0e0',
    0,
    1,
    2,
    '9007199254740993',
    '-9223372036854775808',
    '1e308',
    '5e-324',
    '1e15',
    '123456789012345680',
  ),
);

const types: Readonly<Record<string, readonly [DataType, fc.Arbitrary<unknown>]>> = {
  INTEGER: [DataTypes.INTEGER, number],
  'INTEGER UNSIGNED ZEROFILL': [DataTypes.INTEGER.UNSIGNED.ZEROFILL, number],
  'TINYINT(1)': [DataTypes.TINYINT({ length: 1 }), fc.integer({ min: -3, max: 3 })],
  BIGINT: [DataTypes.BIGINT, number],
  'BIGINT UNSIGNED ZEROFILL': [DataTypes.BIGINT.UNSIGNED.ZEROFILL, number],
  DOUBLE: [DataTypes.DOUBLE, number],
  'DOUBLE(12,4)': [DataTypes.DOUBLE(12, 4), number],
  BOOLEAN: [DataTypes.BOOLEAN, fc.integer({ min: -2, max: 2 })],
  DECIMAL: [DataTypes.DECIMAL(30, 10), number],
  STRING: [DataTypes.STRING, text],
  'STRING BINARY': [DataTypes.STRING(255, true), text],
  TEXT: [DataTypes.TEXT, text],
  CHAR: [DataTypes.CHAR(30), text],
  ENUM: [DataTypes.ENUM('a', 'b', 'c\'"\\', 'é'), fc.constantFrom('a', 'b', 'c\'"\\', 'é', 'none')],
  UUID: [DataTypes.UUID, fc.uuid()],
  TIME: [DataTypes.TIME, time],
  DATE: [DataTypes.DATE, fc.tuple(day, time).map((both) => both.join(' '))],
  'DATE(3)': [DataTypes.DATE(3), fc.tuple(day, time).map((both) => both.join(' '))],
  'DATE(6)': [DataTypes.DATE(6), fc.tuple(day, time).map((both) => both.join(' '))],
  DATEONLY: [DataTypes.DATEONLY, day],
  JSON: [DataTypes.JSON, fc.oneof(fc.json(), fc.constantFrom('null', '{"$redacted":1}', '[1, 2]', '"\\u0041"'))],
  BLOB: [DataTypes.BLOB, text],
};

onEachDatabase('The JSON that MariaDB makes of a column', (database) => {
  if (database !== mariadb) return;

  it('means what its codec makes of the value, for every value of every type', async function () {
    this.timeout(120_000);
    const sequelize = await connect(mariadb);
    const wrong: unknown[] = [];
    const untold: string[] = [];
    let [formed, all] = [0, 0];
    for (const { title, type, values: written, on } of allCases) {
      if (on && !on.includes('mariadb')) continue;
      const Row = await define(sequelize, type);
      for (const given of [null, ...written]) await Row.create({ value: inputOf(given) });
      const pairs = await pairsOf(sequelize);
      if (pairs === null) untold.push(title);
      wrong.push(...[...differences(pairs ?? []), ...confused(pairs ?? [], true)].map((pair) => ({ title, pair })));
      all += pairs?.length ?? 0;
      formed += pairs?.filter(({ bySql }) => bySql !== null).length ?? 0;
    }

    expect(wrong).to.deep.equal([]);
    expect(formed / all, 'values that SQL can tell').to.be.above(0.9);
    expect(untold.filter((title) => !/FLOAT|REAL|GEOMETRY|POINT|BINARY/.test(title))).to.deep.equal([]);
  });

  for (const [title, [type, values]] of Object.entries(types)) {
    it(`means what its codec makes of whatever stands in a column of ${title}`, async function () {
      this.timeout(60_000);
      const sequelize = await connect(mariadb, { pool: { max: 1 } });
      await define(sequelize, type);
      // So that it takes days that there are not.
      await sequelize.query("SET sql_mode = 'ALLOW_INVALID_DATES'");
      let formed = 0;

      await fc.assert(
        fc.asyncProperty(fc.array(values, { minLength: 60, maxLength: 60 }), async (list) => {
          await sequelize.query('DELETE FROM `Rows`');
          const sql = `INSERT IGNORE INTO \`Rows\` (value) VALUES ${list.map(() => '(?)').join(',')}`;
          await sequelize.query(sql, { replacements: list as never[] });
          const pairs = await pairsOf(sequelize);
          if (pairs === null) throw new TypeError(`no SQL for ${title}`);
          formed += pairs.filter(({ bySql }) => bySql !== null).length;
          expect(differences(pairs)).to.deep.equal([]);
          expect(confused(pairs, title === 'JSON')).to.deep.equal([]);
          // What a key of several columns is made of is compared as text.
          const isText = /STRING|TEXT|CHAR|DOUBLE|JSON/.test(title);
          if (!isText) expect(pairs.filter(({ bySql, byCodec }) => (bySql ?? byCodec) !== byCodec)).to.deep.equal([]);
        }),
        { numRuns: 20 },
      );

      expect(formed).to.be.above(50);
    });
  }
});
