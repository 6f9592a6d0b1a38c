import { expect } from 'chai';
import { DataTypes, type Model, type ModelAttributes, type ModelOptions, type ModelStatic, Sequelize } from 'sequelize';
import { AuditError } from '../../lib/index.js';
import { AuditedModel } from '../../lib/record/audited-model.js';

const id = { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true };
const all = { exclude: [], redact: [], renamed: {} };

describe('AuditedModel', () => {
  it('knows of each column its field, what is hidden of it, and whether the database counts it', () => {
    const User = define({
      id,
      name: { type: DataTypes.STRING, field: 'user_name' },
      city: DataTypes.STRING,
      pin: DataTypes.STRING,
    });

    const { columns, keyColumns } = new AuditedModel(User, { exclude: ['city'], redact: ['pin'], renamed: {} });

    expect(columns.map(({ codec, type, alias, oldAlias, givenAs, ...column }) => column)).to.deep.equal([
      { attribute: 'id', field: 'id', isRedacted: false, isGenerated: true },
      { attribute: 'name', field: 'user_name', isRedacted: false, isGenerated: false },
      { attribute: 'pin', field: 'pin', isRedacted: true, isGenerated: false },
    ]);
    expect(keyColumns).to.deep.equal([columns[0]]);
    // SQLite reads integers as text.
    expect(columns.map(({ givenAs }) => givenAs)).to.deep.equal(['audit$0', 'user_name', 'pin']);
  });

  it('names the records of a model of two schemas by both, and those of the schema it was defined with by none', () => {
    const Plain = define({ id });
    const Bound = define({ id }, { schema: 'acme' });
    const nameOf = (model: ModelStatic<Model>) => new AuditedModel(model, all).modelName;

    expect([nameOf(Plain), nameOf(Plain.schema('acme'))]).to.deep.equal(['Row', 'acme.Row']);
    expect([nameOf(Bound), nameOf(Bound.schema('acme')), nameOf(Bound.schema('other'))]).to.deep.equal([
      'Row',
      'Row',
      'other.Row',
    ]);
  });

  it('leaves what is not known out of a snapshot, hidden or not', () => {
    const audited = new AuditedModel(
      define({ id, name: DataTypes.STRING, pin: DataTypes.STRING, key: DataTypes.STRING }),
      {
        exclude: [],
        redact: ['pin', 'key'],
        renamed: {},
      },
    );

    expect(audited.snapshot({ id: 1, pin: '1234' })).to.deep.equal({
      recordId: '1',
      document: { id: 1, pin: { $redacted: true } },
      hidden: { pin: '1234' },
      isDeleted: false,
    });
  });

  it('takes a record for deleted when its deletedAt is another than that of new ones', () => {
    const usual = new AuditedModel(define({ id }, { paranoid: true, timestamps: true }), all);
    const deletedAt = { type: DataTypes.DATE, defaultValue: new Date(0) };
    const dated = new AuditedModel(define({ id, deletedAt }, { paranoid: true, timestamps: true }), all);
    const states = [{}, { deletedAt: null }, { deletedAt: '1970-01-01T00:00:00.000Z' }];

    expect(states.map((state) => usual.snapshot({ id: 1, ...state }).isDeleted)).to.deep.equal([false, false, true]);
    expect(states.map((state) => dated.snapshot({ id: 1, ...state }).isDeleted)).to.deep.equal([false, true, false]);
    expect([usual.isParanoid, new AuditedModel(define({ id }), all).isParanoid]).to.deep.equal([true, false]);
  });

  it('refuses a model whose records have no name', () => {
    const keyless = define({ name: DataTypes.STRING });
    keyless.removeAttribute('id');

    expect(() => new AuditedModel(keyless, all))
      .to.throw(
        AuditError,
        'Model Row has no primary key, so its records cannot be named in the log: expected one, or exclude: ["Row"]',
      )
      .with.property('code', 'ERR_AUDIT_PRIMARY_KEY_MISSING');
  });

  it('names a record by a key as it was read as by the same one as it was given', () => {
    const audited = new AuditedModel(
      define({ a: { type: DataTypes.INTEGER, primaryKey: true }, b: { type: DataTypes.DATE, primaryKey: true } }),
      all,
    );

    const expected = '[12,"2026-01-02T03:04:05.678Z"]';
    expect(audited.recordIdOfStored(['12', '2026-01-02 03:04:05.678 +00:00'])).to.equal(expected);
    expect(audited.recordId({ b: new Date('2026-01-02T03:04:05.678Z'), a: '12' })).to.equal(expected);
  });

  for (const [title, key, got] of [
    ['null', null, 'null'],
    ['nothing', undefined, 'undefined'],
    ['what is no number', Number.NaN, 'NaN'],
    ['a function', () => 1, 'a function'],
    ['a symbol', Symbol('id'), 'a symbol'],
    ['an object without members', {}, 'an object with nothing'],
    ['an object with another member', { name: 'a' }, 'an object with name'],
  ] as const) {
    it(`refuses as a key ${title}`, () => {
      const audited = new AuditedModel(define({ id }), all);

      expect(() => audited.keyOf(key))
        .to.throw(AuditError, `A record of Row is named by id: expected a value, got ${got}`)
        .with.property('code', 'ERR_AUDIT_HISTORY_INVALID');
    });
  }
});

function define(attributes: ModelAttributes, options?: ModelOptions): ModelStatic<Model> {
  const sequelize = new Sequelize({ dialect: 'sqlite', logging: false });
  return sequelize.define('Row', attributes, { timestamps: false, ...options });
}
