/** The models that the fixed calls write: every kind of key, association and option that changes how Sequelize writes. */
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';

export type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

const names = ['User', 'Post', 'Tag', 'PostTag', 'Account', 'Draft', 'Item', 'Setting'] as const;
export type Models = Readonly<Record<(typeof names)[number], ModelStatic<Any>>>;

/** @param note told of each getter, setter, default and validator of the application that runs */
export function defineModels(sequelize: Sequelize, note: (what: string) => void): Models {
  let items = 0;
  const User = sequelize.define<Any>(
    'User',
    {
      email: { type: DataTypes.STRING, allowNull: false, unique: true, validate: { isEmail: true } },
      name: {
        type: DataTypes.STRING,
        field: 'full_name',
        get() {
          note('get name');
          return this.getDataValue('name');
        },
        set(value) {
          note('set name');
          this.setDataValue('name', value);
        },
      },
      label: { type: DataTypes.VIRTUAL, get: () => note('get label') },
      count: { type: DataTypes.INTEGER, defaultValue: 0 },
      data: DataTypes.JSON,
      // The database knows its value, the instance does not.
      rank: { type: DataTypes.INTEGER, defaultValue: sequelize.literal('(7)') },
      isOpen: { type: DataTypes.BOOLEAN, defaultValue: true },
    },
    { scopes: { open: { where: { isOpen: true } } } },
  );
  const Post = sequelize.define<Any>(
    'Post',
    { title: { type: DataTypes.STRING, allowNull: false }, slug: { type: DataTypes.STRING, unique: true } },
    { paranoid: true, underscored: true },
  );
  const Tag = sequelize.define<Any>(
    'Tag',
    { name: { type: DataTypes.STRING, primaryKey: true } },
    { timestamps: false },
  );
  const PostTag = sequelize.define<Any>('PostTag', { position: DataTypes.INTEGER });
  const Account = sequelize.define<Any>('Account', { code: { type: DataTypes.STRING, primaryKey: true } });
  const Draft = sequelize.define<Any>('Draft', { size: DataTypes.INTEGER }, { version: true });
  const Item = sequelize.define<Any>(
    'Item',
    {
      id: { type: DataTypes.UUID, primaryKey: true, defaultValue: () => nextUuid() },
      size: { type: DataTypes.INTEGER, validate: { isSmall: (size: number) => note(`validate size ${size}`) } },
    },
    { timestamps: false },
  );
  const Setting = sequelize.define<Any>(
    'Setting',
    {
      scope: { type: DataTypes.STRING, primaryKey: true },
      key: { type: DataTypes.STRING, primaryKey: true },
      value: { type: DataTypes.STRING, defaultValue: 'none' },
    },
    { timestamps: false },
  );

  User.hasMany(Post, { onDelete: 'CASCADE' });
  Post.belongsTo(User);
  User.hasOne(Account, { onDelete: 'SET NULL' });
  Account.belongsTo(User);
  User.hasMany(Item, { onDelete: 'CASCADE', hooks: true });
  Item.belongsTo(User);
  Post.belongsToMany(Tag, { through: PostTag });
  Tag.belongsToMany(Post, { through: PostTag });

  const models = { User, Post, Tag, PostTag, Account, Draft, Item, Setting };
  for (const [name, model] of Object.entries(models)) {
    model.prototype.toJSON = function () {
      note(`toJSON of ${name}`);
      return this.get();
    };
  }
  return models;

  function nextUuid(): string {
    items += 1;
    note(`default of Item.id`);
    return `00000000-0000-4000-8000-${String(items).padStart(12, '0')}`;
  }
}
