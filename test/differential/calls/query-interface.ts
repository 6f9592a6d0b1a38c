/** Direct calls of the query interface, which no hook of a model sees. */
import { QueryTypes } from 'sequelize';
import { aged, type Cases, type Given, household, settings, users } from '../case.js';

const direct = ({ sequelize }: Given) => sequelize.getQueryInterface();
const row = { email: 'eve@example.org', full_name: 'Eve', ...aged };

export const queryInterfaceCalls: Cases = {
  'queryInterface.insert': {
    call: (given, options) => [direct(given), 'insert', null, 'Users', { ...row }, { ...options }],
  },
  'queryInterface.insert of an instance': {
    call: (given, options) => [
      direct(given),
      'insert',
      given.User.build({ email: 'eve@example.org' }),
      'Users',
      { ...row },
      { ...options },
    ],
  },
  'queryInterface.bulkInsert': {
    call: (given, options) => [
      direct(given),
      'bulkInsert',
      'Settings',
      [
        { scope: 'a', key: 'x', value: 'one' },
        { scope: 'a', key: 'y', value: 'two' },
      ],
      { ...options },
    ],
  },
  'queryInterface.bulkInsert of generated ids': {
    call: (given, options) => [
      direct(given),
      'bulkInsert',
      'Users',
      [{ ...row }, { ...row, email: 'fay@example.org' }],
      { ...options },
    ],
  },
  'queryInterface.bulkInsert, ignoreDuplicates': {
    prepare: settings,
    call: (given, options) => [
      direct(given),
      'bulkInsert',
      'Settings',
      [
        { scope: 'a', key: 'x', value: 'one' },
        { scope: 'c', key: 'y', value: 'two' },
      ],
      { ...options, ignoreDuplicates: true },
    ],
  },
  'queryInterface.update': {
    prepare: users,
    call: (given, options, it) => [
      direct(given),
      'update',
      it,
      'Users',
      { full_name: 'X' },
      { id: it.id },
      { ...options },
    ],
  },
  'queryInterface.bulkUpdate': {
    prepare: users,
    call: (given, options) => [direct(given), 'bulkUpdate', 'Users', { full_name: 'X' }, { count: 2 }, { ...options }],
  },
  'queryInterface.bulkUpdate of nothing': {
    prepare: users,
    call: (given, options) => [direct(given), 'bulkUpdate', 'Users', {}, { count: 2 }, { ...options }],
    rejectsOn: ['sqlite', 'mariadb', 'mysql'],
  },
  'queryInterface.bulkUpdate of a table': {
    prepare: settings,
    call: (given, options) => [
      direct(given),
      'bulkUpdate',
      { tableName: 'Settings' },
      { value: 'X' },
      {},
      { ...options },
    ],
  },
  'queryInterface.delete as Sequelize itself calls it': {
    prepare: users,
    call: (given, options, it) => [
      direct(given),
      'delete',
      it,
      'Users',
      { id: 1 },
      { ...options, type: QueryTypes.DELETE },
    ],
  },
  // Without a type the drivers of MySQL fail on the answer, when the row is gone already.
  'queryInterface.delete': {
    prepare: users,
    call: (given, options, it) => [direct(given), 'delete', it, 'Users', { id: 1 }, { ...options }],
    rejectsOn: ['mariadb', 'mysql'],
  },
  'queryInterface.delete of what others refer to': {
    prepare: household,
    call: (given, options, it) => [direct(given), 'delete', it, 'Users', { id: 1 }, { ...options }],
    rejectsOn: ['mariadb', 'mysql'],
  },
  'queryInterface.bulkDelete': {
    prepare: household,
    call: (given, options) => [direct(given), 'bulkDelete', 'Users', { id: 1 }, { ...options }],
  },
  'queryInterface.bulkDelete of a model': {
    prepare: settings,
    call: (given, options) => [direct(given), 'bulkDelete', 'Settings', { scope: 'a' }, { ...options }, given.Setting],
  },
  'queryInterface.upsert': {
    prepare: settings,
    call: (given, options) => [
      direct(given),
      'upsert',
      'Settings',
      { scope: 'a', key: 'x', value: 'new' },
      { value: 'new' },
      { scope: 'a', key: 'x' },
      { ...options, model: given.Setting, upsertKeys: ['scope', 'key'] },
    ],
  },
  'queryInterface.increment': {
    prepare: users,
    call: (given, options) => [
      direct(given),
      'increment',
      given.User,
      'Users',
      { id: 2 },
      { count: 5 },
      {},
      { ...options },
    ],
  },
  'queryInterface.decrement': {
    prepare: users,
    call: (given, options) => [
      direct(given),
      'decrement',
      given.User,
      'Users',
      { id: 2 },
      { count: 5 },
      { full_name: 'X' },
      { ...options },
    ],
  },
};
