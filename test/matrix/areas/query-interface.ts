/** Direct calls of the query interface, which know tables and no models. */
import { DataTypes, QueryTypes, type Sequelize } from 'sequelize';
import { type Any, type Area, load, type Method } from '../area.js';

type Methods = Record<
  'insert' | 'bulkInsert' | 'update' | 'bulkUpdate' | 'delete' | 'bulkDelete' | 'upsert' | 'increment' | 'decrement',
  Method
>;

export function queryInterfaces(sequelize: Sequelize): Area {
  const Thing = sequelize.define<Any>(
    'Thing',
    {
      name: { type: DataTypes.STRING, field: 'thing_name' },
      code: { type: DataTypes.STRING, unique: true },
      count: { type: DataTypes.INTEGER, defaultValue: 0 },
    },
    { timestamps: false },
  );
  const calls = sequelize.getQueryInterface() as unknown as Methods;
  const [table, row] = ['Things', { thing_name: 'new', code: 'x', count: 5 }];

  return {
    title: 'Direct calls of the query interface',
    models: [Thing],
    rows: {
      Thing: [
        { id: 1, name: 'one', code: 'a', count: 1 },
        { id: 2, name: 'two', code: 'b', count: 2 },
        { id: 3, name: 'three', code: 'c', count: 3 },
      ],
    },
    paths: {
      'insert(null, table, values)': {
        entry: 'a create',
        write: (options) => calls.insert(null, table, row, options),
      },
      'insert(null, table, values with the key)': {
        entry: 'a create',
        write: (options) => calls.insert(null, table, { id: 51, ...row }, options),
      },
      'insert(instance, table, values)': {
        entry: 'a create',
        write: (options) => calls.insert(Thing.build(), table, row, options),
      },
      'bulkInsert(table, rows)': {
        entry: 'a create for each row',
        write: (options) => calls.bulkInsert(table, [row, { ...row, code: 'y' }], options),
      },
      'bulkInsert(table, rows with keys)': {
        entry: 'a create for each row',
        write: (options) =>
          calls.bulkInsert(
            table,
            [
              { id: 52, ...row },
              { id: 51, thing_name: 'newer' },
            ],
            options,
          ),
      },
      'bulkInsert({ tableName }, rows)': {
        entry: 'a create for each row',
        write: (options) => calls.bulkInsert({ tableName: table }, [row], options),
      },
      'bulkInsert(table, rows, { ignoreDuplicates })': {
        entry: 'a create for each row that was inserted',
        write: (options) =>
          calls.bulkInsert(table, [row, { ...row, code: 'a' }], { ...options, ignoreDuplicates: true }),
      },
      'bulkInsert(table, rows, { updateOnDuplicate })': {
        entry: 'a create for each new row, an update for each other that changed',
        write: (options) =>
          calls.bulkInsert(table, [row, { thing_name: 'changed', code: 'a', count: 1 }], {
            ...options,
            updateOnDuplicate: ['thing_name'],
            upsertKeys: ['code'],
          }),
      },
      'update(instance, table, values, where)': {
        entry: 'an update',
        write: async (options) =>
          calls.update(await load(Thing, options), table, { thing_name: 'new' }, { id: 1 }, options),
      },
      'bulkUpdate(table, values, where)': {
        entry: 'an update for each row',
        write: (options) => calls.bulkUpdate(table, { thing_name: 'new' }, { count: [1, 2] }, options),
      },
      'bulkUpdate(table, values, {})': {
        entry: 'an update for each row that changed',
        write: (options) => calls.bulkUpdate(table, { thing_name: 'one' }, {}, options),
      },
      'bulkUpdate({ tableName }, values, where)': {
        entry: 'an update for each row',
        write: (options) => calls.bulkUpdate({ tableName: table }, { count: 9 }, { count: 1 }, options),
      },
      'bulkUpdate(table, { id }, where)': {
        entry: 'a destroy under the old key, a create under the new',
        write: (options) => calls.bulkUpdate(table, { id: 51 }, { id: 1 }, options),
      },
      'delete(instance, table, where, { type })': {
        entry: 'a destroy',
        write: async (options) =>
          calls.delete(await load(Thing, options), table, { id: 1 }, { ...options, type: QueryTypes.DELETE }),
      },
      'bulkDelete(table, where)': {
        entry: 'a destroy for each row',
        write: (options) => calls.bulkDelete(table, { count: [1, 2] }, options),
      },
      'bulkDelete(table, {})': {
        entry: 'a destroy for each row',
        write: (options) => calls.bulkDelete(table, {}, options),
      },
      'bulkDelete(table, null)': {
        entry: 'a destroy for each row',
        write: (options) => calls.bulkDelete(table, null, options),
      },
      'bulkDelete(table, where, { limit }, Model)': {
        entry: 'a destroy for each row that it took',
        write: (options) => calls.bulkDelete(table, { count: [1, 2] }, { ...options, limit: 1 }, Thing),
      },
      'bulkDelete(table, null, { truncate: true })': {
        entry: 'a destroy for each row',
        isCommit: true,
        write: (options) => calls.bulkDelete(table, null, { ...options, truncate: true }),
      },
      'upsert(table, values, values, where, { model }), new': {
        entry: 'a create',
        write: (options) => calls.upsert(table, row, row, {}, { ...options, model: Thing }),
      },
      'upsert(table, values, values, where, { model }), there': {
        entry: 'an update',
        write: (options) => {
          const values = { ...row, code: 'a' };
          return calls.upsert(table, values, values, { code: 'a' }, { ...options, model: Thing });
        },
      },
      'increment(Model, table, where, { count })': {
        entry: 'an update for each row',
        write: (options) => calls.increment(Thing, table, { count: [1, 2] }, { count: 2 }, {}, options),
      },
      'decrement(Model, table, where, { count })': {
        entry: 'an update for each row',
        write: (options) => calls.decrement(Thing, table, { id: 1 }, { count: 2 }, {}, options),
      },
    },
  };
}
