/** Writes of a model that is paranoid, has a version, and names its columns in the underscored way. */
import { DataTypes, type Sequelize } from 'sequelize';
import { type Any, type Area, load, onAll } from '../area.js';

export function paranoids(sequelize: Sequelize): Area {
  const Memo = sequelize.define<Any>(
    'Memo',
    { title: DataTypes.STRING, pageCount: { type: DataTypes.INTEGER, defaultValue: 0 } },
    { paranoid: true, version: true, underscored: true },
  );
  const deletedAt = new Date('2021-01-01T00:00:00Z');

  return {
    title: 'A paranoid, versioned, underscored model',
    models: [Memo],
    rows: {
      Memo: [
        { id: 1, title: 'one', pageCount: 1, version: 0 },
        { id: 2, title: 'two', pageCount: 1, version: 4 },
        { id: 3, title: 'gone', pageCount: 1, version: 1, deletedAt },
      ],
    },
    paths: {
      'Memo.create(values)': {
        entry: 'a create',
        write: (options) => Memo.create({ title: 'new' }, options),
      },
      'Memo.bulkCreate(rows)': {
        entry: 'a create for each row',
        write: (options) => Memo.bulkCreate([{ title: 'new' }, { title: 'newer' }], options),
      },
      'Memo.upsert(values of a row)': {
        entry: 'an update',
        write: (options) => Memo.upsert({ id: 1, title: 'new' }, options),
      },
      'Memo.upsert(values of a destroyed row)': {
        entry: 'an update',
        write: (options) => Memo.upsert({ id: 3, title: 'new' }, options),
      },
      'memo.update(values)': {
        entry: 'an update, the version in it',
        write: async (options) => (await load(Memo, options)).update({ title: 'new' }, options),
      },
      'memo.update(values) of a stale version': {
        entry: 'nothing',
        isIdle: true,
        fails: onAll('Sequelize finds another version'),
        write: async (options) => {
          const memo = await load(Memo, options);
          memo.set('version', 9, { raw: true });
          await memo.update({ title: 'new' }, options);
        },
      },
      'memo.update(values) of a destroyed row': {
        entry: 'an update',
        write: async (options) => (await load(Memo, options, 3)).update({ title: 'new' }, options),
      },
      "memo.increment('pageCount')": {
        entry: 'an update, the version in it',
        write: async (options) => (await load(Memo, options)).increment('pageCount', options),
      },
      'memo.destroy(), soft': {
        entry: 'a destroy: the patch of deletedAt',
        write: async (options) => (await load(Memo, options)).destroy(options),
      },
      'memo.destroy(), soft, with unsaved changes': {
        entry: 'a destroy with these changes in it',
        write: async (options) => (await load(Memo, options)).set('title', 'new').destroy(options),
      },
      'memo.destroy() of a destroyed row': {
        entry: 'nothing',
        isIdle: true,
        write: async (options) => (await load(Memo, options, 3)).destroy(options),
      },
      'memo.destroy({ force: true })': {
        entry: 'a destroy of the whole record',
        write: async (options) => (await load(Memo, options)).destroy({ ...options, force: true }),
      },
      'memo.destroy({ force: true }) of a destroyed row': {
        entry: 'a destroy of the whole record',
        write: async (options) => (await load(Memo, options, 3)).destroy({ ...options, force: true }),
      },
      'memo.restore()': {
        entry: 'a restore',
        write: async (options) => (await load(Memo, options, 3)).restore(options),
      },
      'memo.restore() with unsaved changes': {
        entry: 'a restore with these changes in it',
        write: async (options) => (await load(Memo, options, 3)).set('title', 'back').restore(options),
      },
      'memo.restore() of a live row': {
        entry: 'nothing',
        isIdle: true,
        write: async (options) => (await load(Memo, options)).restore(options),
      },
      'Memo.update(values, { where })': {
        entry: 'an update for each live row',
        write: (options) => Memo.update({ title: 'new' }, { ...options, where: { pageCount: 1 } }),
      },
      'Memo.update(values, { where, paranoid: false })': {
        entry: 'an update for each row',
        write: (options) => Memo.update({ title: 'new' }, { ...options, where: { pageCount: 1 }, paranoid: false }),
      },
      'Memo.update({ deletedAt: null }, { paranoid: false })': {
        entry: 'a restore for each destroyed row, an update for others',
        write: (options) => Memo.update({ deletedAt: null }, { ...options, where: { pageCount: 1 }, paranoid: false }),
      },
      'Memo.update({ deletedAt }, { where })': {
        entry: 'a destroy for each row',
        write: (options) => Memo.update({ deletedAt: new Date() }, { ...options, where: { pageCount: 1 } }),
      },
      'Memo.destroy({ where }), soft': {
        entry: 'a destroy for each live row',
        write: (options) => Memo.destroy({ ...options, where: { pageCount: 1 } }),
      },
      'Memo.destroy({ where, limit }), soft': {
        entry: 'a destroy for each row that it took',
        write: (options) => Memo.destroy({ ...options, where: { pageCount: 1 }, limit: 1 }),
      },
      'Memo.destroy({ where, individualHooks }), soft': {
        entry: 'a destroy for each live row',
        write: (options) => Memo.destroy({ ...options, where: { pageCount: 1 }, individualHooks: true }),
      },
      'Memo.destroy({ where, force: true })': {
        entry: 'a destroy for each row, destroyed or not',
        write: (options) => Memo.destroy({ ...options, where: { pageCount: 1 }, force: true }),
      },
      'Memo.destroy({ where, force: true, individualHooks })': {
        entry: 'a destroy for each row, destroyed or not',
        write: (options) => Memo.destroy({ ...options, where: { pageCount: 1 }, force: true, individualHooks: true }),
      },
      'Memo.destroy({ where: destroyed rows })': {
        entry: 'nothing',
        isIdle: true,
        write: (options) => Memo.destroy({ ...options, where: { id: 3 } }),
      },
      'Memo.truncate(), soft': {
        entry: 'a destroy for each live row',
        write: (options) => Memo.truncate(options),
      },
      'Memo.truncate({ force: true })': {
        entry: 'a destroy for each row, destroyed or not',
        isCommit: true,
        write: (options) => Memo.truncate({ ...options, force: true }),
      },
      'Memo.restore({ where })': {
        entry: 'a restore for each destroyed row',
        write: (options) => Memo.restore({ ...options, where: { pageCount: 1 } }),
      },
      'Memo.restore({ where, individualHooks })': {
        entry: 'a restore for each destroyed row',
        write: (options) => Memo.restore({ ...options, where: { pageCount: 1 }, individualHooks: true }),
      },
      'Memo.restore({ where: live rows })': {
        entry: 'nothing',
        isIdle: true,
        write: (options) => Memo.restore({ ...options, where: { id: 1 } }),
      },
      "Memo.increment('pageCount', { where })": {
        entry: 'an update for each row',
        write: (options) => Memo.increment('pageCount', { ...options, where: { pageCount: 1 } }),
      },
    },
  };
}
