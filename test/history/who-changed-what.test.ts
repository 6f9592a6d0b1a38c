import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';

const root = path.join(import.meta.dirname, '..', '..');

describe('docs/who-changed-what.md', () => {
  it('prints what stands beneath its blocks', function () {
    this.timeout(60_000);
    const page = readFileSync(path.join(root, 'docs', 'who-changed-what.md'), 'utf8');
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
