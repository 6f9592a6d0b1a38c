/** Calls of associations, nested creates, and what foreign keys do. */
import { account, type Cases, type Given, household, post, posts, taggedPost, users } from '../case.js';
import type { Any } from '../models.js';

/** An instance of a row that is there, as an application may come by it. */
const known = (model: Given['User'], key: object): Any => model.build({ ...key }, { isNewRecord: false });

const accountAndUsers = async (given: Given): Promise<Any> => {
  await users(given);
  return account(given);
};
const userAndAccounts = async (given: Given): Promise<Any> => {
  const { id } = await accountAndUsers(given);
  await given.Account.create({ code: 'old', UserId: 1 });
  return given.User.findOne({ rejectOnEmpty: true, where: { id: id ?? 1 } });
};
const userOfPosts = async (given: Given): Promise<Any> => {
  await posts(given);
  return given.User.findOne({ rejectOnEmpty: true });
};

export const associations: Cases = {
  'belongsTo.set by key': { prepare: accountAndUsers, call: (_, options, it) => [it, 'setUser', 2, options] },
  'belongsTo.set by instance': {
    prepare: accountAndUsers,
    call: ({ User }, options, it) => [it, 'setUser', known(User, { id: 3 }), options],
  },
  'belongsTo.set to null': { prepare: post, call: (_, options, it) => [it, 'setUser', null, options] },
  'belongsTo.create': {
    prepare: account,
    call: (_, options, it) => [it, 'createUser', { email: 'eve@example.org' }, options],
  },
  'hasOne.set by key': {
    prepare: userAndAccounts,
    call: (_, options, it) => [it, 'setAccount', 'acc', options],
  },
  'hasOne.set by instance': {
    prepare: userAndAccounts,
    call: ({ Account }, options, it) => [it, 'setAccount', known(Account, { code: 'acc' }), options],
  },
  'hasOne.set to null': { prepare: userAndAccounts, call: (_, options, it) => [it, 'setAccount', null, options] },
  'hasOne.create': { prepare: users, call: (_, options, it) => [it, 'createAccount', { code: 'new' }, options] },
  'hasMany.set': { isParallel: true, prepare: userOfPosts, call: (_, options, it) => [it, 'setPosts', [3], options] },
  'hasMany.set to nothing': { prepare: userOfPosts, call: (_, options, it) => [it, 'setPosts', [], options] },
  'hasMany.add': { prepare: userOfPosts, call: (_, options, it) => [it, 'addPost', 3, options] },
  'hasMany.add, individualHooks': {
    isParallel: true,
    prepare: userOfPosts,
    call: (_, options, it) => [it, 'addPosts', [3], { ...options, individualHooks: true }],
  },
  'hasMany.remove': {
    prepare: userOfPosts,
    call: ({ Post }, options, it) => [it, 'removePost', known(Post, { id: 1 }), options],
  },
  'hasMany.create': { prepare: users, call: (_, options, it) => [it, 'createPost', { title: 'new' }, options] },
  'belongsToMany.set': {
    isParallel: true,
    prepare: taggedPost,
    call: (_, options, it) => [it, 'setTags', ['green', 'blue'], { ...options, through: { position: 5 } }],
  },
  'belongsToMany.add': { prepare: taggedPost, call: (_, options, it) => [it, 'addTag', 'blue', options] },
  'belongsToMany.add of what is there, with values': {
    isParallel: true,
    prepare: taggedPost,
    call: ({ Tag }, options, it) => [
      it,
      'addTags',
      [known(Tag, { name: 'red' }), known(Tag, { name: 'blue' })],
      { ...options, through: { position: 7 } },
    ],
  },
  'belongsToMany.add, individualHooks': {
    isParallel: true,
    prepare: taggedPost,
    call: (_, options, it) => [it, 'addTags', ['blue'], { ...options, individualHooks: true }],
  },
  'belongsToMany.remove': { prepare: taggedPost, call: (_, options, it) => [it, 'removeTags', ['red'], options] },
  'belongsToMany.create': {
    prepare: taggedPost,
    call: (_, options, it) => [it, 'createTag', { name: 'black' }, { ...options, through: { position: 1 } }],
  },

  'create with what belongs to it': {
    isParallel: true,
    call: ({ User, Post, Tag, Account, Item }, options) => [
      User,
      'create',
      {
        email: 'eve@example.org',
        Posts: [
          { title: 'one', Tags: [{ name: 'red', PostTag: { position: 2 } }, { name: 'green' }] },
          { title: 'two' },
        ],
        Account: { code: 'eve' },
        Items: [{ size: 1 }],
      },
      { ...options, include: [{ model: Post, include: [Tag] }, Account, Item] },
    ],
  },
  'create with what it belongs to': {
    call: ({ User, Post }, options) => [
      Post,
      'create',
      { title: 'one', User: { email: 'eve@example.org' } },
      { ...options, include: [User] },
    ],
  },
  'save of a built tree': {
    isParallel: true,
    call: ({ User, Item }, options) => [
      User.build({ email: 'eve@example.org', Items: [{ size: 1 }, { size: 2 }] }, { include: [Item] }),
      'save',
      options,
    ],
  },

  'destroy of what others refer to': { prepare: household, call: (_, options, it) => [it, 'destroy', options] },
  'destroy of what others refer to, hooks: false': {
    prepare: household,
    call: (_, options, it) => [it, 'destroy', { ...options, hooks: false }],
  },
  'destroy of what others refer to, by force': {
    prepare: async (given) => {
      await household(given);
      return given.Post.findOne({ rejectOnEmpty: true });
    },
    call: (_, options, it) => [it, 'destroy', { ...options, force: true }],
  },
};
