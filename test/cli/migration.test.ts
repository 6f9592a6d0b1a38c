import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Options } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { migration } from '../../lib/migration/index.js';
import { root } from '../docs/pages.js';
import { sqliteMemory } from '../setup/databases.js';
import { connect } from '../setup/suite.js';
import { Application, applicationOf } from './application.js';

describe('migration on the command line', function () {
  this.timeout(60_000);
  const app = new Application();
  const filesIn = (folder: string) => (existsSync(app.file(folder)) ? readdirSync(app.file(folder)) : []);

  before(() => app.write('audit.js', applicationOf(app.sqlite)));
  after(() => app.remove());

  it('writes the file into the folder migrations, which sequelize-cli runs, after which doctor misses no table', async () => {
    const { stdout, stderr, code } = await app.run(['migration']);
    const before = await app.run(['doctor']);
    app.write('config.json', JSON.stringify(app.sqlite));
    const program = path.join(root, 'node_modules', 'sequelize-cli', 'lib', 'sequelize');
    const { NODE_OPTIONS: _, ...env } = process.env;
    const args = [program, 'db:migrate', '--config', 'config.json', '--env', 'test'];
    execFileSync(process.execPath, args, { cwd: app.folder, env, stdio: 'ignore' });
    const after = await app.json('doctor');

    expect({ stderr, code }).to.deep.equal({ stderr: '', code: 0 });
    expect(stdout).to.match(/^migrations\/\d{14}-create-audit-log\.js\n$/);
    expect(readFileSync(app.file(stdout.trim()), 'utf8')).to.include('export async function up(');
    expect(before).to.include({ code: 1 });
    expect(before.stdout).to.match(/^error {4}There is no table "AuditLogs"\.\n/);
    expect(
      after.filter(({ code: kind }) => String(kind).startsWith('table') || String(kind).startsWith('column')),
    ).to.deep.equal([]);
  });

  it('refuses with 2 to write it again, unless by another name', async () => {
    mkdirSync(app.file('twice'));
    writeFileSync(app.file('twice/20260101000000-create-audit-log.ts'), '');

    const again = await app.run(['migration', '--folder', 'twice']);
    const other = await app.run(['migration', '--folder', 'twice', '--name', 'second-log']);
    const odd = await app.run(['migration', '--folder', 'twice', '--name', '../x']);

    expect(again).to.deep.equal({
      stdout: '',
      stderr:
        'sequelize-audit: twice/20260101000000-create-audit-log.ts is there already: expected another --name, as a migration that has run stays what it was\n',
      code: 2,
    });
    expect(other.stdout).to.match(/^twice\/\d{14}-second-log\.js\n$/);
    expect(odd).to.include({
      stderr: 'sequelize-audit: --name: expected letters, digits, dots and hyphens, got "../x"\n',
      code: 2,
    });
    expect(filesIn('twice')).to.have.lengthOf(2);
  });

  it('follows what is asked for, and gives the file the name that its modules need', async () => {
    const audit = attachAudit(await connect(sqliteMemory));
    const forms = [
      [[], 'js', { modules: 'esm' }],
      [['--modules', 'commonjs'], 'cjs', { modules: 'commonjs' }],
      [['--typescript'], 'ts', { modules: 'esm', language: 'typescript' }],
      [['--tool', 'umzug', '--modules', 'esm'], 'js', { tool: 'umzug', modules: 'esm' }],
    ] as const;

    for (const [index, [args, extension, options]] of forms.entries()) {
      const { stdout } = await app.run(['migration', '-f', `forms/${index}`, ...args]);

      expect(path.extname(stdout.trim())).to.equal(`.${extension}`);
      expect(readFileSync(app.file(stdout.trim()), 'utf8')).to.equal(migration(audit, options));
    }
  });

  it('refuses with 2 what no program would load, and partitions where there are none', async () => {
    mkdirSync(app.file('common'));
    app.write('common/package.json', '{}');
    const where = { cwd: 'common' };

    expect(await app.run(['migration', '--app', '../audit.js', '--modules', 'esm'], where)).to.deep.equal({
      stdout: '',
      stderr:
        'sequelize-audit: --modules: expected commonjs, as sequelize-cli reads no .mjs, and package.json does not say "type": "module"\n',
      code: 2,
    });
    expect(await app.run(['migration', '--partition', 'monthly'])).to.include({
      stderr:
        'sequelize-audit: migration: Option partition: expected a log on PostgreSQL, which has declarative partitions, got sqlite\n',
      code: 2,
    });
    expect((await app.run(['migration', '--tool', 'knex'])).code).to.equal(2);
    expect(filesIn('common')).to.deep.equal(['package.json']);
  });

  it('prints it, as it is or in JSON, and writes no file', async () => {
    const settings: Options = { dialect: 'postgres', host: '127.0.0.1', port: 1 };
    app.write('postgres.js', applicationOf(settings));
    const args = ['migration', '--app', 'postgres.js', '--partition', 'monthly', '--folder', 'none'];

    const { stdout, code } = await app.run([...args, '--print']);
    const [line] = await app.json<{ text: string }>(...args, '--print');

    expect(code).to.equal(0);
    expect(stdout).to.include(') PARTITION BY RANGE ("createdAt")');
    expect(line).to.deep.equal({ text: stdout });
    expect(filesIn('none')).to.deep.equal([]);
  });

  it('has help with examples', async () => {
    const { stdout, code } = await app.run(['migration', '--help']);

    expect(code).to.equal(0);
    expect(stdout).to.include('sequelize-audit migration --tool umzug --typescript --folder src/migrations');
  });
});
