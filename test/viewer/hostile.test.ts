/** Values that are long, odd or meant to break out: no page grows too large, and none is changed by what it shows. */
import { expect } from 'chai';
import { largest } from '../../lib/viewer/respond.js';
import { sqliteMemory } from '../setup/databases.js';
import { connect } from '../setup/suite.js';
import { rudeText, rudeWorld } from './rude.js';
import { crawl, emptyWorld, load, viewerOf } from './world.js';

describe('A viewer of rude values', () => {
  it('writes every tag itself: what is shown opens none, and no attribute', async function () {
    this.timeout(60_000);
    const world = await rudeWorld(await emptyWorld(await connect(sqliteMemory)));
    const viewer = viewerOf(world, { actor: rudeText.slice(0, 255) }, { write: true, title: rudeText });

    const pages = await crawl(viewer);
    for (const path of ['/', '/record', '/actor', '/value'])
      for (const name of ['text', 'model', 'id', 'actor', 'attribute', 'name', 'entry', 'path', 'after', rudeText]) {
        const address = `${path}?${new URLSearchParams({ [name]: rudeText.slice(0, 100) })}`;
        pages.set(address, await load(viewer, address));
      }

    expect(pages.size).to.be.greaterThan(80);
    for (const [address, { body, headers }] of pages) {
      if (headers.get('content-type')?.startsWith('text/plain')) continue;
      expect(body, address).not.to.match(/<(script|img|i|b)\b/);
      expect(body.match(/<\/style>/g), address).to.have.length(1);
      const tags = body.match(/<[^>]*>/g) ?? [];
      expect(
        tags.map((tag) => tag.replace(/"[^"]*"/g, '""')).filter((tag) => /\son\w+\s*=|javascript:/i.test(tag)),
        address,
      ).to.deep.equal([]);
    }
  });
});

describe('A viewer of large values', () => {
  const wide = '漢<"&\'>\n'.repeat(30_000);
  const long = (size: number) => `${'"<&\'>'.repeat(size)}`;

  it('sends pages under 100,000 bytes, and each value that it cuts leads to the whole', async function () {
    this.timeout(120_000);
    const world = await emptyWorld(await connect(sqliteMemory));
    const { audit, Product, User } = world;
    const names = Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`${long(20)}${index}`, long(50)]));
    await audit.run({ actor: long(51), reason: wide, meta: { wide } }, async () => {
      for (let number = 0; number < 30; number += 1) {
        const product = await Product.create({ name: long(51), description: wide, settings: { ...names, number } });
        await product.update({
          description: `${number}${wide.slice(100)} end`,
          settings: { ...names, number: -1, extra: wide },
        });
      }
      await User.create({ name: long(51) });
    });
    await audit.AuditLog.bulkCreate(
      Array.from({ length: 30 }, (_, index) => ({
        modelName: long(51),
        recordId: `${long(2000)}${index}`,
        action: 'create',
        patch: [{ op: 'add', path: '', value: names }],
        changesetId: '00000000-0000-4000-8000-00000000abcd',
        actor: long(51),
        reason: wide,
        meta: names,
        createdAt: new Date(),
      })) as never,
    );
    const viewer = viewerOf(world, { actor: 'user:ada' }, { write: true });

    const pages = await crawl(viewer, '/', 50);
    for (const path of [
      '/?after=40',
      '/entry?id=1',
      '/record?model=Product&id=1',
      '/record/at?model=Product&id=1',
      '/record/compare?model=Product&id=1',
      '/record/blame?model=Product&id=1',
      '/undo?entry=2',
      '/revert?model=Product&id=1&point=1',
      '/changeset?id=00000000-0000-4000-8000-00000000abcd',
    ])
      pages.set(path, await load(viewer, path));

    const html = [...pages].filter(([, { headers }]) => headers.get('content-type')?.startsWith('text/html'));
    const sizes = html.map(([path, { body, status }]) => [Buffer.byteLength(body), status, path] as const);
    expect(sizes.filter(([size]) => size > largest)).to.deep.equal([]);
    expect(sizes.filter(([, status]) => status >= 500)).to.deep.equal([]);
    expect(Math.max(...sizes.map(([size]) => size))).to.be.greaterThan(50_000);
    const whole = html
      .find(([path]) => path === '/entry?id=1')?.[1]
      .body.match(/href="(\/value\?entry=1&amp;change=2[^"]*)"/)?.[1];
    const value = await load(viewer, (whole as string).replaceAll('&amp;', '&'));
    expect(value.body === wide, 'the whole value').to.equal(true);
    expect(value.headers.get('content-type')).to.equal('text/plain; charset=utf-8');
  });
});
