import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Options, Sequelize } from 'sequelize';
import { type Audit, attachAudit, type Capture } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

/** A database of the server that holds none of our tables: whoever reads from it finds nothing, or fails. */
const empty = ({ dialect }: Database) => (dialect === 'postgres' ? 'template1' : 'information_schema');

interface World {
  /** Straight to the writer. */
  readonly plain: Sequelize;
  readonly audit: Audit;
  readonly User: ModelStatic<Any>;
  readonly Post: ModelStatic<Any>;
}

async function setUp(database: Database, capture: Capture): Promise<World> {
  const plain = await connect(database);
  const { username, password, database: name } = plain.config;
  const options = (plain as unknown as { options: Options }).options;
  const place = { host: options.host as string, port: String(options.port), username, password: password as string };
  const sequelize = await connect({
    ...database,
    connect: async () =>
      new Sequelize({
        dialect: database.dialect,
        logging: false,
        replication: { read: [{ ...place, database: empty(database) }], write: { ...place, database: name } },
      }),
  });
  const audit = attachAudit(sequelize, { capture });
  const User = sequelize.define<Any>(
    'User',
    { email: { type: DataTypes.STRING, unique: true }, size: DataTypes.INTEGER, bio: DataTypes.JSON },
    { paranoid: true },
  );
  const Post = sequelize.define<Any>('Post', { title: DataTypes.STRING });
  User.hasMany(Post, { onDelete: 'CASCADE' });
  await sequelize.sync();
  return { plain, audit, User, Post };
}

async function agrees({ plain, User, Post }: World): Promise<void> {
  for (const model of [User, Post]) Object.defineProperty(model, 'sequelize', { value: plain });
  expect(foldLog(await readLog(plain))).to.deep.equal(await readTables([User, Post]));
}

onEachDatabase(
  'An instance with a read replica',
  (database) => {
    it('fails where the application itself reads from the replica, which is empty here', async () => {
      const { User } = await setUp(database, 'complete');

      const error = await User.findAll().catch((caught: unknown) => caught);

      expect(error).to.have.property('name', 'SequelizeDatabaseError');
    });

    it('takes rows before and after every kind of write from the writer, with foreign keys and unique keys', async () => {
      const given = await setUp(database, 'complete');
      const { plain, User, Post } = given;

      const user = await User.create({ email: 'a', size: 1, bio: { a: 1 } });
      await User.update({ size: 5 }, { where: { email: 'a' } });
      await user.update({ size: 2, bio: { a: 2 } });
      await user.increment('size');
      await User.bulkCreate([{ email: 'b' }, { email: 'c' }, { email: 'd', size: 4 }]);
      await User.bulkCreate([{ email: 'b', size: 9 }], { updateOnDuplicate: ['size'] });
      await User.upsert({ email: 'c', size: 7 });
      await User.update({ size: 8 }, { where: { email: ['b', 'c'] } });
      await Post.bulkCreate([{ title: 'one', UserId: user.id }, { title: 'two', UserId: user.id }, { title: 'free' }]);
      await User.destroy({ where: { email: 'b' } });
      await User.restore({ where: { email: 'b' } });
      await User.destroy({ where: { email: 'd' }, force: true });
      await user.destroy({ force: true });
      await Post.truncate();

      const log = await readLog(plain);
      expect(log[2]?.patch[0]).to.deep.equal({ op: 'test', path: '/size', value: 5 });
      const gone = log.filter(({ modelName, action }) => modelName === 'Post' && action === 'destroy');
      expect(gone.map(({ recordId }) => recordId)).to.deep.equal(['1', '2', '3']);
      await agrees(given);
    });

    it('leads from its log to its tables, also through transactions', async () => {
      const given = await setUp(database, 'complete');
      const { User, Post } = given;

      await (User.sequelize as Sequelize).transaction(async (transaction) => {
        const user = await User.create({ email: 'a', size: 1 }, { transaction });
        await Post.create({ title: 'one', UserId: user.id }, { transaction });
        await user.update({ size: 2 }, { transaction });
      });
      await User.update({ size: 3 }, { where: { email: 'a' } });
      await Post.destroy({ where: {} });

      await agrees(given);
    });

    it('answers questions about a record from the writer, and reverts there', async () => {
      const given = await setUp(database, 'complete');
      const { audit, User } = given;
      const user = await User.create({ email: 'a', size: 1 });
      await user.update({ size: 2 });
      const history = audit.history(User, user.id);

      expect(await history.revisions()).to.have.length(2);
      expect((await history.at(1))?.get('size')).to.equal(1);
      expect(await history.diff(1, 2)).to.deep.include({ op: 'replace', path: '/size', value: 2 });
      expect((await history.revertTo(1))?.get('size')).to.equal(1);
      expect(await audit.history(User, 99).at(new Date())).to.equal(null);
      await agrees(given);
    });

    it("reads from the writer with capture: 'hooks' what an instance does not hold", async () => {
      const given = await setUp(database, 'hooks');
      const { User } = given;
      const { id } = await User.create({ email: 'a', size: 1, bio: { a: 1 } });
      const partial = User.build({ id }, { isNewRecord: false, raw: true });

      await partial.update({ size: 2 });
      await User.build({ id }, { isNewRecord: false, raw: true }).destroy({ force: true });

      const actions = (await readLog(given.plain)).map(({ action }) => action);
      expect(actions).to.deep.equal(['create', 'update', 'destroy']);
      await agrees(given);
    });
  },
  ({ dialect }) => dialect !== 'sqlite',
);
