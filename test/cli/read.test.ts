import { expect } from 'chai';
import { type LoggedEntry, readLog } from '../setup/oracle.js';
import { Application, applicationOf, type Loaded } from './application.js';

describe('Reading the log from the command line', function () {
  this.timeout(60_000);
  const app = new Application();
  /** By plain SQL. */
  let log: LoggedEntry[];

  before(async () => {
    app.write('audit.js', applicationOf(app.sqlite, `{ models: { User: { redact: ['password'] } } }`));
    const loaded = await app.load();
    await fill(loaded);
    log = await readLog(loaded.sequelize);
    await loaded.sequelize.close();
  });
  after(() => app.remove());

  /** The ids of the entries that `log` lists. */
  async function listed(...args: readonly string[]): Promise<number[]> {
    return (await app.json('log', ...args)).map(({ id }) => Number(id));
  }

  function expected(filter: (entry: LoggedEntry) => boolean): number[] {
    return log
      .filter(filter)
      .map(({ id }) => id)
      .reverse();
  }

  describe('log', () => {
    it('lists all entries, newest first, as the log holds them', async () => {
      const entries = await app.json('log');

      expect(
        entries.map(({ id, modelName, recordId, action, patch, changesetId, actor, reason, meta }) => ({
          id: Number(id),
          ...{ modelName, recordId, action, patch, changesetId, actor, reason, meta },
        })),
      ).to.deep.equal([...log].reverse());
    });

    const filters: readonly [args: readonly string[], filter: (entry: LoggedEntry) => boolean][] = [
      [['--model', 'User'], ({ modelName }) => modelName === 'User'],
      [['-m', 'File', '-m', 'Membership'], ({ modelName }) => modelName !== 'User'],
      [['User/1'], ({ modelName, recordId }) => modelName === 'User' && recordId === '1'],
      [['Membership/[1,2]'], ({ recordId }) => recordId === '[1,2]'],
      [['File/AQL/'], ({ modelName }) => modelName === 'File'],
      [['--actor', 'ops', '--actor', 'hr'], ({ actor }) => actor !== null],
      [['--no-actor'], ({ actor }) => actor === null],
      [['--action', 'update', '--action', 'destroy'], ({ action }) => action !== 'create'],
      [['--attribute', 'role', '--action', 'update'], ({ patch }) => patch.some(({ path }) => path === '/role')],
      [['--meta', 'ticket=7'], ({ meta }) => (meta as { ticket?: unknown } | null)?.ticket === '7'],
      [['--meta', 'ticket:=7'], ({ meta }) => (meta as { ticket?: unknown } | null)?.ticket === 7],
      [['--since', '1h', '--until', '2999-01-01'], () => true],
      [['--until', '1h'], () => false],
      [['--model', 'User', '--actor', 'ops'], ({ modelName, actor }) => modelName === 'User' && actor === 'ops'],
      [['--model', 'Gone'], () => false],
    ];
    for (const [args, filter] of filters) {
      it(`lists what fulfils ${args.join(' ')}`, async () => {
        expect(await listed(...args)).to.deep.equal(expected(filter));
      });
    }

    it('lists a changeset, a page, and the oldest first', async () => {
      const [{ changesetId }] = log.filter(({ recordId }) => recordId === '[1,2]') as [LoggedEntry];

      expect(await listed('--changeset', changesetId)).to.deep.equal(
        expected((entry) => entry.changesetId === changesetId),
      );
      expect(await listed('--limit', '2', '--after', '4')).to.deep.equal([3, 2]);
      expect(await listed('--limit', '2', '--reverse')).to.deep.equal([1, 2]);
    });

    it('gives the entries of one record their revisions, whichever of them are listed', async () => {
      const all = await app.json('log', 'User/1');
      const some = await app.json('log', 'User/1', '--attribute', 'role');
      const bytes = await app.json('log', 'File/AQL/');

      const ofRecord = log.filter(({ modelName, recordId }) => modelName === 'User' && recordId === '1');
      const numbers = new Map(ofRecord.map(({ id }, index) => [String(id), index + 1]));
      for (const { id, revision } of [...all, ...some]) expect(revision).to.equal(numbers.get(id as string));
      expect(all).to.have.lengthOf(ofRecord.length);
      expect(some.length).to.be.within(1, all.length - 1);
      expect(bytes[0]?.revision).to.equal(1);
    });

    it('is a table without colours in a pipe, and says when there is nothing', async () => {
      const { stdout } = await app.run(['log', 'User/1', '--meta', 'ticket=7']);
      const none = await app.run(['log', '--actor', 'nobody']);

      expect(stdout.replace(/\d{4}-[\dT:.-]+Z/, 'TIME')).to.equal(
        `${'ENTRY  REV  DATE                      ACTOR  ACTION  CHANGES'}\n    2    2  TIME  ops    update  role: "clerk" → "admin" (promoted)\n`,
      );
      expect(none).to.deep.equal({ stdout: '', stderr: 'no entries\n', code: 0 });
    });
  });

  describe('show', () => {
    it('shows who, when, why and what', async () => {
      const { stdout } = await app.run(['show', '2']);

      expect(stdout.replace(/[\da-f]{8}-[\da-f-]+/, 'UUID').replace(/\d{4}-[\dT:.-]+Z/, 'TIME')).to.equal(
        `entry 2  update User/1, revision 2
Date:      TIME
Actor:     ops
Reason:    promoted
Meta:      {"ticket":"7"}
Changeset: UUID

    role: "clerk" → "admin"
`,
      );
    });

    it('shows all of a changeset, in its order', async () => {
      const [{ changesetId }] = log.filter(({ recordId }) => recordId === '[1,2]') as [LoggedEntry];

      const entries = await app.json('show', changesetId);
      const { stdout } = await app.run(['show', changesetId]);

      expect(entries.map(({ recordId }) => recordId)).to.deep.equal(['[1,2]', '[1,3]']);
      expect(stdout).to.match(/Membership\/\[1,2\][\s\S]*\n\nentry \d+ {2}create Membership\/\[1,3\]/);
    });
  });

  describe('diff, at and blame', () => {
    it('compare a record at two points, as one operation a line', async () => {
      const patch = await app.json('diff', 'User/1', '2', '3');

      expect(patch).to.deep.equal([
        { op: 'test', path: '/bio', value: 'one\ntwo' },
        { op: 'replace', path: '/bio', value: 'one\nthree' },
        { op: 'test', path: '/settings/mail', value: { daily: true, weekly: false } },
        { op: 'replace', path: '/settings/mail', value: 'never' },
      ]);
    });

    it('show the record at a revision, a time, and after a changeset', async () => {
      const [{ changesetId }] = log.filter(({ recordId }) => recordId === '[1,2]') as [LoggedEntry];
      const roles = await Promise.all(
        [['1'], ['2'], ['2999-01-01'], [changesetId], ['1h']].map(async ([point]) => {
          const [document] = await app.json('at', 'User/1', point as string);
          return document?.role;
        }),
      );

      expect(roles).to.deep.equal(['clerk', 'admin', 'clerk', 'admin', undefined]);
      expect((await app.run(['at', 'Membership/[1,3]', '1'])).stdout).to.equal('team: 1\nuser: 3\nlevel: "y"\n');
      expect(await app.run(['at', 'Membership/[1,3]', '2'])).to.deep.equal({
        ...{ stdout: '', stderr: 'Membership/[1,3] did not exist then\n', code: 0 },
      });
    });

    it('say who set each value', async () => {
      const blames = await app.json<{ path: string; entry: { id: string; actor: string } }>('blame', 'User/1');

      expect(blames.map(({ path, entry }) => [path, entry.id, entry.actor])).to.include.deep.members([
        ['/name', '1', 'hr'],
        ['/settings/theme', '1', 'hr'],
        ['/settings/mail', '3', null],
        ['/password', '3', null],
      ]);
      expect((await app.run(['blame', 'User/99'])).stderr).to.equal('User/99 does not exist, or is destroyed\n');
    });

    it('never show what is redacted', async () => {
      const lines = await Promise.all(
        [['log'], ['show', '3'], ['diff', 'User/1', '1', '3'], ['at', 'User/1', '1'], ['blame', 'User/1']].map(
          async (args) => (await app.run(args)).stdout + (await app.run([...args, '--json'])).stdout,
        ),
      );

      expect(lines.join('')).not.to.match(/secret/);
      expect(lines.join('')).to.include('(redacted)').and.to.include('changed, redacted');
    });
  });

  it('counts with stats what plain SQL counts', async () => {
    const [stats] = await app.json('stats');

    expect(stats).to.deep.include({
      entries: log.length,
      actorCount: 3,
      models: [
        { modelName: 'User', entries: 5, actions: actionsOf('User') },
        { modelName: 'Membership', entries: 3, actions: actionsOf('Membership') },
        { modelName: 'File', entries: 1, actions: actionsOf('File') },
      ],
    });
    expect(stats?.bytes).to.be.greaterThan(0);
    expect((await app.run(['stats', '-n', '1'])).stdout).to.match(/Entries: {2}9\n[\s\S]*\nand 2 more actors\n$/);
  });

  function actionsOf(modelName: string): Record<string, number> {
    const count = (action: string) => log.filter((entry) => entry.modelName === modelName && entry.action === action);
    const actions = ['create', 'update', 'destroy', 'restore', 'baseline'];
    return Object.fromEntries(actions.map((action) => [action, count(action).length]));
  }

  const mistakes: readonly [args: readonly string[], message: string | RegExp][] = [
    [['log', 'User'], `expected a record such as User/1, or 'Membership/[1,2]' for a composite key, got "User"`],
    [['log', 'Usr/1'], 'no model "Usr" is audited: expected one of User, Membership, File'],
    [['log', 'User/1', '--model', 'User'], '--model beside a record: expected one of them'],
    [['log', '--limit', '0'], '--limit: expected a number from 1, got "0"'],
    [['log', '--action', 'delete'], /^action: expected one or several of create, update/],
    [['log', '--since', 'monday'], /^--since: expected a time such as 2026-01-31/],
    [['log', '--follow', '--until', '1h'], '--follow goes with neither --after nor --until'],
    [['log', '--follow', '--interval', 'often'], '--interval: expected seconds from 0.01 to 3600, got "often"'],
    [['show', '99'], 'the log holds no entry "99"'],
    [['show', 'x\u001b'], 'the log holds no entry "x\\u001b"'],
    [['at', 'User/1', '99'], /has 4 revisions: expected one of them, got 99$/],
    [['at', 'User/1', '0'], /expected a revision from 1 or a valid Date, got 0$/],
    [['at', 'Membership/1', '1'], /named by team and user: expected Membership\/\[…\] with 2 values in JSON, got "1"$/],
    [['diff', 'User/1', '1', '0b3c0f0e-4f0e-4d5e-9d6b-0c8f6c1f7a55'], /^the log holds no changeset 0b3c0f0e/],
  ];
  for (const [args, message] of mistakes) {
    it(`refuses ${JSON.stringify(args)} with 2, and says what it expects`, async () => {
      const { stdout, stderr, code } = await app.run(args);

      expect({ stdout, code }).to.deep.equal({ stdout: '', code: 2 });
      expect(stderr).to.match(/^sequelize-audit: .*\n$/);
      const told = stderr.slice('sequelize-audit: '.length, -1);
      if (typeof message === 'string') expect(told).to.equal(message);
      else expect(told).to.match(message);
    });
  }
});

async function fill({ audit, sequelize, User, Membership, File }: Loaded): Promise<void> {
  const settings = { theme: 'dark', mail: { daily: true, weekly: false } };
  const first = { name: 'Ada', role: 'clerk', bio: 'one\ntwo', settings, password: 'secret' };
  const ada = await audit.run({ actor: 'hr' }, () => User.create(first));
  await audit.run({ actor: 'ops', reason: 'promoted', meta: { ticket: '7' } }, () => ada.update({ role: 'admin' }));
  await ada.update({
    ...{ bio: 'one\nthree', password: 'secret two' },
    settings: { theme: 'dark', mail: 'never' },
  });
  await sequelize.transaction((transaction) =>
    Membership.bulkCreate(
      [
        { team: 1, user: 2, level: 'x' },
        { team: 1, user: 3, level: 'y' },
      ],
      { transaction },
    ),
  );
  await audit.run({ actor: 'ops', meta: { ticket: 7 } }, () => ada.update({ role: 'clerk' }));
  await Membership.destroy({ where: { user: 3 } });
  await File.create({ hash: Buffer.from([1, 2, 255]) });
  await User.create({ name: 'Eve\u001b[31m' });
}
