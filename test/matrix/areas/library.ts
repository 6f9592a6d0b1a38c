/** Models with every kind of association, for the areas that write through them. */
import { DataTypes, type ModelStatic, type Sequelize } from 'sequelize';
import type { Any, AnyModel, Area, Method } from '../area.js';

export type Author = Any &
  Record<'setPublisher' | 'createPublisher' | 'setProfile' | 'createProfile', Method> &
  Record<'setBooks' | 'addBook' | 'addBooks' | 'removeBook' | 'removeBooks' | 'createBook', Method>;

export type Book = Any &
  Record<
    'setTags' | 'addTag' | 'addTags' | 'removeTag' | 'removeTags' | 'createTag' | 'setAuthor' | 'addGenre',
    Method
  >;

export interface Library extends Pick<Area, 'models' | 'rows'> {
  readonly Publisher: AnyModel;
  readonly Author: ModelStatic<Author>;
  readonly Profile: AnyModel;
  readonly Book: ModelStatic<Book>;
  readonly Tag: AnyModel;
  readonly Tagging: AnyModel;
}

/** Defined by the first area that asks, and shared by the others. */
export function library(sequelize: Sequelize): Library {
  if (!sequelize.isDefined('Author')) define(sequelize);
  const [Publisher, Author, Profile, Book, Tag, Tagging, Genre, BookGenre] = [
    'Publisher',
    'Author',
    'Profile',
    'Book',
    'Tag',
    'Tagging',
    'Genre',
    'BookGenre',
  ].map((name) => sequelize.models[name]) as [
    AnyModel,
    ModelStatic<Author>,
    AnyModel,
    ModelStatic<Book>,
    ...[AnyModel, AnyModel, AnyModel, AnyModel],
  ];
  return {
    ...{ Publisher, Author, Profile, Book, Tag, Tagging },
    models: [Publisher, Author as AnyModel, Profile, Book as AnyModel, Tag, Tagging, Genre, BookGenre],
    rows: {
      Publisher: [
        { id: 1, name: 'P1' },
        { id: 2, name: 'P2' },
      ],
      Author: [
        { id: 1, name: 'A1', publisherId: 1 },
        { id: 2, name: 'A2', publisherId: null },
      ],
      Profile: [
        { id: 1, text: 'one', authorId: 1 },
        { id: 2, text: 'two', authorId: null },
      ],
      Book: [
        { id: 1, title: 'B1', authorId: 1 },
        { id: 2, title: 'B2', authorId: 1 },
        { id: 3, title: 'B3', authorId: null },
      ],
      Tag: [
        { id: 1, name: 'T1' },
        { id: 2, name: 'T2' },
        { id: 3, name: 'T3' },
      ],
      Tagging: [
        { bookId: 1, tagId: 1, weight: 1 },
        { bookId: 1, tagId: 2, weight: 2 },
      ],
      Genre: [{ id: 1, name: 'G1' }],
    },
  };
}

function define(sequelize: Sequelize): void {
  const name = { name: DataTypes.STRING };
  const Publisher = sequelize.define('Publisher', name, { timestamps: false });
  const Author = sequelize.define('Author', name);
  const Profile = sequelize.define('Profile', { text: DataTypes.STRING });
  const Book = sequelize.define('Book', { title: DataTypes.STRING });
  const Tag = sequelize.define('Tag', name, { timestamps: false });
  const Tagging = sequelize.define('Tagging', { weight: DataTypes.INTEGER }, { timestamps: false });
  const Genre = sequelize.define('Genre', name, { timestamps: false });
  Publisher.hasMany(Author, { foreignKey: 'publisherId' });
  Author.belongsTo(Publisher, { foreignKey: 'publisherId' });
  Author.hasOne(Profile, { foreignKey: 'authorId' });
  Profile.belongsTo(Author, { foreignKey: 'authorId' });
  Author.hasMany(Book, { foreignKey: { name: 'authorId', field: 'author_id' } });
  Book.belongsTo(Author, { foreignKey: { name: 'authorId', field: 'author_id' } });
  Book.belongsToMany(Tag, { through: Tagging, foreignKey: 'bookId', otherKey: 'tagId' });
  Tag.belongsToMany(Book, { through: Tagging, foreignKey: 'tagId', otherKey: 'bookId' });
  // A model of the middle that nobody has defined.
  Book.belongsToMany(Genre, { through: 'BookGenre', timestamps: false });
}
