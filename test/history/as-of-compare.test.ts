import { expect } from 'chai';
import { col, DataTypes, type Model, type ModelStatic, Op, type Sequelize, where } from 'sequelize';
import * as typescript from 'sequelize-typescript';
import { attachAudit } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';
import { connect, onEachDatabase } from '../setup/suite.js';

async function open(database: Database, attributes: Record<string, unknown>, rows: readonly object[], options = {}) {
  const sequelize = await connect(database);
  const audit = attachAudit(sequelize);
  const Row = sequelize.define('Row', attributes as never, { timestamps: false, ...options });
  await sequelize.sync();
  await Row.bulkCreate(rows as never);
  const past = await audit.asOf(new Date());
  return { Row, Past: past.model('Row') as ModelStatic<Model>, past };
}

const ids = async (model: ModelStatic<Model>, options: object) =>
  (await model.findAll({ order: ['id'], ...options })).map((row) => row.get('id'));

onEachDatabase('A past of audit.asOf', (database) => {
  it('compares and orders numbers, dates and text as the database does', async () => {
    const { Row, Past, past } = await open(
      database,
      {
        price: DataTypes.DECIMAL(12, 2),
        big: DataTypes.BIGINT,
        ratio: DataTypes.DOUBLE,
        at: DataTypes.DATE(3),
        day: DataTypes.DATEONLY,
        flag: DataTypes.BOOLEAN,
        code: DataTypes.STRING,
      },
      [
        { price: '9.50', big: '9', ratio: 0.5, at: new Date(1e12), day: '2026-01-09', flag: true, code: 'b' },
        {
          price: '10.00',
          big: '9007199254740993',
          ratio: -2,
          at: new Date(1e12 + 1),
          day: '2026-01-10',
          flag: false,
          code: '9',
        },
        { price: '-100.25', big: '123', ratio: 1e300, at: new Date(9e11), day: '1999-12-31', flag: true, code: 'a' },
        {
          price: '100.00',
          big: '1234567890123456789',
          ratio: 10,
          at: new Date(2e12),
          day: '2026-02-01',
          flag: false,
          code: '10',
        },
        { price: null, big: null, ratio: null, at: null, day: null, flag: null, code: null },
        { big: '9007199254740994' },
      ],
    );
    const conditions = [
      { price: { [Op.gt]: 9.5 } },
      { price: { [Op.gte]: '9.5' } },
      { price: { [Op.in]: ['10', 100] } },
      { price: 10 },
      { price: { [Op.between]: [-200, 0] } },
      { price: { [Op.ne]: 10 } },
      { price: null },
      { big: { [Op.gt]: 100 } },
      { big: '9007199254740993' },
      { big: { [Op.in]: ['1234567890123456789', 9] } },
      { big: { [Op.lt]: '9007199254740993' } },
      { ratio: { [Op.lt]: 10 } },
      { at: { [Op.gt]: new Date(1e12) } },
      { at: new Date(1e12 + 1) },
      { day: { [Op.gte]: '2026-01-10' } },
      { flag: true },
      { flag: { [Op.not]: true } },
      { code: { [Op.gt]: '9' } },
      { code: { [Op.like]: '1%' } },
      { [Op.or]: [{ code: 'a' }, { price: '100.00' }] },
    ];
    for (const condition of conditions) {
      const said = Object.keys(condition).join() + String(conditions.indexOf(condition));
      expect(await ids(Past, { where: condition }), said).to.deep.equal(await ids(Row, { where: condition }));
    }
    for (const name of ['price', 'big', 'ratio', 'at', 'day', 'flag', 'code']) {
      const options = { order: [[name, 'DESC']], where: { [name]: { [Op.ne]: null } } };
      const expected = await Row.findAll({
        ...options,
        order: [
          [name, 'DESC'],
          ['id', 'ASC'],
        ],
      } as never);
      const found = await Past.findAll({
        ...options,
        order: [
          [name, 'DESC'],
          ['id', 'ASC'],
        ],
      } as never);
      expect(
        found.map((row) => row.get('id')),
        name,
      ).to.deep.equal(expected.map((row) => row.get('id')));
    }
    for (const name of ['price', 'ratio', 'at']) expect(await Past.max(name), name).to.deep.equal(await Row.max(name));
    expect(await ids(Past, { where: where(col('price'), '>', 50 as never) })).to.deep.equal([4]);
    await past.close();
  });

  it('takes paths into JSON columns', async () => {
    const { Past, past } = await open(database, { data: DataTypes.JSON }, [
      { data: { a: { b: 1 } } },
      { data: { a: { b: 'x' } } },
      { data: [] },
    ]);

    expect(await ids(Past, { where: { data: { a: { b: 1 } } } })).to.deep.equal([1]);
    expect(await ids(Past, { where: { 'data.a.b': 'x' } })).to.deep.equal([2]);
    await past.close();
  });

  it('joins by keys of any size, and swaps no names of columns', async () => {
    const sequelize: Sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const id = { type: DataTypes.BIGINT, primaryKey: true };
    const Parent = sequelize.define(
      'Parent',
      { id, a: { type: DataTypes.STRING, field: 'b' }, b: { type: DataTypes.STRING, field: 'a' } },
      { timestamps: false },
    );
    const Child = sequelize.define('Child', { id }, { timestamps: false });
    Parent.hasMany(Child, { as: 'children', foreignKey: 'parentId' });
    await sequelize.sync();
    await Parent.bulkCreate([
      { id: '9007199254740993', a: 'a1', b: 'b1' },
      { id: '9007199254740992', a: 'a2', b: 'b2' },
    ]);
    await Child.bulkCreate([
      { id: 1, parentId: '9007199254740993' },
      { id: 2, parentId: '9007199254740993' },
    ]);
    const past = await audit.asOf(new Date());

    const parents = await past.model('Parent').findAll({ include: ['children'], order: [['a', 'ASC']] });

    const read = parents.map((row) => [
      String(row.get('id' as never)),
      row.get('a' as never),
      row.get('b' as never),
      (row.get('children' as never) as unknown[]).length,
    ]);
    expect(read).to.deep.equal([
      ['9007199254740993', 'a1', 'b1', 2],
      ['9007199254740992', 'a2', 'b2', 0],
    ]);
    await past.close();
  });

  it('has the classes of sequelize-typescript', async () => {
    const { Column, Table, HasMany, BelongsTo, ForeignKey } = typescript;
    const plain = await connect(database);
    const sequelize = new typescript.Sequelize({
      ...(plain as unknown as { options: object }).options,
      models: [],
    } as never);
    class Author extends typescript.Model {
      declare name: string;
      declare books: Model[];
      greeting(): string {
        return `I am ${this.name}`;
      }
    }
    class Book extends typescript.Model {
      declare title: string;
      declare authorId: number;
    }
    const decorate = (decorator: unknown, target: object, name: string) =>
      (decorator as (target: object, name: string) => void)(target, name);
    decorate(Column(DataTypes.STRING), Author.prototype, 'name');
    decorate(
      HasMany(() => Book, 'authorId'),
      Author.prototype,
      'books',
    );
    decorate(Column(DataTypes.STRING), Book.prototype, 'title');
    decorate(
      ForeignKey(() => Author),
      Book.prototype,
      'authorId',
    );
    decorate(Column(DataTypes.INTEGER), Book.prototype, 'authorId');
    decorate(
      BelongsTo(() => Author, 'authorId'),
      Book.prototype,
      'author',
    );
    Table(Author);
    Table(Book);
    sequelize.addModels([Author, Book]);
    const audit = attachAudit(sequelize);
    try {
      await sequelize.sync();
      const author = await Author.create({ name: 'Ada' });
      await Book.create({ title: 'Notes', authorId: author.id });
      const past = await audit.asOf(new Date());
      await Book.destroy({ where: {} });

      for (const include of [[Book], [{ model: Book }], ['books'], [{ model: past.model('Book'), as: 'books' }]]) {
        const [found] = (await (past.models as never as { Author: typeof Author }).Author.findAll({
          include,
        } as never)) as Author[];
        expect(found?.greeting()).to.equal('I am Ada');
        expect(found?.books.map((book) => book.get('title'))).to.deep.equal(['Notes']);
        expect(found?.books[0]).to.be.instanceOf(past.model('Book'));
      }
      const [book] = await past.model('Book').findAll();
      expect(((await (book as Book).$get('author' as never)) as unknown as Model).get('name')).to.equal('Ada');
      await past.close();
    } finally {
      await sequelize.close();
    }
  });
});

onEachDatabase(
  'A past of audit.asOf',
  (database) => {
    it('finds decimals without a scale by their value', async () => {
      const prices = ['10.50', '9', '100', '0.10', '-3', '12345678901234567890.10'];
      const { Row, Past, past } = await open(
        database,
        { price: DataTypes.DECIMAL },
        prices.map((price) => ({ price })),
      );

      for (const operand of [10.5, '10.50', 9, '0.1', 100, '12345678901234567890.10']) {
        for (const operator of [Op.eq, Op.lt, Op.gt])
          expect(
            await ids(Past, { where: { price: { [operator]: operand } } }),
            `${String(operator)} ${operand}`,
          ).to.deep.equal(await ids(Row, { where: { price: { [operator]: operand } } }));
      }
      expect((await Past.findAll({ order: ['id'] })).map((row) => row.get('price'))).to.deep.equal(prices);
      await past.close();
    });
  },
  ({ dialect }) => dialect === 'postgres',
);
