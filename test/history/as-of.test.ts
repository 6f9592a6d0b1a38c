import { expect } from 'chai';
import { col, DataTypes, fn, type Model, Op, QueryTypes, type Sequelize } from 'sequelize';
import { onEachDatabase } from '../setup/suite.js';
import { instant, openWorld, type World } from './as-of-world.js';

/** What an instance holds of an association. */
const linked = (row: Model | undefined, as: string) => row?.get(as) as Model & Model[];
const names = (rows: readonly Model[]) => rows.map((row) => row.get('name'));

onEachDatabase('audit.asOf', (database) => {
  let world: World;
  let past: Sequelize;

  /** Ada and Ben with three posts; everything is changed or destroyed afterwards. */
  before(async function () {
    this.timeout(60_000);
    const sequelize = await database.connect();
    world = await openWorld(sequelize);
    const { User, Post, Tag, audit } = world;
    const ada = await User.create({ name: 'Ada', balance: '9.50' });
    const ben = await User.create({ name: 'Ben', balance: '100.25', managerId: ada.get('id'), active: false });
    const cid = await User.create({ name: 'Cid', balance: '20.00', managerId: ada.get('id') });
    await User.create({ name: 'Gone' }).then((gone) => gone.destroy());
    const first = await Post.create({
      title: 'first',
      data: { a: { b: 1 } },
      at: new Date(1e12),
      hidden: false,
      authorId: ada.get('id'),
    });
    const second = await Post.create({
      title: 'second',
      at: new Date(2e12),
      hidden: false,
      authorId: ada.get('id'),
      editorId: ben.get('id'),
      answersId: first.get('id'),
    });
    await Post.create({ title: 'hidden', hidden: true, authorId: ben.get('id') });
    await Post.create({ title: 'deleted', hidden: false, authorId: cid.get('id') }).then((post) => post.destroy());
    const [red, blue] = await Promise.all(['red', 'blue'].map((label) => Tag.create({ label })));
    const tagged = first as unknown as { addTag(tag: unknown, options: object): Promise<void> };
    await tagged.addTag(red, { through: { weight: 7 } });
    await tagged.addTag(blue, { through: { weight: 8 } });

    const point = await instant();
    await Post.unscoped().update({ title: 'changed' }, { where: {}, paranoid: false });
    await second.destroy({ force: true });
    await User.update({ balance: 0, managerId: null }, { where: {} });
    await Post.unscoped().destroy({ where: {}, force: true });
    await cid.destroy();
    await User.create({ name: 'Late' });
    past = await audit.asOf(point);
  });

  after(async () => {
    await past?.close();
    await world?.sequelize.close();
  });

  it('has the models by their names, with their methods', async () => {
    const User = past.model('User') as World['User'];

    const richest = await User.richest();

    expect(Object.keys(past.models).sort()).to.deep.equal(['Link', 'Post', 'Tag', 'User']);
    expect(User.grown()).to.equal('User of sqlite');
    expect(richest?.greeting()).to.equal('I am BEN');
    expect(richest).to.be.instanceOf(User).and.of.instanceOf(world.User);
    expect([richest?.get('initial'), richest?.get('shout')]).to.deep.equal(['B', 'BEN!']);
  });

  it('holds what there was, also what is gone by now, and nothing that came later', async () => {
    const { User, Post } = past.models as never as World;

    expect(names(await User.findAll({ order: ['id'] }))).to.deep.equal(['ADA', 'BEN', 'CID']);
    expect((await Post.findAll({ order: ['id'] })).map((post) => post.get('title'))).to.deep.equal(['first', 'second']);
    const all = await Post.unscoped().findAll({ order: ['id'], paranoid: false });
    expect(all.map((post) => post.get('title'))).to.deep.equal(['first', 'second', 'hidden', 'deleted']);
    expect(all.map((post) => post.get('deletedAt') === null)).to.deep.equal([true, true, true, false]);
  });

  it('joins by every association, whichever class the include names', async () => {
    const { User, Post, Tag } = past.models as never as World;
    const include = (from: World) => [
      { model: from.Post, as: 'posts', required: false, include: [from.Tag] },
      { model: from.User, as: 'manager' },
      { model: from.Post, as: 'edits', required: false },
    ];

    for (const from of [past.models as never as World, world]) {
      const [ada, ben] = await User.findAll({
        include: include(from),
        order: [
          'id',
          [{ model: from.Post, as: 'posts' }, 'id', 'DESC'],
          [{ model: from.Post, as: 'posts' }, from.Tag, 'label', 'ASC'],
        ] as never,
      });
      const posts = ada?.get('posts') as Model[];

      expect(posts.map((post) => post.get('title'))).to.deep.equal(['second', 'first']);
      expect(posts.every((post) => post instanceof Post)).to.equal(true);
      const tags = posts[1]?.get('Tags') as Model[];
      expect(tags.map((tag) => [tag.get('label'), (tag.get('Link') as Model).get('weight')])).to.deep.equal([
        ['blue', 8],
        ['red', 7],
      ]);
      expect(linked(ben, 'manager').get('name')).to.equal('ADA');
      expect(ben?.get('edits')).to.have.lengthOf(1);
    }
    const separate = await User.findAll({
      include: [{ association: world.User.associations.posts as never, separate: true }],
      hooks: false,
      order: ['id'],
    } as never);
    expect(separate.map((user) => (user.get('posts') as Model[]).map((post) => post instanceof Post))).to.deep.equal([
      [true, true],
      [],
      [],
    ]);
    expect(await Tag.count({ include: [{ model: Post, where: { title: 'first' } }] })).to.equal(2);
    expect(await ((await User.findOne()) as unknown as { countReports(): Promise<number> }).countReports()).to.equal(2);
  });

  it('follows associations of its own instances', async () => {
    const { Post } = past.models as never as World;
    const first = (await Post.findOne({ where: { title: 'first' } })) as unknown as {
      getAuthor(): Promise<Model>;
      getAnswer(): Promise<Model>;
      getTags(): Promise<Model[]>;
    };

    expect((await first.getAuthor()).get('name')).to.equal('ADA');
    expect((await first.getAnswer()).get('title')).to.equal('second');
    expect(await first.getTags()).to.have.lengthOf(2);
  });

  it('knows the scopes, and those of the application stay as they are', async () => {
    const { User, Post } = past.models as never as World;

    expect(names(await User.scope('poor').findAll({ order: ['id'] }))).to.deep.equal(['ADA', 'CID']);
    expect(names(await User.scope({ method: ['above', 20] }).findAll())).to.deep.equal(['BEN']);
    const [post] = await Post.scope(['withAuthor', 'tagged']).findAll({ order: ['id'] });
    expect(linked(post, 'author').get('name')).to.equal('ADA');
    expect(post?.get('author')).to.be.instanceOf(User);
    expect(post?.get('Tags')).to.have.lengthOf(2);
    expect(await world.Post.scope(['withAuthor', 'tagged']).findAll()).to.deep.equal([]);
    const options = world.Post.options as unknown as { scopes: { withAuthor: { include: { model: unknown }[] } } };
    expect(options.scopes.withAuthor.include[0]?.model).to.equal(world.User);
  });

  it('answers conditions, aggregates and raw SQL', async () => {
    const { User, Post } = past.models as never as World;
    const sqlOf = (model: typeof Post) => ({ type: QueryTypes.SELECT as const, model, mapToModel: true });

    expect(
      names(await User.findAll({ where: { balance: { [Op.between]: [9.5, '20'] } }, order: ['balance'] })),
    ).to.deep.equal(['ADA', 'CID']);
    expect(names(await User.findAll({ where: { active: true, name: { [Op.like]: 'A%' } } }))).to.deep.equal(['ADA']);
    expect(names(await User.findAll({ where: { id: { [Op.in]: [1, 2] }, managerId: null } }))).to.deep.equal(['ADA']);
    expect(await User.sum('balance')).to.equal(129.75);
    expect(await User.max('balance')).to.equal(100.25);
    expect(await Post.max('at')).to.deep.equal(new Date(2e12));
    expect(await Post.count({ where: { at: { [Op.gt]: new Date(1e12) } } })).to.equal(1);
    expect(await Post.count({ where: { data: { a: { b: 1 } } } })).to.equal(1);
    const groups = await Post.unscoped().findAll({
      attributes: ['hidden', [fn('COUNT', col('id')), 'posts']],
      group: ['hidden'],
      order: ['hidden'],
      raw: true,
    });
    expect(groups).to.deep.equal([
      { hidden: false, posts: 2 },
      { hidden: true, posts: 1 },
    ]);
    expect(
      await past.query("SELECT title FROM Posts WHERE title < 'g' ORDER BY id", { type: QueryTypes.SELECT }),
    ).to.deep.equal([{ title: 'first' }, { title: 'deleted' }]);
    const [ada] = await past.query('SELECT * FROM users ORDER BY id LIMIT 1', sqlOf(User as never));
    expect([ada?.get('name'), ada?.get('active'), (await User.findByPk(1))?.get('balance')]).to.deep.equal([
      'ADA',
      true,
      ada?.get('balance'),
    ]);
    expect(await User.findAndCountAll({ where: { active: true }, limit: 1 })).to.have.property('count', 2);
    expect(await past.transaction((transaction) => User.count({ transaction }))).to.equal(3);
  });

  it('leaves the application as it was', async () => {
    const { User } = world;

    expect(User.sequelize).to.equal(world.sequelize);
    expect(User.associations.posts?.target).to.equal(world.Post);
    expect(
      names(await User.findAll({ include: [{ model: world.Post, as: 'posts', required: false }], order: ['id'] })),
    ).to.deep.equal(['ADA', 'BEN', 'LATE']);
    expect(await User.create({ name: 'Next' })).to.be.instanceOf(User);
  });

  const user = () => (past.models as never as World).User;
  const one = async () => (await user().findOne()) as InstanceType<World['User']>;
  const queries = () => past.getQueryInterface();
  const refused: Record<string, () => Promise<unknown>> = {
    create: () => user().create({ name: 'x' }),
    'a create that is invalid': () => user().create({} as never),
    bulkCreate: () => user().bulkCreate([]),
    'Model.update': () => user().update({ name: 'x' }, { where: {} }),
    'Model.destroy': () => user().destroy({ where: {} }),
    truncate: () => user().truncate(),
    'Model.restore': () => past.model('Post').restore({ where: {} }),
    upsert: () => user().upsert({ id: 1, name: 'x' }),
    'Model.increment': () => user().increment('balance', { where: {} }),
    'Model.decrement': () => user().decrement('balance', { where: {} }),
    findOrCreate: () => user().findOrCreate({ where: { name: 'Ada' } }),
    findCreateFind: () => user().findCreateFind({ where: { name: 'Ada' } }),
    'save of a new one': () => user().build({ name: 'x' }).save(),
    save: async () => (await one()).set('name', 'x').save(),
    update: async () => (await one()).update({ name: 'x' }),
    destroy: async () => (await one()).destroy(),
    increment: async () => (await one()).increment('balance'),
    restore: async () => ((await past.model('Post').findOne()) as Model).restore(),
    'an association': async () =>
      ((await one()) as unknown as { createPost(values: object): Promise<unknown> }).createPost({}),
    'an association method that sets': async () =>
      ((await past.model('Post').findOne()) as unknown as { setTags(tags: string[]): Promise<unknown> }).setTags([]),
    'Model.sync': () => user().sync(),
    'Model.drop': () => user().drop(),
    sync: () => past.sync({ force: true }),
    drop: () => past.drop(),
    bulkInsert: () => queries().bulkInsert('users', [{ full_name: 'x' }]),
    bulkUpdate: () => queries().bulkUpdate('users', { full_name: 'x' }, { id: 1 }),
    bulkDelete: () => queries().bulkDelete('users', {}),
    createTable: () => queries().createTable('x', { a: DataTypes.INTEGER }),
    dropTable: () => queries().dropTable('users'),
    addColumn: () => queries().addColumn('users', 'x', DataTypes.INTEGER),
    INSERT: () => past.query("INSERT INTO users (full_name) VALUES ('x')"),
    'an INSERT behind a comment': () =>
      past.query("/* SELECT */ -- SELECT\n INSERT INTO users (full_name) VALUES ('x')"),
    'an UPDATE behind a WITH': () => past.query('WITH x AS (SELECT 1) UPDATE users SET full_name = 1'),
    DELETE: () => past.query('delete from users'),
    'DROP TABLE': () => past.query('DROP TABLE users'),
    'CREATE TEMP TABLE': () => past.query('CREATE TEMP TABLE x (a)'),
    'the end of PRAGMA query_only': () => past.query('PRAGMA query_only = OFF'),
    'a PRAGMA like a function': () => past.query('PRAGMA query_only(0)'),
    ATTACH: () => past.query("ATTACH ':memory:' AS other"),
    VACUUM: () => past.query('VACUUM'),
    'BEGIN IMMEDIATE': () => past.query('BEGIN IMMEDIATE'),
  };
  for (const [title, write] of Object.entries(refused)) {
    it(`refuses ${title}`, async () => {
      const before = await past.query('SELECT * FROM users', { type: QueryTypes.SELECT });

      const error = await write().then(
        () => null,
        (thrown: unknown) => thrown,
      );

      expect(error).to.have.property('code', 'ERR_AUDIT_PAST_READ_ONLY');
      expect(await past.query('SELECT * FROM users', { type: QueryTypes.SELECT })).to.deep.equal(before);
    });
  }

  it('refuses the transactions of the application', async () => {
    const error = await world.sequelize.transaction((transaction) =>
      past
        .model('User')
        .findAll({ transaction })
        .then(
          () => null,
          (thrown: unknown) => thrown,
        ),
    );

    expect(error).to.have.property('code', 'ERR_AUDIT_TRANSACTION_FOREIGN');
  });
});
