import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { exitCodes } from '../../lib/cli/exit.js';
import { blocksOf, read, root } from '../docs/pages.js';
import { Application, library } from './application.js';

const page = 'docs/command-line.md';

describe('The help of the command line', function () {
  this.timeout(60_000);
  const app = new Application();
  after(() => app.remove());

  async function verbs(): Promise<string[]> {
    const { stdout, code } = await app.run(['--help']);
    expect(code).to.equal(0);
    return [...stdout.matchAll(/^ {2}([a-z]+)(?: [[<]| {2})/gm)]
      .map(([, verb]) => verb as string)
      .filter((verb) => verb !== 'help');
  }

  it('has examples for every verb, which are command lines that the verb takes', async () => {
    const all = await verbs();

    expect(all).to.include.members([
      'log',
      'show',
      'diff',
      'blame',
      'at',
      'revert',
      'undo',
      'verify',
      'baseline',
      'stats',
    ]);
    for (const verb of all) {
      const { stdout, code } = await app.run([verb, '--help']);
      const examples = [...stdout.matchAll(/^ {2}sequelize-audit (\S+)/gm)].map(([, name]) => name);
      expect(code, verb).to.equal(0);
      expect(examples, verb).not.to.deep.equal([]);
      expect([...new Set(examples)], verb).to.deep.equal([verb]);
    }
  });

  // With AUDIT_TEST_WRITE_DOCS=1 the page is written instead.
  it('stands in the documentation as it is', async () => {
    let text = read(page);
    for (const verb of await verbs()) {
      const { stdout } = await app.run([verb, '--help']);
      const section = `### ${verb}\n\n\`\`\`text\n${stdout.trimEnd()}\n\`\`\`\n`;
      const written = new RegExp(`^### ${verb}\n\n\`\`\`text\n[\\s\\S]*?\`\`\`\n`, 'm');
      if (process.env.AUDIT_TEST_WRITE_DOCS)
        text = written.test(text) ? text.replace(written, () => section) : `${text}\n${section}`;
      else expect(text.match(written)?.[0], verb).to.equal(section);
    }
    if (process.env.AUDIT_TEST_WRITE_DOCS) writeFileSync(path.join(root, page), text);
  });

  it('names every exit code in the documentation', () => {
    const documented = [...read(page).matchAll(/^\| `(\d+)` \|/gm)].map(([, code]) => Number(code));

    expect([...documented, exitCodes.terminated]).to.deep.equal(Object.values(exitCodes));
  });

  it('shows a session that is what happens', async () => {
    const text = read(page);
    for (const block of blocksOf(text, 'js')) {
      const [, name = ''] = /^\/\/ (\S+)/.exec(block) ?? [];
      app.write(name, block.replace("'sequelize-audit'", JSON.stringify(pathToFileURL(library).href)));
    }
    execFileSync(process.execPath, ['fill.js'], { cwd: app.folder });
    const [session = ''] = blocksOf(text, 'console');

    for (const [, line = '', output] of session.matchAll(/^\$ npx sequelize-audit (.*)\n((?:(?!\$ ).*\n)*)/gm)) {
      const args = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? (word as string));
      const { stdout } = await app.run(args);
      const known = stdout
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-01-31T10:00:00.000Z')
        .replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, '0b3c0f0e-4f0e-4d5e-9d6b-0c8f6c1f7a55');
      expect(known, line).to.equal(output);
    }
  });
});
