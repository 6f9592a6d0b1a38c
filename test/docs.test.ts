import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { errorCodes } from '../lib/errors.js';
import { optionNames } from '../lib/options.js';

const root = path.join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** The fenced blocks of a page in one language. */
function blocksOf(page: string, language: string): string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, code]) => code as string);
}

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

  it('prints with its first block what stands beneath it', function () {
    this.timeout(60_000);
    const [code] = blocksOf(read('README.md'), 'ts') as [string];
    const [output] = blocksOf(read('README.md'), 'text');
    const library = pathToFileURL(path.join(root, 'lib', 'index.ts')).href;
    const program = code.replace("'sequelize-audit'", `'${library}'`);

    const printed = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      cwd: root,
      encoding: 'utf8',
    });

    expect(printed).to.equal(output);
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
