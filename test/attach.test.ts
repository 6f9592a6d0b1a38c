import 'reflect-metadata';
import { expect } from 'chai';
import { DataTypes, Model, type ModelStatic, Sequelize } from 'sequelize';
import * as typescript from 'sequelize-typescript';
import { AuditError, type AuditOptions, attachAudit } from '../lib/index.js';
import { databases, postgresql, sqliteMemory } from './setup/databases.js';
import { foldLog, readLog, readTables } from './setup/oracle.js';
import { connect, onEachDatabase } from './setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}

/** Everything that hangs on a Sequelize instance and could be left changed. */
function shapeOf(sequelize: Sequelize): unknown {
  const { hooks } = (sequelize as unknown as { options: { hooks: Record<string, unknown[]> } }).options;
  const queryInterface = sequelize.getQueryInterface() as unknown as Record<string, unknown>;
  const { dialect } = sequelize as unknown as { dialect: Record<string, unknown> };
  return {
    hooks: Object.fromEntries(Object.entries(hooks).map(([name, list]) => [name, [...list]])),
    instance: Reflect.ownKeys(sequelize).map((key) => [
      key,
      (sequelize as unknown as Record<symbol, unknown>)[key as symbol],
    ]),
    queryInterface: Reflect.ownKeys(queryInterface).map((key) => [key, queryInterface[key as string]]),
    dialect: Reflect.ownKeys(dialect).map((key) => [key, dialect[key as string]]),
    models: Object.keys(sequelize.models),
    managed: sequelize.modelManager.models.map(({ name }) => name),
  };
}

describe('attachAudit', () => {
  for (const [title, options, message] of [
    ['options that are no object', 'all', 'Option options: expected an object, got "all"'],
    ['an unknown option', { exlude: [] }, 'Unknown option "exlude" in options: expected include, exclude, models'],
    ['include beside exclude', { include: ['A'], exclude: ['B'] }, 'include and exclude cannot stand together'],
    ['include that is no list', { include: 'User' }, 'Option include: expected an array of names, got "User"'],
    [
      'exclude with something else than names',
      { exclude: [1] },
      'Option exclude: expected an array of names, got an array of 1',
    ],
    [
      'models that is a list',
      { models: ['User'] },
      'Option models: expected an object of { exclude, redact, renamed } by model name, got an array of 1',
    ],
    [
      'a model with an unknown list',
      { models: { User: { omit: [] } } },
      'Unknown option "omit" in models.User: expected exclude, redact',
    ],
    [
      'a model list that is text',
      { models: { User: { redact: 'password' } } },
      'Option models.User.redact: expected an array of names, got "password"',
    ],
    ['an actor that is no function', { actor: 'me' }, 'Option actor: expected a function, got "me"'],
    ['an unknown capture', { capture: 'all' }, 'Option capture: expected one of "complete", "hooks", got "all"'],
    ['an empty modelName', { modelName: '' }, 'Option modelName: expected a name, got ""'],
    ['a tableName that is a number', { tableName: 7 }, 'Option tableName: expected a name, got 7'],
    ['indexes that are a list', { indexes: ['actor'] }, 'Option indexes: expected an object, got an array of 1'],
    [
      'an unknown index',
      { indexes: { recordId: true } },
      'Unknown option "recordId" in indexes: expected actor, changesetId, createdAt, model, action, attributes, meta',
    ],
    ['an index that is no boolean', { indexes: { actor: 1 } }, 'Option indexes.actor: expected true or false, got 1'],
    [
      'indexes of an attribute without a list',
      { indexes: { attributes: 'role' } },
      'Option indexes.attributes: expected an array of names, got "role"',
    ],
    [
      'an index of an attribute that no database can name',
      { indexes: { attributes: ['\ud800'] } },
      'Option indexes.attributes: expected names that a database can hold',
    ],
    [
      'an index of a member of meta with a quote in it',
      { indexes: { meta: ['a"b'] } },
      'Option indexes.meta: expected names without quotes, backslashes and control characters, got "a\\"b"',
    ],
    [
      'a wrong onUnaudited',
      { onUnaudited: 'shout' },
      'Option onUnaudited: expected one of "warn", "throw", "ignore", a function, got "shout"',
    ],
    [
      'an unknown attribute',
      { models: { User: { redact: ['emial'] } } },
      'Model User has no attribute "emial" to redact. Attributes: id, email, password',
    ],
    [
      'a key to exclude',
      { models: { User: { exclude: ['id'] } } },
      'Model User cannot exclude "id": the primary key names the record in the log',
    ],
    [
      'deletedAt to exclude',
      { models: { User: { exclude: ['deletedAt'] } } },
      'it is paranoid, so its destroys would not be seen',
    ],
    [
      'an attribute in both lists',
      { models: { User: { exclude: ['email'], redact: ['email'] } } },
      'Model User both excludes and redacts email',
    ],
    [
      'a model name that is taken',
      { modelName: 'User' },
      'expected a name that is free for the log, got "User", which is a model already',
    ],
  ] as const) {
    it(`refuses ${title}, and leaves the instance as it was`, async () => {
      const sequelize = await connect(sqliteMemory);
      sequelize.define('User', { email: DataTypes.STRING, password: DataTypes.STRING }, { paranoid: true });
      const before = shapeOf(sequelize);

      expect(() => attachAudit(sequelize, options as AuditOptions))
        .to.throw(AuditError)
        .that.satisfies(({ code }: AuditError) => code === 'ERR_AUDIT_OPTION_INVALID')
        .with.property('message')
        .that.includes(message);
      expect(shapeOf(sequelize)).to.deep.equal(before);
    });
  }

  it('refuses what is no Sequelize instance', () => {
    for (const value of [undefined, null, {}, 'sqlite', Sequelize]) {
      expect(() => attachAudit(value as never))
        .to.throw('expected a Sequelize instance')
        .with.property('code', 'ERR_AUDIT_OPTION_INVALID');
    }
  });

  it('refuses a second call for the same instance', async () => {
    const sequelize = await connect(sqliteMemory);
    attachAudit(sequelize);

    expect(() => attachAudit(sequelize))
      .to.throw(AuditError)
      .with.property('code', 'ERR_AUDIT_ALREADY_ATTACHED');
  });

  it("refuses capture: 'complete' on a dialect without a gate, and chooses hooks there by itself", async () => {
    const sequelize = await connect(sqliteMemory);
    sequelize.getDialect = () => 'mssql';

    expect(() => attachAudit(sequelize, { capture: 'complete' }))
      .to.throw(
        'Option capture: expected "hooks" for the dialect mssql ("complete" is for sqlite, postgres, mariadb, mysql), got "complete"',
      )
      .with.property('code', 'ERR_AUDIT_OPTION_INVALID');
    const before = Object.keys(sequelize.getQueryInterface());
    attachAudit(sequelize);
    expect(Object.keys(sequelize.getQueryInterface())).to.deep.equal(before);
  });

  it('checks at the first write what named a model that was not defined yet', async () => {
    for (const options of [{ include: ['User', 'Usr'] }, { exclude: ['Usr'] }, { models: { Usr: {} } }]) {
      const sequelize = await connect(sqliteMemory);
      attachAudit(sequelize, options);
      const User = sequelize.define('User', { email: DataTypes.STRING });
      await sequelize.sync();

      const error = await User.create({ email: 'a' }).catch((caught: unknown) => caught);

      expect(error).to.include({ code: 'ERR_AUDIT_OPTION_INVALID' });
      expect((error as Error).message).to.include('names "Usr", and there is no such model. Models: AuditLog, User');
      expect(await User.count()).to.equal(0);
    }
  });

  it('checks at the first write the attributes of a model that was defined later', async () => {
    const sequelize = await connect(sqliteMemory);
    attachAudit(sequelize, { models: { User: { redact: ['emial'] } } });
    const User = sequelize.define('User', { email: DataTypes.STRING });
    await sequelize.sync();

    const error = await User.create({ email: 'a' }).catch((caught: unknown) => caught);

    expect(error)
      .to.be.an('error')
      .with.property(
        'message',
        'Model User has no attribute "emial" to redact. Attributes: id, email, createdAt, updatedAt',
      );
    expect(await User.count()).to.equal(0);
  });

  it('checks the lists of a model that is defined after the first write', async () => {
    const sequelize = await connect(sqliteMemory);
    attachAudit(sequelize);
    const First = sequelize.define('First', { name: DataTypes.STRING });
    await sequelize.sync();
    await First.create({ name: 'a' });
    const Late = sequelize.define('Late', { password: DataTypes.STRING }, { audit: { redact: ['pasword'] } });
    await Late.sync();

    const error = await Late.create({ password: 'secret' }).catch((caught: unknown) => caught);

    expect(error)
      .to.be.an('error')
      .with.property('message')
      .that.includes('Model Late has no attribute "pasword" to redact');
    expect(await Late.count()).to.equal(0);
  });

  it('reads options that are frozen, and writes nothing to them', async () => {
    const sequelize = await connect(sqliteMemory);
    const attributes = () => ({ email: DataTypes.STRING });
    const options = frozen({
      exclude: ['Session'],
      models: { User: { exclude: ['email'], redact: [] } },
      actor: () => 'me',
    });
    sequelize.define('Session', attributes());

    const audit = attachAudit(sequelize, options);
    const User = sequelize.define('User', attributes());
    await sequelize.sync();
    const values = frozen({ email: 'a' });
    await User.create(values, frozen({ audit: { meta: { deep: { er: 1 } } } }));

    expect(await audit.AuditLog.count()).to.equal(1);
  });

  it('leaves two instances with options of their own side by side', async () => {
    const one = await connect(sqliteMemory);
    const two = await connect(sqliteMemory);
    const logs = [
      attachAudit(one, { actor: () => 'one' }),
      attachAudit(two, { actor: () => 'two', models: { User: { exclude: ['email'] } } }),
    ];

    for (const sequelize of [one, two]) {
      const User = sequelize.define('User', { email: DataTypes.STRING });
      await sequelize.sync();
      await User.create({ email: 'a' });
    }

    const entries = await Promise.all(logs.map((audit) => audit.AuditLog.findOne()));
    expect(entries.map((entry) => entry?.actor)).to.deep.equal(['one', 'two']);
    expect(entries.map((entry) => JSON.stringify(entry?.patch).includes('email'))).to.deep.equal([true, false]);
  });

  it('does not reach into a copy made from the options of the instance', async () => {
    const sequelize = await connect(sqliteMemory);
    attachAudit(sequelize);
    const copy = new Sequelize({ ...(sequelize as unknown as { options: object }).options });
    const User = copy.define('User', { email: DataTypes.STRING });
    await copy.sync();

    const user = await User.create({ email: 'a' });
    await user.update({ email: 'b' });
    await user.destroy();

    expect(Object.keys(copy.models)).to.deep.equal(['User']);
    await copy.close();
  });
});

onEachDatabase('attachAudit', (database) => {
  it('audits models of sequelize.define, Model.init and sequelize-typescript, defined before it or after', async () => {
    const sequelize = new typescript.Sequelize(((await connect(database)) as unknown as { options: never }).options);
    const life = async (model: ModelStatic<Model>) => {
      const row = (await model.create({ title: 'one' } as never)) as Any;
      await row.update({ title: 'two' });
    };
    const Before = sequelize.define<Any>('Before', { title: DataTypes.STRING });

    attachAudit(sequelize);
    const After = sequelize.define<Any>('After', { title: DataTypes.STRING });
    class Initialised extends Model {}
    Initialised.init({ title: DataTypes.STRING }, { sequelize });
    class Decorated extends typescript.Model {}
    typescript.Column(typescript.DataType.STRING)(Decorated.prototype, 'title');
    typescript.Table(Decorated);
    sequelize.addModels([Decorated]);
    await sequelize.sync();
    for (const model of [Before, After, Initialised, Decorated]) await life(model as ModelStatic<Model>);

    const log = await readLog(sequelize);
    expect(log.map(({ modelName, action }) => `${action} ${modelName}`)).to.deep.equal(
      ['Before', 'After', 'Initialised', 'Decorated'].flatMap((name) => [`create ${name}`, `update ${name}`]),
    );
    expect(foldLog(log)).to.deep.equal(await readTables([Before, After, Initialised, Decorated as never]));
    await sequelize.close();
  });

  it('takes scoped and unscoped subclasses for the same model', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const User = sequelize.define<Any>(
      'User',
      { name: DataTypes.STRING, isOpen: DataTypes.BOOLEAN },
      {
        defaultScope: { where: { isOpen: true }, attributes: ['id', 'name'] },
        scopes: { named: { where: { name: 'a' } } },
      },
    );
    await sequelize.sync();

    const user = await User.unscoped().create({ name: 'a', isOpen: false });
    const scoped = (await User.scope('named').findByPk(user.id as number)) as Any;
    await scoped.update({ name: 'b' });
    await scoped.destroy();

    expect((await audit.history(User, user.id).revisions()).map(({ action }) => action)).to.deep.equal([
      'create',
      'update',
      'destroy',
    ]);
    expect((await audit.history(User, user.id).at(2))?.get()).to.include({ name: 'b', isOpen: false });
    expect(foldLog(await readLog(sequelize))).to.deep.equal({});
  });

  it('refuses to write a model without a primary key, unless it is excluded', async () => {
    const sequelize = await connect(database);
    attachAudit(sequelize, { exclude: ['Free'] });
    for (const name of ['Keyless', 'Free']) sequelize.define(name, { title: DataTypes.STRING }).removeAttribute('id');
    await sequelize.sync();

    const error = await sequelize.models.Keyless?.create({ title: 'a' }).catch((caught: unknown) => caught);
    await sequelize.models.Free?.create({ title: 'a' });

    expect(error).to.include({ code: 'ERR_AUDIT_PRIMARY_KEY_MISSING' });
    expect(await sequelize.models.Keyless?.count()).to.equal(0);
    expect(await sequelize.models.Free?.count()).to.equal(1);
    expect(await readLog(sequelize)).to.deep.equal([]);
  });

  it('records nothing of excluded models, of audit: false in a definition, and of audit: false in a call', async () => {
    const sequelize = await connect(database);
    attachAudit(sequelize, { exclude: ['Excluded'] });
    const Excluded = sequelize.define('Excluded', { title: DataTypes.STRING });
    const Off = sequelize.define('Off', { title: DataTypes.STRING }, { audit: false });
    const On = sequelize.define<Any>('On', { title: DataTypes.STRING });
    await sequelize.sync();

    await Excluded.create({ title: 'a' });
    await Off.create({ title: 'a' });
    const on = await On.create({ title: 'a' }, { audit: false });
    await on.update({ title: 'b' }, { audit: false });
    await on.destroy({ audit: false });

    expect(await readLog(sequelize)).to.deep.equal([]);
  });

  it('leaves the instance exactly as before when it is detached', async () => {
    const sequelize = await connect(database);
    const User = sequelize.define<Any>('User', { name: DataTypes.STRING });
    sequelize.addHook('afterCreate', () => undefined);
    const before = shapeOf(sequelize);

    const audit = attachAudit(sequelize);
    await sequelize.sync();
    await User.create({ name: 'a' });
    audit.detach();
    audit.detach();

    expect(shapeOf(sequelize)).to.deep.equal(before);
    await User.create({ name: 'b' });
    expect(await readLog(sequelize)).to.have.length(1);
    expect(() => attachAudit(sequelize)).not.to.throw();
  });

  it('is not detached while a write is under way', async () => {
    const sequelize = await connect(database);
    const User = sequelize.define<Any>('User', { name: DataTypes.STRING });
    const audit = attachAudit(sequelize);
    await sequelize.sync();
    const attempts: unknown[] = [];
    sequelize.addHook('beforeQuery', () => {
      // The write has left the application, and is not yet in the database.
      setImmediate(() => {
        try {
          audit.detach();
        } catch (error) {
          attempts.push(error);
        }
      });
    });

    await Promise.all(Array.from({ length: 5 }, (_, index) => User.create({ name: String(index) })));

    expect(attempts[0]).to.include({ code: 'ERR_AUDIT_TRANSACTION_OPEN' });
    expect(await readLog(sequelize)).to.have.length(5);
  });

  it('leaves what another plugin has wrapped around it in place when it is detached', async () => {
    const sequelize = await connect(database);
    const User = sequelize.define<Any>('User', { name: DataTypes.STRING });
    const audit = attachAudit(sequelize);
    await sequelize.sync();
    const queryInterface = sequelize.getQueryInterface() as unknown as Record<string, (...args: unknown[]) => unknown>;
    const ours = queryInterface.insert as (...args: unknown[]) => unknown;
    let calls = 0;
    queryInterface.insert = (...args) => {
      calls += 1;
      return ours.apply(queryInterface, args);
    };

    audit.detach();
    await User.create({ name: 'a' });

    expect(calls).to.equal(1);
    expect(await readLog(sequelize)).to.deep.equal([]);
    expect(await User.count()).to.equal(1);
  });
});

for (const database of databases) {
  it(`tells the records of two schemas apart on ${database.name}`, async function () {
    if (!database.isAvailable() || ['mariadb', 'mysql'].includes(database.dialect)) return this.skip();
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const User = sequelize.define<Any>('User', { name: DataTypes.STRING });
    // Not the table without a schema: on SQLite Sequelize would take it for those with one.
    await audit.AuditLog.sync();
    for (const schema of ['acme', 'umbrella']) {
      if (database === postgresql) await sequelize.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await sequelize.createSchema(schema, {});
      await User.schema(schema).sync();
      const user = (await User.schema(schema).create({ name: schema })) as Any;
      await user.update({ name: `${schema} again` });
    }

    const names = (await readLog(sequelize)).map(({ modelName, recordId }) => `${modelName} ${recordId}`);

    expect(names).to.deep.equal(['acme.User 1', 'acme.User 1', 'umbrella.User 1', 'umbrella.User 1']);
    expect((await audit.history(User.schema('acme'), 1).at(2))?.get('name')).to.equal('acme again');
    expect((await audit.history(User.schema('umbrella'), 1).at(1))?.get('name')).to.equal('umbrella');
  });
}

describe('audit.models', () => {
  it('says what entries hold of each model, and which values are hidden', async () => {
    const sequelize = await connect(sqliteMemory);
    const audit = attachAudit(sequelize, {
      exclude: ['Session'],
      models: { User: { exclude: ['seenAt'], redact: ['password'], renamed: { name: ['title'] } } },
    });
    sequelize.define('Session', { token: DataTypes.STRING });
    const attributes = { name: DataTypes.STRING, password: DataTypes.STRING, seenAt: DataTypes.DATE };
    const User = sequelize.define('User', attributes, { timestamps: false });
    const View = sequelize.define('View', { total: DataTypes.INTEGER }, { timestamps: false });
    View.removeAttribute('id');

    expect(audit.models).to.deep.equal([
      {
        modelName: 'User',
        model: User,
        attributes: ['id', 'name', 'password'],
        redact: ['password'],
        renamed: { name: ['title'] },
      },
    ]);
    expect(audit.sequelize).to.equal(sequelize);
  });
});
