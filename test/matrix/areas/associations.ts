/** What associations add to instances: set, add, remove and create. */
import type { Sequelize } from 'sequelize';
import { type Area, load } from '../area.js';
import { library } from './library.js';

export function associations(sequelize: Sequelize): Area {
  const { Publisher, Author, Profile, Book, Tag, models, rows } = library(sequelize);

  return {
    title: 'Methods of associations',
    models,
    rows,
    paths: {
      'author.setPublisher(publisher), belongsTo': {
        entry: 'an update of the author',
        write: async (options) =>
          (await load(Author, options)).setPublisher(await load(Publisher, options, 2), options),
      },
      'author.setPublisher(key)': {
        entry: 'an update of the author',
        write: async (options) => (await load(Author, options)).setPublisher(2, options),
      },
      'author.setPublisher(null)': {
        entry: 'an update of the author',
        write: async (options) => (await load(Author, options)).setPublisher(null, options),
      },
      'author.createPublisher(values)': {
        entry: 'a create, and an update of the author',
        isSeveral: true,
        write: async (options) => (await load(Author, options)).createPublisher({ name: 'new' }, options),
      },
      'author.setProfile(profile), hasOne': {
        entry: 'an update of the profile before and of the new one',
        isSeveral: true,
        write: async (options) => (await load(Author, options)).setProfile(await load(Profile, options, 2), options),
      },
      'author.setProfile(key)': {
        entry: 'an update of the profile before and of the new one',
        isSeveral: true,
        write: async (options) => (await load(Author, options)).setProfile(2, options),
      },
      'author.setProfile(null)': {
        entry: 'an update of the profile before',
        write: async (options) => (await load(Author, options)).setProfile(null, options),
      },
      'author.createProfile(values)': {
        entry: 'a create',
        write: async (options) => (await load(Author, options, 2)).createProfile({ text: 'new' }, options),
      },
      'author.setBooks(books), hasMany': {
        entry: 'an update of each book that left or came',
        isSeveral: true,
        write: async (options) => (await load(Author, options)).setBooks([await load(Book, options, 3)], options),
      },
      'author.setBooks([])': {
        entry: 'an update of each book that left',
        write: async (options) => (await load(Author, options)).setBooks([], options),
      },
      'author.setBooks(what is there)': {
        entry: 'nothing',
        isIdle: true,
        write: async (options) => (await load(Author, options)).setBooks([1, 2], options),
      },
      'author.addBook(book)': {
        entry: 'an update of the book',
        write: async (options) => (await load(Author, options)).addBook(await load(Book, options, 3), options),
      },
      'author.addBook(key, { individualHooks })': {
        entry: 'an update of the book',
        write: async (options) => (await load(Author, options)).addBook(3, { ...options, individualHooks: true }),
      },
      'author.addBooks(keys)': {
        entry: 'an update of each book',
        write: async (options) => (await load(Author, options, 2)).addBooks([1, 3], options),
      },
      'author.removeBook(book)': {
        entry: 'an update of the book',
        write: async (options) => (await load(Author, options)).removeBook(await load(Book, options), options),
      },
      'author.removeBooks(keys)': {
        entry: 'an update of each book',
        write: async (options) => (await load(Author, options)).removeBooks([1, 2], options),
      },
      'author.createBook(values)': {
        entry: 'a create',
        write: async (options) => (await load(Author, options)).createBook({ title: 'new' }, options),
      },
      'book.setTags(tags), belongsToMany': {
        entry: 'a destroy and a create of what stands between',
        isSeveral: true,
        write: async (options) =>
          (await load(Book, options)).setTags([await load(Tag, options, 2), await load(Tag, options, 3)], options),
      },
      'book.setTags(keys, { through })': {
        entry: 'a destroy, an update and a create of what stands between',
        isSeveral: true,
        write: async (options) => (await load(Book, options)).setTags([2, 3], { ...options, through: { weight: 9 } }),
      },
      'book.setTags([])': {
        entry: 'a destroy of each that stands between',
        write: async (options) => (await load(Book, options)).setTags([], options),
      },
      'book.addTag(tag)': {
        entry: 'a create of what stands between',
        write: async (options) => (await load(Book, options)).addTag(await load(Tag, options, 3), options),
      },
      'book.addTag(key, { through })': {
        entry: 'a create of what stands between',
        write: async (options) => (await load(Book, options)).addTag(3, { ...options, through: { weight: 9 } }),
      },
      'book.addTag(one that is there, { through })': {
        entry: 'an update of what stands between',
        write: async (options) => (await load(Book, options)).addTag(1, { ...options, through: { weight: 9 } }),
      },
      'book.addTag(one that is there)': {
        entry: 'nothing',
        isIdle: true,
        write: async (options) => (await load(Book, options)).addTag(1, options),
      },
      'book.addTag(key, { individualHooks })': {
        entry: 'a create of what stands between',
        write: async (options) => (await load(Book, options)).addTag(3, { ...options, individualHooks: true }),
      },
      'book.addTags(keys)': {
        entry: 'a create of each that stands between',
        write: async (options) => (await load(Book, options, 2)).addTags([1, 2, 3], options),
      },
      'book.removeTag(tag)': {
        entry: 'a destroy of what stands between',
        write: async (options) => (await load(Book, options)).removeTag(await load(Tag, options), options),
      },
      'book.removeTags(keys)': {
        entry: 'a destroy of each that stands between',
        write: async (options) => (await load(Book, options)).removeTags([1, 2], options),
      },
      'book.createTag(values)': {
        entry: 'a create of the tag, and of what stands between',
        isSeveral: true,
        write: async (options) => (await load(Book, options)).createTag({ name: 'new' }, options),
      },
      'book.createTag(values, { through })': {
        entry: 'a create of the tag, and of what stands between',
        isSeveral: true,
        write: async (options) =>
          (await load(Book, options)).createTag({ name: 'new' }, { ...options, through: { weight: 9 } }),
      },
      "book.addGenre(key), through a model of Sequelize's own": {
        entry: 'a create of what stands between',
        write: async (options) => (await load(Book, options)).addGenre(1, options),
      },
      'book.setAuthor(author, { save: false })': {
        entry: 'nothing',
        isIdle: true,
        write: async (options) => (await load(Book, options)).setAuthor(2, { ...options, save: false }),
      },
    },
  };
}
