/** Writes of one instance: created, saved, destroyed. */
import { DataTypes, type Sequelize } from 'sequelize';
import { type Any, type Area, load, onAll } from '../area.js';

export function instances(sequelize: Sequelize): Area {
  const Person = sequelize.define<Any>('Person', {
    name: { type: DataTypes.STRING, allowNull: false },
    email: { type: DataTypes.STRING, unique: true },
    count: { type: DataTypes.INTEGER, defaultValue: 0 },
    data: DataTypes.JSON,
    isOpen: { type: DataTypes.BOOLEAN, defaultValue: true, field: 'is_open' },
  });
  const stub = () => Person.build({ id: 1 }, { isNewRecord: false });
  const gone = () => Person.build({ id: 999, name: 'gone' }, { isNewRecord: false });
  /** As if loaded before another one changed the row. */
  const stale = () =>
    Person.build({ id: 1, name: 'old', email: 'old@example.org', count: 99 }, { isNewRecord: false, raw: true });

  return {
    title: 'One instance',
    models: [Person],
    rows: {
      Person: [
        { id: 1, name: 'Ada', email: 'ada@example.org', count: 1, data: { a: { b: 1 }, list: [1, 2] }, isOpen: true },
        { id: 2, name: 'Bob', email: 'bob@example.org', count: 2, data: null, isOpen: false },
      ],
    },
    paths: {
      'Person.create(values)': {
        entry: 'a create',
        write: (options) => Person.create({ name: 'Cy', data: { a: [null, true] } }, options),
      },
      'Person.create(values with the key)': {
        entry: 'a create',
        write: (options) => Person.create({ id: 51, name: 'Cy' }, options),
      },
      'Person.create(values, { returning: false })': {
        entry: 'a create',
        write: (options) => Person.create({ name: 'Cy' }, { ...options, returning: false }),
      },
      'Person.create(values, { returning: [attribute] })': {
        entry: 'a create',
        write: (options) => Person.create({ name: 'Cy' }, { ...options, returning: ['name'] }),
      },
      'Person.create(values, { fields })': {
        entry: 'a create',
        write: (options) => Person.create({ name: 'Cy', count: 9 }, { ...options, fields: ['name'] }),
      },
      'Person.create(values, { ignoreDuplicates })': {
        entry: 'a create',
        write: (options) => Person.create({ name: 'Cy' }, { ...options, ignoreDuplicates: true }),
      },
      'Person.create(a duplicate, { ignoreDuplicates })': {
        entry: 'nothing',
        isIdle: true,
        fails: { postgres: 'Sequelize rejects where PostgreSQL inserts nothing' },
        write: (options) =>
          Person.create({ name: 'Cy', email: 'ada@example.org' }, { ...options, ignoreDuplicates: true }),
      },
      'Person.create(a duplicate)': {
        entry: 'nothing',
        isIdle: true,
        fails: onAll('the email is taken'),
        write: (options) => Person.create({ name: 'Cy', email: 'ada@example.org' }, options),
      },
      'Person.create({ count: literal })': {
        entry: 'a create with the value that the database computed',
        write: (options) => Person.create({ name: 'Cy', count: sequelize.literal('40 + 2') }, options),
      },
      'Person.create(values, { validate: false, silent: true })': {
        entry: 'a create',
        write: (options) =>
          Person.create(
            { name: 'Cy', createdAt: new Date(0), updatedAt: new Date(0) },
            { ...options, validate: false, silent: true },
          ),
      },
      'Person.build(values).save()': {
        entry: 'a create',
        write: (options) => Person.build({ name: 'Cy' }).save(options),
      },
      'Person.findOrBuild({ where }), then save()': {
        entry: 'a create',
        write: async (options) => {
          const [person] = await Person.findOrBuild({ ...options, where: { name: 'Cy' } });
          await person.save(options);
        },
      },
      'Person.findOrCreate({ where }), not there': {
        entry: 'a create',
        write: (options) => Person.findOrCreate({ ...options, where: { name: 'Cy' }, defaults: { count: 3 } }),
      },
      'Person.findOrCreate({ where }), there': {
        entry: 'nothing',
        isIdle: true,
        write: (options) => Person.findOrCreate({ ...options, where: { name: 'Ada' } }),
      },
      'Person.findCreateFind({ where }), not there': {
        entry: 'a create',
        write: (options) =>
          Person.findCreateFind({ ...options, where: { email: 'cy@example.org' }, defaults: { name: 'Cy' } }),
      },
      'Person.findCreateFind({ where }), there': {
        entry: 'nothing',
        isIdle: true,
        write: (options) => Person.findCreateFind({ ...options, where: { email: 'ada@example.org' } }),
      },
      'person.update(values)': {
        entry: 'an update',
        write: async (options) => (await load(Person, options)).update({ name: 'Ada L.', isOpen: false }, options),
      },
      'person.set(values).save()': {
        entry: 'an update',
        write: async (options) => (await load(Person, options)).set({ name: 'Ada L.', count: 2 }).save(options),
      },
      'person.set(a).set(b).save()': {
        entry: 'an update from what was stored',
        write: async (options) => (await load(Person, options)).set('name', 'x').set('name', 'y').save(options),
      },
      'person.save({ fields })': {
        entry: 'an update of these attributes',
        write: async (options) =>
          (await load(Person, options)).set({ name: 'Ada L.', count: 2 }).save({ ...options, fields: ['name'] }),
      },
      'person.save({ silent: true })': {
        entry: 'an update',
        write: async (options) =>
          (await load(Person, options)).set('name', 'Ada L.').save({ ...options, silent: true }),
      },
      'person.save({ returning: true })': {
        entry: 'an update',
        write: async (options) =>
          (await load(Person, options)).set('name', 'Ada L.').save({ ...options, returning: true }),
      },
      'person.save({ returning: false })': {
        entry: 'an update',
        write: async (options) =>
          (await load(Person, options)).set('name', 'Ada L.').save({ ...options, returning: false }),
      },
      'person.update({ count: literal })': {
        entry: 'an update to the value that the database computed',
        write: async (options) =>
          (await load(Person, options)).update({ count: sequelize.literal('count + 41') }, options),
      },
      "person.set('data.a.b', value).save()": {
        entry: 'an update of that part of the JSON',
        write: async (options) => (await load(Person, options)).set('data.a.b', 2).save(options),
      },
      'person.save() of a JSON that was edited in place': {
        entry: 'an update of that part of the JSON',
        write: async (options) => {
          const person = await load(Person, options);
          (person.data as { list: number[] }).list.shift();
          person.changed('data', true);
          await person.save(options);
        },
      },
      'person.update(what is stored, { silent: true })': {
        entry: 'nothing',
        isIdle: true,
        write: async (options) =>
          (await load(Person, options))
            .set('name', 'x')
            .update({ name: 'Ada', count: '1' }, { ...options, silent: true }),
      },
      'person.save() of no change': {
        entry: 'nothing',
        isIdle: true,
        write: async (options) => (await load(Person, options)).save(options),
      },
      'person.update(values) of a stale instance': {
        entry: 'an update from what was stored',
        write: (options) => stale().update({ name: 'Ada L.', count: 7 }, options),
      },
      'person.update(values) of a partly loaded instance': {
        entry: 'an update from what was stored',
        write: async (options) => {
          const person = await Person.findByPk(1, { ...options, attributes: ['id'], rejectOnEmpty: true });
          await person.update({ name: 'Ada L.', count: 2 }, options);
        },
      },
      'person.update(values) of a stub': {
        entry: 'an update from what was stored',
        write: (options) => stub().update({ name: 'Ada L.' }, options),
      },
      'person.update(values) of a row that is gone': {
        entry: 'nothing',
        isIdle: true,
        write: (options) => gone().update({ name: 'Cy' }, options),
      },
      'person.destroy()': {
        entry: 'a destroy',
        write: async (options) => (await load(Person, options)).destroy(options),
      },
      'person.destroy({ force: true })': {
        entry: 'a destroy',
        write: async (options) => (await load(Person, options)).destroy({ ...options, force: true }),
      },
      'person.destroy() with unsaved changes': {
        entry: 'a destroy of what was stored',
        write: async (options) => (await load(Person, options)).set('name', 'never').destroy(options),
      },
      'person.destroy() of a row that is gone': {
        entry: 'nothing',
        isIdle: true,
        write: (options) => gone().destroy(options),
      },
    },
  };
}
