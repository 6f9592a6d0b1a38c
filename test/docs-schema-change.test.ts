import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';

const root = path.join(import.meta.dirname, '..');

describe('docs/schema-change.md', () => {
  it('prints with its first block what stands beneath it', function () {
    this.timeout(60_000);
    const page = readFileSync(path.join(root, 'docs', 'schema-change.md'), 'utf8');
    const [code, output] = ['ts', 'text'].map(
      (language) => new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(page)?.[1] as string,
    ) as [string, string];
    const library = pathToFileURL(path.join(root, 'lib', 'index.ts')).href;
    const program = code.replace("'sequelize-audit'", `'${library}'`);

    const printed = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      cwd: root,
      encoding: 'utf8',
    });

    expect(printed).to.equal(output);
  });
});
