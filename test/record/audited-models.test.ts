import { expect } from 'chai';
import { DataTypes, type Model, type ModelOptions, type ModelStatic, Sequelize } from 'sequelize';
import { AuditError, type AuditOptions } from '../../lib/index.js';
import { resolveOptions } from '../../lib/options.js';
import { AuditedModels } from '../../lib/record/audited-models.js';

const all = ['id', 'name', 'city', 'note'];

describe('AuditedModels', () => {
  it('has every model', () => {
    expect(attributesOf({})).to.deep.equal(all);
  });

  it('has those that are included, and no others', () => {
    expect(attributesOf({ include: ['User'] })).to.deep.equal(all);
    expect(attributesOf({ include: ['Other'] })).to.equal(undefined);
  });

  it('has not those that are excluded', () => {
    expect(attributesOf({ exclude: ['User'] })).to.equal(undefined);
    expect(attributesOf({ exclude: ['Other'] })).to.deep.equal(all);
  });

  it('does as the definition of a model says', () => {
    expect(attributesOf({}, { audit: false })).to.equal(undefined);
    expect(attributesOf({}, { audit: true })).to.deep.equal(all);
    expect(attributesOf({ exclude: ['User'] }, { audit: true })).to.equal(undefined);
  });

  it('joins the lists of a definition and of the options', () => {
    const models = { User: { exclude: ['city'], redact: ['name'] } };

    expect(attributesOf({ models }, { audit: true })).to.deep.equal(['id', 'name (hidden)', 'note']);
    expect(attributesOf({ models }, { audit: { redact: ['note', 'name'] } })).to.deep.equal([
      'id',
      'name (hidden)',
      'note (hidden)',
    ]);
    expect(attributesOf({ models }, { audit: { exclude: ['note', 'city'] } })).to.deep.equal(['id', 'name (hidden)']);
    expect(attributesOf({}, { audit: { exclude: ['note'] } })).to.deep.equal(['id', 'name', 'city']);
  });

  it('has not the log itself, by whatever name, nor a model of another instance', () => {
    for (const modelName of ['AuditLog', 'Protocol']) {
      const sequelize = connect();
      const models = new AuditedModels(sequelize, resolveOptions({ modelName }, 'sqlite'));

      expect(models.of(define(sequelize, modelName))).to.equal(null);
      expect(models.of(define(connect(), 'User'))).to.equal(null);
    }
  });

  for (const option of ['include', 'exclude', 'models'] as const) {
    it(`refuses a model that ${option} names and that nobody has defined by the first write`, () => {
      const sequelize = connect();
      const named = option === 'models' ? { User: {}, Usr: {} } : ['User', 'Usr'];
      const models = new AuditedModels(sequelize, resolveOptions({ [option]: named }, 'sqlite'));
      const User = define(sequelize, 'User');
      define(sequelize, 'Other');

      expectRefusal(
        () => models.of(User),
        `Option ${option} names "Usr", and there is no such model. Models: User, Other`,
      );
      define(sequelize, 'Usr');
      expect(() => models.of(User)).not.to.throw();
    });
  }

  describe('refuses an attribute that a model has not', () => {
    const reason = 'Model User has no attribute "emial" to redact. Attributes: id, name, city, note';
    const audit = { redact: ['emial'] };

    it('at once, of a model that is defined already', () => {
      const sequelize = connect();
      define(sequelize, 'User', { audit });

      expectRefusal(() => new AuditedModels(sequelize, resolveOptions({}, 'sqlite')), reason);
    });

    it('at the first write of any model', () => {
      const sequelize = connect();
      const models = new AuditedModels(sequelize, resolveOptions({}, 'sqlite'));
      const Other = define(sequelize, 'Other');
      define(sequelize, 'User', { audit });

      expectRefusal(() => models.of(Other), reason);
    });

    it('at the first write of a model that is defined after that', () => {
      const sequelize = connect();
      const models = new AuditedModels(sequelize, resolveOptions({}, 'sqlite'));
      models.of(define(sequelize, 'Other'));

      expectRefusal(() => models.of(define(sequelize, 'User', { audit })), reason);
    });
  });

  it('says in which definition an option stands that is none', () => {
    const definition = { audit: { hide: ['note'] } } as ModelOptions;

    expectRefusal(
      () => attributesOf({}, definition),
      'Unknown option "hide" in audit of model User: expected exclude, redact',
    );
  });

  it('describes a model once', () => {
    const sequelize = connect();
    const User = define(sequelize, 'User');
    const models = new AuditedModels(sequelize, resolveOptions({}, 'sqlite'));

    expect(models.of(User)).to.equal(models.of(User));
    expect(models.of(User.scope())).to.equal(models.of(User));
    expect(models.of(User.schema('acme'))?.modelName).to.equal('acme.User');
    expect(models.of(User)?.modelName).to.equal('User');
  });

  it('has the columns that a model got later', () => {
    const sequelize = connect();
    const User = define(sequelize, 'User');
    const models = new AuditedModels(sequelize, resolveOptions({}, 'sqlite'));
    const before = models.of(User);

    User.belongsTo(define(sequelize, 'Team'), { foreignKey: 'teamId' });

    expect(before?.column('teamId')).to.equal(undefined);
    expect(models.of(User)?.column('teamId')?.field).to.equal('teamId');
  });
});

function expectRefusal(task: () => unknown, reason: string): void {
  expect(task).to.throw(AuditError, reason).with.property('code', 'ERR_AUDIT_OPTION_INVALID');
}

/** What is audited of a model called User, beside another model. */
function attributesOf(options: AuditOptions, definition: ModelOptions = {}): string[] | undefined {
  const sequelize = connect();
  const User = define(sequelize, 'User', definition);
  define(sequelize, 'Other');
  const audited = new AuditedModels(sequelize, resolveOptions(options, 'sqlite')).of(User);
  return audited?.columns.map(({ attribute, isRedacted }) => (isRedacted ? `${attribute} (hidden)` : attribute));
}

function define(sequelize: Sequelize, name: string, options: ModelOptions = {}): ModelStatic<Model> {
  const attributes = { name: DataTypes.STRING, city: DataTypes.STRING, note: DataTypes.STRING };
  return sequelize.define(name, attributes, { timestamps: false, ...options });
}

function connect(): Sequelize {
  return new Sequelize({ dialect: 'sqlite', logging: false });
}
