import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { type Audit, AuditError, type AuditOptions, attachAudit, type Blame } from '../../lib/index.js';
import { readLog } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

interface World {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly Doc: ModelStatic<Any>;
}

const short = (blames: Blame[] | null) =>
  Object.fromEntries((blames ?? []).map(({ path, value, entry }) => [path, [value, entry.revision]]));

/** The values of a document that hold no others, by their pointers. */
function leavesOf(value: unknown, path = ''): string[] {
  const names = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (names.length === 0) return [path];
  return names.flatMap((name) =>
    leavesOf((value as Record<string, unknown>)[name], `${path}/${jsonPatch.escapePathComponent(name)}`),
  );
}

function valueAt(document: unknown, path: string): unknown {
  return path
    .split('/')
    .slice(1)
    .map(jsonPatch.unescapePathComponent)
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      document,
    );
}

/** Which entry of a record a value is from: the last after which it was not what it had been. Counted from 1. */
function lastChange(states: readonly unknown[], path: string): number {
  const values = states.map((state) => valueAt(state, path));
  return values.findLastIndex((value, index) => index === 0 || !isDeepStrictEqual(value, values[index - 1])) + 1;
}

onEachDatabase('audit.blame', (database) => {
  const world = async (options: AuditOptions = {}): Promise<World> => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize, options);
    const attributes = { name: DataTypes.STRING, secret: DataTypes.STRING, data: DataTypes.JSON };
    const Doc = sequelize.define<Any>('Doc', attributes, { timestamps: false });
    await sequelize.sync();
    return { sequelize, audit, Doc };
  };

  it('names for each value the entry that set it, who did it and when', async () => {
    const { audit, Doc } = await world();
    const doc = await Doc.create({ name: 'Ada', secret: 's', data: { city: 'London', 'a/b': { c: 1, d: [1, 2] } } });
    await doc.update({ name: 'Grace', data: { city: 'London', 'a/b': { c: 2, d: [1, 2] } } });
    await audit.run({ actor: 'ops', reason: 'typo' }, () => doc.update({ name: 'Ada' }));

    const blames = await audit.blame(doc);

    expect(short(blames)).to.deep.equal({
      '/id': [doc.id, 1],
      '/name': ['Ada', 3],
      '/secret': ['s', 1],
      '/data/city': ['London', 1],
      '/data/a~1b/c': [2, 2],
      '/data/a~1b/d': [[1, 2], 1],
    });
    const [, , revision] = await audit.history(doc).revisions();
    const name = blames?.find(({ attribute }) => attribute === 'name');
    expect(name).to.deep.equal({ attribute: 'name', path: '/name', value: 'Ada', entry: revision });
    expect(name?.entry).to.include({ actor: 'ops', reason: 'typo', action: 'update' });
    expect(await audit.blame(Doc, doc.id)).to.deep.equal(blames);
  });

  it('follows what moves in an array, and takes a column as one that came as one', async () => {
    const { audit, Doc } = await world();
    const doc = await Doc.create({ data: ['a long text', 'b long text'] });
    await doc.update({ data: ['new', 'a long text', 'b long text'] });
    expect(short(await audit.blame(doc))['/data']).to.deep.equal([['new', 'a long text', 'b long text'], 2]);
    await doc.update({ data: ['new', 'a long text', 'b long text', 'end'] });
    await doc.update({ data: ['new', 'a long text', 'other', 'end'] });

    const { '/id': _, '/name': __, '/secret': ___, ...data } = short(await audit.blame(doc));

    expect(data).to.deep.equal({
      '/data/0': ['new', 2],
      '/data/1': ['a long text', 2],
      '/data/2': ['other', 4],
      '/data/3': ['end', 3],
    });
  });

  it('knows when a redacted value changed, and not what it is', async () => {
    const { audit, Doc } = await world({ models: { Doc: { redact: ['secret'] } } });
    const doc = await Doc.create({ name: 'a', secret: 'one' });
    await doc.update({ name: 'b' });
    await doc.update({ secret: 'two' });
    await doc.update({ name: 'c' });

    const blames = short(await audit.blame(doc));

    expect(blames).to.deep.include({ '/name': ['c', 4], '/secret': [{ $redacted: true }, 3], '/data': [null, 1] });
  });

  it('is null for a record that is not there, and begins anew with one that came again', async () => {
    const { audit, Doc } = await world();
    const doc = await Doc.create({ name: 'a' });
    await doc.destroy();

    expect(await audit.blame(Doc, doc.id)).to.equal(null);
    expect(await audit.blame(Doc, 999)).to.equal(null);

    await Doc.create({ id: doc.id as number, name: 'a' });
    expect(short(await audit.blame(Doc, doc.id))).to.deep.include({ '/name': ['a', 3], '/data': [null, 3] });
  });

  it('begins anew with a baseline', async () => {
    const { audit, Doc } = await world();
    const doc = await Doc.create({ name: 'a', secret: 's' }, { audit: false });
    await doc.update({ name: 'b' });
    await audit.baseline(Doc);
    await doc.update({ secret: 't' });

    expect(short(await audit.blame(doc))).to.deep.equal({
      '/id': [doc.id, 2],
      '/name': ['b', 2],
      '/secret': ['t', 3],
      '/data': [null, 2],
    });
  });

  it('reads in the transaction it is given what that has written', async () => {
    const { sequelize, audit, Doc } = await world();
    const doc = await Doc.create({ name: 'a' });

    await sequelize.transaction(async (transaction) => {
      await doc.update({ name: 'b' }, { transaction });
      expect(short(await audit.blame(doc, { transaction }))).to.deep.include({ '/name': ['b', 2] });
      expect(short(await audit.blame(Doc, doc.id, { transaction }))).to.deep.include({ '/name': ['b', 2] });
    });
  });

  it('says that the log is incomplete rather than guess', async () => {
    const { audit, Doc } = await world();
    const unseen = await Doc.create({ name: 'a' }, { audit: false });
    const error = await audit.blame(unseen).catch((caught: unknown) => caught);
    await unseen.update({ name: 'b' });
    const later = await audit.blame(unseen).catch((caught: unknown) => caught);

    expect(error).to.be.instanceOf(AuditError).and.include({ code: 'ERR_AUDIT_HISTORY_INCOMPLETE' });
    expect(later).to.be.instanceOf(AuditError).and.include({ code: 'ERR_AUDIT_HISTORY_INCOMPLETE' });
  });

  it('refuses what is no record, a key that names none, and unknown options', async () => {
    const { audit, Doc } = await world();
    const doc = await Doc.create({ name: 'a' });
    for (const attempt of [
      () => audit.blame('Doc' as never),
      () => audit.blame(Doc, undefined),
      () => audit.blame(Doc, { key: 1 }),
      () => audit.blame(Doc.build()),
      () => audit.blame(doc, 1 as never),
      () => audit.blame(doc, { limit: 1 } as never),
      () => audit.blame(Doc, doc.id, { transaction: {} } as never),
    ]) {
      const error = await attempt().catch((caught: unknown) => caught);
      expect(error).to.be.instanceOf(AuditError).and.include({ code: 'ERR_AUDIT_HISTORY_INVALID' });
    }
  });

  it('agrees with the states that the log folds to, for any changes', async function () {
    this.timeout(120_000);
    const { sequelize, audit, Doc } = await world();
    const leaf = fc.constantFrom<unknown>(null, 1, 2, 'a', 'a longer text that is not repeated', {}, []);
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom('a', 'b', '0', '1', 'x/y', '~'), tie('value'), {
          maxKeys: 3,
          noNullPrototype: true,
        }),
      ),
    })).value;
    const values = fc.record({ name: fc.constantFrom('a', 'b', null), data: json }, { requiredKeys: [] });
    const runs = fc.asyncProperty(fc.array(values, { minLength: 1, maxLength: 8 }), async ([first, ...others]) => {
      const doc = await Doc.create(first as never);
      for (const next of others) await doc.update(next as never);

      const blames = await audit.blame(doc);

      const log = (await readLog(sequelize)).filter(({ recordId }) => recordId === String(doc.id));
      const states: unknown[] = [];
      for (const { patch } of log) {
        const before = structuredClone(states.at(-1) ?? null);
        states.push(jsonPatch.applyPatch(before, structuredClone(patch) as never, true).newDocument);
      }
      const found = (blames ?? []).flatMap(({ path, value, entry }) =>
        leavesOf(value, path).map((leafPath) => [leafPath, entry.revision] as const),
      );
      const leaves = leavesOf(states.at(-1));
      expect(Object.fromEntries(found)).to.deep.equal(
        Object.fromEntries(leaves.map((path) => [path, lastChange(states, path)])),
      );
      expect(found).to.have.length(leaves.length);
      for (const { path, value, entry } of blames ?? []) {
        expect(value).to.deep.equal(valueAt(states.at(-1), path));
        expect([path, entry.revision]).to.deep.equal([path, lastChange(states, path)]);
        expect(entry.id).to.equal(String(log[entry.revision - 1]?.id));
      }
    });
    await fc.assert(runs, { numRuns: database.dialect === 'sqlite' ? 100 : 30 });
  });
});
