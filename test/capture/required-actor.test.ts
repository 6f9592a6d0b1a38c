import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { type Audit, type AuditOptions, attachAudit } from '../../lib/index.js';
import { internalsOf } from '../../lib/internals.js';
import { sqliteMemory } from '../setup/databases.js';
import { readLog, select } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { transactionModes } from '../setup/transactions.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & {
  id: number;
  addTag(tag: Any, options?: object): Promise<void>;
  createMember(values: object, options?: object): Promise<void>;
};

interface World {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly note: Any;
  readonly gone: Any;
  readonly team: Any;
  readonly tag: Any;
  readonly Note: ModelStatic<Any>;
  readonly Team: ModelStatic<Any>;
  readonly Session: ModelStatic<Any>;
}

/** Teams are not audited; their members are, and go with them. */
async function world(sequelize: Sequelize, options: AuditOptions = {}): Promise<World> {
  const audit = attachAudit(sequelize, { requireActor: true, exclude: ['Team', 'Session'], ...options });
  const define = (name: string, attributes = {}, more = {}) =>
    sequelize.define<Any>(name, { title: DataTypes.STRING, ...attributes }, { timestamps: false, ...more });
  const Note = define('Note', { count: DataTypes.INTEGER }, { timestamps: true, paranoid: true });
  const [Tag, Team, Member, Session] = [define('Tag'), define('Team'), define('Member'), define('Session')];
  Note.belongsToMany(Tag, { through: 'NoteTags', timestamps: false });
  Team.hasMany(Member, { onDelete: 'CASCADE', onUpdate: 'CASCADE' });
  await sequelize.sync();
  return audit.run({ actor: 'set-up' }, async () => {
    const note = await Note.create({ title: 'one', count: 1 });
    await note.update({ title: 'two' });
    const gone = await Note.create({ title: 'gone' });
    await gone.destroy();
    const [team, tag] = await Promise.all([Team.create({ title: 'team' }), Tag.create({ title: 'tag' })]);
    await team.createMember({ title: 'member' });
    return { sequelize, audit, note, gone, team, tag, Note, Team, Session };
  });
}

type Write = (world: World, options: object) => Promise<unknown>;

const id = { id: 1 };

/** What the hooks see, and what writes through them. */
const hooked: Record<string, Write> = {
  create: ({ Note }, options) => Note.create({ title: 'new' }, options),
  findOrCreate: ({ Note }, options) => Note.findOrCreate({ where: { title: 'new' }, ...options }),
  update: ({ note }, options) => note.update({ title: 'new' }, options),
  'soft destroy': ({ note }, options) => note.destroy(options),
  'hard destroy': ({ note }, options) => note.destroy({ force: true, ...options }),
  restore: ({ gone }, options) => gone.restore(options),
  upsert: ({ Note }, options) => Note.upsert({ id: 1, title: 'new' }, options),
  bulkCreate: ({ Note }, options) => Note.bulkCreate([{ title: 'new' }], options),
  'bulkCreate with individualHooks': ({ Note }, options) =>
    Note.bulkCreate([{ title: 'new' }], { individualHooks: true, ...options }),
  'bulk update': ({ Note }, options) => Note.update({ title: 'new' }, { where: id, ...options }),
  'bulk update of no row': ({ Note }, options) => Note.update({ title: 'new' }, { where: { id: 99 }, ...options }),
  'bulk destroy': ({ Note }, options) => Note.destroy({ where: id, ...options }),
  'bulk restore': ({ Note }, options) => Note.restore({ where: { id: 2 }, ...options }),
  'a method of an association': ({ team }, options) => team.createMember({ title: 'new' }, options),
  'many to many': ({ note, tag }, options) => note.addTag(tag, options),
};

/** What only the gate sees. */
const gated: Record<string, Write> = {
  increment: ({ note }, options) => note.increment('count', options),
  'increment of many': ({ Note }, options) => Note.increment('count', { where: id, ...options }),
  'create without hooks': ({ Note }, options) => Note.create({ title: 'new' }, { hooks: false, ...options }),
  'bulkCreate without hooks': ({ Note }, options) => Note.bulkCreate([{ title: 'new' }], { hooks: false, ...options }),
  'bulk update without hooks': ({ Note }, options) =>
    Note.update({ title: 'new' }, { where: id, hooks: false, ...options }),
  'queryInterface.bulkInsert': ({ sequelize }, options) =>
    sequelize.getQueryInterface().bulkInsert('Tags', [{ title: 'new' }], options),
  'queryInterface.bulkUpdate': ({ sequelize }, options) =>
    sequelize.getQueryInterface().bulkUpdate('Tags', { title: 'new' }, id, options),
  'queryInterface.bulkDelete': ({ sequelize }, options) =>
    sequelize.getQueryInterface().bulkDelete('Tags', id, options),
  'a cascade of a destroy': ({ team }, options) => team.destroy(options),
  'a cascade of a bulk destroy': ({ Team }, options) => Team.destroy({ where: {}, ...options }),
  'a cascade of a new key': ({ Team }, options) => Team.update({ id: 7 }, { where: id, ...options }),
};

/** What writes entries and takes no option for who. */
const histories: Record<string, Write> = {
  revertTo: ({ audit, note }) => audit.history(note).revertTo(1),
  undo: ({ audit }) => audit.undo(2),
  baseline: ({ audit }) => audit.baseline(),
};

/** All that stands in the database, by plain SQL. */
async function everything(sequelize: Sequelize): Promise<unknown> {
  const tables = ['Notes', 'Tags', 'NoteTags', 'Teams', 'Members', 'Sessions', 'AuditLogs'];
  return Promise.all(tables.map((table) => select(sequelize, table)));
}

async function expectRefused(given: World, name: string, write: () => Promise<unknown>): Promise<void> {
  const before = await everything(given.sequelize);
  const error = await write().catch((caught: unknown) => caught);

  expect(error, name).to.include({ name: 'AuditError', code: 'ERR_AUDIT_ACTOR_MISSING' });
  expect(await everything(given.sequelize), name).to.deep.equal(before);
}

onEachDatabase('requireActor', (database) => {
  for (const capture of ['complete', 'hooks'] as const) {
    const writes = { ...hooked, ...(capture === 'complete' ? gated : {}) };

    it(`refuses every write of nobody before anything is written, with capture: '${capture}'`, async () => {
      const given = await world(await connect(database), { capture });

      for (const [name, write] of Object.entries({ ...writes, ...histories })) {
        await expectRefused(given, name, () => write(given, {}));
      }
    });
  }

  for (const mode of transactionModes) {
    it(`leaves ${mode.name} as it was, so that it can go on`, async () => {
      const given = await world(await connect(database));

      await mode.run(given.sequelize, async (options) => {
        const error = await given.Note.create({ title: 'never' }, options).catch((caught: unknown) => caught);
        expect(error).to.include({ code: 'ERR_AUDIT_ACTOR_MISSING' });
        await given.Note.create({ title: 'after' }, { ...options, audit: { actor: 'somebody' } });
      });

      const titles = (await select(given.sequelize, 'Notes')).map(({ title }) => title);
      expect(titles).to.include('after').and.not.include('never');
      expect((await readLog(given.sequelize)).at(-1)).to.include({ action: 'create', actor: 'somebody' });
    });
  }

  it('refuses before the write when another plugin has taken the place of the gate', async () => {
    const given = await world(await connect(database), { onUnaudited: 'ignore' });
    const { queryInterface } = internalsOf(given.sequelize);
    const prototype = Object.getPrototypeOf(queryInterface) as Record<string, unknown>;
    for (const method of ['insert', 'update', 'bulkInsert']) queryInterface[method] = prototype[method];

    for (const name of ['create', 'update', 'soft destroy', 'restore', 'bulkCreate']) {
      await expectRefused(given, name, () => (hooked[name] as Write)(given, {}));
    }
  });

  it('asks nothing of models that are not audited, of saves that send nothing, and of previews', async () => {
    const given = await world(await connect(database));
    const before = await readLog(given.sequelize);

    const session = await given.Session.create({ title: 'free' });
    await session.update({ title: 'still' });
    await given.Session.destroy({ where: {} });
    await given.Team.create({ title: 'free' });
    await given.Team.update({ title: 'still' }, { where: {} });
    await given.note.save();
    await given.audit.undo(2, { dryRun: true });
    await given.audit.AuditLog.findAll();

    expect(await readLog(given.sequelize)).to.deep.equal(before);
  });
});

describe('requireActor', () => {
  for (const capture of ['complete', 'hooks'] as const) {
    const writes = { ...hooked, ...(capture === 'complete' ? gated : {}) };

    it(`lets pass what has an actor by run, with capture: '${capture}'`, async () => {
      for (const write of [...Object.values(writes), ...Object.values(histories)]) {
        const given = await world(await connect(sqliteMemory), { capture });

        await given.audit.run({ actor: 'somebody' }, () => write(given, {}));

        for (const { actor } of await readLog(given.sequelize)) expect(actor).to.match(/^(set-up|somebody)$/);
      }
    });

    for (const audit of [{ actor: 'somebody' }, false] as const) {
      it(`lets pass what says audit: ${JSON.stringify(audit)}, with capture: '${capture}'`, async () => {
        for (const write of Object.values(writes)) {
          const given = await world(await connect(sqliteMemory), { capture });
          const before = await readLog(given.sequelize);

          await write(given, { audit });

          const added = (await readLog(given.sequelize)).slice(before.length);
          expect(added.filter(({ actor }) => actor !== 'somebody')).to.deep.equal([]);
          if (!audit) expect(added).to.deep.equal([]);
        }
      });
    }
  }

  for (const [title, context, got] of [
    ['null', { actor: null }, 'null'],
    ['nothing', { reason: 'why' }, 'null'],
    ['an empty name', { actor: '' }, '""'],
    ['a blank name', { actor: ' \t' }, '" \\t"'],
  ] as const) {
    it(`takes ${title} for nobody, and says what it expected`, async () => {
      const { audit, Note } = await world(await connect(sqliteMemory));

      const error = await audit.run(context, () => Note.create({}).catch((caught: unknown) => caught));

      expect(error).to.include({
        message: `A write of Note has no actor, which requireActor asks for: expected a name from audit.run, the audit option of the call or the option actor, got ${got}`,
      });
    });
  }

  it('names the model whose foreign keys lead to what is audited, and baseline', async () => {
    const given = await world(await connect(sqliteMemory));

    const messages = await Promise.all(
      [given.team.destroy(), given.audit.baseline()].map((write) => write.catch(({ message }: Error) => message)),
    );

    expect(messages[0]).to.match(/^A write of Team, whose foreign keys lead to what is audited, has no actor/);
    expect(messages[1]).to.match(/^audit\.baseline has no actor/);
  });

  it('is fulfilled by the option actor, which is asked at each write', async () => {
    let actor: number | undefined = 0;
    const { Note, sequelize } = await world(await connect(sqliteMemory), { actor: () => actor });

    await Note.create({ title: 'zero' });
    actor = undefined;
    const error = await Note.create({ title: 'never' }).catch((caught: unknown) => caught);

    expect(error).to.include({ code: 'ERR_AUDIT_ACTOR_MISSING' });
    expect((await readLog(sequelize)).at(-1)?.actor).to.equal('0');
  });

  it('is nothing by default', async () => {
    const sequelize = await connect(sqliteMemory);
    const Note = attachAudit(sequelize) && sequelize.define('Note', {});
    await sequelize.sync();

    await Note.create();

    expect((await readLog(sequelize)).map(({ actor }) => actor)).to.deep.equal([null]);
  });

  it('is true or false', async () => {
    const sequelize = await connect(sqliteMemory);

    expect(() => attachAudit(sequelize, { requireActor: 'yes' as never })).to.throw(
      'Option requireActor: expected true or false, got "yes"',
    );
  });

  it('leaves nothing behind with detach', async () => {
    const given = await world(await connect(sqliteMemory));
    given.audit.detach();

    await given.Note.create({ title: 'free' });
    await given.Note.bulkCreate([{ title: 'free' }]);

    expect(Object.keys(internalsOf(given.sequelize).options.hooks)).to.deep.equal([]);
  });
});
