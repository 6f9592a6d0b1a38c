/** `Model.destroy` and `truncate` in all their forms, of a table that nothing refers to. */
import { DataTypes, type Sequelize } from 'sequelize';
import type { Any, Area } from '../area.js';

export function bulkDestroys(sequelize: Sequelize): Area {
  const Paper = sequelize.define<Any>(
    'Paper',
    { title: DataTypes.STRING, shelf: { type: DataTypes.STRING, field: 'shelf_name' } },
    { scopes: { top: { where: { shelf: 'top' } } } },
  );

  return {
    title: 'Bulk destroys and truncates',
    models: [Paper],
    rows: {
      Paper: [
        { id: 1, title: 'one', shelf: 'top' },
        { id: 2, title: 'two', shelf: 'top' },
        { id: 3, title: 'three', shelf: 'low' },
      ],
    },
    paths: {
      'Paper.destroy({ where: { id } })': {
        entry: 'a destroy',
        write: (options) => Paper.destroy({ ...options, where: { id: 1 } }),
      },
      'Paper.destroy({ where })': {
        entry: 'a destroy for each row',
        write: (options) => Paper.destroy({ ...options, where: { shelf: 'top' } }),
      },
      'Paper.destroy({ where: {} })': {
        entry: 'a destroy for each row',
        write: (options) => Paper.destroy({ ...options, where: {} }),
      },
      'Paper.destroy({ where: literal })': {
        entry: 'a destroy for each row',
        write: (options) => Paper.destroy({ ...options, where: sequelize.literal("title < 'p'") }),
      },
      'Paper.destroy({ where, limit })': {
        entry: 'a destroy for each row that it took',
        write: (options) => Paper.destroy({ ...options, where: { shelf: 'top' }, limit: 1 }),
      },
      'Paper.destroy({ where, individualHooks })': {
        entry: 'a destroy for each row',
        write: (options) => Paper.destroy({ ...options, where: { shelf: 'top' }, individualHooks: true }),
      },
      'Paper.destroy({ where, limit, individualHooks })': {
        entry: 'a destroy for each row that it took',
        write: (options) => Paper.destroy({ ...options, where: { shelf: 'top' }, limit: 1, individualHooks: true }),
      },
      'Paper.destroy({ where, force: true })': {
        entry: 'a destroy for each row',
        write: (options) => Paper.destroy({ ...options, where: { shelf: 'top' }, force: true }),
      },
      'Paper.destroy({ where: no row })': {
        entry: 'nothing',
        isIdle: true,
        write: (options) => Paper.destroy({ ...options, where: { id: 99 } }),
      },
      "Paper.scope('top').destroy({ where: {} })": {
        entry: 'a destroy for each row of the scope',
        write: (options) => Paper.scope('top').destroy({ ...options, where: {} }),
      },
      'Paper.truncate()': {
        entry: 'a destroy for each row',
        isCommit: true,
        write: (options) => Paper.truncate(options),
      },
      'Paper.truncate({ cascade: true })': {
        entry: 'a destroy for each row',
        isCommit: true,
        write: (options) => Paper.truncate({ ...options, cascade: true }),
      },
      'Paper.truncate({ restartIdentity: true })': {
        entry: 'a destroy for each row',
        isCommit: true,
        write: (options) => Paper.truncate({ ...options, restartIdentity: true }),
      },
      'Paper.destroy({ truncate: true })': {
        entry: 'a destroy for each row',
        isCommit: true,
        write: (options) => Paper.destroy({ ...options, truncate: true }),
      },
    },
  };
}
