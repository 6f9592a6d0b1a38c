import { expect } from 'chai';
import { DataTypes, type Sequelize } from 'sequelize';
import { type Audit, attachAudit } from '../../lib/index.js';
import { createViewer, type Viewer, type ViewerAccess } from '../../lib/viewer/index.js';
import { sqliteMemory } from '../setup/databases.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { crawl, fieldsOf, linksOf, load, send } from './world.js';

const forbidden = 'Secret';

/** Two tenants in one log, whose entries alternate. Whatever belongs to the other one says so. */
async function tenants(sequelize: Sequelize): Promise<Audit> {
  const audit = attachAudit(sequelize, { onUnaudited: 'ignore' });
  const attributes = {
    key: { type: DataTypes.STRING, primaryKey: true },
    tenant: DataTypes.STRING,
    name: DataTypes.STRING,
    data: DataTypes.JSON,
  };
  const Doc = sequelize.define('Doc', attributes, { timestamps: false });
  const Key = sequelize.define('SecretKey', attributes, { timestamps: false });
  await sequelize.sync();
  const other = {
    actor: `${forbidden}-actor`,
    reason: `${forbidden}-reason`,
    meta: { tenant: 'b', [`${forbidden}-key`]: 1 },
  };
  const own = { actor: 'own-actor', reason: 'own-reason', meta: { tenant: 'a' } };
  for (const number of [1, 2, 3]) {
    for (const [tenant, word, context] of [
      ['a', 'Own', own],
      ['b', forbidden, other],
    ] as const) {
      await audit.run(context, async () => {
        const data = { [`${word}-member`]: `${word}-value` };
        const doc = await Doc.create({ key: `${word}-${number}`, tenant, name: `${word} name`, data });
        await doc.update({ name: `${word} name ${number}`, data: { ...data, more: `${word}-more` } });
        await Key.create({ key: `${forbidden}-${word}-${number}`, tenant, name: `${forbidden} of ${word}` });
      });
    }
  }
  // One transaction for both: its changeset is seen in part.
  await audit.run(own, () =>
    sequelize.transaction(async (transaction) => {
      await Doc.update({ name: 'Own name in both' }, { where: { key: 'Own-1' }, transaction });
      await Doc.update({ name: `${forbidden} name in both` }, { where: { key: `${forbidden}-1` }, transaction });
    }),
  );
  // A record that has changed hands: what it was is the other's.
  await audit.run(other, () => Doc.create({ key: `${forbidden}-moved`, tenant: 'b', name: `${forbidden} before` }));
  await audit.run(own, () => Doc.update({ tenant: 'a', name: 'Own now' }, { where: { key: `${forbidden}-moved` } }));
  return audit;
}

const narrowings: Readonly<Record<string, ViewerAccess>> = {
  'meta and models': { models: ['Doc'], meta: { tenant: 'a' } },
  'records and models': {
    models: ['Doc'],
    records: async (_, recordIds) => recordIds.filter((recordId) => recordId.startsWith('Own-')),
  },
  'all three': {
    models: ['Doc'],
    records: (_, recordIds) => new Set(recordIds.filter((recordId) => recordId.startsWith('Own-'))),
    meta: { tenant: 'a' },
  },
};

onEachDatabase(
  'A viewer that is narrowed',
  (database) => {
    for (const [title, access] of Object.entries(narrowings)) {
      // The condition on `meta` is that of the database; the rest is the same everywhere.
      if (title !== 'all three' && database.name !== 'SQLite in memory') continue;
      it(`by ${title} shows on no page, by no link and by no address what is not to be seen`, async function () {
        this.timeout(60_000);
        const sequelize = await connect(database);
        const audit = await tenants(sequelize);
        const errors: unknown[] = [];
        const viewer = createViewer(audit, {
          authorize: () => ({ actor: 'own-actor', ...access }),
          write: true,
          onError: (error) => errors.push(error),
        });

        const pages = await crawl(viewer);
        const asked = await addressesOf(audit);
        for (const address of asked) if (!pages.has(address)) pages.set(address, await load(viewer, address));

        expect(errors).to.deep.equal([]);
        const leaks = [...pages].filter(([address, { body }]) => withoutEcho(body, address).includes(forbidden));
        expect(leaks.map(([address]) => address)).to.deep.equal([]);
        expect([...pages.keys()].filter((address) => address.startsWith('/record/blame')).length).to.be.at.least(3);
        expect((await load(viewer, '/')).body)
          .to.include('Own name in both')
          .and.to.include('Own-2');
        // The proof that the addresses show it to whoever sees all.
        const all = createViewer(audit, { authorize: () => true });
        const shown = await Promise.all(asked.map((address) => load(all, address)));
        expect(shown.filter(({ body }) => body.includes(forbidden)).length).to.be.greaterThan(asked.length / 2);
      });
    }
  },
  ({ name }) => name !== 'SQLite',
);

/** Pages about each entry, record, changeset and actor that there is, and questions about what is hidden. */
async function addressesOf(audit: Audit): Promise<string[]> {
  const entries = await audit.entries({ limit: 1000 });
  return entries.flatMap(({ id, modelName, recordId, changesetId, actor }) => {
    const record = new URLSearchParams({ model: modelName, id: recordId });
    return [
      `/entry?id=${id}`,
      `/value?entry=${id}`,
      `/value?entry=${id}&change=2&side=to`,
      `/undo?entry=${id}`,
      `/record?entry=${id}`,
      ...['', '/at', '/compare', '/blame'].map((page) => `/record${page}?${record}`),
      `/value?${record}&point=1`,
      `/value?${record}&point=1&path=/name`,
      `/revert?${record}&point=1`,
      `/changeset?id=${changesetId}`,
      `/undo?changeset=${changesetId}`,
      `/actor?${new URLSearchParams({ name: actor ?? '' })}`,
      `/?after=${id}`,
      `/?${new URLSearchParams({ actor: actor ?? '' })}`,
      `/?${new URLSearchParams({ model: modelName })}`,
      `/?${new URLSearchParams({ text: forbidden.toLowerCase() })}`,
      `/?attribute=name&action=update`,
      '/verify',
    ];
  });
}

/** A page without the words that its address has asked for. */
function withoutEcho(body: string, address: string): string {
  const params = [...new URL(address, 'http://localhost').searchParams.values()];
  const words = params.filter((value) => value.length > 3);
  return words.reduce((text, word) => text.replaceAll(word, '').replaceAll(encodeURIComponent(word), ''), body);
}

describe('The access of a viewer', () => {
  const world = async () => {
    return tenants(await connect(sqliteMemory));
  };
  const viewerWith = (audit: Audit, access: ViewerAccess): Viewer =>
    createViewer(audit, { authorize: () => ({ actor: 'own-actor', ...access }), write: true });

  it('says the same of a record that is not there and of one that may not be seen', async () => {
    const viewer = viewerWith(await world(), narrowings['all three'] as ViewerAccess);

    const [hidden, missing] = await Promise.all(
      [`${forbidden}-1`, 'nothing'].map((id) => load(viewer, `/record?model=Doc&id=${id}`)),
    );

    expect(hidden).to.deep.include({ status: 404 });
    expect(hidden?.body).to.equal(missing?.body);
  });

  it('shows the part of a changeset that may be seen, and does not undo it', async () => {
    const audit = await world();
    const viewer = viewerWith(audit, narrowings['records and models'] as ViewerAccess);
    const [entry] = await audit.entries({ model: 'Doc', recordId: 'Own-1', limit: 1 });

    const seen = await load(viewer, `/changeset?id=${entry?.changesetId}`);
    const undo = await load(viewer, `/undo?changeset=${entry?.changesetId}`);

    expect(seen.body).to.include('Own name in both').and.not.to.include(forbidden);
    expect(undo.status).to.equal(403);
  });

  it('verifies the models that may be seen, and nothing for those to whom records are hidden', async () => {
    const audit = await world();
    const byModel = viewerWith(audit, { models: ['Doc'] });
    const page = await load(byModel, '/verify');
    await send(byModel, '/verify', fieldsOf(page.body));

    const result = await load(byModel, '/verify');

    expect(result.body)
      .to.include('They agree')
      .and.to.include('<th scope="row">Doc</th>')
      .and.not.to.include('SecretKey');
    expect((await load(viewerWith(audit, { meta: { tenant: 'a' } }), '/verify')).status).to.equal(403);
    const other = createViewer(audit, { authorize: () => ({ models: ['SecretKey'] }) });
    expect((await load(other, '/verify')).body).not.to.include('They agree');
  });

  it('is not widened by the result of a verification that somebody else has run', async () => {
    const audit = await world();
    let access: ViewerAccess = {};
    const viewer = createViewer(audit, { authorize: () => access });
    const page = await load(viewer, '/verify');
    await send(viewer, '/verify', fieldsOf(page.body));
    expect((await load(viewer, '/verify')).body).to.include('SecretKey');

    access = { models: ['Doc'] };

    expect((await load(viewer, '/verify')).body)
      .not.to.include('SecretKey')
      .and.not.to.include('They agree');
  });

  it('does not name records that stand in the way of an undo and may not be seen', async () => {
    const sequelize = await connect(sqliteMemory);
    const audit = attachAudit(sequelize);
    const Author = sequelize.define('Author', { name: DataTypes.STRING }, { timestamps: false });
    const Book = sequelize.define(`${forbidden}Book`, { title: DataTypes.STRING }, { timestamps: false });
    Book.belongsTo(Author, { foreignKey: { name: 'authorId', allowNull: false }, onDelete: 'RESTRICT' });
    await sequelize.sync();
    const author = await Author.create({ name: 'Ada' });
    await Book.create({ title: 'Notes', authorId: author.get('id') });
    const viewer = viewerWith(audit, { models: ['Author'] });

    const { body } = await load(viewer, '/undo?entry=1');

    expect(body).to.include('later changes stand in the way').and.to.include('a record that is not yours to see');
    expect(body).not.to.include(forbidden).and.not.to.include('method="post"');
    expect((await load(viewerWith(audit, {}), '/undo?entry=1')).body).to.include(forbidden);
  });

  it('leads an own page only to own pages', async () => {
    const viewer = viewerWith(await world(), narrowings['meta and models'] as ViewerAccess);

    const { body } = await load(viewer, '/');
    const statuses: number[] = [];
    for (const link of linksOf(body)) statuses.push((await load(viewer, link)).status);

    expect(linksOf(body).length).to.be.greaterThan(20);
    expect(new Set(statuses.filter((status) => status >= 404))).to.deep.equal(new Set());
  });
});
