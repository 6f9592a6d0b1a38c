/** Nested creates: `include` in create, save and bulkCreate. */
import type { Sequelize } from 'sequelize';
import type { Area } from '../area.js';
import { library } from './library.js';

export function includes(sequelize: Sequelize): Area {
  const { Publisher, Author, Profile, Book, Tag, models, rows } = library(sequelize);
  const authorOfBooks = { name: 'new', Books: [{ title: 'x' }, { title: 'y' }] };
  const taggedBook = { title: 'new', Tags: [{ name: 'x', Tagging: { weight: 9 } }, { name: 'y' }] };
  const deep = { model: Author, include: [Profile, { model: Book, include: [Tag] }] };

  return {
    title: 'Nested creates',
    models,
    rows,
    paths: {
      'Author.create(values, { include: Publisher }), belongsTo': {
        entry: 'a create of each',
        isSeveral: true,
        write: (options) =>
          Author.create({ name: 'new', Publisher: { name: 'new' } }, { ...options, include: [Publisher] }),
      },
      'Author.create(values, { include: Profile }), hasOne': {
        entry: 'a create of each',
        isSeveral: true,
        write: (options) =>
          Author.create({ name: 'new', Profile: { text: 'new' } }, { ...options, include: [Profile] }),
      },
      'Author.create(values, { include: Book }), hasMany': {
        entry: 'a create of each',
        isSeveral: true,
        write: (options) => Author.create(authorOfBooks, { ...options, include: [Book] }),
      },
      'Book.create(values, { include: Tag }), belongsToMany': {
        entry: 'a create of each, and of what stands between',
        isSeveral: true,
        write: (options) => Book.create(taggedBook, { ...options, include: [Tag] }),
      },
      'Publisher.create(values, { include }), four levels': {
        entry: 'a create of each',
        isSeveral: true,
        write: (options) =>
          Publisher.create(
            {
              name: 'new',
              Authors: [{ name: 'new', Profile: { text: 'new' }, Books: [taggedBook] }, { name: 'newer' }],
            },
            { ...options, include: [deep] },
          ),
      },
      'Author.build(values, { include }).save()': {
        entry: 'a create of each',
        isSeveral: true,
        write: (options) => Author.build(authorOfBooks, { include: [Book] }).save(options),
      },
      'author.save(), with changed children that are loaded': {
        entry: 'an update of the author alone',
        write: async (options) => {
          const author = await Author.findByPk(1, { ...options, include: [Book], rejectOnEmpty: true });
          (author.Books as (typeof author)[])[0]?.set('title', 'never');
          await author.set('name', 'new').save(options);
        },
      },
      'Author.bulkCreate(rows, { include: Publisher })': {
        entry: 'a create of each',
        isSeveral: true,
        write: (options) =>
          Author.bulkCreate(
            [{ name: 'new', Publisher: { name: 'x' } }, { name: 'newer', Publisher: { name: 'y' } }, { name: 'z' }],
            { ...options, include: [Publisher] },
          ),
      },
      'Author.bulkCreate(rows, { include: [Profile, Book] })': {
        entry: 'a create of each',
        isSeveral: true,
        write: (options) =>
          Author.bulkCreate([{ ...authorOfBooks, Profile: { text: 'new' } }, authorOfBooks], {
            ...options,
            include: [Profile, Book],
          }),
      },
      'Book.bulkCreate(rows, { include: Tag })': {
        entry: 'a create of each, and of what stands between',
        isSeveral: true,
        write: (options) => Book.bulkCreate([taggedBook, taggedBook], { ...options, include: [Tag] }),
      },
    },
  };
}
