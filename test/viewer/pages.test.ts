import { expect } from 'chai';
import { attachAudit } from '../../lib/index.js';
import { sqliteMemory } from '../setup/databases.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { crawl, emptyWorld, fieldsOf, filledWorld, load, send, viewerOf } from './world.js';

/** The text of a page as it is read, without its style. */
function readable(html: string): string {
  const text = html.replace(/<style>.*?<\/style>/s, '').replace(/<[^>]+>/g, ' ');
  return text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&').replace(/\s+/g, ' ');
}

async function filled() {
  const world = await filledWorld(await connect(sqliteMemory));
  return { ...world, viewer: viewerOf(world) };
}

onEachDatabase('The pages of a viewer', (database) => {
  it('answer from the first to the last that can be reached', async function () {
    this.timeout(60_000);
    const world = await emptyWorld(await connect(database));
    const { audit, sequelize, User, Product, Price } = world;
    const user = await audit.run({ actor: 'a', reason: 'b', meta: { c: 1 } }, () =>
      User.create({ name: 'Ada', passwordHash: 'x' }),
    );
    await user.update({ passwordHash: 'y', email: 'ada@example.org' });
    await sequelize.transaction(async (transaction) => {
      await Product.create({ name: 'Lamp', settings: { a: [1, { b: null }] } }, { transaction });
      await Price.create({ country: 'de', sku: 'L-1', cents: 5 }, { transaction });
    });
    await Product.update({ settings: { a: [2, { b: true }], c: 'd' } }, { where: {} });
    await user.destroy();

    const pages = await crawl(viewerOf(world, { actor: 'user:ada' }, { write: true }));

    expect(pages.size).to.be.greaterThan(50);
    expect([...pages].filter(([, { status }]) => status >= 500)).to.deep.equal([]);
    expect([...pages].filter(([, { status }]) => status === 404)).to.deep.equal([]);
    const at = await load(viewerOf(world), '/record/at?model=Price&id=%5B%22de%22%2C%22L-1%22%5D');
    expect(readable(at.body)).to.include('Price de / L-1').and.to.include('cents 5');
  });
});

describe('The page of what changed', () => {
  it('shows the newest first, by day, with who, what, which and why', async () => {
    const { viewer } = await filled();

    const text = readable((await load(viewer, '/')).body);

    expect(text).to.match(
      /Monday, 16 March 2026 12:41:31 user:ben destroyed Product 2 Reason: No longer made .*Friday, 13 March 2026/,
    );
    expect(text).to.match(
      /09:50:10 user:ben updated Product 2 What entry 14 changed Attribute Change stock − 38 → \+ 36/,
    );
    expect(text).to.include('passwordHash hidden value was changed').and.not.to.include('x1');
  });

  it('narrows by each condition as a filter by hand does', async () => {
    const { audit, viewer } = await filled();
    const all = await audit.entries({ limit: 1000 });
    const cases: [string, (entry: (typeof all)[number]) => boolean][] = [
      ['model=Product', ({ modelName }) => modelName === 'Product'],
      ['actor=user:ben', ({ actor }) => actor === 'user:ben'],
      ['nobody=1', ({ actor }) => actor === null],
      ['action=create', ({ action }) => action === 'create'],
      ['attribute=stock', ({ changes }) => changes.some(({ attribute }) => attribute === 'stock')],
      [
        'actor=user:ben&attribute=stock&action=update',
        ({ actor, action, changes }) =>
          actor === 'user:ben' && action === 'update' && changes.some(({ attribute }) => attribute === 'stock'),
      ],
      ['since=2026-03-09', ({ at }) => at >= new Date('2026-03-09T00:00Z')],
      ['until=2026-03-04', ({ at }) => at <= new Date('2026-03-04T23:59:59.999Z')],
      ['since=2026-03-04T11:00&until=2026-03-04T11:59', ({ at }) => at.toISOString().startsWith('2026-03-04T11')],
      ['text=CARBON', ({ id }) => id === '7'],
      ['text=no longer', ({ id }) => id === '17'],
      ['text=r-12', ({ meta }) => meta?.requestId === 'r-12'],
      ['text=x2', () => false],
      ['model=Nothing', () => false],
    ];

    for (const [query, isAsked] of cases) {
      const { body } = await load(viewer, `/?${query}`);

      const shown = [...body.matchAll(/<span class="number">(\d+)<\/span>/g)].map(([, id]) => id);
      expect(shown, query).to.deep.equal(all.filter(isAsked).map(({ id }) => id));
    }
  });

  it('gives every entry once, page after page', async () => {
    const world = await emptyWorld(await connect(sqliteMemory));
    const { audit, Product } = world;
    await Product.bulkCreate(Array.from({ length: 130 }, (_, index) => ({ name: `Product ${index}` })));
    const viewer = viewerOf(world);
    for (const query of ['', '?text=product', '?actor=&nobody=1', '?model=Product', '?since=2020-01-01']) {
      const shown: string[] = [];
      for (let next: string | undefined = `/${query}`; next !== undefined; ) {
        const { body } = await load(viewer, next);
        shown.push(...[...body.matchAll(/<span class="number">(\d+)<\/span>/g)].map(([, id]) => id as string));
        next = body
          .match(/rel="next" href="([^"]+)"|href="([^"]+)" rel="next"/)
          ?.slice(1)
          .find(Boolean)
          ?.replaceAll('&amp;', '&');
      }

      expect(shown, query).to.deep.equal((await audit.entries({ limit: 1000 })).map(({ id }) => id));
    }
  });

  it('says of a log that is empty, and of a filter that nothing fulfils, that it is so', async () => {
    const world = await emptyWorld(await connect(sqliteMemory));

    expect((await load(viewerOf(world), '/')).body).to.include('Nothing is recorded yet.');
    expect((await load(viewerOf(world), '/?text=x')).body).to.include('Nothing matches.');
  });

  it('refuses what it cannot ask with 400, and says what it expected', async () => {
    const { viewer } = await filled();
    for (const [path, message] of [
      ['/?action=delete', 'action: expected one of create, update, destroy, restore, baseline.'],
      ['/?since=yesterday', 'since: expected a day or a moment, such as 2026-03-01T10:00.'],
      ['/?since=2026-13-01', 'since: expected a day or a moment'],
      ['/?since=2026-03-02&until=2026-03-01', 'since: expected a moment before until.'],
      ['/?after=x', 'after: expected the number of an entry.'],
      [`/?text=${'x'.repeat(301)}`, 'text: expected at most 300 characters.'],
      ['/?text=%00', 'text: expected text.'],
      ['/record', 'A record is named by its model and its id.'],
      ['/record/at?model=Product&id=1&point=x', 'Give a revision, such as 3, or a moment, such as 2026-03-01 10:00.'],
      ['/record/at?model=Product&id=1&point=99', 'The record has no revision 99.'],
      ['/entry?id=abc', 'An entry is named by its number.'],
      ['/changeset?id=1', 'A changeset is named by its UUID.'],
      ['/actor', 'An actor is named by at most 255 characters.'],
    ] as const) {
      const page = await load(viewer, path);

      expect([path, page.status]).to.deep.equal([path, 400]);
      expect(readable(page.body)).to.include(message);
    }
    for (const path of ['/x', '/record?model=Product&id=99', '/entry?id=99', '/value?entry=3&change=99', '/__proto__'])
      expect((await load(viewer, path)).status, path).to.equal(404);
  });
});

describe('The pages of a record', () => {
  it('show it as it was at each revision, and at a moment', async () => {
    const { audit, Product, viewer } = await filled();
    for (const revision of [1, 2, 3, 4, 5]) {
      const text = readable((await load(viewer, `/record/at?model=Product&id=1&point=${revision}`)).body);
      const then = await audit.history(Product, 1).at(revision);

      expect(text)
        .to.include(`Revision ${revision} `)
        .and.to.include(`stock ${then?.get('stock')}`);
      expect(text).to.include(String(then?.get('description')));
    }
    const [third, before] = await Promise.all(
      ['2026-03-05 14:00', '2026-03-01'].map((moment) =>
        load(viewer, `/record/at?model=Product&id=1&point=${encodeURIComponent(moment)}`),
      ),
    );
    expect(third?.body).to.include('Revision 3');
    expect(before?.body).to.include('The record did not exist then.');
  });

  it('show what is redacted as such, at every point and in every comparison', async () => {
    const { viewer } = await filled();
    const pages = [
      '/record/at?model=User&id=1',
      '/record/blame?model=User&id=1',
      '/record?model=User&id=1',
      '/entry?id=1',
    ];
    for (const path of pages) {
      const { body } = await load(viewer, path);

      expect(readable(body), path)
        .to.match(/passwordHash hidden value/)
        .and.not.to.match(/x1|x2|\$redacted/);
    }
  });

  it('hide today what was not hidden when it was written', async () => {
    const { sequelize, viewer } = await filled();
    await sequelize.query(
      `UPDATE AuditLogs SET patch = replace(patch, '{"$redacted":true}', '"in clear text"') WHERE modelName = 'User'`,
    );
    const pages = await crawl(viewer, '/record?model=User&id=1');

    expect((await load(viewer, '/value?entry=1')).body).to.include('$redacted');
    expect([...pages].filter(([, { body }]) => body.includes('in clear text'))).to.deep.equal([]);
    expect((await load(viewer, '/?text=clear')).body).to.include('Nothing matches.');
  });

  it('hide what is excluded or redacted today under the names that it had', async () => {
    const { sequelize, audit } = await filledWorld(await connect(sqliteMemory));
    audit.detach();
    const renamed = { passwordHash: ['password'], email: ['mail'] };
    const later = attachAudit(sequelize, {
      models: { User: { redact: ['passwordHash'], exclude: ['email'], renamed } },
    });
    await sequelize.query(
      `UPDATE AuditLogs SET patch = replace(replace(patch, 'passwordHash":{"$redacted":true}', 'password":"in clear text"'), '"email"', '"mail"')`,
    );
    await sequelize.query(`UPDATE AuditLogs SET patch = replace(patch, '/email', '/mail')`);
    const viewer = viewerOf({ audit: later });

    const pages = await crawl(viewer, '/record?model=User&id=1');

    expect((await load(viewer, '/value?entry=1')).body)
      .to.include('/password')
      .and.to.include('$redacted');
    expect([...pages].filter(([, { body }]) => /in clear text|example\.org/.test(body))).to.deep.equal([]);
  });

  it('compare any two, by revision or by moment', async () => {
    const { viewer } = await filled();

    const text = readable((await load(viewer, '/record/compare?model=Product&id=1&from=2026-03-03T23:00&to=5')).body);

    expect(text).to.include('From revision 1 to revision 5');
    expect(text).to.include('weighs − 1.9 + 1.7 kg and stands up to − wind + storm and rain');
    expect(text).to.include('stock − 12 → + 9');
    expect(text).to.match(/"green", \+ "sand", "grey"/);
    expect(readable((await load(viewer, '/record/compare?model=Product&id=1&from=5&to=5')).body)).to.include(
      'The two are the same.',
    );
  });

  it('say who set each value', async () => {
    const { viewer } = await filled();

    const text = readable((await load(viewer, '/record/blame?model=Product&id=1')).body);

    expect(text).to.match(/stock 9 user:ada Order 1207 12 Mar 2026, 08:33:03 revision 5/);
    expect(text).to.match(/settings › shipping › fragile false import 3 Mar 2026, 10:34:14 revision 1/);
    expect((await load(viewer, '/record/blame?model=Product&id=2')).body).to.include(
      'The record does not exist today.',
    );
  });

  it('say so where entries are missing, and keep the timeline', async () => {
    const { sequelize, viewer } = await filled();
    await sequelize.query("DELETE FROM AuditLogs WHERE modelName = 'Product' AND recordId = '1' AND id = 6");

    expect((await load(viewer, '/record/at?model=Product&id=1')).status).to.equal(409);
    expect((await load(viewer, '/record?model=Product&id=1')).status).to.equal(200);
  });

  it('show the timeline of a model that is no more', async () => {
    const { sequelize, audit, viewer } = await filled();
    await sequelize.query("UPDATE AuditLogs SET modelName = 'Gone' WHERE modelName = 'Price'");
    const [entry] = await audit.entries({ model: 'Gone', limit: 1 });

    const { status, body } = await load(viewer, `/record?entry=${entry?.id}`);

    expect([status, readable(body)]).to.satisfy(
      ([code, text]: [number, string]) =>
        code === 200 && text.includes('not audited any more') && text.includes('29900'),
    );
    expect((await load(viewer, `/record/at?entry=${entry?.id}`)).status).to.equal(400);
  });
});

describe('The pages of a changeset, an actor and a verification', () => {
  it('show all that was written in one transaction, in its order', async () => {
    const { viewer, audit } = await filled();
    const [entry] = await audit.entries({ actor: 'user:ada', limit: 1 });

    const text = readable((await load(viewer, `/changeset?id=${entry?.changesetId}`)).body);

    expect(text).to.match(/updated Product 1 .* updated Product 2 .* updated Price de \/ TENT-2 /);
  });

  it('count an actor’s entries over time, for the eye and as text', async () => {
    const { viewer } = await filled();

    const { body } = await load(viewer, '/actor?name=user%3Aben');

    expect(readable(body)).to.include('7 entries by day, from 4 Mar 2026 to 16 Mar 2026; at most 2 in one day.');
    expect(body.match(/<rect /g)).to.have.length(13);
    expect(readable(body)).to.match(
      /Day from Entries 4 Mar 2026 1 9 Mar 2026 1 11 Mar 2026 1 12 Mar 2026 1 13 Mar 2026 2 16 Mar 2026 1/,
    );
    expect(readable((await load(viewer, '/actor?nobody=1')).body))
      .to.include('Written by nobody')
      .and.to.include('User 1');
    expect((await load(viewer, '/actor?name=x')).body).to.include('Nothing of this actor is here to see.');
  });

  it('verify when asked by a form of theirs, and show what was found', async () => {
    const { sequelize, viewer } = await filled();
    await sequelize.query('UPDATE Products SET stock = 1000 WHERE id = 1; ');
    const { body } = await load(viewer, '/verify');
    expect(body).not.to.include('They agree').and.not.to.include('differ');

    const answer = await send(viewer, '/verify', fieldsOf(body));

    expect([answer.status, answer.headers.get('location')]).to.deep.equal([303, '/verify']);
    const text = readable((await load(viewer, '/verify')).body);
    expect(text)
      .to.include('1 records differ')
      .and.to.match(/Product 1 Changed past the log · entry 11 stock by the log 9 , in the table 1000/);
    expect((await send(viewer, '/verify', { token: 'x' })).status).to.equal(403);
  });

  it('verify once at a time, and say how far it is', async () => {
    const { audit, viewer } = await filled();
    const { verify } = audit;
    let runs = 0;
    let end = (): void => undefined;
    audit.verify = async (options = {}) => {
      runs += 1;
      const differences = { missingEntry: 0, brokenLink: 0, changedOutside: 0, orphan: 0 };
      options.onProgress?.({ rows: 3, records: 3, entries: 5, total: 17, differences });
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      return verify.call(audit, options);
    };
    const fields = fieldsOf((await load(viewer, '/verify')).body);
    await Promise.all([send(viewer, '/verify', fields), send(viewer, '/verify', fields)]);

    const running = await load(viewer, '/verify');

    expect(runs).to.equal(1);
    expect(readable(running.body)).to.include('5 of 17 entries compared (29 %)').and.not.to.include('Verify now');
    expect(running.headers.get('refresh')).to.equal('3');
    end();
    // A form that is sent meanwhile waits for the end.
    await send(viewer, '/verify', fields);
    expect(runs).to.equal(1);
    expect((await load(viewer, '/verify')).body).to.include('They agree');
  });
});
