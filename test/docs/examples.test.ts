import { expect } from 'chai';
import { blocksOf, printedBy, read } from './pages.js';

/** How many blocks of each page are a program, from the first on: one after the other they are one. */
const pages = {
  'README.md': 1,
  'docs/schema-change.md': 1,
  'docs/undo.md': Number.POSITIVE_INFINITY,
  'docs/viewer.md': 1,
  'docs/verify.md': Number.POSITIVE_INFINITY,
  'docs/who-changed-what.md': Number.POSITIVE_INFINITY,
};

describe('The examples', () => {
  for (const [page, count] of Object.entries(pages)) {
    it(`of ${page} print what stands beneath them`, function () {
      this.timeout(60_000);
      const [code, output] = ['ts', 'text'].map((language) => blocksOf(read(page), language).slice(0, count).join(''));

      expect(printedBy(code as string)).to.equal(output);
      expect(output).not.to.equal('');
    });
  }
});
