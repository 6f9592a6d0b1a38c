import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize, type Transaction } from 'sequelize';
import { type Audit, attachAudit } from '../../lib/index.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { transactionModes } from '../setup/transactions.js';

type Options = { transaction?: Transaction };
type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

interface World {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly Note: ModelStatic<Any>;
  readonly Tag: ModelStatic<Any>;
}

/** One way to write, and the actions of the entries it has to leave. `prepare` happens before, unlooked at. */
interface Case {
  readonly prepare?: (world: World) => Promise<Any>;
  readonly write: (world: World, options: Options, note: Any) => Promise<unknown>;
  readonly actions: readonly string[];
}

const note = ({ Note }: World): Promise<Any> => Note.create({ title: 'one', data: { a: { b: 1 } }, count: 1 });
const gone = async (world: World): Promise<Any> => {
  const lost = await note(world);
  await world.sequelize.query(`DELETE FROM ${quoted(world, 'Notes')}`);
  return lost;
};
const destroyed = async (world: World): Promise<Any> => {
  const instance = await note(world);
  await instance.destroy();
  return instance;
};
/** An instance whose row somebody else has changed since it was loaded. */
const stale = async (world: World): Promise<Any> => {
  const instance = await note(world);
  const other = (await world.Note.findByPk(instance.id as number)) as Any;
  await other.update({ title: 'theirs', count: 5 });
  return instance;
};

const cases: Record<string, Case> = {
  create: { write: ({ Note }, options) => Note.create({ title: 'new' }, options), actions: ['create'] },
  'create with fields': {
    write: ({ Note }, options) => Note.create({ title: 'new', count: 9 }, { ...options, fields: ['title'] }),
    actions: ['create'],
  },
  'create, silent': {
    write: ({ Note }, options) => Note.create({ title: 'new', updatedAt: new Date(0) }, { ...options, silent: true }),
    actions: ['create'],
  },
  'create, returning: false': {
    write: ({ Note }, options) => Note.create({ title: 'new' }, { ...options, returning: false }),
    actions: ['create'],
  },
  'create, returning one attribute': {
    write: ({ Note }, options) => Note.create({ title: 'new' }, { ...options, returning: ['title'] }),
    actions: ['create'],
  },
  'create, hooks: false': {
    write: ({ Note }, options) => Note.create({ title: 'new' }, { ...options, hooks: false }),
    actions: ['create'],
  },
  'create, validate: false': {
    write: ({ Note }, options) => Note.create({ title: 'new' }, { ...options, validate: false }),
    actions: ['create'],
  },
  'create with a literal': {
    write: ({ Note, sequelize }, options) => Note.create({ title: 'new', count: sequelize.literal('40 + 2') }, options),
    actions: ['create'],
  },
  'create with a key of its own': {
    write: ({ Note }, options) => Note.create({ id: 77, title: 'new' }, options),
    actions: ['create'],
  },
  'build and save': { write: ({ Note }, options) => Note.build({ title: 'new' }).save(options), actions: ['create'] },
  'create with include': {
    write: ({ Note, Tag }, options) =>
      Note.create({ title: 'new', Tags: [{ name: 'x' }, { name: 'y' }] }, { ...options, include: [Tag] }),
    actions: ['create', 'create', 'create'],
  },
  'findOrCreate of what is not there': {
    write: ({ Note }, options) => Note.findOrCreate({ where: { title: 'new' }, defaults: { count: 3 }, ...options }),
    actions: ['create'],
  },
  'findOrCreate of what is there': {
    prepare: note,
    write: ({ Note }, options) => Note.findOrCreate({ where: { title: 'one' }, ...options }),
    actions: [],
  },
  'findOrBuild and save': {
    write: async ({ Note }, options) => {
      const [built] = await Note.findOrBuild({ where: { title: 'new' }, ...options });
      return built.save(options);
    },
    actions: ['create'],
  },
  update: { prepare: note, write: (_, options, it) => it.update({ title: 'two' }, options), actions: ['update'] },
  'set and save': {
    prepare: note,
    write: (_, options, it) => it.set({ title: 'two', count: 2 }).save(options),
    actions: ['update'],
  },
  'save with fields': {
    prepare: note,
    write: (_, options, it) => it.set({ title: 'two', count: 2 }).save({ ...options, fields: ['title'] }),
    actions: ['update'],
  },
  'save, silent': {
    prepare: note,
    write: (_, options, it) => it.set('title', 'two').save({ ...options, silent: true }),
    actions: ['update'],
  },
  'save, returning: false': {
    prepare: note,
    write: (_, options, it) => it.set('title', 'two').save({ ...options, returning: false }),
    actions: ['update'],
  },
  'save, returning: true': {
    prepare: note,
    write: (_, options, it) => it.set('title', 'two').save({ ...options, returning: true }),
    actions: ['update'],
  },
  'save, hooks: false': {
    prepare: note,
    write: (_, options, it) => it.set('title', 'two').save({ ...options, hooks: false }),
    actions: ['update'],
  },
  'save, validate: false': {
    prepare: note,
    write: (_, options, it) => it.set('title', 'two').save({ ...options, validate: false }),
    actions: ['update'],
  },
  'update with a literal': {
    prepare: note,
    write: ({ sequelize }, options, it) => it.update({ count: sequelize.literal('count + 41') }, options),
    actions: ['update'],
  },
  'set twice before a save': {
    prepare: note,
    write: (_, options, it) => it.set('title', 'two').set('title', 'three').save(options),
    actions: ['update'],
  },
  'JSON set inside': {
    prepare: note,
    write: (_, options, it) => it.set('data.a.b', 2).save(options),
    actions: ['update'],
  },
  'JSON edited in place': {
    prepare: note,
    write: (_, options, it) => {
      (it.data as { a: { b: number } }).a.b = 2;
      it.changed('data', true);
      return it.save(options);
    },
    actions: ['update'],
  },
  'update of a stale instance': {
    prepare: stale,
    write: (_, options, it) => it.update({ title: 'mine' }, options),
    actions: ['update'],
  },
  'update of a partly loaded instance': {
    prepare: async (world) => {
      const { id } = await note(world);
      return (await world.Note.findByPk(id as number, { attributes: ['id', 'title'] })) as Any;
    },
    write: (_, options, it) => it.update({ title: 'two', count: 2 }, options),
    actions: ['update'],
  },
  'update of a stub': {
    prepare: async (world) => world.Note.build({ id: (await note(world)).id }, { isNewRecord: false }),
    write: (_, options, it) => it.update({ title: 'two' }, options),
    actions: ['update'],
  },
  'A to B to A': {
    prepare: note,
    write: (_, options, it) =>
      it
        .set('title', 'two')
        .set('title', 'one')
        .save({ ...options, silent: true }),
    actions: [],
  },
  "'1' over 1": {
    prepare: note,
    write: (_, options, it) => it.set('count', '1').save({ ...options, silent: true }),
    actions: [],
  },
  'save of nothing': { prepare: note, write: (_, options, it) => it.save(options), actions: [] },
  'save of a row that is gone': {
    prepare: gone,
    write: (_, options, it) => it.update({ title: 'two' }, options),
    actions: [],
  },
  destroy: { prepare: note, write: (_, options, it) => it.destroy(options), actions: ['destroy'] },
  'destroy, force': {
    prepare: note,
    write: (_, options, it) => it.destroy({ ...options, force: true }),
    actions: ['destroy'],
  },
  'destroy, hooks: false': {
    prepare: note,
    write: (_, options, it) => it.destroy({ ...options, hooks: false }),
    actions: ['destroy'],
  },
  'destroy with unsaved changes': {
    prepare: note,
    write: (_, options, it) => it.set('title', 'two').destroy(options),
    actions: ['destroy'],
  },
  'destroy, force, with unsaved changes': {
    prepare: note,
    write: (_, options, it) => it.set('title', 'never').destroy({ ...options, force: true }),
    actions: ['destroy'],
  },
  'destroy of what is destroyed': { prepare: destroyed, write: (_, options, it) => it.destroy(options), actions: [] },
  'destroy, force, of a row that is gone': {
    prepare: gone,
    write: (_, options, it) => it.destroy({ ...options, force: true }),
    actions: [],
  },
  restore: { prepare: destroyed, write: (_, options, it) => it.restore(options), actions: ['restore'] },
  'restore, hooks: false': {
    prepare: destroyed,
    write: (_, options, it) => it.restore({ ...options, hooks: false } as Options),
    actions: ['restore'],
  },
  'update of a destroyed record': {
    prepare: destroyed,
    write: (_, options, it) => it.update({ title: 'two' }, options),
    actions: ['update'],
  },
  'two updates at once': {
    prepare: note,
    write: async ({ Note }, options, it) => {
      const other = (await Note.findByPk(it.id as number, options)) as Any;
      await Promise.all([it.update({ title: 'two' }, options), other.update({ title: 'three' }, options)]);
    },
    actions: ['update', 'update'],
  },
};

async function world(sequelize: Sequelize): Promise<World> {
  const audit = attachAudit(sequelize);
  const Note = sequelize.define<Any>(
    'Note',
    {
      title: { type: DataTypes.STRING, allowNull: false },
      data: DataTypes.JSON,
      count: { type: DataTypes.INTEGER, defaultValue: 0 },
      isOpen: { type: DataTypes.BOOLEAN, defaultValue: true, field: 'is_open' },
    },
    { paranoid: true },
  );
  const Tag = sequelize.define<Any>('Tag', { name: DataTypes.STRING });
  Note.hasMany(Tag);
  Tag.belongsTo(Note);
  await sequelize.sync();
  return { sequelize, audit, Note, Tag };
}

onEachDatabase('An instance write', (database) => {
  for (const mode of transactionModes) {
    describe(`in ${mode.name}`, () => {
      let given: World;
      beforeEach(async () => {
        given = await world(await connect(database));
      });

      for (const [title, { prepare, write, actions }] of Object.entries(cases)) {
        it(`${title}: leaves ${actions.join(', ') || 'no entry'}, and the log replays to the table`, async () => {
          const instance = await prepare?.(given);
          const before = await readLog(given.sequelize);
          // A row that plain SQL removed is out of the log's sight: its record is left out of the comparison.
          const unseen = title.includes('gone') ? before.map(({ recordId }) => recordId) : [];

          await mode.run(given.sequelize, (options) => write(given, options, instance as Any));

          const log = await readLog(given.sequelize);
          const made = log.slice(before.length);
          expect(made.map(({ action }) => action)).to.deep.equal(actions);
          expect(new Set(made.map(({ changesetId }) => changesetId)).size).to.be.at.most(
            mode.name === 'no transaction' ? made.length : 1,
          );
          const seen = log.filter(({ recordId }) => !unseen.includes(recordId));
          expect(foldLog(seen)).to.deep.equal(await readTables([given.Note, given.Tag]));
        });
      }
    });
  }
});

function quoted({ sequelize }: World, table: string): string {
  return sequelize.getDialect() === 'postgres' ? `"${table}"` : `\`${table}\``;
}
