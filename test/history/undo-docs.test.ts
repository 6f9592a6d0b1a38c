import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';

const root = path.join(import.meta.dirname, '..', '..');

describe('docs/undo.md', () => {
  it('prints with its blocks, one after the other, what stands beneath them', function () {
    this.timeout(60_000);
    const page = readFileSync(path.join(root, 'docs', 'undo.md'), 'utf8');
    const blocks = (language: string) =>
      [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text]) => text).join('');
    const library = pathToFileURL(path.join(root, 'lib', 'index.ts')).href;
    const program = blocks('ts').replace("'sequelize-audit'", `'${library}'`);

    const printed = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      cwd: root,
      encoding: 'utf8',
    });

    expect(printed).to.equal(blocks('text'));
  });
});
