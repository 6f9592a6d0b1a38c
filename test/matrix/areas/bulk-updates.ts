/** `Model.update` in all its forms. */
import { DataTypes, Op, type Sequelize } from 'sequelize';
import { type Any, type Area, onAll } from '../area.js';

export function bulkUpdates(sequelize: Sequelize): Area {
  const attributes = {
    title: DataTypes.STRING,
    state: { type: DataTypes.STRING, field: 'task_state' },
    count: { type: DataTypes.INTEGER, defaultValue: 0 },
    code: { type: DataTypes.STRING, unique: true },
    data: DataTypes.JSON,
  };
  const Task = sequelize.define<Any>('Task', attributes, {
    defaultScope: { where: { count: { [Op.gt]: 0 } } },
    scopes: { open: { where: { state: 'open' } } },
  });
  // A hook that makes the rows of one update differ, so that Sequelize saves them one by one.
  const Ranked = sequelize.define<Any>('Ranked', attributes, {
    hooks: { beforeUpdate: (one) => void one.set('count', (one.id as number) * 10) },
  });
  const rows = [
    { id: 1, title: 'one', state: 'open', count: 1, code: 'a', data: { a: { b: 1 }, list: [1, 2] } },
    { id: 2, title: 'two', state: 'open', count: 2, code: 'b', data: null },
    { id: 3, title: 'three', state: 'done', count: 3, code: 'c', data: {} },
    { id: 4, title: 'hidden', state: 'open', count: 0, code: 'd', data: [] },
  ];

  return {
    title: 'Bulk updates',
    models: [Task, Ranked],
    rows: { Task: rows, Ranked: rows },
    paths: {
      'Task.update(values, { where: { id } })': {
        entry: 'an update',
        write: (options) => Task.update({ title: 'new' }, { ...options, where: { id: 1 } }),
      },
      'Task.update(values, { where: {} })': {
        entry: 'an update for each row that changed',
        write: (options) => Task.update({ title: 'one' }, { ...options, where: {} }),
      },
      'Task.update({ state }, { where: { state } })': {
        entry: 'an update for each row',
        write: (options) => Task.update({ state: 'done' }, { ...options, where: { state: 'open' } }),
      },
      'Task.update(values, { where: literal })': {
        entry: 'an update for each row',
        write: (options) => Task.update({ count: 9 }, { ...options, where: sequelize.literal('count < 3') }),
      },
      'Task.update(values, { where: { [Op.or] } })': {
        entry: 'an update for each row',
        write: (options) =>
          Task.update({ count: 9 }, { ...options, where: { [Op.or]: [{ id: 1 }, { title: { [Op.like]: 'th%' } }] } }),
      },
      'Task.update(values, { where, limit })': {
        entry: 'an update for each row that it took',
        write: (options) => Task.update({ title: 'new' }, { ...options, where: { state: 'open' }, limit: 1 }),
      },
      'Task.update({ state }, { where: { state }, limit })': {
        entry: 'an update for each row that it took',
        write: (options) => Task.update({ state: 'done' }, { ...options, where: { state: 'open' }, limit: 1 }),
      },
      'Task.update(values, { where: no row })': {
        entry: 'nothing',
        isIdle: true,
        write: (options) => Task.update({ title: 'new' }, { ...options, where: { id: 99 } }),
      },
      'Task.update(what is stored, { where, silent: true })': {
        entry: 'nothing',
        isIdle: true,
        write: (options) => Task.update({ state: 'open' }, { ...options, where: { state: 'open' }, silent: true }),
      },
      'Task.update(values, { where, fields })': {
        entry: 'an update of these attributes',
        write: (options) =>
          Task.update({ title: 'new', count: 9 }, { ...options, where: { id: 1 }, fields: ['title'] }),
      },
      'Task.update({ count: literal }, { where })': {
        entry: 'an update to the value that the database computed',
        write: (options) =>
          Task.update({ count: sequelize.literal('count * 10') }, { ...options, where: { id: [1, 2] } }),
      },
      'Task.update({ data }, { where })': {
        entry: 'an update of the parts of the JSON that changed',
        write: (options) => Task.update({ data: { a: { b: 2 }, list: [2] } }, { ...options, where: { id: [1, 2] } }),
      },
      'Task.update({ id }, { where: { id } })': {
        entry: 'a destroy under the old key, a create under the new',
        write: (options) => Task.update({ id: 51 }, { ...options, where: { id: 1 } }),
      },
      'Task.update({ id: literal }, { where })': {
        entry: 'a destroy and a create for each row',
        write: (options) => Task.update({ id: sequelize.literal('id + 100') }, { ...options, where: { id: [1, 2] } }),
      },
      'Task.update({ id: literal }), keys that others leave': {
        entry: 'a destroy and a create for each row',
        isChain: true,
        write: (options) => Task.update({ id: sequelize.literal('id - 1') }, { ...options, where: {} }),
      },
      'Task.update({ id }, { where }), a taken key': {
        entry: 'nothing',
        isIdle: true,
        fails: onAll('the key is taken'),
        write: (options) => Task.update({ id: 2 }, { ...options, where: { id: 1 } }),
      },
      'Task.update({ code }, { where }), a taken unique value': {
        entry: 'nothing',
        isIdle: true,
        fails: onAll('the code is taken'),
        write: (options) => Task.update({ code: 'c' }, { ...options, where: { state: 'open' } }),
      },
      'Task.update(values, { where, returning: true })': {
        entry: 'an update for each row',
        write: (options) => Task.update({ title: 'new' }, { ...options, where: { state: 'open' }, returning: true }),
      },
      'Task.update(values, { where, returning: [attribute] })': {
        entry: 'an update for each row',
        write: (options) =>
          Task.update({ title: 'new' }, { ...options, where: { state: 'open' }, returning: ['title'] }),
      },
      'Task.update(values, { where, individualHooks })': {
        entry: 'an update for each row',
        write: (options) =>
          Task.update({ title: 'new' }, { ...options, where: { state: 'open' }, individualHooks: true }),
      },
      'Ranked.update(…, { individualHooks }), rows that differ': {
        entry: 'an update for each row',
        isSeveral: true,
        write: (options) =>
          Ranked.update({ count: 5 }, { ...options, where: { state: 'open' }, individualHooks: true }),
      },
      "Task.scope('open').update(values, { where: {} })": {
        entry: 'an update for each row of the scope',
        write: (options) => Task.scope('open').update({ title: 'new' }, { ...options, where: {} }),
      },
      'Task.unscoped().update(values, { where: {} })': {
        entry: 'an update for each row',
        write: (options) => Task.unscoped().update({ title: 'new' }, { ...options, where: {} }),
      },
    },
  };
}
