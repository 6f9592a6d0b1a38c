import type { ChildProcess } from 'node:child_process';
import { expect } from 'chai';
import type { Options, Transaction } from 'sequelize';
import { Follower } from '../../lib/cli/follow.js';
import { type AuditEntry, attachAudit } from '../../lib/index.js';
import { type Database, postgresql, sqliteFile } from '../setup/databases.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { Application, applicationOf, ended, seen, settingsOf } from './application.js';

async function world(database: Database) {
  const sequelize = await connect(database);
  const audit = attachAudit(sequelize);
  const { Sequelize: types } = sequelize as unknown as { Sequelize: typeof import('sequelize') };
  const User = sequelize.define('User', { name: types.DataTypes.STRING }, { timestamps: false });
  await sequelize.sync();
  return { sequelize, audit, User };
}

async function idsOf(entries: AsyncIterable<AuditEntry>): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of entries) ids.push(Number(id));
  return ids;
}

onEachDatabase('Following the log', (database) => {
  it('gives what is written from now on once, in its order, and only what is asked for', async () => {
    const { audit, User } = await world(database);
    const ada = await User.create({ name: 'Ada' });
    const all = await Follower.fromNow(audit, {});
    const updates = await Follower.fromNow(audit, { action: 'update' });

    await ada.update({ name: 'Ada L.' });
    await User.bulkCreate(Array.from({ length: 30 }, (_, index) => ({ name: `${index}` })));

    expect(await idsOf(updates.next())).to.have.lengthOf(1);
    expect(await idsOf(all.next())).to.have.lengthOf(31);
    expect(await idsOf(all.next())).to.deep.equal([]);
    await ada.destroy();
    expect(await idsOf(all.next())).to.have.lengthOf(1);
    expect(await idsOf(updates.next())).to.deep.equal([]);
  });

  it('begins with an empty log as well', async () => {
    const { audit, User } = await world(database);
    const follower = await Follower.fromNow(audit, {});

    await User.create({ name: 'Ada' });

    expect(await idsOf(follower.next())).to.have.lengthOf(1);
  });
});

onEachDatabase(
  'Following concurrent transactions',
  (database) => {
    /** Opens a transaction whose entry has its id by now, and is not to be seen. */
    async function drawn(
      { sequelize, audit, User }: Awaited<ReturnType<typeof world>>,
      name: string,
    ): Promise<Transaction> {
      const transaction = await sequelize.transaction();
      await User.create({ name }, { transaction });
      // Reading in it writes its entries.
      await audit.entries({ transaction, limit: 1 });
      return transaction;
    }

    it('misses no entry whose id is lower than those that were seen before it, and gives none twice', async () => {
      const here = await world(database);
      const { audit, User } = here;
      await User.create({ name: 'first' });
      const early = await drawn(here, 'early');
      await User.create({ name: 'before' });
      const follower = await Follower.fromNow(audit, {});
      const late = await drawn(here, 'late');
      const lost = await drawn(here, 'lost');
      await User.create({ name: 'after' });

      const seenFirst = await idsOf(follower.next());
      await late.commit();
      const seenThen = await idsOf(follower.next());
      await lost.rollback();
      await early.commit();
      const seenAtLast = await idsOf(follower.next());

      expect(seenFirst).to.deep.equal([6]);
      expect(seenThen).to.deep.equal([4]);
      expect(seenAtLast).to.deep.equal([2]);
      expect(await idsOf(follower.next())).to.deep.equal([]);
    });
  },
  ({ dialect }) => dialect !== 'sqlite',
);

describe('log --follow', function () {
  this.timeout(60_000);
  const app = new Application();
  after(() => app.remove());

  /** The lines of a process, one after the other. */
  function linesOf(child: ChildProcess): () => Promise<{ id: string; recordId: string }> {
    const lines: string[] = [];
    let rest = '';
    let wake = () => {};
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const [last = '', ...whole] = (rest + text).split('\n').reverse();
      rest = last;
      lines.push(...whole.reverse());
      wake();
    });
    return async () => {
      while (lines.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return JSON.parse(lines.shift() as string) as { id: string; recordId: string };
    };
  }

  for (const database of [sqliteFile, postgresql]) {
    it(`shows the last entries, then those that come, until Ctrl-C ends it with 130, on ${database.name}`, async () => {
      const options: Options = database.dialect === 'sqlite' ? app.sqlite : await settingsOf(database);
      app.write('audit.js', applicationOf(options));
      const { sequelize, User } = await app.load();
      const ada = await User.create({ name: 'Ada' });
      for (const name of ['one', 'two']) await ada.update({ name });

      const child = app.start(['log', '--follow', '-n', '2', '--interval', '0.05', '--json']);
      const result = ended(child);
      const next = linesOf(child);
      const backlog = [await next(), await next()];
      const transaction = await sequelize.transaction();
      if (database.dialect === 'postgres') {
        await User.create({ name: 'late' }, { transaction });
        await sequelize.models.AuditLog?.count({ transaction });
      }
      await ada.update({ name: 'three' });
      const fresh = await next();
      await transaction.commit();
      const late = database.dialect === 'postgres' ? (await next()).id : undefined;
      child.kill('SIGINT');

      expect(backlog.map(({ id }) => id)).to.deep.equal(['2', '3']);
      expect(fresh.id).to.equal(database.dialect === 'postgres' ? '5' : '4');
      expect(late).to.equal(database.dialect === 'postgres' ? '4' : undefined);
      expect((await result).code).to.equal(130);
      await sequelize.close();
    });
  }

  it('ends quietly when nobody reads any more', async () => {
    app.write('audit.js', applicationOf(app.sqlite));
    const { sequelize, User } = await app.load();
    const child = app.start(['log', '--follow', '--interval', '0.05']);
    const result = ended(child);
    const ada = await User.create({ name: 'Ada' });

    await seen(child.stdout, 'Ada');
    child.stdout?.destroy();
    for (let count = 0; child.exitCode === null; count += 1) await ada.update({ name: `${count}` });

    expect(await result).to.include({ stderr: '', code: 0 });
    await sequelize.close();
  });
});
