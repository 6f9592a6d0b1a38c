/** Calls during which the hooks of the application do what hooks do. */
import type { Transaction } from 'sequelize';
import { type Cases, household, users } from '../case.js';
import type { Any } from '../models.js';

type HookOptions = { transaction?: Transaction; individualHooks?: boolean; attributes: object; fields: string[] };

/** In the transaction of the call, if there is one; else a connection has to be free. */
const inside = ({ transaction }: HookOptions) => (transaction ? { transaction } : {});
const countUsers = (it: Any, options: HookOptions) => it.sequelize.models.User?.count(inside(options));
const writeSetting = async (it: Any, options: HookOptions) => {
  if (it.constructor.name !== 'User') return;
  await it.sequelize.models.Setting?.upsert({ scope: 'hook', key: 'x', value: String(it.id) }, inside(options));
};

export const hookedCalls: Cases = {
  'create with values from beforeCreate': {
    call: ({ User }, options) => [User, 'create', { email: 'eve@example.org' }, options],
    effects: { beforeCreate: (it: Any) => void it.set({ count: 50, name: 'Hook' }) },
  },
  'update with values from beforeUpdate': {
    prepare: users,
    call: (_, options, it) => [it, 'update', { name: 'X' }, options],
    effects: { beforeUpdate: (it: Any) => void it.set('count', 50) },
  },
  'update and reads in hooks': {
    prepare: users,
    call: (_, options, it) => [it, 'update', { name: 'X' }, options],
    effects: { beforeUpdate: countUsers, afterUpdate: countUsers },
  },
  'update and writes in hooks': {
    prepare: users,
    call: (_, options, it) => [it, 'update', { name: 'X' }, options],
    effects: { beforeUpdate: writeSetting, afterUpdate: writeSetting },
  },
  'create and writes in hooks': {
    call: ({ User }, options) => [User, 'create', { email: 'eve@example.org' }, options],
    effects: { beforeCreate: writeSetting, afterCreate: writeSetting },
  },
  'destroy of what others refer to, and writes in hooks': {
    isParallel: true,
    prepare: household,
    call: (_, options, it) => [it, 'destroy', options],
    effects: { beforeDestroy: writeSetting, afterDestroy: writeSetting },
  },
  'Model.update with values from beforeBulkUpdate': {
    prepare: users,
    call: ({ User }, options) => [User, 'update', { name: 'X' }, { ...options, where: {} }],
    effects: {
      beforeBulkUpdate: (options: HookOptions) => {
        options.attributes = { ...options.attributes, count: 50 };
        options.fields = ['name', 'count'];
      },
    },
  },
  'Model.update, individualHooks from beforeBulkUpdate': {
    isParallel: true,
    prepare: users,
    call: ({ User }, options) => [User, 'update', { name: 'X' }, { ...options, where: {} }],
    effects: {
      beforeBulkUpdate: (options: HookOptions) => {
        options.individualHooks = true;
      },
    },
  },
  'bulkCreate with values from beforeBulkCreate': {
    call: ({ User }, options) => [User, 'bulkCreate', [{ email: 'eve@example.org' }], options],
    effects: { beforeBulkCreate: (them: Any[]) => void them[0]?.set('count', 50) },
  },
  'upsert and reads in hooks': {
    prepare: users,
    call: ({ User }, options) => [User, 'upsert', { email: 'ann@example.org', name: 'X' }, options],
    effects: { afterUpsert: ([it]: [Any], options: HookOptions) => countUsers(it, options) },
  },
};
