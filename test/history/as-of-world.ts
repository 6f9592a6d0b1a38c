/** A small application with all that a past has to bring back: classes, scopes, getters and associations of each kind. */
import { DataTypes, Model, type ModelStatic, Op, type Sequelize } from 'sequelize';
import { type Audit, attachAudit } from '../../lib/index.js';

export interface World {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly User: UserModel;
  readonly Post: ModelStatic<Model>;
  readonly Tag: ModelStatic<Model>;
}

export type UserModel = ModelStatic<Model & { greeting(): string }> & {
  grown(): string;
  richest(): Promise<(Model & { greeting(): string }) | null>;
};

function defineUser(sequelize: Sequelize): UserModel {
  class User extends Model {
    greeting(): string {
      return `I am ${this.get('name')}`;
    }
  }
  User.init(
    {
      id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
      name: {
        type: DataTypes.STRING,
        allowNull: false,
        unique: true,
        field: 'full_name',
        get(this: Model) {
          return String(this.getDataValue('name')).toUpperCase();
        },
      },
      balance: { type: DataTypes.DECIMAL(12, 2), defaultValue: 0 },
      active: { type: DataTypes.BOOLEAN, defaultValue: true },
      managerId: DataTypes.INTEGER,
      initial: {
        type: DataTypes.VIRTUAL(DataTypes.STRING, ['name']),
        get(this: Model) {
          return String(this.get('name')).charAt(0);
        },
      },
    },
    {
      sequelize,
      modelName: 'User',
      underscored: true,
      scopes: {
        poor: { where: { balance: { [Op.lt]: 100 } } },
        above(balance: number) {
          return { where: { balance: { [Op.gt]: balance } } };
        },
      },
      getterMethods: {
        shout(this: Model) {
          return `${this.get('name')}!`;
        },
      },
    },
  );
  return Object.assign(User, { grown, richest }) as unknown as UserModel;
}

/** Statics that ask for the class they are called on. */
function grown(this: UserModel): string {
  return `${this.name} of ${this.sequelize?.getDialect()}`;
}

function richest(this: UserModel): Promise<Model | null> {
  return this.findOne({ order: [['balance', 'DESC']] });
}

export async function openWorld(sequelize: Sequelize): Promise<World> {
  const audit = attachAudit(sequelize, { onUnaudited: 'ignore' });
  const User = defineUser(sequelize);
  const Post = sequelize.define(
    'Post',
    { title: DataTypes.STRING, data: DataTypes.JSON, at: DataTypes.DATE(3), hidden: DataTypes.BOOLEAN },
    { paranoid: true, defaultScope: { where: { hidden: false } } },
  );
  const Tag = sequelize.define('Tag', { label: { type: DataTypes.STRING, primaryKey: true } }, { timestamps: false });
  const Link = sequelize.define('Link', { weight: DataTypes.INTEGER }, { timestamps: false });

  User.hasMany(Post, { as: 'posts', foreignKey: 'authorId' });
  User.hasMany(Post, { as: { singular: 'edit', plural: 'edits' }, foreignKey: 'editorId', constraints: false });
  User.hasMany(Post, { as: 'shown', foreignKey: 'authorId', scope: { hidden: false } });
  Post.belongsTo(User, { as: 'author', foreignKey: 'authorId' });
  Post.belongsTo(User, { as: 'editor', foreignKey: 'editorId', constraints: false });
  User.belongsTo(User, { as: 'manager', foreignKey: 'managerId' });
  User.hasMany(User, { as: 'reports', foreignKey: 'managerId' });
  Post.belongsToMany(Tag, { through: Link });
  Tag.belongsToMany(Post, { through: Link });
  Post.hasOne(Post, { as: 'answer', foreignKey: 'answersId', constraints: false });
  Post.addScope('withAuthor', { include: [{ model: User, as: 'author' }] });
  Post.addScope('tagged', () => ({ include: [Tag] }));
  await sequelize.sync();
  return { sequelize, audit, User, Post, Tag };
}

/** A moment of its own: all that was written is before it, all that will be is after it. */
export async function instant(): Promise<Date> {
  const wait = (time: number): Promise<Date> =>
    Date.now() > time ? Promise.resolve(new Date(time)) : new Promise(setImmediate).then(() => wait(time));
  await wait(Date.now());
  const time = Date.now();
  await wait(time);
  return new Date(time);
}
