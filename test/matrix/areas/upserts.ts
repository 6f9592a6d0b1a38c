/** Upserts: by a generated key, a given one, a unique column, several columns. */
import { DataTypes, type Sequelize } from 'sequelize';
import type { Any, Area } from '../area.js';

export function upserts(sequelize: Sequelize): Area {
  const Account = sequelize.define<Any>('Account', {
    email: { type: DataTypes.STRING, unique: true },
    name: DataTypes.STRING,
    count: { type: DataTypes.INTEGER, defaultValue: 7 },
  });
  const Grade = sequelize.define<Any>(
    'Grade',
    {
      studentId: { type: DataTypes.INTEGER, primaryKey: true, field: 'student_id' },
      course: { type: DataTypes.STRING, primaryKey: true },
      mark: DataTypes.INTEGER,
    },
    { timestamps: false },
  );
  const Setting = sequelize.define<Any>(
    'Setting',
    { area: DataTypes.STRING, name: DataTypes.STRING, value: DataTypes.JSON },
    { timestamps: false, indexes: [{ unique: true, fields: ['area', 'name'] }] },
  );

  return {
    title: 'Upserts',
    models: [Account, Grade, Setting],
    rows: {
      Account: [
        { id: 1, email: 'ada@example.org', name: 'Ada', count: 1 },
        { id: 2, email: 'bob@example.org', name: 'Bob', count: 2 },
      ],
      Grade: [{ studentId: 1, course: 'logic', mark: 3 }],
      Setting: [{ id: 1, area: 'ui', name: 'theme', value: { dark: true } }],
    },
    paths: {
      'Account.upsert(values without the key), new': {
        entry: 'a create',
        write: (options) => Account.upsert({ email: 'cy@example.org', name: 'Cy' }, options),
      },
      'Account.upsert(values with the key), new': {
        entry: 'a create',
        write: (options) => Account.upsert({ id: 51, email: 'cy@example.org', name: 'Cy' }, options),
      },
      'Account.upsert(values with the key), there': {
        entry: 'an update',
        write: (options) => Account.upsert({ id: 1, email: 'new@example.org', name: 'Ada L.' }, options),
      },
      'Account.upsert(values with a unique column), there': {
        entry: 'an update',
        write: (options) => Account.upsert({ email: 'ada@example.org', name: 'Ada L.' }, options),
      },
      'Account.upsert(another key, a taken unique column)': {
        entry: 'a destroy under the old key, a create under the new',
        fails: { sqlite: 'the email is taken', postgres: 'the email is taken' },
        write: (options) => Account.upsert({ id: 51, email: 'ada@example.org', name: 'Cy' }, options),
      },
      'Account.upsert({ count: literal })': {
        entry: 'an update to the value that the database computed',
        write: (options) => Account.upsert({ email: 'ada@example.org', count: sequelize.literal('40 + 2') }, options),
      },
      'Account.upsert(values, { fields })': {
        entry: 'an update of these attributes',
        write: (options) =>
          Account.upsert({ id: 1, email: 'new@example.org', name: 'Ada L.' }, { ...options, fields: ['name'] }),
      },
      'Account.upsert(values, { returning: true })': {
        entry: 'an update',
        write: (options) =>
          Account.upsert({ email: 'ada@example.org', name: 'Ada L.' }, { ...options, returning: true }),
      },
      'Account.upsert(values, { returning: false })': {
        entry: 'a create',
        write: (options) => Account.upsert({ email: 'cy@example.org', name: 'Cy' }, { ...options, returning: false }),
      },
      'Account.upsert(values, { conflictFields })': {
        entry: 'an update',
        write: (options) =>
          Account.upsert({ email: 'ada@example.org', name: 'Ada L.' }, { ...options, conflictFields: ['email'] }),
      },
      'Account.upsert(values, { validate: false })': {
        entry: 'an update',
        write: (options) => Account.upsert({ id: 1, name: 'Ada L.' }, { ...options, validate: false }),
      },
      'Grade.upsert(values with a composite key), new': {
        entry: 'a create',
        write: (options) => Grade.upsert({ studentId: 1, course: 'poetry', mark: 1 }, options),
      },
      'Grade.upsert(values with a composite key), there': {
        entry: 'an update',
        write: (options) => Grade.upsert({ studentId: 1, course: 'logic', mark: 1 }, options),
      },
      'Grade.upsert(what is stored)': {
        entry: 'nothing',
        isIdle: true,
        write: (options) => Grade.upsert({ studentId: 1, course: 'logic', mark: 3 }, options),
      },
      'Setting.upsert(what is stored), by a unique index': {
        entry: 'nothing',
        isIdle: true,
        write: (options) => Setting.upsert({ area: 'ui', name: 'theme', value: { dark: true } }, options),
      },
      'Setting.upsert(values of a composite unique index), new': {
        entry: 'a create',
        write: (options) => Setting.upsert({ area: 'ui', name: 'font', value: [1] }, options),
      },
      'Setting.upsert(values of a composite unique index), there': {
        entry: 'an update',
        write: (options) => Setting.upsert({ area: 'ui', name: 'theme', value: { dark: false } }, options),
      },
    },
  };
}
