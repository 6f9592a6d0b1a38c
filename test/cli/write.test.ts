import { expect } from 'chai';
import { type LoggedEntry, readLog, select } from '../setup/oracle.js';
import { Application, applicationOf, ended, hasTerminals, type Loaded, seen } from './application.js';

/** With HOLD a write waits in its transaction until Ctrl-C, and with HOLD=on for ever. */
const holding = `
const { HOLD } = process.env;
if (HOLD) User.addHook('afterUpdate', async () => {
  setInterval(() => undefined, 1000);
  console.error('writing');
  await new Promise((resolve) => process.once('SIGINT', resolve));
  console.error('asked to stop');
  if (HOLD === 'on') await new Promise(() => undefined);
});`;

describe('Writing from the command line', function () {
  this.timeout(60_000);
  const app = new Application();
  let loaded: Loaded;

  before(() =>
    app.write('audit.js', applicationOf(app.sqlite, `{ models: { User: { redact: ['password'] } } }`, holding)),
  );
  after(() => app.remove());

  beforeEach(async () => {
    loaded = await app.load();
    const { audit, User, Membership } = loaded;
    const ada = await User.create({ name: 'Ada', role: 'clerk' });
    await ada.update({ role: 'admin' });
    await ada.update({ name: 'Ada L.' });
    await audit.run({ actor: 'ops' }, () =>
      loaded.sequelize.transaction(async (transaction) => {
        await Membership.create({ team: 1, user: 1, level: 'x' }, { transaction });
        await ada.update({ bio: 'text' }, { transaction });
      }),
    );
  });
  afterEach(() => loaded.sequelize.close());

  /** The rows and the log, by plain SQL. */
  async function state(): Promise<unknown> {
    const { sequelize } = loaded;
    return [await select(sequelize, 'Users'), await select(sequelize, 'Memberships'), await readLog(sequelize)];
  }

  async function ada(): Promise<Record<string, unknown>> {
    const [row] = await select(loaded.sequelize, 'Users');
    return { name: row?.name, role: row?.role, bio: row?.bio };
  }

  describe('undo', () => {
    it('takes one change back and keeps later ones, as whoever is named', async () => {
      const { code, stdout } = await app.run(['undo', '2', '--actor', 'me', '--reason', 'wrong file']);

      expect(code).to.equal(0);
      expect(await ada()).to.deep.equal({ name: 'Ada L.', role: 'clerk', bio: 'text' });
      const last = (await readLog(loaded.sequelize)).at(-1);
      expect(last).to.deep.include({ actor: 'me', reason: 'wrong file', meta: { undoes: '2' } });
      expect(stdout).to.equal(`update User/1\n    role: "admin" → "clerk"\ndone in changeset ${last?.changesetId}\n`);
    });

    it('takes a changeset back as a whole, and does it again when that is undone', async () => {
      const before = await ada();
      const { changesetId } = (await readLog(loaded.sequelize)).at(-1) as LoggedEntry;

      const [undone] = await app.json('undo', changesetId);
      const rows = await select(loaded.sequelize, 'Memberships');
      const between = await ada();
      await app.json('undo', undone?.changesetId as string);

      expect(rows).to.deep.equal([]);
      expect(between).to.deep.equal({ ...before, bio: null });
      expect(await ada()).to.deep.equal(before);
      expect(await select(loaded.sequelize, 'Memberships')).to.have.lengthOf(1);
    });

    it('shows what it would write with --dry-run, and writes nothing', async () => {
      const before = await state();

      const { stdout, stderr, code } = await app.run(['undo', '2', '--dry-run']);
      const [plan] = await app.json('undo', '2', '-n');

      expect({ stdout, stderr, code }).to.deep.equal({
        stdout: 'update User/1\n    role: "admin" → "clerk"\n',
        stderr: 'nothing was written: a dry run\n',
        code: 0,
      });
      expect(plan).to.deep.include({ changesetId: null, conflicts: [], undoes: '2' });
      expect(await state()).to.deep.equal(before);
    });

    for (const args of [[], ['--dry-run']]) {
      it(`ends with 1 at a conflict, names it, and writes nothing ${args.join('')}`, async () => {
        await loaded.User.update({ role: 'chief' }, { where: {} });
        const before = await state();

        const { stdout, stderr, code } = await app.run(['undo', '2', ...args]);
        const lines = await app.json('undo', '2', ...args);

        expect(code).to.equal(1);
        expect(stdout).to.equal('conflict User/1 role\n    the change left  "admin"\n    and there is now "chief"\n');
        expect(stderr).to.match(/conflicts.*see --on-conflict\n$/);
        expect(lines[0]?.conflicts).to.deep.equal([
          { modelName: 'User', recordId: '1', path: '/role', expected: 'admin', found: 'chief' },
        ]);
        expect(await state()).to.deep.equal(before);
      });
    }

    it('overwrites what came later with --on-conflict force', async () => {
      await loaded.User.update({ role: 'chief' }, { where: {} });

      expect((await app.run(['undo', '2', '--on-conflict', 'force'])).code).to.equal(0);
      expect((await ada()).role).to.equal('clerk');
    });

    it('ends with 3 where the log does not hold what is needed, and with 2 for what is no entry', async () => {
      await loaded.User.update({ password: 'x' }, { where: {} });
      const last = (await readLog(loaded.sequelize)).at(-1);

      const hidden = await app.run(['undo', String(last?.id)]);
      const unknown = await app.run(['undo', '99']);

      expect(hidden.code).to.equal(3);
      expect(hidden.stderr).to.match(/cannot be undone: the log does not hold what password was before\n$/);
      expect(unknown.code).to.equal(2);
      expect(unknown.stderr).to.equal('sequelize-audit: undo: the log holds no entry "99"\n');
    });

    it('refuses another way with conflicts, and names those there are', async () => {
      const { stderr, code } = await app.run(['undo', '2', '--on-conflict', 'merge']);

      expect(code).to.equal(2);
      expect(stderr).to.include('Allowed choices are reject, skip, force');
    });
  });

  describe('revert', () => {
    it('brings a record back, later changes included, as whoever is named', async () => {
      const [{ changes }] = (await app.json('revert', 'User/1', '1', '--actor', 'me')) as [{ changes: unknown[] }];

      expect(await ada()).to.deep.equal({ name: 'Ada', role: 'clerk', bio: null });
      const last = (await readLog(loaded.sequelize)).at(-1);
      expect(last).to.deep.include({ actor: 'me', action: 'update' });
      expect(changes).to.deep.equal([{ modelName: 'User', recordId: '1', action: 'update', patch: last?.patch }]);
    });

    it('shows what it would write with --dry-run, and writes nothing', async () => {
      const before = await state();

      const { stdout, code } = await app.run(['revert', 'User/1', '2', '-n']);

      expect(code).to.equal(0);
      expect(stdout).to.equal('update User/1\n    name: "Ada L." → "Ada"\n    bio: "text" → null\n');
      expect(await state()).to.deep.equal(before);
    });

    it('says when the record is so already', async () => {
      const before = await state();

      expect(await app.run(['revert', 'User/1', '4'])).to.deep.equal({
        ...{ stdout: '', stderr: 'nothing to write: the records are so already\n', code: 0 },
      });
      expect(await state()).to.deep.equal(before);
    });

    it('destroys a record that did not exist, and brings back one that is gone', async () => {
      await app.run(['revert', 'Membership/[1,1]', '2020-01-01']);
      const gone = await select(loaded.sequelize, 'Memberships');
      await app.run(['revert', 'Membership/[1,1]', '1']);

      expect(gone).to.deep.equal([]);
      expect(await select(loaded.sequelize, 'Memberships')).to.deep.equal([{ team: 1, user: 1, level: 'x' }]);
    });
  });

  describe('Ctrl-C', () => {
    for (const args of [
      ['undo', '2'],
      ['revert', 'User/1', '1'],
    ]) {
      it(`rolls back ${args[0]} in the middle of its transaction, and ends with 130`, async () => {
        const before = await state();
        const child = app.start(args, { env: { HOLD: 'once' } });
        const result = ended(child);

        await seen(child.stderr, 'writing');
        child.kill('SIGINT');

        expect(await result).to.deep.equal({ stdout: '', stderr: 'writing\nasked to stop\n', code: 130 });
        expect(await state()).to.deep.equal(before);
      });
    }

    it('ends at once the second time, and still nothing is half done', async () => {
      const before = await state();
      const child = app.start(['undo', '2'], { env: { HOLD: 'on' } });
      const result = ended(child);

      await seen(child.stderr, 'writing');
      child.kill('SIGINT');
      await seen(child.stderr, 'asked to stop');
      child.kill('SIGINT');

      expect((await result).code).to.equal(130);
      expect(await state()).to.deep.equal(before);
    });

    it('is not waited for any longer than five seconds, and SIGTERM ends with 143', async () => {
      const before = await state();
      const child = app.start(['undo', '2'], { env: { HOLD: 'on' } });
      const result = ended(child);

      await seen(child.stderr, 'writing');
      child.kill('SIGTERM');

      expect((await result).code).to.equal(143);
      expect(await state()).to.deep.equal(before);
    });
  });

  describe('the question at a terminal', () => {
    before(function () {
      if (!hasTerminals()) this.skip();
    });

    async function answered(
      answer: string,
      ...args: readonly string[]
    ): Promise<{ code: number | null; text: string }> {
      const child = app.startAtTerminal(80, args);
      const result = ended(child);
      await seen(child.stdout, '? [y/N] ');
      child.stdin?.write(answer);
      const { code, stdout } = await result;
      return { code, text: stdout.replaceAll('\r\n', '\n') };
    }

    it('comes after what would be written, and yes writes it', async () => {
      const { code, text } = await answered('y\n', 'undo', '2', '--no-color');

      expect(code).to.equal(0);
      expect(text).to.match(/^update User\/1\n {4}role: "admin" → "clerk"\n[\s\S]*Undo entry 2\? \[y\/N\] /);
      expect(text).to.match(/done in changeset [\da-f-]{36}\n$/);
      expect((await ada()).role).to.equal('clerk');
    });

    const refusals: readonly [name: string, answer: string, code: number][] = [
      ['no', 'n\n', 1],
      ['nothing', '\n', 1],
      ['the end of the input', '\u0004', 1],
      ['Ctrl-C', '\u0003', 130],
    ];
    for (const [name, answer, expected] of refusals) {
      it(`writes nothing for ${name}, and ends with ${expected}`, async () => {
        const before = await state();

        const { code } = await answered(answer, 'revert', 'User/1', '1');

        expect(code).to.equal(expected);
        expect(await state()).to.deep.equal(before);
      });
    }

    it('is left out with --yes, and with --dry-run', async () => {
      const dry = await app.runAtTerminal(80, ['undo', '2', '--dry-run', '--no-color']);
      const done = await app.runAtTerminal(80, ['undo', '2', '--yes', '--no-color']);

      expect(dry.stdout + done.stdout).not.to.include('[y/N]');
      expect((await ada()).role).to.equal('clerk');
    });
  });
});
