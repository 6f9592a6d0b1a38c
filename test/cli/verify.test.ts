import { expect } from 'chai';
import { Sequelize } from 'sequelize';
import { postgresql } from '../setup/databases.js';
import { readLog } from '../setup/oracle.js';
import {
  Application,
  applicationOf,
  ended,
  hasTerminals,
  type Loaded,
  type Ran,
  seen,
  settingsOf,
} from './application.js';

describe('verify and baseline on the command line', function () {
  this.timeout(60_000);
  const app = new Application();
  let loaded: Loaded;

  before(() => app.write('audit.js', applicationOf(app.sqlite)));
  after(() => app.remove());

  beforeEach(async () => {
    loaded = await app.load();
    await loaded.User.bulkCreate(Array.from({ length: 3 }, (_, index) => ({ name: `user ${index + 1}` })));
  });
  afterEach(() => loaded.sequelize.close());

  it('ends with 0 where log and tables agree', async () => {
    const { stdout, stderr, code } = await app.run(['verify']);

    expect({ stdout, stderr, code }).to.deep.equal({
      stdout: '0 records differ; compared 3 rows and 3 entries of 3 models\n',
      stderr: '',
      code: 0,
    });
    expect(await app.run(['verify', '--model', 'User', '-m', 'File'])).to.include({
      stdout: '0 records differ; compared 3 rows and 3 entries of 2 models\n',
    });
  });

  it('ends with 1 where they differ, and lists what differs, counting what is not listed', async () => {
    await pastTheLog(loaded, `UPDATE Users SET name = 'x' || char(27) WHERE id < 3`);

    const { stdout, code } = await app.run(['verify', '--limit', '1']);
    const lines = await app.json('verify');

    expect(code).to.equal(1);
    expect(stdout).to.equal(
      [
        'WHAT            RECORD  ENTRY  EXPECTED → FOUND',
        'changedOutside  User/1      1  name: "user 1" → "x\\u001b"',
        '',
        'and 1 more',
        '2 records differ; compared 3 rows and 3 entries of 3 models',
        '',
      ].join('\n'),
    );
    expect(lines.map(({ kind, recordId }) => [kind, recordId])).to.deep.equal([
      ['changedOutside', '1'],
      ['changedOutside', '2'],
      [undefined, undefined],
    ]);
    expect(lines.at(-1)).to.have.keys('counts', 'models', 'others');
  });

  it('refuses a model that is none with 2', async () => {
    expect(await app.run(['verify', '--model', 'Usr'])).to.include({
      stderr: 'sequelize-audit: models: expected a model of this Sequelize instance or its name, got "Usr"\n',
      code: 2,
    });
  });

  it('gives older rows a first entry, as whoever is named, once', async () => {
    await pastTheLog(loaded, `INSERT INTO Users (id, name) VALUES (4, 'old'), (5, 'older')`);

    const first = await app.run(['baseline', '--actor', 'ops', '--reason', 'switched on']);
    const again = await app.json('baseline', '--model', 'User');

    expect(first).to.include({ stderr: '', code: 0 });
    expect(first.stdout).to.match(/^MODEL +ROWS +WRITTEN\nUser +5 +2\n/);
    expect(again).to.deep.equal([{ modelName: 'User', rows: 5, written: 0 }]);
    const baselines = (await readLog(loaded.sequelize)).filter(({ action }) => action === 'baseline');
    expect(baselines.map(({ recordId, actor, reason }) => [recordId, actor, reason])).to.deep.equal([
      ['4', 'ops', 'switched on'],
      ['5', 'ops', 'switched on'],
    ]);
    expect((await app.run(['verify'])).code).to.equal(0);
  });

  it('accepts what was changed past the log with --differing', async () => {
    await pastTheLog(loaded, `UPDATE Users SET name = 'x' WHERE id = 2`);

    await app.run(['baseline']);
    const before = await app.run(['verify']);
    await app.run(['baseline', '--differing']);

    expect(before.code).to.equal(1);
    expect((await app.run(['verify'])).code).to.equal(0);
  });

  it('shows how far it has come at a terminal, and leaves only the result there', async function () {
    if (!hasTerminals()) this.skip();

    const { stdout } = await app.runAtTerminal(80, ['verify', '--no-color']);

    expect(stdout).to.match(/Comparing █+ 100% 6\/6 rows and entries/);
    expect(stdout).to.match(/0 records differ; compared 3 rows and 3 entries of 3 models\n$/);
  });
});

describe('Ctrl-C in the middle of long work', function () {
  this.timeout(60_000);
  const app = new Application();
  let own: Sequelize;
  let application: Loaded;

  beforeEach(async () => {
    const settings = await settingsOf(postgresql);
    own = new Sequelize({ ...settings, logging: false });
    const asked = `if (process.env.TELL) process.once('SIGINT', () => console.error('asked'));`;
    app.write('audit.js', applicationOf(settings, '{}', asked));
    application = await app.load();
    await pastTheLog(application, `INSERT INTO "Users" (name) SELECT 'user ' || n FROM generate_series(1, 50) n`);
  });
  afterEach(() => Promise.all([application.sequelize.close(), own.close()]));
  after(() => app.remove());

  /** Interrupts a verb that waits for a lock, and lets it go on then. @param isWaiting whether it has come so far */
  async function interrupted(args: readonly string[], lock: string, isWaiting: () => Promise<boolean>): Promise<Ran> {
    const holder = await own.transaction();
    await own.query(lock, { transaction: holder });
    const child = app.start(args, { env: { TELL: 'yes' } });
    const result = ended(child);
    const asked = seen(child.stderr, 'asked');
    while (!(await isWaiting())) await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGINT');
    await asked;
    await holder.rollback();
    return result;
  }

  it('stops baseline between two batches with 130, and a second run does the rest', async () => {
    const args = ['baseline', '--batch-size', '10', '--model', 'User'];
    const recordIds = async () => (await readLog(own)).map(({ recordId }) => Number(recordId));

    // Rows that others hold are taken last of their batch, so that the second one waits.
    const lock = 'SELECT * FROM "Users" WHERE id = 15 FOR UPDATE';
    const { stderr, code } = await interrupted(args, lock, async () => (await recordIds()).length === 19);
    const stopped = await recordIds();
    await app.run(args);

    expect(code).to.equal(130);
    expect(stderr).to.equal('asked\nstopped: 20 entries were written and stay; run it again to go on\n');
    expect([...stopped].sort((one, other) => one - other)).to.deep.equal(numbersTo(20));
    expect((await recordIds()).sort((one, other) => one - other)).to.deep.equal(numbersTo(50));
    expect((await app.run(['verify'])).code).to.equal(0);
  });

  it('stops verify with 130', async () => {
    const { stdout, stderr, code } = await interrupted(
      ['verify'],
      'LOCK TABLE "Users" IN ACCESS EXCLUSIVE MODE',
      async () => {
        const [waiting] = await own.query('SELECT 1 FROM pg_locks WHERE NOT granted', { type: 'SELECT' as never });
        return waiting !== undefined;
      },
    );

    expect({ stdout, stderr, code }).to.deep.equal({ stdout: '', stderr: 'asked\n', code: 130 });
  });
});

/** As another program would. */
function pastTheLog({ audit, sequelize }: Loaded, sql: string): Promise<unknown> {
  return audit.unaudited('a test', () => sequelize.query(sql));
}

function numbersTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
