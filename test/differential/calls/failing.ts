/** Calls that fail, each in every way that it can. */
import {
  type Case,
  type Cases,
  draft,
  everyDialect,
  type Given,
  household,
  post,
  settings,
  taggedPost,
  users,
} from '../case.js';
import type { Any } from '../models.js';

const duplicate = { email: 'ann@example.org' };
const failing = (cases: Readonly<Record<string, Omit<Case, 'rejectsOn'>>>, rejectsOn = everyDialect): Cases =>
  Object.fromEntries(Object.entries(cases).map(([title, each]) => [title, { ...each, rejectsOn }]));

const staleDraft = async (given: Given): Promise<Any> => {
  const stale = await draft(given);
  await (await given.Draft.findOne({ rejectOnEmpty: true })).update({ size: 2 });
  return stale;
};

export const uniqueViolations = failing({
  create: { prepare: users, call: ({ User }, options) => [User, 'create', { ...duplicate }, options] },
  'create of a key that is taken': {
    prepare: settings,
    call: ({ Setting }, options) => [Setting, 'create', { scope: 'a', key: 'x' }, options],
  },
  save: {
    prepare: users,
    call: (_, options, it) => [it, 'update', { email: 'bob@example.org' }, options],
  },
  bulkCreate: {
    prepare: users,
    call: ({ User }, options) => [User, 'bulkCreate', [{ email: 'dan@example.org' }, { ...duplicate }], options],
  },
  'bulkCreate, individualHooks': {
    prepare: users,
    call: ({ User }, options) => [User, 'bulkCreate', [{ ...duplicate }], { ...options, individualHooks: true }],
  },
  'Model.update': {
    prepare: users,
    call: ({ User }, options) => [User, 'update', { email: 'bob@example.org' }, { ...options, where: { id: 1 } }],
  },
  'Model.update of a key': {
    prepare: settings,
    call: ({ Setting }, options) => [Setting, 'update', { scope: 'a' }, { ...options, where: { scope: 'b' } }],
  },
  'nested create': {
    prepare: users,
    call: ({ User, Post }, options) => [
      Post,
      'create',
      { title: 'one', User: { ...duplicate } },
      { ...options, include: [User] },
    ],
  },
  'queryInterface.bulkInsert': {
    prepare: settings,
    call: ({ sequelize }, options) => [
      sequelize.getQueryInterface(),
      'bulkInsert',
      'Settings',
      [{ scope: 'a', key: 'x' }],
      { ...options },
    ],
  },
});

const missing = 'missing';
export const foreignKeyViolations = failing({
  create: { call: ({ Post }, options) => [Post, 'create', { title: 'one', UserId: 99 }, options] },
  save: { prepare: post, call: (_, options, it) => [it, 'update', { UserId: 99 }, options] },
  bulkCreate: { call: ({ Post }, options) => [Post, 'bulkCreate', [{ title: 'one', UserId: 99 }], options] },
  'Model.update': {
    prepare: post,
    call: ({ Post }, options) => [Post, 'update', { UserId: 99 }, { ...options, where: {} }],
  },
  'belongsTo.set': { prepare: post, call: (_, options, it) => [it, 'setUser', 99, options] },
  'belongsToMany.add': { prepare: taggedPost, call: (_, options, it) => [it, 'addTag', missing, options] },
  upsert: { call: ({ Post }, options) => [Post, 'upsert', { title: 'one', UserId: 99 }, options] },
});

export const otherErrors = failing({
  'create of null where none may be': {
    call: ({ User }, options) => [User, 'create', { email: null }, { ...options, validate: false }],
  },
  'Model.update to null where none may be': {
    prepare: users,
    call: ({ User }, options) => [User, 'update', { email: null }, { ...options, where: {}, validate: false }],
  },
  'bulkCreate of null where none may be': {
    call: ({ User }, options) => [User, 'bulkCreate', [{ name: 'Eve' }], options],
  },
  'create of what is not valid': { call: ({ User }, options) => [User, 'create', { email: 'no address' }, options] },
  'bulkCreate of what is not valid': {
    call: ({ User }, options) => [
      User,
      'bulkCreate',
      [{ email: 'eve@example.org' }, { email: 'no address' }, { name: 'Eve' }],
      { ...options, validate: true },
    ],
  },
  'upsert of what is not valid': { call: ({ User }, options) => [User, 'upsert', { email: 'no address' }, options] },
  'save of what has a newer version': {
    prepare: staleDraft,
    call: (_, options, it) => [it, 'update', { size: 3 }, options],
  },
  'an unknown column in a condition': {
    prepare: users,
    call: ({ User }, options) => [User, 'update', { name: 'X' }, { ...options, where: { nothing: 1 } }],
  },
  'an unknown column in Model.destroy': {
    prepare: users,
    call: ({ User }, options) => [User, 'destroy', { ...options, where: { nothing: 1 } }],
  },
  'an unknown column in a literal': {
    prepare: users,
    call: ({ sequelize }, options, it) => [it, 'update', { count: sequelize.literal('nothing + 1') }, options],
  },
  'an unknown column in increment': {
    prepare: users,
    call: ({ sequelize, User }, options) => [
      sequelize.getQueryInterface(),
      'increment',
      User,
      'Users',
      { id: 1 },
      { nothing: 1 },
      {},
      { ...options },
    ],
  },
  'an unknown table': {
    call: ({ sequelize }, options) => [
      sequelize.getQueryInterface(),
      'bulkInsert',
      'Nowhere',
      [{ id: 1 }],
      { ...options },
    ],
  },
  'Model.update without a condition': {
    prepare: users,
    call: ({ User }, options) => [User, 'update', { name: 'X' }, options],
  },
  'Model.destroy without a condition': { prepare: users, call: ({ User }, options) => [User, 'destroy', options] },
  'Model.restore of what is not paranoid': {
    prepare: settings,
    call: ({ Setting }, options) => [Setting, 'restore', { ...options, where: {} }],
  },
});

const stop = () => {
  throw new Error('The application says no');
};

export const hookErrors = failing({
  'create, stopped before': {
    call: ({ User }, options) => [User, 'create', { email: 'eve@example.org' }, options],
    effects: { beforeCreate: stop },
  },
  'create, stopped after': {
    call: ({ User }, options) => [User, 'create', { email: 'eve@example.org' }, options],
    effects: { afterCreate: stop },
  },
  'update, stopped after': {
    prepare: users,
    call: (_, options, it) => [it, 'update', { name: 'X' }, options],
    effects: { afterUpdate: stop },
  },
  'destroy, stopped by what belongs to it': {
    prepare: household,
    call: (_, options, it) => [it, 'destroy', options],
    effects: { beforeDestroy: (it: Any) => it.constructor.name === 'Item' && stop() },
  },
  'Model.update, stopped after': {
    prepare: users,
    call: ({ User }, options) => [User, 'update', { name: 'X' }, { ...options, where: {} }],
    effects: { afterBulkUpdate: stop },
  },
  'Model.update, one row stopped before': {
    isParallel: true,
    prepare: users,
    call: ({ User }, options) => [User, 'update', { name: 'X' }, { ...options, where: {}, individualHooks: true }],
    effects: { beforeUpdate: stop },
  },
  'bulkCreate, stopped after': {
    call: ({ User }, options) => [User, 'bulkCreate', [{ email: 'eve@example.org' }], options],
    effects: { afterBulkCreate: stop },
  },
});
