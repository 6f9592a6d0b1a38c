import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { sqliteMemory } from '../setup/databases.js';
import { connect } from '../setup/suite.js';
import { Chromium, executablePath } from './browser.js';
import { rudeWorld } from './rude.js';
import { takeScreenshots } from './screenshots.js';
import { crawl, emptyWorld, fieldsOf, filledWorld, load, viewerOf } from './world.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** One page of each kind, and the states that it can be in. */
const kinds = {
  changes: '/',
  'changes, narrowed': '/?model=Product&actor=user%3Aben&since=2026-03-01',
  'changes, none': '/?text=nothing',
  timeline: '/record?model=Product&id=1',
  'as it was': '/record/at?model=Product&id=1&point=3',
  'as it was, before': '/record/at?model=Product&id=1&point=2026-01-01',
  compare: '/record/compare?model=Product&id=1&from=1&to=4',
  blame: '/record/blame?model=User&id=1',
  'blame, destroyed': '/record/blame?model=Product&id=2',
  entry: '/entry?id=8',
  changeset: '/changeset?id=00000009-5a2e-4c1b-9d3f-7b60c1e5a942',
  actor: '/actor?name=user%3Aada',
  verify: '/verify',
  revert: '/revert?model=Product&id=1&point=2',
  undo: '/undo?entry=8',
  'undo, in conflict': '/undo?entry=14',
  'not found': '/nothing',
  'not asked well': '/?action=x',
};

describe('The viewer in Chromium', function () {
  this.timeout(120_000);
  let chromium: Chromium;

  before(async function () {
    if (!executablePath) return this.skip();
    chromium = await Chromium.start();
  });

  after(() => chromium?.stop());

  async function filled(access = { actor: 'user:ada' }) {
    const world = await filledWorld(await connect(sqliteMemory));
    const viewer = viewerOf(world, access, { write: true });
    return { ...world, viewer, address: await chromium.serve(viewer.node) };
  }

  it('runs nothing and loads nothing for values that are markup and scripts, on any page', async () => {
    const world = await rudeWorld(await emptyWorld(await connect(sqliteMemory)));
    const viewer = viewerOf(world, { actor: 'user:ada' }, { write: true });
    const address = await chromium.serve(viewer.node);
    const paths = [...(await crawl(viewer))].filter(([, { status }]) => status === 200).map(([path]) => path);
    const page = await chromium.page();
    const heard: string[] = [];
    page.on('dialog', (dialog) => {
      heard.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => heard.push(`console ${message.text()}`));
    page.on('pageerror', (error) => heard.push(`error ${error.message}`));
    page.on('request', (request) => {
      if (!request.isNavigationRequest()) heard.push(`request ${request.url()}`);
    });
    // That they are heard at all.
    await page.setContent('<img src="data:," onerror="alert(1)"><script>console.log(2)</script>');
    await page.waitForEvent('requestfinished', { timeout: 500 }).catch(() => undefined);
    expect(heard).to.include('dialog 1').and.to.include('console 2');
    heard.length = 0;

    expect(paths.length).to.be.greaterThan(60);
    for (const path of paths) {
      await page.goto(address + path);
      const found = await page.evaluate(
        "[document.scripts.length, document.images.length, document.querySelectorAll('i, b, iframe, object, style').length]",
      );
      expect(found, path).to.deep.equal([0, 0, path.startsWith('/value') ? 0 : 1]);
    }
    expect(heard).to.deep.equal([]);
  });

  for (const [colorScheme, device, width] of [
    ['light', 'a wide screen', 1200],
    ['dark', 'a phone', 390],
  ] as const) {
    it(`leaves axe nothing to find on ${device}, ${colorScheme}`, async () => {
      const { address } = await filled();
      const page = await chromium.page({ colorScheme, viewport: { width, height: 800 } });
      const found: string[] = [];
      for (const [kind, path] of Object.entries(kinds)) {
        await page.goto(address + path);
        if (kind === 'verify') await page.click('main button');
        await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
        found.push(...(await violationsOf(page)).map((violation) => `${kind}: ${violation}`));
      }

      expect(found).to.deep.equal([]);
    });
  }

  it('has contrasts that axe measures, and would find wanting', async () => {
    const { address } = await filled();
    const page = await chromium.page();
    await page.goto(address);
    await page.evaluate("document.querySelector('h1').style.color = '#ccc'");

    expect((await violationsOf(page)).join()).to.match(/color-contrast/);
  });

  it('fits into 320 pixels without a scroll bar at the bottom', async () => {
    const { address } = await filled();
    const page = await chromium.page({ viewport: { width: 320, height: 640 } });
    for (const path of Object.values(kinds)) {
      await page.goto(address + path);

      expect(await page.evaluate('document.documentElement.scrollWidth'), path).to.be.at.most(320);
    }
  });

  it('is led by keys: first past the head, then from link to link, each seen to be in focus', async () => {
    const { address } = await filled();
    const page = await chromium.page();
    await page.goto(address);
    const focused = () => page.evaluate('document.activeElement.textContent.trim()');

    await page.keyboard.press('Tab');
    expect(await focused()).to.equal('Skip to the content');
    expect(await page.evaluate('document.activeElement.getBoundingClientRect().left')).to.be.at.least(0);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).to.equal('f-text');
    for (let step = 0; step < 12; step += 1) {
      const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
      expect(outline, String(await focused())).not.to.equal('none');
      await page.keyboard.press('Tab');
    }
  });

  it('works without scripts: filters, compares, previews, confirms', async () => {
    const { address, Product } = await filled();
    const page = await chromium.page({ javaScriptEnabled: false });
    await page.goto(address);
    await page.fill('#f-text', 'carbon');
    await page.click('main button');
    expect(await page.textContent('h1')).to.equal('Changes that match');
    await page.click('main a.record');
    await page.click('text=Compare');
    await page.fill('#from', '1');
    await page.fill('#to', '2026-03-04 23:59');
    await page.click('main button');
    expect(await page.textContent('h2')).to.equal('From revision 1 to revision 2');
    await page.click('text=Timeline');
    await page.click('a:has-text("Revert to this") >> nth=-1');
    await page.fill('#reason', 'as it was');

    await page.click('button.danger');

    expect(await page.textContent('h1')).to.equal('Product 1');
    expect(await page.textContent('article >> nth=0'))
      .to.include('revision 6')
      .and.to.include('as it was');
    expect((await Product.findByPk(1))?.get('stock')).to.equal(12);
  });

  it('takes no form that another site sends, whatever it knows', async () => {
    const { address, viewer, audit } = await filled();
    const path = '/revert?model=Product&id=1&point=1';
    const fields = fieldsOf((await load(viewer, path)).body);
    const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`);
    const elsewhere = await chromium.serve(async (_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(`<form method="post" action="${address}${path}">${inputs.join('')}<button>Win</button></form>`);
    });
    const before = await audit.AuditLog.count();
    const page = await chromium.page();
    await page.goto(elsewhere);

    await page.click('button');

    expect(await page.textContent('h1')).to.equal('Not allowed');
    expect(await audit.AuditLog.count()).to.equal(before);
  });

  it('looks as docs/viewer.md shows it', async () => {
    const { address } = await filled();

    const pictures = await takeScreenshots(chromium, address);

    const page = readFileSync(new URL('../../docs/viewer.md', import.meta.url), 'utf8');
    const shown = [...page.matchAll(/\]\(images\/([\w-]+)\.png\)/g)].map(([, name]) => name);
    expect(shown).to.have.members(pictures.map(({ name }) => name));
    for (const { name, bytes } of pictures) expect(bytes, name).to.be.within(5_000, 200_000);
  });
});

async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = (await page.evaluate('axe.run()')) as {
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id} ${html.slice(0, 200)} ${failureSummary.slice(0, 300)}`),
  );
}
