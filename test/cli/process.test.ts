import { expect } from 'chai';
import { readLog } from '../setup/oracle.js';
import { Application, applicationOf, ended, hasTerminals, type Loaded, seen } from './application.js';

describe('The command line as a process', function () {
  this.timeout(60_000);
  const app = new Application();
  let loaded: Loaded;

  before(async () => {
    app.write('audit.js', applicationOf(app.sqlite));
    loaded = await app.load();
    const { User } = loaded;
    await User.bulkCreate(Array.from({ length: 3000 }, (_, index) => ({ name: `user ${index}`, bio: 'x'.repeat(50) })));
  });
  after(async () => {
    await loaded.sequelize.close();
    app.remove();
  });

  const unknown: readonly [args: readonly string[], told: RegExp][] = [
    [['lgo'], /unknown command 'lgo'\n\(Did you mean log\?\)/],
    [['log', '--modle', 'User'], /unknown option '--modle'\n\(Did you mean --model\?\)/],
    [['show'], /missing required argument 'what'/],
    [['show', '1', '2'], /too many arguments/],
    [['log', '--model'], /option '-m, --model <name>' argument missing/],
    [[], /Usage: sequelize-audit \[options\] \[command\]/],
  ];
  for (const [args, told] of unknown) {
    it(`ends with 2 for ${JSON.stringify(args)}, and says what is wrong`, async () => {
      const { stdout, stderr, code } = await app.run(args);

      expect({ stdout, code }).to.deep.equal({ stdout: '', code: 2 });
      expect(stderr).to.match(told);
    });
  }

  it('takes the options of all verbs before and after the verb', async () => {
    const before = await app.run(['--app', 'audit.js', '--json', 'log', '-n', '1']);
    const after = await app.run(['log', '-n', '1', '--app', 'audit.js', '--json']);

    expect(before).to.deep.equal(after);
    expect(JSON.parse(before.stdout)).to.include({ id: '3000' });
  });

  it('lists more than a page, each entry once', async () => {
    const ids = (await app.json('log', '--limit', '2500')).map(({ id }) => Number(id));

    expect(ids).to.deep.equal(Array.from({ length: 2500 }, (_, index) => 3000 - index));
  });

  for (const args of [
    ['log', '-n', '3000'],
    ['log', '-n', '3000', '--json'],
    ['log', '-n', '3000', '-p'],
  ]) {
    it(`ends quietly when nobody reads on: ${args.join(' ')}`, async () => {
      const child = app.start(args);
      const result = ended(child);

      await seen(child.stdout, 'user');
      child.stdout?.destroy();

      expect(await result).to.include({ stderr: '', code: 0 });
    });
  }

  it('says what it found by its exit code when nobody reads at all', async () => {
    await loaded.audit.unaudited('a test', () => loaded.sequelize.query(`UPDATE Users SET name = 'x'`));
    const child = app.start(['verify', '--json']);
    child.stdout?.destroy();

    expect(await ended(child)).to.include({ stderr: '', code: 1 });
  });

  it('finishes what it writes when nobody reads', async () => {
    const before = (await readLog(loaded.sequelize)).length;
    const child = app.start(['baseline', '--differing']);
    child.stdout?.destroy();

    expect(await ended(child)).to.include({ stderr: '', code: 0 });
    expect(await readLog(loaded.sequelize)).to.have.lengthOf(before + 3000);
  });

  it('ends with 3 when the database fails, and says why', async () => {
    app.write('gone.js', applicationOf({ dialect: 'sqlite', storage: app.file('empty.sqlite') }));

    const { stdout, stderr, code } = await app.run(['log', '--app', 'gone.js']);

    expect({ stdout, code }).to.deep.equal({ stdout: '', code: 3 });
    expect(stderr).to.match(/^sequelize-audit: SQLITE_ERROR: no such table: AuditLogs\n$/);
  });

  describe('colours', () => {
    before(function () {
      if (!hasTerminals()) this.skip();
    });
    const red = '\u001b[';

    it('are shown at a terminal, and nowhere else unless asked for', async () => {
      expect((await app.runAtTerminal(80, ['log', '-n', '1'])).stdout).to.include(red);
      expect((await app.run(['log', '-n', '1'])).stdout).not.to.include(red);
      expect((await app.run(['log', '-n', '1', '--color'])).stdout).to.include(red);
    });

    it('are left out with --no-color, NO_COLOR and a dumb terminal', async () => {
      const args = ['log', '-n', '1'];

      expect((await app.runAtTerminal(80, [...args, '--no-color'])).stdout).not.to.include(red);
      expect((await app.runAtTerminal(80, args, { NO_COLOR: '1' })).stdout).not.to.include(red);
      expect((await app.runAtTerminal(80, args, { TERM: 'dumb' })).stdout).not.to.include(red);
      expect((await app.runAtTerminal(80, args, { NO_COLOR: '' })).stdout).to.include(red);
      expect((await app.runAtTerminal(80, [...args, '--color'], { NO_COLOR: '1' })).stdout).to.include(red);
    });
  });
});
