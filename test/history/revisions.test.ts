import { expect } from 'chai';
import fc from 'fast-check';
import { DataTypes, type Model } from 'sequelize';
import { type Audit, AuditError, attachAudit, type History, type RevisionsOptions } from '../../lib/index.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { actions, entry, names, type Row, readRows, text, times, touches } from './any-entry.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

const options = fc
  .record({
    some: fc.subarray(['since', 'until', 'attributes', 'where'] as const, { maxLength: 2 }),
    all: fc.record({
      since: fc.constantFrom(...times),
      until: fc.constantFrom(...times),
      attributes: fc.array(text, { minLength: 1, maxLength: 3 }),
      where: fc.constantFrom(...actions).map((action) => ({ action })),
    }),
    order: fc.constantFrom('ASC' as const, 'DESC' as const),
  })
  .map(({ some, all, order }): RevisionsOptions & { order: 'ASC' | 'DESC' } => {
    return { ...Object.fromEntries(some.map((name) => [name, all[name]])), order };
  });

/** The places of the revisions that `revisions` has to give, by hand. */
function places(log: readonly Row[], asked: RevisionsOptions): [string, number][] {
  const numbered = log.map((row, index) => ({ row, place: index + 1 }));
  const found = numbered.filter(
    ({ row }) =>
      (asked.since === undefined || (row.createdAt as Date) >= asked.since) &&
      (asked.until === undefined || (row.createdAt as Date) <= asked.until) &&
      (asked.where === undefined || row.action === (asked.where as Row).action) &&
      (asked.attributes === undefined || asked.attributes.some((name) => touches(row.patch as Row[], name))),
  );
  const pairs = found.map(({ row, place }): [string, number] => [String(row.id), place]);
  return asked.order === 'DESC' ? pairs.reverse() : pairs;
}

onEachDatabase('history.revisions', (database) => {
  let audit: Audit;
  let history: History;
  let log: Row[];
  let statements: string[];
  beforeEach(async () => {
    statements = [];
    const sequelize = await connect(database, { logging: (sql) => statements.push(sql) });
    audit = attachAudit(sequelize);
    const attributes = names.filter((name) => !['', '__proto__', 'constructor'].includes(name));
    const columns = attributes.map((name, index) => [name, { type: DataTypes.STRING, field: `column${index}` }]);
    const User = sequelize.define<Any>('User', Object.fromEntries(columns));
    await audit.AuditLog.sync();
    const rows = fc.sample(entry, { numRuns: 90, seed: 3 });
    // Two thirds of them are of one record, with others between.
    const ofRecord = { modelName: 'User', recordId: '1' };
    await audit.AuditLog.bulkCreate(
      rows.map((row, index) => ({ ...row, ...(index % 3 === 0 ? {} : ofRecord), reason: null })) as never,
    );
    log = (await readRows(sequelize)).filter(({ modelName, recordId }) => modelName === 'User' && recordId === '1');
    history = audit.history(User, 1);
  });

  it('gives those that fulfil every condition, with their numbers, in pages that make up the whole', async function () {
    this.timeout(60_000);
    let found = 0;
    const known = options.filter(({ attributes = [] }) =>
      attributes.every((name) => !['', '__proto__', 'constructor'].includes(name)),
    );

    await fc.assert(
      fc.asyncProperty(known, fc.integer({ min: 3, max: 25 }), async (asked, limit) => {
        const expected = places(log, asked);
        const whole = await history.revisions(asked);
        const pages: [string, number][] = [];
        for (let page = await history.revisions({ ...asked, limit }); page.length > 0; ) {
          pages.push(...page.map(({ id, revision }): [string, number] => [id, revision]));
          page = await history.revisions({ ...asked, limit, after: pages.at(-1)?.[0] });
        }

        found += expected.length;
        expect(whole.map(({ id, revision }) => [id, revision])).to.deep.equal(expected);
        expect(pages).to.deep.equal(expected);
      }),
      { numRuns: 60, seed: 11 },
    );
    expect(found).to.be.greaterThan(500);
  });

  it('reads no more of a long history than a page of it', async () => {
    const after = log[30]?.id as string;
    statements = [];

    const page = await history.revisions({ after, limit: 5 });
    const [counted, read, ...rest] = statements.sort((left, right) => left.length - right.length);

    expect(page.map(({ revision }) => revision)).to.deep.equal([32, 33, 34, 35, 36]);
    expect(counted).to.match(/SELECT count\(\*\)/);
    expect(read).to.match(/LIMIT (0, )?5;$/);
    expect(rest).to.deep.equal([]);
  });

  it('finds an attribute also by the names that it had', async () => {
    const sequelize = await connect(database);
    const past = attachAudit(sequelize);
    const Old = sequelize.define<Any>(
      'User',
      { name: DataTypes.STRING, age: DataTypes.INTEGER },
      { timestamps: false },
    );
    await sequelize.sync({ force: true });
    const old = await Old.create({ name: 'Ada', age: 36 });
    await old.update({ name: 'Ada L.' });
    await old.update({ age: 37 });
    past.detach();

    const User = sequelize.define<Any>('User', { fullName: { type: DataTypes.STRING, field: 'name' } });
    const present = attachAudit(sequelize, { models: { User: { renamed: { fullName: 'name' } } } });
    const found = await present.history(User, 1).revisions({ attributes: ['fullName'] });

    expect(found.map(({ revision }) => revision)).to.deep.equal([1, 2]);
  });

  it('gives any other order too, with the numbers as they are', async () => {
    const ids = new Map(places(log, {}));

    const found = await history.revisions({
      order: [
        ['action', 'ASC'],
        ['id', 'DESC'],
      ],
      limit: 20,
    });

    expect(found.map(({ action }) => action)).to.deep.equal(found.map(({ action }) => action).sort());
    expect(found.map(({ revision }) => revision)).to.deep.equal(found.map(({ id }) => ids.get(id)));
  });

  it('refuses what it cannot ask, and says what it expected', async () => {
    for (const [asked, message] of [
      [{ since: 5 }, 'since: expected a valid Date, got 5'],
      [{ until: null }, 'until: expected a valid Date, got null'],
      [{ attributes: 'name' }, 'attributes: expected an array of names, got "name"'],
      [{ attributes: ['nam'] }, /^attributes: expected audited attributes of User: id, name, .*, got "nam"$/],
      [{ order: 'id' }, 'order: expected "ASC", "DESC" or an array as findAll takes, got "id"'],
      [
        { after: '5', order: [['createdAt', 'ASC']] },
        'order: expected "ASC" or "DESC" beside after, got an array of 1',
      ],
      [{ after: 'x' }, 'after: expected the id of an entry, got "x"'],
      [{ action: 'create' }, /^options: expected where, since, until, .*, got "action"$/],
    ] as [RevisionsOptions, string | RegExp][]) {
      const error = await history.revisions(asked).catch((caught: unknown) => caught);

      expect(error, String(message)).to.be.instanceOf(AuditError).and.include({ code: 'ERR_AUDIT_HISTORY_INVALID' });
      if (typeof message === 'string') expect(error).to.include({ message });
      else expect((error as Error).message).to.match(message);
    }
  });
});
