/** `bulkCreate` in all its forms but with `include`, which stands with the associations. */
import { DataTypes, type Sequelize } from 'sequelize';
import { type Any, type Area, onAll } from '../area.js';

export function bulkCreates(sequelize: Sequelize): Area {
  const Item = sequelize.define<Any>('Item', {
    code: { type: DataTypes.STRING, unique: true },
    name: DataTypes.STRING,
    count: { type: DataTypes.INTEGER, defaultValue: 7, field: 'item_count' },
    data: DataTypes.JSON,
  });
  const two = [
    { code: 'x', name: 'new', data: { a: 1 } },
    { code: 'y', name: 'newer' },
  ];
  /** The first by its key, the second by its unique column; the third is new. */
  const some = [
    { id: 1, code: 'a', name: 'changed' },
    { id: 2, code: 'b', name: 'two' },
    { id: 53, code: 'z', name: 'new' },
  ];

  return {
    title: 'Bulk creates',
    models: [Item],
    rows: {
      Item: [
        { id: 1, code: 'a', name: 'one', count: 1, data: { a: 1 } },
        { id: 2, code: 'b', name: 'two', count: 2 },
      ],
    },
    paths: {
      'Item.bulkCreate(rows)': {
        entry: 'a create for each row',
        write: (options) => Item.bulkCreate(two, options),
      },
      'Item.bulkCreate(rows with keys)': {
        entry: 'a create for each row',
        write: (options) =>
          Item.bulkCreate(
            [
              { id: 52, name: 'b' },
              { id: 51, name: 'a' },
            ],
            options,
          ),
      },
      'Item.bulkCreate(rows with keys and without)': {
        entry: 'a create for each row',
        write: (options) => Item.bulkCreate([{ name: 'a' }, { id: 51, name: 'b' }, { name: 'c' }], options),
      },
      'Item.bulkCreate(a hundred rows)': {
        entry: 'a create for each row',
        write: (options) =>
          Item.bulkCreate(
            Array.from({ length: 100 }, (_, count) => ({ name: 'x', count })),
            options,
          ),
      },
      'Item.bulkCreate([])': {
        entry: 'nothing',
        isIdle: true,
        write: (options) => Item.bulkCreate([], options),
      },
      'Item.bulkCreate([{ count: literal }])': {
        entry: 'a create with the value that the database computed',
        write: (options) => Item.bulkCreate([{ count: sequelize.literal('40 + 2') }], options),
      },
      'Item.bulkCreate(rows, { returning: true })': {
        entry: 'a create for each row',
        write: (options) => Item.bulkCreate(two, { ...options, returning: true }),
      },
      'Item.bulkCreate(rows, { returning: [attribute] })': {
        entry: 'a create for each row',
        write: (options) => Item.bulkCreate(two, { ...options, returning: ['name'] }),
      },
      'Item.bulkCreate(rows, { fields })': {
        entry: 'a create for each row',
        write: (options) => Item.bulkCreate(two, { ...options, fields: ['name'] }),
      },
      'Item.bulkCreate(rows, { validate: true })': {
        entry: 'a create for each row',
        write: (options) => Item.bulkCreate(two, { ...options, validate: true }),
      },
      'Item.bulkCreate(rows, { individualHooks })': {
        entry: 'a create for each row',
        isSeveral: true,
        write: (options) => Item.bulkCreate(two, { ...options, individualHooks: true }),
      },
      'Item.bulkCreate(rows, one of them a duplicate)': {
        entry: 'nothing',
        isIdle: true,
        fails: onAll('the code is taken'),
        write: (options) => Item.bulkCreate([...two, { code: 'a' }], options),
      },
      'Item.bulkCreate(some duplicates, { ignoreDuplicates })': {
        entry: 'a create for each row that was inserted',
        write: (options) =>
          Item.bulkCreate([{ code: 'a', name: 'taken' }, ...two], { ...options, ignoreDuplicates: true }),
      },
      'Item.bulkCreate(some taken keys, { ignoreDuplicates })': {
        entry: 'a create for each row that was inserted',
        write: (options) =>
          Item.bulkCreate([{ id: 1, name: 'taken' }, { id: 51, name: 'new' }, { id: 2 }], {
            ...options,
            ignoreDuplicates: true,
          }),
      },
      'Item.bulkCreate(only duplicates, { ignoreDuplicates })': {
        entry: 'nothing',
        isIdle: true,
        write: (options) =>
          Item.bulkCreate([{ code: 'a' }, { id: 2, code: 'c' }], { ...options, ignoreDuplicates: true }),
      },
      'Item.bulkCreate(rows with keys, { updateOnDuplicate })': {
        entry: 'a create for each new row, an update for each other that changed',
        write: (options) => Item.bulkCreate(some, { ...options, updateOnDuplicate: ['name'] }),
      },
      'Item.bulkCreate(rows by code, { updateOnDuplicate })': {
        entry: 'a create for each new row, an update for each other that changed',
        write: (options) =>
          Item.bulkCreate(
            some.map(({ code, name }) => ({ code, name })),
            { ...options, updateOnDuplicate: ['name', 'code', 'updatedAt'] },
          ),
      },
      'Item.bulkCreate(rows, { conflictAttributes })': {
        entry: 'a create for each new row, an update for each other that changed',
        write: (options) =>
          Item.bulkCreate(
            some.map(({ code, name }) => ({ code, name })),
            { ...options, updateOnDuplicate: ['name'], conflictAttributes: ['code'] },
          ),
      },
      'Item.bulkCreate(…, { updateOnDuplicate, returning: true })': {
        entry: 'a create for each new row, an update for each other that changed',
        write: (options) => Item.bulkCreate(some, { ...options, updateOnDuplicate: ['name'], returning: true }),
      },
      'Item.bulkCreate(what is stored, { updateOnDuplicate })': {
        entry: 'nothing',
        isIdle: true,
        write: (options) =>
          Item.bulkCreate(
            [
              { id: 1, code: 'a', name: 'one' },
              { id: 2, code: 'b', name: 'two' },
            ],
            { ...options, updateOnDuplicate: ['name'] },
          ),
      },
      'Item.bulkCreate(a new row twice, { updateOnDuplicate })': {
        entry: 'a create with what the second one left',
        fails: { postgres: 'PostgreSQL does not change a row twice in one statement' },
        write: (options) =>
          Item.bulkCreate(
            [
              { code: 'x', name: 'a' },
              { code: 'x', name: 'b' },
            ],
            { ...options, updateOnDuplicate: ['name'] },
          ),
      },
      'Item.bulkCreate(…, { updateOnDuplicate, individualHooks })': {
        entry: 'a create for each row',
        fails: { sqlite: 'Sequelize itself fails', postgres: 'Sequelize itself fails' },
        isSeveral: true,
        write: (options) => Item.bulkCreate(two, { ...options, updateOnDuplicate: ['name'], individualHooks: true }),
      },
    },
  };
}
