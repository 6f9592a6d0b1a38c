import { expect } from 'chai';
import type { ViewerAccess, ViewerOptions } from '../../lib/viewer/index.js';
import { sqliteMemory } from '../setup/databases.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { crawl, emptyWorld, fieldsOf, filledWorld, load, send, viewerOf } from './world.js';

const revert = '/revert?model=Product&id=1&point=1';

async function filled(access: ViewerAccess | boolean = { actor: 'user:ada' }, options: Partial<ViewerOptions> = {}) {
  const world = await filledWorld(await connect(sqliteMemory));
  const count = () => world.audit.AuditLog.count() as unknown as Promise<number>;
  return { ...world, count, viewer: viewerOf(world, access, { write: true, ...options }) };
}

describe('A viewer that is read-only', () => {
  for (const [title, access, options] of [
    ['as nothing else was said', { actor: 'user:ada' }, { write: false }],
    ['as authorize takes write away', { actor: 'user:ada', write: false }, { write: true }],
    ['as nobody was named', true, { write: true }],
    ['as an actor of null was named', { actor: null }, { write: true }],
  ] as const) {
    it(`${title} has no revert and no undo, not even by a form made by hand`, async () => {
      const world = await filled(access, options);
      const { viewer, count } = world;
      const before = await count();
      const other = viewerOf(world, { actor: 'user:ada' }, { write: true, secret: 's'.repeat(32) });
      const fields = fieldsOf((await load(other, '/undo?entry=8')).body);
      expect(fields).to.have.keys('token', 'plan');

      for (const path of ['/undo?entry=8', '/undo?changeset=00000009-5a2e-4c1b-9d3f-7b60c1e5a942', revert]) {
        expect((await load(viewer, path)).status, path).to.equal(404);
        expect((await send(viewer, path, fields)).status, path).to.equal(404);
      }

      const pages = await crawl(viewer);
      expect([...pages.keys()].filter((path) => /^\/(undo|revert)/.test(path))).to.deep.equal([]);
      expect([...pages].filter(([, { body }]) => /method="post"/.test(body)).map(([path]) => path)).to.deep.equal([
        '/verify',
      ]);
      expect(await count()).to.equal(before);
    });
  }

  it('takes no form where there is nothing to send', async () => {
    const { viewer } = await filled();

    for (const path of ['/', '/record?model=Product&id=1', '/entry?id=1', '/value?entry=1'])
      expect((await send(viewer, path, {})).status, path).to.equal(405);
  });
});

onEachDatabase('A viewer with write', (database) => {
  it('reverts and undoes what it has shown, in the name of whoever confirmed it', async () => {
    const world = await emptyWorld(await connect(database));
    const { audit, sequelize, Product } = world;
    const lamp = await Product.create({ name: 'Lamp', stock: 1, settings: { a: 1 } });
    await lamp.update({ stock: 2 });
    await sequelize.transaction(async (transaction) => {
      await lamp.update({ stock: 3 }, { transaction });
      await Product.create({ name: 'Tent' }, { transaction });
    });
    const viewer = viewerOf(world, { actor: 'user:ada' }, { write: true });
    const [entry] = await audit.entries({ limit: 1 });
    const undo = `/undo?changeset=${entry?.changesetId}`;
    const preview = await load(viewer, undo);
    expect(preview.body).to.include('This would be written');
    expect(await Product.count()).to.equal(2);

    const undone = await send(viewer, undo, { ...fieldsOf(preview.body), reason: 'a mistake' });

    expect([undone.status, undone.headers.get('location')?.slice(0, 14)]).to.deep.equal([303, '/changeset?id=']);
    expect(await Product.count()).to.equal(1);
    const [last] = await audit.entries({ limit: 1 });
    expect(last).to.include({ actor: 'user:ada', reason: 'a mistake' });
    expect(last?.meta).to.deep.equal({ undoes: entry?.changesetId });

    const path = '/revert?model=Product&id=1&point=1';
    const reverted = await send(viewer, path, fieldsOf((await load(viewer, path)).body));

    expect([reverted.status, reverted.headers.get('location')]).to.deep.equal([303, '/record?model=Product&id=1']);
    const [revision] = await audit.history(Product, 1).revisions({ order: 'DESC', limit: 1 });
    expect(revision).to.include({ actor: 'user:ada', reason: null, revision: 5 });
    expect((await Product.findByPk(1))?.get('stock')).to.equal(1);
  });
});

describe('A form of a viewer', () => {
  it('is taken only with a token made for this actor and this deed', async () => {
    let actor = 'user:ada';
    const world = await filled();
    const viewer = viewerOf(world, true, { write: true, authorize: () => ({ actor }) });
    const other = viewerOf(world, { actor }, { write: true });
    const before = await world.count();
    const fields = fieldsOf((await load(viewer, revert)).body);
    const others = fieldsOf((await load(other, revert)).body);
    const elsewhere = fieldsOf((await load(viewer, '/undo?entry=8')).body);
    const [until, digest] = (fields.token as string).split('.');

    for (const token of [
      '',
      'x',
      `${until}.`,
      `.${digest}`,
      `${Number(until) + 1}.${digest}`,
      others.token as string,
      elsewhere.token as string,
    ]) {
      expect((await send(viewer, revert, { ...fields, token })).status, token).to.equal(403);
    }
    actor = 'user:ben';
    expect((await send(viewer, revert, fields)).status).to.equal(403);
    expect(await world.count()).to.equal(before);
    actor = 'user:ada';
    expect((await send(viewer, revert, fields)).status).to.equal(303);
  });

  it('is not taken when it is older than an hour', async () => {
    const { FormToken } = await import('../../lib/viewer/form-token.js');
    const tokens = new FormToken(null);
    const [start, hour] = [1_700_000_000_000, 3_600_000];
    const token = tokens.sign('a', 'deed', start);

    expect(() => tokens.check(token, 'a', 'deed', start + hour - 1)).not.to.throw();
    expect(() => tokens.check(token, 'a', 'deed', start + hour)).to.throw('too old');
  });

  it('is taken by another process that has the same secret', async () => {
    const world = await filled();
    const secret = 'a secret of at least 32 characters';
    const [one, other] = [
      viewerOf(world, { actor: 'a' }, { write: true, secret }),
      viewerOf(world, { actor: 'a' }, { write: true, secret }),
    ];

    const fields = fieldsOf((await load(one, revert)).body);

    expect((await send(other, revert, fields)).status).to.equal(303);
  });

  it('is not taken from another site', async () => {
    const { viewer, count } = await filled();
    const before = await count();
    const fields = fieldsOf((await load(viewer, revert)).body);

    for (const headers of [
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { 'Sec-Fetch-Site': 'none' },
      { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://localhost' },
      { Origin: 'http://evil.example' },
      { Origin: 'http://localhost:8080' },
      { Origin: 'null' },
      {},
    ]) {
      const refused = await send(viewer, revert, fields, headers as Record<string, string>);
      expect(refused.status, JSON.stringify(headers)).to.equal(403);
    }
    expect(await count()).to.equal(before);
    expect((await send(viewer, revert, fields, { Origin: 'http://localhost' })).status).to.equal(303);
  });

  it('is not taken as something else, or when it is too long', async () => {
    const { viewer, count } = await filled();
    const before = await count();
    const fields = fieldsOf((await load(viewer, revert)).body);
    const headers = { 'Sec-Fetch-Site': 'same-origin' };

    const asJson = await load(viewer, revert, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify(fields),
    });
    const tooLong = await send(viewer, revert, { ...fields, reason: 'x'.repeat(20_000) });
    const longReason = await send(viewer, revert, { ...fields, reason: 'x'.repeat(301) });

    expect([asJson.status, tooLong.status, longReason.status]).to.deep.equal([400, 413, 400]);
    expect(await count()).to.equal(before);
  });

  it('writes nothing when what it would write has changed since it was shown, and shows it again', async () => {
    const { viewer, Product, count } = await filled();
    const fields = fieldsOf((await load(viewer, revert)).body);
    await Product.update({ stock: 77 }, { where: { id: 1 } });
    const before = await count();

    const answer = await send(viewer, revert, fields);

    expect(answer.status).to.equal(409);
    expect(answer.body).to.include('has changed since you saw it').and.to.include('77');
    expect(await count()).to.equal(before);
    expect((await send(viewer, revert, fieldsOf(answer.body))).status).to.equal(303);
  });

  it('is not offered where later changes stand in the way, which are named', async () => {
    const { viewer } = await filled();

    const { body } = await load(viewer, '/undo?entry=14');

    expect(body).to.include('later changes stand in the way').and.to.include('Product <bdi>2</bdi>');
    expect(body).not.to.include('method="post"');
  });

  it('says that the application refuses, without its words', async () => {
    const told: unknown[] = [];
    const { viewer, Product, count } = await filled(undefined, { onError: (error) => told.push(error) });
    const before = await count();
    Product.addHook('beforeUpdate', () => {
      throw Object.assign(new Error('the words of the application'), { name: 'SequelizeValidationError' });
    });

    const answer = await send(viewer, revert, fieldsOf((await load(viewer, revert)).body));

    expect(answer.status).to.equal(409);
    expect(answer.body).to.include('refuses this write').and.not.to.include('the words of');
    expect(told).to.have.length(1);
    expect(await count()).to.equal(before);
  });
});
