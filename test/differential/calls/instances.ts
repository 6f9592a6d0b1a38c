/** Calls that write one row by its instance. */
import { aged, type Cases, draft, household, post, posts, settings, user } from '../case.js';

const eve = { email: 'eve@example.org', name: 'Eve', data: { deep: { x: [1] } } };

export const instances: Cases = {
  create: { call: ({ User }, options) => [User, 'create', { ...eve }, options] },
  'create with fields': {
    call: ({ User }, options) => [User, 'create', { ...eve, count: 9 }, { ...options, fields: ['email', 'name'] }],
  },
  'create, returning: false': {
    call: ({ User }, options) => [User, 'create', { ...eve }, { ...options, returning: false }],
  },
  'create, returning one attribute': {
    call: ({ User }, options) => [User, 'create', { ...eve }, { ...options, returning: ['email'] }],
  },
  'create, hooks: false': { call: ({ User }, options) => [User, 'create', { ...eve }, { ...options, hooks: false }] },
  'create, silent': {
    call: ({ User }, options) => [User, 'create', { ...eve, ...aged }, { ...options, silent: true }],
  },
  'create, validate: false': {
    call: ({ User }, options) => [User, 'create', { ...eve, email: 'no address' }, { ...options, validate: false }],
  },
  'create, raw': { call: ({ User }, options) => [User, 'create', { ...eve }, { ...options, raw: true }] },
  'create, ignoreDuplicates': {
    call: ({ User }, options) => [User, 'create', { ...eve }, { ...options, ignoreDuplicates: true }],
  },
  'create of a duplicate, ignoreDuplicates': {
    prepare: user,
    call: ({ User }, options) => [User, 'create', { email: 'ann@example.org' }, { ...options, ignoreDuplicates: true }],
    rejectsOn: ['postgres'],
  },
  'create with a literal': {
    call: ({ User, sequelize }, options) => [
      User,
      'create',
      { ...eve, count: sequelize.literal('40 + 2'), name: sequelize.fn('upper', 'eve') },
      options,
    ],
  },
  'create with a key of its own': { call: ({ User }, options) => [User, 'create', { ...eve, id: 77 }, options] },
  'create with a generated uuid': { call: ({ Item }, options) => [Item, 'create', { size: 1 }, options] },
  'create with a composite key': {
    call: ({ Setting }, options) => [Setting, 'create', { scope: 'a', key: 'x', value: 'new' }, options],
  },
  'create with an audit context': {
    call: ({ User }, options) => [User, 'create', { ...eve }, { ...options, audit: { actor: 'me', meta: { a: 1 } } }],
  },
  'create, audit: false': { call: ({ User }, options) => [User, 'create', { ...eve }, { ...options, audit: false }] },
  'build and save': { call: ({ User }, options) => [User.build({ ...eve }), 'save', options] },

  update: { prepare: user, call: (_, options, it) => [it, 'update', { name: 'Anna' }, options] },
  'update of JSON': { prepare: user, call: (_, options, it) => [it, 'update', { data: { a: [2] } }, options] },
  'update of nothing': { prepare: user, call: (_, options, it) => [it, 'update', { name: 'Ann' }, options] },
  'update with a literal': {
    prepare: user,
    call: ({ sequelize }, options, it) => [it, 'update', { count: sequelize.literal('count + 1') }, options],
  },
  'update, returning: true': {
    prepare: user,
    call: ({ sequelize }, options, it) => [
      it,
      'update',
      { count: sequelize.literal('count + 1') },
      { ...options, returning: true },
    ],
  },
  'update, silent': {
    prepare: user,
    call: (_, options, it) => [it, 'update', { name: 'A' }, { ...options, silent: true }],
  },
  'update, hooks: false': {
    prepare: user,
    call: (_, options, it) => [it, 'update', { name: 'A' }, { ...options, hooks: false }],
  },
  'update of a destroyed record': { prepare: posts, call: (_, options, it) => [it, 'update', { title: 'A' }, options] },
  'update of a record with a version': {
    prepare: draft,
    call: (_, options, it) => [it, 'update', { size: 9 }, options],
  },
  'update of a record with a composite key': {
    prepare: settings,
    call: (_, options, it) => [it, 'update', { value: 'new' }, options],
  },
  'update with a search path': {
    prepare: user,
    call: (_, options, it) => [it, 'update', { name: 'A' }, { ...options, searchPath: 'DEFAULT' }],
  },
  'save of one field of two': {
    prepare: user,
    call: (_, options, it) => [it.set({ name: 'A', count: 9 }), 'save', { ...options, fields: ['name'] }],
  },
  'save of JSON that was edited in place': {
    prepare: user,
    call: (_, options, it) => {
      (it.data as { a: unknown[] }).a.push(3);
      it.changed('data', true);
      return [it, 'save', options];
    },
  },
  'save of JSON that was set inside': {
    prepare: user,
    call: (_, options, it) => [it.set('data.a', 'x'), 'save', options],
  },
  'save of nothing': { prepare: user, call: (_, options, it) => [it, 'save', options] },
  'save of a stub': {
    prepare: async (given) => {
      const { id } = await user(given);
      return given.User.build({ id }, { isNewRecord: false });
    },
    call: (_, options, it) => [it.set('count', 9), 'save', options],
  },
  'save of a partly loaded instance': {
    prepare: async (given) => {
      await user(given);
      return given.User.findOne({ attributes: ['id', 'count'], rejectOnEmpty: true });
    },
    call: (_, options, it) => [it.set({ count: 9, name: 'A' }), 'save', options],
  },
  'save of a row that is gone': {
    prepare: async (given) => {
      const it = await user(given);
      await given.User.destroy({ where: {} });
      return it;
    },
    call: (_, options, it) => [it.set('count', 9), 'save', options],
  },
  'save with an included instance': {
    prepare: async (given) => {
      await household(given);
      return given.User.findOne({ include: [given.Post, given.Account], rejectOnEmpty: true });
    },
    call: (_, options, it) => [it.set('count', 9), 'save', options],
  },
  reload: { prepare: user, call: (_, options, it) => [it, 'reload', options] },

  'destroy, soft': { prepare: post, call: (_, options, it) => [it, 'destroy', options] },
  'destroy, soft, with unsaved changes': {
    prepare: post,
    call: (_, options, it) => [it.set('title', 'last'), 'destroy', options],
  },
  'destroy, soft, of what is destroyed': {
    prepare: async (given) => {
      const it = await post(given);
      await it.destroy();
      return it;
    },
    call: (_, options, it) => [it, 'destroy', options],
  },
  'destroy, force': { prepare: post, call: (_, options, it) => [it, 'destroy', { ...options, force: true }] },
  'destroy, hooks: false': {
    prepare: post,
    call: (_, options, it) => [it, 'destroy', { ...options, force: true, hooks: false }],
  },
  'destroy of a record with a version': { prepare: draft, call: (_, options, it) => [it, 'destroy', options] },
  'destroy of a row that is gone': {
    prepare: async (given) => {
      const it = await user(given);
      await given.User.destroy({ where: {} });
      return it;
    },
    call: (_, options, it) => [it, 'destroy', options],
  },
  restore: {
    prepare: async (given) => {
      const it = await post(given);
      await it.destroy();
      return it;
    },
    call: (_, options, it) => [it, 'restore', options],
  },
  'restore of what is there': { prepare: post, call: (_, options, it) => [it, 'restore', options] },

  increment: { prepare: user, call: (_, options, it) => [it, 'increment', 'count', options] },
  'increment of two by object': {
    prepare: user,
    call: (_, options, it) => [it, 'increment', { count: 2, rank: 3 }, options],
  },
  'increment, silent': {
    prepare: user,
    call: (_, options, it) => [it, 'increment', ['count'], { ...options, by: 5, silent: true }],
  },
  'increment of a record with a version': {
    prepare: draft,
    call: (_, options, it) => [it, 'increment', 'size', options],
  },
  'increment, returning: false': {
    prepare: user,
    call: (_, options, it) => [it, 'increment', 'count', { ...options, returning: false }],
  },
  decrement: { prepare: user, call: (_, options, it) => [it, 'decrement', 'count', { ...options, by: 3 }] },
};
