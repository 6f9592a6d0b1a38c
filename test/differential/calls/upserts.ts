/** Calls that create a row or find that it is there. */
import { type Cases, settings, user, users } from '../case.js';

const dan = () => ({ email: 'dan@example.org', name: 'Dan', data: { deep: [1] } });

export const upserts: Cases = {
  'upsert of a new row': { call: ({ User }, options) => [User, 'upsert', dan(), options] },
  'upsert by the key': {
    prepare: users,
    call: ({ User }, options) => [User, 'upsert', { id: 1, email: 'ann@example.org', name: 'X' }, options],
  },
  'upsert by a unique attribute': {
    prepare: users,
    call: ({ User }, options) => [User, 'upsert', { email: 'ann@example.org', name: 'X', count: 9 }, options],
  },
  'upsert of what is so already': {
    prepare: settings,
    call: ({ Setting }, options) => [Setting, 'upsert', { scope: 'a', key: 'x', value: 'old' }, options],
  },
  'upsert by a composite key': {
    prepare: settings,
    call: ({ Setting }, options) => [Setting, 'upsert', { scope: 'a', key: 'x', value: 'new' }, options],
  },
  'upsert with a literal': {
    prepare: users,
    call: ({ User, sequelize }, options) => [
      User,
      'upsert',
      { email: 'ann@example.org', count: sequelize.literal('40 + 2') },
      options,
    ],
  },
  'upsert, returning: true': {
    prepare: users,
    call: ({ User }, options) => [User, 'upsert', { email: 'ann@example.org' }, { ...options, returning: true }],
  },
  'upsert, returning: false': {
    prepare: users,
    call: ({ User }, options) => [
      User,
      'upsert',
      { email: 'ann@example.org', name: 'X' },
      { ...options, returning: false },
    ],
  },
  'upsert with fields': {
    prepare: users,
    call: ({ User }, options) => [
      User,
      'upsert',
      { email: 'ann@example.org', name: 'X', count: 99 },
      { ...options, fields: ['email', 'name'] },
    ],
  },
  'upsert, conflictFields': {
    prepare: users,
    call: ({ User }, options) => [
      User,
      'upsert',
      { email: 'ann@example.org', name: 'X' },
      { ...options, conflictFields: ['email'] },
    ],
  },
  'upsert, hooks: false': {
    prepare: users,
    call: ({ User }, options) => [User, 'upsert', { email: 'ann@example.org' }, { ...options, hooks: false }],
  },
  'upsert of a generated uuid': { call: ({ Item }, options) => [Item, 'upsert', { size: 3 }, options] },

  'findOrCreate of what is not there': {
    call: ({ User }, options) => [
      User,
      'findOrCreate',
      { ...options, where: { email: 'dan@example.org' }, defaults: { name: 'Dan' } },
    ],
  },
  'findOrCreate of what is there': {
    prepare: user,
    call: ({ User }, options) => [User, 'findOrCreate', { ...options, where: { email: 'ann@example.org' } }],
  },
  'findOrCreate by what is not its key': {
    prepare: user,
    call: ({ User }, options) => [
      User,
      'findOrCreate',
      { ...options, where: { name: 'Dan' }, defaults: { email: 'dan@example.org' } },
    ],
  },
  'findCreateFind of what is not there': {
    call: ({ User }, options) => [User, 'findCreateFind', { ...options, where: { email: 'dan@example.org' } }],
  },
  'findCreateFind of what is there': {
    prepare: user,
    call: ({ User }, options) => [User, 'findCreateFind', { ...options, where: { email: 'ann@example.org' } }],
  },
  'findOrBuild of what is not there': {
    call: ({ User }, options) => [User, 'findOrBuild', { ...options, where: { email: 'dan@example.org' } }],
  },
};
