import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, QueryTypes } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & {
  readonly id: number;
  setFriends(friends: readonly unknown[]): Promise<void>;
};

// InnoDB refuses to change a row through two foreign keys at once.
onEachDatabase(
  'A change of a key',
  (database) => {
    it('is followed along two foreign keys that lead to the same row', async () => {
      const sequelize = await connect(database);
      attachAudit(sequelize);
      const Person = sequelize.define<Any>('Person', { name: DataTypes.STRING }, { timestamps: false });
      const Friendship = sequelize.define<Any>('Friendship', {}, { timestamps: false });
      Person.belongsToMany(Person, { as: 'Friends', through: Friendship, foreignKey: 'fromId', otherKey: 'toId' });
      await sequelize.sync();
      const [ada, bob] = (await Person.bulkCreate([{ name: 'Ada' }, { name: 'Bob' }])) as [Any, Any];
      await ada.setFriends([ada, bob]);

      await Person.update({ id: 70 }, { where: { name: 'Ada' } });

      const log = await readLog(sequelize);
      expect(foldLog(log)).to.deep.equal(await readTables([Person, Friendship]));
      expect(Object.keys(foldLog(log)).filter((name) => name.startsWith('Friendship'))).to.have.members([
        'Friendship [70,70]',
        'Friendship [70,2]',
      ]);
    });
  },
  ({ dialect }) => dialect === 'sqlite' || dialect === 'postgres',
);

onEachDatabase('A foreign key', (database) => {
  it('is followed as it says for deletes when a row goes, and as it says for updates when a key changes', async () => {
    const sequelize = await connect(database);
    attachAudit(sequelize);
    const [Owner, Pet, Toy, Badge] = ['Owner', 'Pet', 'Toy', 'Badge'].map((name) =>
      sequelize.define<Any>(name, {}, { timestamps: false }),
    ) as [ModelStatic<Any>, ModelStatic<Any>, ModelStatic<Any>, ModelStatic<Any>];
    Pet.belongsTo(Owner, { foreignKey: 'ownerId', onDelete: 'CASCADE', onUpdate: 'NO ACTION' });
    Toy.belongsTo(Pet, { foreignKey: 'petId', onDelete: 'SET NULL', onUpdate: 'NO ACTION' });
    Badge.belongsTo(Owner, { foreignKey: 'ownerId', onDelete: 'NO ACTION', onUpdate: 'CASCADE' });
    await sequelize.sync();
    await Owner.bulkCreate([{}, {}, {}]);
    await Pet.bulkCreate([{ ownerId: 1 }, { ownerId: 2 }]);
    await Toy.bulkCreate([{ petId: 1 }, { petId: 2 }]);
    await Badge.create({ ownerId: 3 });

    await Owner.destroy({ where: { id: 1 } });
    await Owner.update({ id: 70 }, { where: { id: 3 } });

    const tables = await readTables([Owner, Pet, Toy, Badge]);
    expect(tables).to.deep.equal({
      'Owner 2': { id: 2 },
      'Owner 70': { id: 70 },
      'Pet 2': { id: 2, ownerId: 2 },
      'Toy 1': { id: 1, petId: null },
      'Toy 2': { id: 2, petId: 2 },
      'Badge 1': { id: 1, ownerId: 70 },
    });
    expect(foldLog(await readLog(sequelize))).to.deep.equal(tables);
  });
});

onEachDatabase(
  'A delete that cascades',
  (database) => {
    it('locks the rows that it reaches, and no others', async () => {
      const sequelize = await connect(database);
      attachAudit(sequelize);
      const Parent = sequelize.define<Any>('Parent', {}, { timestamps: false });
      const Child = sequelize.define<Any>('Child', {}, { tableName: 'children', timestamps: false });
      Child.belongsTo(Parent, { foreignKey: 'parentId', onDelete: 'CASCADE' });
      await sequelize.sync();
      const ids = Array.from({ length: 100 }, (_, index) => index + 1);
      await Parent.bulkCreate(ids.map((id) => ({ id })));
      await Child.bulkCreate(ids.map((parentId) => ({ parentId })));
      const transaction = await sequelize.transaction();

      await Parent.destroy({ where: { id: 1 }, transaction });

      const free = await sequelize.query('SELECT id FROM children ORDER BY id FOR UPDATE SKIP LOCKED', {
        type: QueryTypes.SELECT,
      });
      await transaction.rollback();
      expect(free).to.deep.equal(ids.slice(1).map((id) => ({ id })));
    });
  },
  ({ dialect }) => dialect !== 'sqlite',
);

onEachDatabase(
  'A truncate that cascades',
  (database) => {
    it('is followed through tables that are empty, also in a circle', async () => {
      const sequelize = await connect(database);
      attachAudit(sequelize);
      const [Owner, Folder, Page] = ['Owner', 'Folder', 'Page'].map((name) =>
        sequelize.define<Any>(name, { name: DataTypes.STRING }, { timestamps: false }),
      ) as [ModelStatic<Any>, ModelStatic<Any>, ModelStatic<Any>];
      Folder.belongsTo(Owner, { foreignKey: 'ownerId' });
      Folder.belongsTo(Folder, { as: 'parent', foreignKey: 'parentId' });
      Page.belongsTo(Folder, { foreignKey: 'folderId' });
      await sequelize.sync();
      await Page.create({ name: 'alone' });
      await Owner.create({ name: 'Ada' });

      await Owner.truncate({ cascade: true });

      expect(await readTables([Owner, Folder, Page])).to.deep.equal({});
      expect(foldLog(await readLog(sequelize))).to.deep.equal({});
    });
  },
  ({ dialect }) => dialect === 'postgres',
);

onEachDatabase('An upsert that gives a row another key', (database) => {
  for (const [name, given] of Object.entries({ 'that it names': { id: 70 }, 'that the database generates': {} })) {
    it(`is followed to rows whose own keys hold that key, at two levels, with a key ${name}`, async () => {
      const sequelize = await connect(database);
      attachAudit(sequelize);
      const options = { timestamps: false };
      const Owner = sequelize.define<Any>('Owner', { name: { type: DataTypes.STRING, unique: true } }, options);
      const key = (model: string) => ({
        type: DataTypes.INTEGER,
        primaryKey: true,
        references: { model, key: model === 'Owners' ? 'id' : 'ownerId' },
        onUpdate: 'CASCADE',
      });
      const Passport = sequelize.define<Any>('Passport', { ownerId: key('Owners'), text: DataTypes.STRING }, options);
      const Visa = sequelize.define<Any>('Visa', { ownerId: key('Passports'), text: DataTypes.STRING }, options);
      const Pet = sequelize.define<Any>('Pet', { ownerId: { ...key('Owners'), primaryKey: false } }, options);
      await sequelize.sync();
      await Owner.bulkCreate([{ name: 'Bob' }, { name: 'Ada' }]);
      for (const model of [Passport, Visa, Pet]) await model.bulkCreate([{ ownerId: 1 }, { ownerId: 2 }] as never);

      await Owner.bulkCreate([{ ...given, name: 'Ada' }], { updateOnDuplicate: ['id'] });

      const tables = await readTables([Owner, Passport, Visa, Pet]);
      expect(foldLog(await readLog(sequelize))).to.deep.equal(tables);
      expect(tables).to.not.have.property('Visa 2');
    });
  }
});

onEachDatabase(
  'Keys that differ in case or in spaces at their end',
  (database) => {
    it('lead each to the rows of its own', async () => {
      const sequelize = await connect(database);
      attachAudit(sequelize);
      const code = { type: DataTypes.STRING, primaryKey: true };
      const Post = sequelize.define<Any>('Post', { code }, { timestamps: false });
      const Tag = sequelize.define<Any>('Tag', { postCode: { ...code, references: { model: 'Posts', key: 'code' } } });
      Tag.belongsTo(Post, { foreignKey: 'postCode', onUpdate: 'CASCADE', onDelete: 'CASCADE' });
      await sequelize.sync();
      const codes = ['a', 'A', 'a '].map((each) => ({ code: each }));
      await Post.bulkCreate(codes as never);
      await Tag.bulkCreate(codes.map((each) => ({ postCode: each.code })) as never);

      await Post.update({ code: sequelize.literal("code || 'x'") as never }, { where: {} });
      expect(foldLog(await readLog(sequelize))).to.deep.equal(await readTables([Post, Tag]));
      await Post.destroy({ where: {} });

      expect(foldLog(await readLog(sequelize))).to.deep.equal({});
    });
  },
  ({ dialect }) => dialect === 'sqlite' || dialect === 'postgres',
);

onEachDatabase('A foreign key of a table to itself', (database) => {
  for (const [title, rows, where] of [
    [
      'that are destroyed with them',
      [
        [1, null],
        [2, 1],
        [3, 2],
      ],
      {},
    ],
    [
      'of which some are destroyed by themselves',
      [
        [1, null],
        [2, 1],
        [3, 2],
        [4, null],
      ],
      { id: [1, 3] },
    ],
    [
      'that stand before them',
      [
        [3, null],
        [1, 3],
        [2, 3],
      ],
      {},
    ],
    [
      'and to themselves',
      [
        [1, 1],
        [5, 1],
      ],
      {},
    ],
  ] as const) {
    // Found by the oracle: SQLite gives back no row that a foreign key has taken before its turn.
    it(`is followed from rows to others ${title}`, async () => {
      const sequelize = await connect(database);
      attachAudit(sequelize);
      const Note = sequelize.define<Any>(
        'Note',
        { id: { type: DataTypes.INTEGER, primaryKey: true } },
        { timestamps: false },
      );
      Note.belongsTo(Note, { as: 'parent', foreignKey: 'parentId', onDelete: 'CASCADE' });
      await sequelize.sync();
      await Note.bulkCreate(rows.map(([id, parentId]) => ({ id, parentId })));

      await Note.destroy({ where });

      expect(foldLog(await readLog(sequelize))).to.deep.equal(await readTables([Note]));
    });
  }
});
