/** Calls that write whatever rows a condition finds. */
import { Op } from 'sequelize';
import { type Cases, draft, household, posts, settings, taggedPost, users } from '../case.js';

const some = () => ({ count: { [Op.gte]: 2 } });

export const bulkWrites: Cases = {
  'Model.update': {
    prepare: users,
    call: ({ User }, options) => [User, 'update', { name: 'X', data: { n: [1] } }, { ...options, where: some() }],
  },
  'Model.update of nobody': {
    prepare: users,
    call: ({ User }, options) => [User, 'update', { name: 'X' }, { ...options, where: { id: 99 } }],
  },
  'Model.update of what it looks for': {
    prepare: users,
    call: ({ User }, options) => [User, 'update', { count: 0 }, { ...options, where: { count: 2 } }],
  },
  'Model.update, returning: true': {
    prepare: users,
    call: ({ User }, options) => [User, 'update', { name: 'X' }, { ...options, where: some(), returning: true }],
  },
  'Model.update, returning one attribute': {
    prepare: users,
    call: ({ User }, options) => [User, 'update', { name: 'X' }, { ...options, where: some(), returning: ['id'] }],
  },
  'Model.update, individualHooks': {
    isParallel: true,
    prepare: users,
    call: ({ User }, options) => [User, 'update', { name: 'X' }, { ...options, where: some(), individualHooks: true }],
  },
  'Model.update, individualHooks, returning: true': {
    isParallel: true,
    prepare: users,
    call: ({ User }, options) => [
      User,
      'update',
      { name: 'X' },
      { ...options, where: some(), individualHooks: true, returning: true },
    ],
    rejectsOn: ['sqlite', 'mariadb', 'mysql'],
  },
  'Model.update, individualHooks that differ': {
    isParallel: true,
    prepare: users,
    call: ({ User }, options) => [
      User,
      'update',
      { isOpen: false },
      { ...options, where: some(), individualHooks: true },
    ],
    effects: { beforeUpdate: (it: { id: number; count: number }) => Object.assign(it, { count: it.id * 100 }) },
  },
  'Model.update, hooks: false': {
    prepare: users,
    call: ({ User }, options) => [User, 'update', { name: 'X' }, { ...options, where: some(), hooks: false }],
  },
  'Model.update, limit': {
    prepare: users,
    call: ({ User }, options) => [User, 'update', { name: 'X' }, { ...options, where: {}, limit: 1 }],
  },
  'Model.update, silent, of some fields': {
    prepare: users,
    call: ({ User }, options) => [
      User,
      'update',
      { name: 'X', count: 9 },
      { ...options, where: {}, silent: true, fields: ['name'] },
    ],
  },
  'Model.update with a literal': {
    prepare: users,
    call: ({ User, sequelize }, options) => [
      User,
      'update',
      { count: sequelize.literal('count + 10') },
      { ...options, where: sequelize.literal('count > 1') },
    ],
  },
  'Model.update, paranoid: false': {
    prepare: posts,
    call: ({ Post }, options) => [Post, 'update', { title: 'X' }, { ...options, where: {}, paranoid: false }],
  },
  'Model.update in a scope': {
    prepare: users,
    call: ({ User }, options) => [User.scope('open'), 'update', { name: 'X' }, { ...options, where: {} }],
  },
  'Model.update of a key that others refer to': {
    prepare: taggedPost,
    call: ({ Tag }, options) => [Tag, 'update', { name: 'crimson' }, { ...options, where: { name: 'red' } }],
  },
  'Model.update of a composite key': {
    prepare: settings,
    call: ({ Setting }, options) => [Setting, 'update', { scope: 'z' }, { ...options, where: { scope: 'a' } }],
  },
  'Model.update of a model with a version': {
    prepare: draft,
    call: ({ Draft }, options) => [Draft, 'update', { size: 1 }, { ...options, where: {} }],
  },

  'Model.destroy': { prepare: users, call: ({ User }, options) => [User, 'destroy', { ...options, where: some() }] },
  'Model.destroy of nobody': {
    prepare: users,
    call: ({ User }, options) => [User, 'destroy', { ...options, where: { id: 99 } }],
  },
  'Model.destroy, limit': {
    prepare: users,
    call: ({ User }, options) => [User, 'destroy', { ...options, where: {}, limit: 2 }],
  },
  'Model.destroy, individualHooks': {
    isParallel: true,
    prepare: users,
    call: ({ User }, options) => [User, 'destroy', { ...options, where: some(), individualHooks: true }],
  },
  'Model.destroy, hooks: false': {
    prepare: users,
    call: ({ User }, options) => [User, 'destroy', { ...options, where: some(), hooks: false }],
  },
  'Model.destroy of what others refer to': {
    prepare: household,
    call: ({ User }, options) => [User, 'destroy', { ...options, where: {} }],
  },
  'Model.destroy, soft': { prepare: posts, call: ({ Post }, options) => [Post, 'destroy', { ...options, where: {} }] },
  'Model.destroy, soft, individualHooks': {
    isParallel: true,
    prepare: posts,
    call: ({ Post }, options) => [Post, 'destroy', { ...options, where: {}, individualHooks: true }],
  },
  'Model.destroy, force': {
    prepare: posts,
    call: ({ Post }, options) => [Post, 'destroy', { ...options, where: {}, force: true }],
  },
  'Model.destroy of all, truncate': {
    prepare: taggedPost,
    call: ({ PostTag }, options) => [PostTag, 'destroy', { ...options, truncate: true }],
  },
  'Model.truncate': { prepare: settings, call: ({ Setting }, options) => [Setting, 'truncate', options] },
  'Model.truncate, cascade': {
    prepare: household,
    call: ({ User }, options) => [User, 'truncate', { ...options, cascade: true }],
    rejectsOn: ['mariadb', 'mysql'],
  },
  'Model.truncate, restartIdentity': {
    prepare: taggedPost,
    call: ({ PostTag }, options) => [PostTag, 'truncate', { ...options, restartIdentity: true }],
  },
  'Model.truncate of a paranoid model': { prepare: posts, call: ({ Post }, options) => [Post, 'truncate', options] },

  'Model.restore': { prepare: posts, call: ({ Post }, options) => [Post, 'restore', options] },
  'Model.restore, individualHooks': {
    isParallel: true,
    prepare: posts,
    call: ({ Post }, options) => [Post, 'restore', { ...options, where: { title: 'two' }, individualHooks: true }],
  },
  'Model.restore, limit': { prepare: posts, call: ({ Post }, options) => [Post, 'restore', { ...options, limit: 1 }] },

  'Model.increment': {
    prepare: users,
    call: ({ User }, options) => [User, 'increment', 'count', { ...options, where: some() }],
  },
  'Model.increment of two': {
    prepare: users,
    call: ({ User }, options) => [User, 'increment', { count: 2, rank: -1 }, { ...options, where: some() }],
  },
  'Model.increment, silent': {
    prepare: users,
    call: ({ User }, options) => [User, 'increment', ['count'], { ...options, by: 7, where: {}, silent: true }],
  },
  'Model.decrement': {
    prepare: users,
    call: ({ User }, options) => [User, 'decrement', 'count', { ...options, by: 2, where: { id: 1 } }],
  },
  'Model.increment of nobody': {
    prepare: users,
    call: ({ User }, options) => [User, 'increment', 'count', { ...options, where: { id: 99 } }],
  },
};
