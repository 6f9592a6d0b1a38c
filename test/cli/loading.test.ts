import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import { Application, applicationOf, library } from './application.js';

/** Forms that an application can have beside that of `audit.js`. */
function formsOf(storage: string): Readonly<Record<string, string>> {
  const [path, database] = [JSON.stringify(library), JSON.stringify({ dialect: 'sqlite', storage })];
  return {
    'default.js': `export { audit as default } from './audit.js';`,
    'function.mjs': `import { audit } from './audit.js'; export default async () => audit;`,
    'promise.js': `import { audit } from './audit.js'; const made = Promise.resolve(audit); export { made as audit };`,
    'common.cjs': `
      const { DataTypes, Sequelize } = require('sequelize');
      const { attachAudit } = require(${path});
      const sequelize = new Sequelize(${database});
      module.exports = { audit: attachAudit(sequelize) };
      sequelize.define('User', { name: DataTypes.STRING }, { timestamps: false });`,
    'function.cjs': `module.exports = async () => (await import('./audit.js')).audit;`,
    'typed.ts': `
      import { DataTypes, Sequelize } from 'sequelize';
      import { attachAudit, type Audit } from ${path};
      import { names } from './names.js';
      enum Form { Typed }
      const sequelize: Sequelize = new Sequelize(${database});
      export const audit: Audit = attachAudit(sequelize);
      sequelize.define(names[Form.Typed]!, { name: DataTypes.STRING }, { timestamps: false });`,
    'common.cts': `
      import { Sequelize } from 'sequelize';
      import { attachAudit } from ${path};
      export = attachAudit(new Sequelize(${database} as any));`,
  };
}

describe('The application of the command line', function () {
  this.timeout(60_000);
  const app = new Application();
  const forms = formsOf(app.file('app.sqlite'));
  const entry = { id: '1', modelName: 'User', recordId: '1', action: 'create' };

  before(async () => {
    app.write('audit.js', applicationOf(app.sqlite));
    app.write('names.ts', `export const names: string[] = ['User'];`);
    for (const [name, text] of Object.entries(forms)) app.write(name, text);
    const { sequelize, User } = await app.load();
    await User.create({ name: 'Ada' });
    await sequelize.close();
  });
  after(() => app.remove());

  for (const name of ['audit.js', ...Object.keys(formsOf(''))]) {
    it(`can be ${name}`, async () => {
      const [found, ...others] = await app.json('log', '--app', name);

      expect(found).to.include(entry);
      expect(others).to.deep.equal([]);
    });
  }

  it('is named by the package.json that is nearest and has the key', async () => {
    mkdirSync(app.file('server/src'), { recursive: true });
    app.write('server/package.json', '{}');

    const { stdout, code } = await app.run(['log', '--json'], { cwd: 'server/src' });

    expect(code).to.equal(0);
    expect(JSON.parse(stdout)).to.include(entry);
  });

  it('is asked for where nobody names it, and where there is no such file', async () => {
    mkdirSync(app.file('other'));
    app.write('other/package.json', '{ "sequelize-audit": { "app": 1 } }');

    const wrong = await app.run(['log'], { cwd: 'other' });
    const missing = await app.run(['log', '--app', 'nowhere.js']);

    expect(wrong.code).to.equal(2);
    expect(wrong.stderr).to.match(/package.json: expected a file as "sequelize-audit", got \{"app":1\}\n$/);
    expect(missing.code).to.equal(2);
    expect(missing.stderr).to.equal(
      `sequelize-audit: expected the file of the application, and there is no ${app.file('nowhere.js')}\n`,
    );
  });

  it('must export an audit', async () => {
    app.write('silent.js', 'export const audit = { entries: () => [] };');

    const { stderr, code } = await app.run(['log', '--app', 'silent.js']);

    expect(code).to.equal(2);
    expect(stderr).to.match(/silent.js exports no audit: expected what attachAudit returns as `audit`/);
  });

  it('is blamed with its stack when it fails, and cannot write escape sequences then', async () => {
    app.write('broken.js', `throw new Error('no such server \\u001b[31m');`);

    const { stdout, stderr, code } = await app.run(['log', '--app', 'broken.js', '--json']);

    expect({ stdout, code }).to.deep.equal({ stdout: '', code: 3 });
    expect(stderr).to.match(/broken.js could not be loaded: no such server \\u001b\[31m\nError: no such server/);
    expect(stderr).to.match(/at .*broken.js:1:7/);
    expect(stderr).not.to.include('\u001b');
  });

  it('may print and log its statements, which never come between what was asked for', async () => {
    const logging = applicationOf(app.sqlite);
    app.write('chatty.js', `${logging}\nconsole.log('hello'); process.stdout.write('world\\n');`);

    const { stdout, stderr } = await app.run(['log', '--app', 'chatty.js', '--json']);

    expect(JSON.parse(stdout)).to.include(entry);
    expect(stderr).to.equal('hello\nworld\n');
  });

  it('may hold the process open, which ends all the same', async () => {
    app.write('open.js', `export * from './audit.js'; setInterval(() => undefined, 1000);`);

    expect((await app.run(['log', '--app', 'open.js'])).code).to.equal(0);
  });

  it('must come to an end: a promise that nothing keeps is a failure', async () => {
    app.write('never.js', 'export const audit = new Promise(() => undefined);');

    const { stderr, code } = await app.run(['log', '--app', 'never.js']);

    expect(code).to.equal(3);
    expect(stderr).to.match(/the application never came to an end/);
  });

  it('is closed: its pool is drained before the process ends', async () => {
    app.write(
      'closing.js',
      `export * from './audit.js';
       import { sequelize } from './audit.js';
       const { close } = sequelize;
       sequelize.close = async () => { await close.call(sequelize); console.error('closed'); };`,
    );

    expect((await app.run(['log', '--app', 'closing.js'])).stderr).to.equal('closed\n');
    expect((await app.run(['show', '7', '--app', 'closing.js'])).stderr).to.match(/^closed\n.*no entry "7"\n$/);
  });

  for (const name of ['commander', 'picocolors', 'cli-table3', 'cli-progress', 'diff', 'jiti']) {
    it(`says that ${name} is to be installed where it is missing`, async () => {
      const hooks = `export const resolve = async (name, context, next) => {
        if (name !== '${name}') return next(name, context);
        throw Object.assign(new Error("Cannot find package '${name}' imported from x"), { code: 'ERR_MODULE_NOT_FOUND' });
      };`;
      app.write(
        'without.mjs',
        `import { register } from 'node:module'; register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));`,
      );

      const { stderr, code } = await app.run(['log', '--app', 'typed.ts'], {
        node: ['--import', app.file('without.mjs')],
      });

      expect(code).to.equal(3);
      expect(stderr).to.match(
        new RegExp(`^sequelize-audit: .* needs the package ${name}, which is not installed: npm install ${name}\n$`),
      );
    });
  }
});
