import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { errorCodes } from '../../lib/errors.js';
import { optionNames } from '../../lib/options.js';
import { read, root } from './pages.js';

/** The first cell of each row of the tables of a page, without its ticks. */
function rowsOf(page: string): string[][] {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('README.md', () => {
  it('says what it is by line 3, shows code by line 16, and stays under 150 lines', () => {
    const lines = read('README.md').split('\n');

    expect(lines[2]).to.match(/^Record history for Sequelize 6/);
    expect(lines.indexOf('```ts')).to.be.below(16);
    expect(lines.length).to.be.below(150);
  });

  it('names only commands that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

    expect(scripts).to.include.keys('example', 'test', 'build', 'bench');
  });
});

describe('docs/', () => {
  it('lists in errors.md the codes of the code, and no others', () => {
    const documented = Object.fromEntries(
      rowsOf(read('docs/errors.md')).map(([code, text]) => [code?.replaceAll('`', ''), text]),
    );

    expect(documented).to.deep.equal({ ...errorCodes });
  });

  it('lists in options.md the options of the code, and no others', () => {
    const documented = rowsOf(read('docs/options.md')).map(([option]) => option?.replaceAll('`', ''));

    expect(documented).to.have.members([...optionNames]);
  });

  it('links only to what is there', () => {
    const pages = [
      'README.md',
      ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) =>
        path.join('docs', name),
      ),
    ];
    for (const page of pages.filter((name) => name.endsWith('.md'))) {
      const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) =>
        path.join(path.dirname(page), link as string),
      );
      expect(
        links.filter((link) => !existsSync(path.join(root, link))),
        page,
      ).to.deep.equal([]);
    }
  });
});
