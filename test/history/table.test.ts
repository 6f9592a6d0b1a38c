import { expect } from 'chai';
import { DataTypes, type Model, type ModelAttributes, type Sequelize } from 'sequelize';
import { type Audit, attachAudit } from '../../lib/index.js';
import { isMysql } from '../../lib/record/encoding.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>>;

const key = (type: unknown) => ({ type: type as never, primaryKey: true });

/** Keys of every kind, in an order that is not theirs. */
const cases: readonly [title: string, columns: ModelAttributes, rows: readonly unknown[][]][] = [
  ['integers', { a: key(DataTypes.INTEGER) }, [[10], [-9], [0], [2], [1000]]],
  [
    'integers that no double holds',
    { a: key(DataTypes.BIGINT) },
    [['9007199254740993'], ['9007199254740992'], ['9007199254740994'], ['-9007199254740993'], ['9'], ['10']],
  ],
  [
    'decimals',
    { a: key(DataTypes.DECIMAL(20, 2)) },
    [['10.50'], ['9.25'], ['-1.00'], ['10.75'], ['100.00'], ['99.50']],
  ],
  ['doubles', { a: key(DataTypes.DOUBLE) }, [[0.1], [0.3], [0.2], [-1e300], [1e-300]]],
  ['single precision', { a: key(DataTypes.FLOAT) }, [[0.1], [0.3], [0.2], [1.5], [16777216]]],
  ['text', { a: key(DataTypes.STRING(40)) }, [["it's"], ['b\\c'], ['é'], ['Z'], ['10'], ['9'], ['日本'], ['a b']]],
  [
    'days',
    { a: key(DataTypes.DATEONLY) },
    [['2020-02-29'], ['1999-12-31'], ['2020-03-01'], ['0099-01-01'], ['9999-12-31']],
  ],
  [
    'instants',
    { a: key(DataTypes.DATE(3)) },
    [[new Date(5)], [new Date(0)], [new Date(2e12)], [new Date(1)], [new Date(1e12)]],
  ],
  [
    'UUIDs',
    { a: key(DataTypes.UUID) },
    [
      ['ffffffff-0000-4000-8000-000000000000'],
      ['00000000-0000-4000-8000-000000000001'],
      ['0a000000-0000-4000-8000-000000000000'],
    ],
  ],
  ['labels', { a: key(DataTypes.ENUM('low', 'middle', 'high')) }, [['high'], ['low'], ['middle']]],
  ['bytes', { a: key(DataTypes.BLOB) }, [[Buffer.from('b')], [Buffer.from([0, 255])], [Buffer.from('a')]]],
  [
    'several columns',
    { a: key(DataTypes.ENUM('z', 'y', 'x')), b: key(DataTypes.INTEGER), c: key(DataTypes.STRING(9)) },
    [
      ['x', 1, 'a'],
      ['x', 1, 'b'],
      ['x', 2, 'a'],
      ['y', 1, 'a'],
      ['y', 10, 'a'],
      ['y', 9, 'b'],
      ['z', -1, ''],
    ],
  ],
];

onEachDatabase('A table read by its key', (database) => {
  let sequelize: Sequelize;
  let audit: Audit;
  before(async function () {
    if (!database.isAvailable()) this.skip();
  });

  for (const [title, columns, rows] of cases) {
    it(`is read whole, row after row, with ${title}`, async function () {
      // MySQL takes only a part of bytes for a key.
      if (title === 'bytes' && isMysql(database.dialect)) this.skip();
      sequelize = await connect(database);
      audit = attachAudit(sequelize);
      const Row = sequelize.define<Any>('Row', columns, { timestamps: false });
      await sequelize.sync();
      const names = Object.keys(columns);
      const values = rows.map((row) => Object.fromEntries(row.map((value, index) => [names[index], value])));
      await Row.bulkCreate(values, { audit: false });

      expect(await audit.baseline(Row, { batchSize: 1 })).to.deep.include({ rows: rows.length, written: rows.length });
      expect(await audit.baseline(Row, { batchSize: 2 })).to.deep.include({ rows: rows.length, written: 0 });
      expect((await audit.verify()).counts).to.deep.include({ rows: rows.length, entries: rows.length });
      expect((await audit.verify()).differences).to.deep.equal([]);
    });
  }
});
