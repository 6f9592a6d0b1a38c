/** bulkCreate in all its forms. */
import { type Cases, settings, taggedPost, user } from '../case.js';

const rows = () => [
  { email: 'dan@example.org', name: 'Dan', data: { deep: [1] } },
  { email: 'eve@example.org', count: 4, isOpen: false },
];
const withDuplicate = () => [
  { email: 'dan@example.org', count: 8 },
  { email: 'ann@example.org', count: 8 },
  { email: 'eve@example.org', count: 8 },
];
const explicitIds = () => [
  { email: 'dan@example.org' },
  { id: 700, email: 'eve@example.org' },
  { id: 41, email: 'fay@example.org' },
  { email: 'gus@example.org' },
];

export const bulkCreates: Cases = {
  bulkCreate: { call: ({ User }, options) => [User, 'bulkCreate', rows(), options] },
  'bulkCreate of nothing': { call: ({ User }, options) => [User, 'bulkCreate', [], options] },
  'bulkCreate with fields': {
    call: ({ User }, options) => [User, 'bulkCreate', rows(), { ...options, fields: ['email', 'count'] }],
  },
  'bulkCreate, returning: true': {
    call: ({ User }, options) => [User, 'bulkCreate', rows(), { ...options, returning: true }],
  },
  'bulkCreate, returning: false': {
    call: ({ User }, options) => [User, 'bulkCreate', rows(), { ...options, returning: false }],
  },
  'bulkCreate, returning one attribute': {
    call: ({ User }, options) => [User, 'bulkCreate', rows(), { ...options, returning: ['email'] }],
  },
  'bulkCreate, individualHooks': {
    isParallel: true,
    call: ({ User }, options) => [User, 'bulkCreate', rows(), { ...options, individualHooks: true }],
  },
  'bulkCreate, hooks: false': {
    call: ({ User }, options) => [User, 'bulkCreate', rows(), { ...options, hooks: false }],
  },
  'bulkCreate, validate: true': {
    call: ({ Item }, options) => [Item, 'bulkCreate', [{ size: 1 }, { size: 2 }], { ...options, validate: true }],
  },
  'bulkCreate with literals': {
    call: ({ User, sequelize }, options) => [
      User,
      'bulkCreate',
      rows().map((values) => ({ ...values, count: sequelize.literal('6 * 7') })),
      options,
    ],
  },
  'bulkCreate with some ids of its own': { call: ({ User }, options) => [User, 'bulkCreate', explicitIds(), options] },
  'bulkCreate with generated uuids': {
    call: ({ Item }, options) => [Item, 'bulkCreate', [{ size: 1 }, { size: 2 }], options],
  },
  'bulkCreate with composite keys': {
    call: ({ Setting }, options) => [
      Setting,
      'bulkCreate',
      [
        { scope: 'a', key: 'x' },
        { scope: 'a', key: 'y', value: 'new' },
      ],
      options,
    ],
  },
  'bulkCreate with include': {
    isParallel: true,
    call: ({ User, Post, Account }, options) => [
      User,
      'bulkCreate',
      [
        { email: 'dan@example.org', Posts: [{ title: 'one' }, { title: 'two' }], Account: { code: 'dan' } },
        { email: 'eve@example.org', Posts: [{ title: 'three' }] },
      ],
      { ...options, include: [Post, Account] },
    ],
  },
  'bulkCreate, ignoreDuplicates': {
    prepare: user,
    call: ({ User }, options) => [User, 'bulkCreate', withDuplicate(), { ...options, ignoreDuplicates: true }],
  },
  'bulkCreate of duplicates only, ignoreDuplicates': {
    prepare: user,
    call: ({ User }, options) => [
      User,
      'bulkCreate',
      [{ email: 'ann@example.org' }],
      { ...options, ignoreDuplicates: true },
    ],
  },
  'bulkCreate, ignoreDuplicates, with some ids of its own': {
    prepare: user,
    call: ({ User }, options) => [
      User,
      'bulkCreate',
      [...explicitIds(), { id: 1, email: 'hal@example.org' }],
      { ...options, ignoreDuplicates: true },
    ],
  },
  'bulkCreate, ignoreDuplicates, individualHooks': {
    isParallel: true,
    call: ({ User }, options) => [
      User,
      'bulkCreate',
      rows(),
      { ...options, ignoreDuplicates: true, individualHooks: true },
    ],
  },
  'bulkCreate, updateOnDuplicate': {
    prepare: user,
    call: ({ User }, options) => [
      User,
      'bulkCreate',
      withDuplicate(),
      { ...options, updateOnDuplicate: ['count'], conflictAttributes: ['email'] },
    ],
  },
  'bulkCreate, updateOnDuplicate of the key': {
    prepare: user,
    call: ({ User }, options) => [
      User,
      'bulkCreate',
      [
        { id: 1, email: 'new@example.org', count: 9 },
        { id: 9, email: 'dan@example.org', count: 9 },
      ],
      { ...options, updateOnDuplicate: ['email', 'count', 'updatedAt'], conflictAttributes: ['id'] },
    ],
  },
  'bulkCreate, updateOnDuplicate, all of it there': {
    prepare: user,
    call: ({ User }, options) => [
      User,
      'bulkCreate',
      [{ id: 1, email: 'ann@example.org', count: 9 }],
      { ...options, updateOnDuplicate: ['count'] },
    ],
  },
  'bulkCreate, updateOnDuplicate, composite key': {
    prepare: settings,
    call: ({ Setting }, options) => [
      Setting,
      'bulkCreate',
      [
        { scope: 'a', key: 'x', value: 'new' },
        { scope: 'c', key: 'x', value: 'new' },
      ],
      { ...options, updateOnDuplicate: ['value'] },
    ],
  },
  'bulkCreate, updateOnDuplicate, returning: true': {
    prepare: settings,
    call: ({ Setting }, options) => [
      Setting,
      'bulkCreate',
      [
        { scope: 'a', key: 'x', value: 'new' },
        { scope: 'c', key: 'x', value: 'new' },
      ],
      { ...options, updateOnDuplicate: ['value'], returning: true },
    ],
  },
  'bulkCreate of a through model': {
    prepare: taggedPost,
    call: ({ PostTag }, options) => [PostTag, 'bulkCreate', [{ PostId: 1, TagName: 'blue', position: 3 }], options],
  },
};
