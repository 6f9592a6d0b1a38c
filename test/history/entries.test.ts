import { expect } from 'chai';
import fc from 'fast-check';
import { DataTypes, type Model, type Sequelize } from 'sequelize';
import { type Audit, AuditError, attachAudit, type EntriesQuery, type IndexOptions } from '../../lib/index.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import {
  actions,
  actors,
  changesets,
  entry,
  holds,
  models,
  names,
  object,
  oneOrMore,
  type Row,
  readRows,
  recordIds,
  text,
  times,
  touches,
} from './any-entry.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

const conditions = {
  model: oneOrMore(fc.constantFrom(...models)),
  actor: oneOrMore(fc.constantFrom(...actors)),
  action: oneOrMore(fc.constantFrom(...actions)),
  attribute: oneOrMore(text),
  changesetId: fc.constantFrom(...changesets),
  since: fc.constantFrom(...times),
  until: fc.constantFrom(...times),
  meta: object,
};
const record = fc.record({ model: fc.constantFrom(...models), recordId: fc.constantFrom(...recordIds) });
/** Few conditions find something, so most queries have few. */
const query = fc
  .record({
    some: fc.subarray(Object.keys(conditions) as (keyof typeof conditions)[], { maxLength: 3 }),
    all: fc.record(conditions),
    record: fc.option(record, { freq: 5 }),
    order: fc.constantFrom('ASC' as const, 'DESC' as const),
  })
  .map(({ some, all, record, order }): EntriesQuery => {
    return { ...Object.fromEntries(some.map((name) => [name, all[name]])), ...record, order };
  });

/** The log as the database holds it, filtered by hand: what `entries` has to give. */
function filtered(log: readonly Row[], asked: EntriesQuery): string[] {
  const isOne = (value: unknown, of: unknown) => of === undefined || [of].flat().includes(value as never);
  const found = log.filter(
    (row) =>
      isOne(row.modelName, asked.model) &&
      isOne(row.recordId, asked.recordId) &&
      isOne(row.actor, asked.actor) &&
      isOne(row.action, asked.action) &&
      isOne(row.changesetId, asked.changesetId) &&
      (asked.since === undefined || (row.createdAt as Date) >= asked.since) &&
      (asked.until === undefined || (row.createdAt as Date) <= asked.until) &&
      (asked.attribute === undefined || [asked.attribute].flat().some((name) => touches(row.patch as Row[], name))) &&
      (asked.meta === undefined || holds(row.meta as never, asked.meta as never)),
  );
  const ids = found.map(({ id }) => String(id));
  return asked.order === 'ASC' ? ids : ids.reverse();
}

async function attached(sequelize: Sequelize, indexes: IndexOptions = {}): Promise<Audit> {
  const audit = attachAudit(sequelize, { indexes });
  await audit.AuditLog.sync();
  return audit;
}

const everyIndex: IndexOptions = {
  model: true,
  action: true,
  attributes: names,
  meta: names.filter((name) => !/["\\]/.test(name)),
};

onEachDatabase('audit.entries', (database) => {
  for (const [title, indexes] of [
    ['the indexes it has', {}],
    ['every index there is', everyIndex],
  ] as const) {
    it(`gives with ${title} what a filter over the whole log gives, in pages that make up the whole`, async function () {
      this.timeout(120_000);
      const sequelize = await connect(database);
      const audit = await attached(sequelize, indexes);
      const log = fc.sample(entry, { numRuns: 120, seed: 5 });
      await audit.AuditLog.bulkCreate(log.map((one) => ({ ...one, reason: null })) as never);
      const rows = await readRows(sequelize);
      let found = 0;

      await fc.assert(
        fc.asyncProperty(query, fc.integer({ min: 3, max: 30 }), async (asked, limit) => {
          const expected = filtered(rows, asked);
          const whole = await audit.entries({ ...asked, limit: 1000 });
          const pages: string[] = [];
          for (let page = await audit.entries({ ...asked, limit }); page.length > 0; ) {
            pages.push(...page.map(({ id }) => id));
            page = await audit.entries({ ...asked, limit, after: pages.at(-1) });
          }

          const middle = Math.floor(expected.length / 2);
          const upTo = expected[middle];
          const part = await audit.entries({ ...asked, limit: 1000, upTo });

          found += expected.length;
          expect(whole.map(({ id }) => id)).to.deep.equal(expected);
          expect(pages).to.deep.equal(expected);
          expect(part.map(({ id }) => id)).to.deep.equal(expected.slice(0, middle + 1));
        }),
        { numRuns: 100, seed: 7 },
      );
      expect(found).to.be.greaterThan(300);
    });
  }

  it('takes models by class, by name, and bound to a schema', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const User = sequelize.define<Any>('User', { name: DataTypes.STRING });
    const Post = sequelize.define<Any>('Post', { title: DataTypes.STRING });
    await sequelize.sync();
    await User.create({ name: 'Ada' });
    await Post.create({ title: 'On engines' });
    const Elsewhere = User.schema('acme');
    await audit.AuditLog.bulkCreate([
      { ...(await readRows(sequelize))[0], id: undefined, modelName: 'acme.User', patch: [] },
    ] as never);
    const found = async (query: EntriesQuery) => (await audit.entries(query)).map(({ modelName }) => modelName);

    expect(await found({ model: User })).to.deep.equal(['User']);
    expect(await found({ model: 'Post' })).to.deep.equal(['Post']);
    expect(await found({ model: Elsewhere })).to.deep.equal(['acme.User']);
    expect(await found({ model: User.unscoped() })).to.deep.equal(['User']);
    expect(await found({ model: [User, 'acme.User'], order: 'ASC' })).to.deep.equal(['User', 'acme.User']);
    expect(await found({ model: [] })).to.deep.equal([]);
    expect(await found({ model: 'Gone' })).to.deep.equal([]);
  });

  it('takes a record by its key, whole or as text', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const User = sequelize.define<Any>('User', { name: DataTypes.STRING });
    const Seat = sequelize.define<Any>(
      'Seat',
      { row: { type: DataTypes.STRING(9), primaryKey: true }, place: { type: DataTypes.INTEGER, primaryKey: true } },
      { timestamps: false },
    );
    await sequelize.sync();
    await User.bulkCreate([{ name: 'Ada' }, { name: 'Bob' }]);
    await Seat.create({ row: 'A', place: 7 });
    const found = async (query: EntriesQuery) => (await audit.entries(query)).map(({ recordId }) => recordId);

    expect(await found({ model: User, recordId: 2 })).to.deep.equal(['2']);
    expect(await found({ model: 'User', recordId: '2' })).to.deep.equal(['2']);
    expect(await found({ model: 'User', recordId: { id: 2n } })).to.deep.equal(['2']);
    expect(await found({ model: [Seat], recordId: { place: 7, row: 'A' } })).to.deep.equal(['["A",7]']);
    expect(await found({ model: Seat, recordId: '["A",7]' })).to.deep.equal(['["A",7]']);
  });

  it('sees what the transaction that asks has written, and nobody else does', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const User = sequelize.define<Any>('User', { name: DataTypes.STRING });
    await sequelize.sync();

    await sequelize.transaction(async (transaction) => {
      await User.create({ name: 'Ada' }, { transaction });

      expect(await audit.entries({ since: new Date(0), transaction })).to.have.length(1);
    });
    expect(await audit.entries({ model: User })).to.have.length(1);
  });

  it('gives entries as they are, with what they changed', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const User = sequelize.define<Any>('User', { name: DataTypes.STRING }, { timestamps: false });
    await sequelize.sync();
    const user = await User.create({ name: 'Ada' });
    await audit.run({ actor: 42, reason: 'typo', meta: { request: 7 } }, () => user.update({ name: 'Ada L.' }));

    const [update, create, ...rest] = await audit.entries();

    const [, row] = await readRows(sequelize);
    expect(rest).to.deep.equal([]);
    expect(create).to.include({ id: '1', action: 'create', actor: null });
    expect(update).to.deep.equal({
      id: '2',
      modelName: 'User',
      recordId: '1',
      action: 'update',
      patch: [
        { op: 'test', path: '/name', value: 'Ada' },
        { op: 'replace', path: '/name', value: 'Ada L.' },
      ],
      changes: [{ attribute: 'name', path: '/name', from: 'Ada', to: 'Ada L.' }],
      actor: '42',
      reason: 'typo',
      meta: { request: 7 },
      changesetId: row?.changesetId,
      at: row?.createdAt,
    });
  });

  it('refuses what it cannot ask, and says what it expected', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const User = sequelize.define<Any>('User', { name: DataTypes.STRING });
    const Off = sequelize.define<Any>('Off', { name: DataTypes.STRING }, { audit: false });
    await sequelize.sync();
    class Stranger {}
    for (const [query, message] of [
      [null, 'options: expected an object, got null'],
      [{ models: 'User' }, /^options: expected model, recordId, .*transaction, got "models"$/],
      [{ model: null }, 'model: expected a model of this Sequelize instance, or a name, or several, got null'],
      [
        { model: Stranger },
        'model: expected a model of this Sequelize instance, or a name, or several, got a function',
      ],
      [{ model: ['User', 7] }, 'model: expected a model of this Sequelize instance, or a name, or several, got 7'],
      [{ recordId: 1 }, 'model: expected one model beside recordId, got undefined'],
      [{ model: ['User', 'Post'], recordId: '1' }, 'model: expected one model beside recordId, got "2 models"'],
      [{ model: Off, recordId: 1 }, 'recordId: expected a text, as Off is not an audited model, got 1'],
      [{ model: 'Gone', recordId: 1 }, 'recordId: expected a text, as Gone is not an audited model, got 1'],
      [{ model: User, recordId: { name: 1 } }, /^A record of User is named by id/],
      [{ actor: {} }, 'actor: expected a string, a number or null, or several, got an object'],
      [{ actor: [Number.NaN] }, 'actor: expected a string, a number or null, or several, got NaN'],
      [{ actor: 'a\0' }, /^actor: expected a string, a number or null, or several, got "a/],
      [
        { action: 'delete' },
        'action: expected one or several of create, update, destroy, restore, baseline, got "delete"',
      ],
      [{ action: ['create', null] }, /^action: expected one or several of .* got null$/],
      [{ attribute: 7 }, 'attribute: expected a name, or several, got 7'],
      [{ attribute: '\ud800' }, /^attribute: expected a name, or several, got /],
      [{ changesetId: 'x' }, 'changesetId: expected a UUID, got "x"'],
      [{ since: '2024-01-01' }, 'since: expected a valid Date, got "2024-01-01"'],
      [{ until: new Date(Number.NaN) }, 'until: expected a valid Date, got a Date'],
      [{ meta: 'x' }, 'meta: expected an object, got "x"'],
      [{ meta: { a: { b: undefined } } }, 'meta.a.b: expected plain JSON, got undefined'],
      [{ meta: { a: [new Date()] } }, 'meta.a.0: expected plain JSON, got a Date'],
      [{ limit: 0 }, 'limit: expected a number from 1, got 0'],
      [{ limit: 1001 }, 'limit: expected a number from 1 to 1000, got 1001'],
      [{ after: '1; DROP TABLE' }, 'after: expected the id of an entry, got "1; DROP TABLE"'],
      [{ after: -1 }, 'after: expected the id of an entry, got -1'],
      [{ upTo: '1x' }, 'upTo: expected the id of an entry, got "1x"'],
      [{ order: 'desc' }, 'order: expected "ASC" or "DESC", got "desc"'],
      [{ transaction: {} }, 'transaction: expected a transaction, got an object'],
    ] as [EntriesQuery, string | RegExp][]) {
      const error = await audit.entries(query).catch((caught: unknown) => caught);

      expect(error, String(message)).to.be.instanceOf(AuditError).and.include({ code: 'ERR_AUDIT_HISTORY_INVALID' });
      if (typeof message === 'string') expect(error).to.include({ message });
      else expect((error as Error).message).to.match(message);
    }
  });

  it('takes times that no entry can have', async () => {
    const sequelize = await connect(database);
    const audit = await attached(sequelize);
    const User = sequelize.define<Any>('User', { name: DataTypes.STRING });
    await User.sync();
    await User.create({ name: 'Ada' });
    const [first, last] = [new Date(-8.64e15), new Date(8.64e15)];

    expect(await audit.entries({ since: first, until: last })).to.have.length(1);
    expect(await audit.entries({ since: last })).to.deep.equal([]);
    expect(await audit.entries({ until: first })).to.deep.equal([]);
  });
});
