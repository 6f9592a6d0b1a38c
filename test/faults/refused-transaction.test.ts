import { expect } from 'chai';
import type { Transaction } from 'sequelize';
import { readLog } from '../setup/oracle.js';
import { onEachDatabase } from '../setup/suite.js';
import { type Fault, faultsOn } from './faults.js';
import { expectRefusal } from './refusal.js';
import { installSwitch, refused, turn } from './switch.js';
import { agrees, closeOthers, openTransactions, stored, type World, world, writes } from './world.js';

/** Leaves one place before the entries of a transaction are written early. */
async function fill({ Note }: World, transaction: Transaction): Promise<void> {
  const rows = Array.from({ length: 4999 }, (_, size) => ({ title: `filled ${size}`, size }));
  await Note.bulkCreate(rows, { transaction });
}

const caught = (promise: Promise<unknown>) => promise.then(null, (error: unknown) => error);

onEachDatabase('A transaction whose log has failed once', (database) => {
  afterEach(closeOthers);
  const constraint = faultsOn(database).find(({ name }) => name === 'a constraint') as Fault;

  for (const [verb, write] of Object.entries(writes)) {
    it(`when a ${verb} made more than 5,000 entries wait, refuses that write and does not commit`, async () => {
      const given = await world(database);
      const before = await stored(given);
      await constraint.begin(given);
      const transaction = await given.sequelize.transaction();
      await fill(given, transaction);

      const error = await caught(write(given, { transaction }));
      const atCommit = await caught(transaction.commit());

      await constraint.end(given);
      expectRefusal(error, constraint);
      expect(atCommit).to.equal(error);
      expect(await stored(given)).to.deep.equal(before);
      expect(await openTransactions(given)).to.equal(0);
      await given.Note.create({ title: 'next' });
      await agrees(given);
    });
  }

  it('takes no other write, and does not commit, when the log is mended in between', async () => {
    const given = await world(database);
    await installSwitch(given);
    const before = await stored(given);
    const transaction = await given.sequelize.transaction();
    await turn(given, transaction, 'on');
    await given.Note.update({ size: 7 }, { where: { id: 2 }, transaction });

    const error = await caught(given.audit.history(given.Note, 2).revisions({ transaction }));
    if (database.dialect !== 'postgres') await turn(given, transaction, 'off');
    const later = await caught(given.Note.create({ title: 'later' }, { transaction }));
    const atCommit = await caught(transaction.commit());

    expectRefusal(error, refused);
    expect([later === error, atCommit === error]).to.deep.equal([true, true]);
    expect(await stored(given)).to.deep.equal(before);
    await agrees(given);
  });

  it('writes no entry twice when only a part of them was refused', async () => {
    const given = await world(database);
    await installSwitch(given);
    const before = await stored(given);
    const transaction = await given.sequelize.transaction();
    await turn(given, transaction, 'on');
    // Too long for one INSERT, the second of which is refused.
    await given.audit.run({ reason: 'long', meta: { text: 'x'.repeat(3_000_000) } }, async () => {
      await given.Note.update({ size: 7 }, { where: { id: 1 }, transaction });
      await given.Note.update({ size: 8 }, { where: { id: 2 }, transaction });
    });

    const error = await caught(given.audit.AuditLog.count({ transaction }));
    if (database.dialect !== 'postgres') await turn(given, transaction, 'off');
    const atCommit = await caught(transaction.commit());

    expectRefusal(error, refused);
    expect(atCommit).to.equal(error);
    expect(await stored(given)).to.deep.equal(before);
    await agrees(given);
  });

  it('goes on when that was in a savepoint which has been rolled back', async () => {
    const given = await world(database);
    await installSwitch(given);
    const transaction = await given.sequelize.transaction();
    await given.Note.update({ size: 7 }, { where: { id: 2 }, transaction });

    const error = await caught(
      given.sequelize.transaction({ transaction }, async (savepoint) => {
        await turn(given, savepoint, 'on');
        await given.Note.update({ size: 8 }, { where: { id: 2 }, transaction: savepoint });
        await given.audit.history(given.Note, 2).revisions({ transaction: savepoint });
      }),
    );
    await turn(given, transaction, 'off');
    await given.Note.update({ size: 9 }, { where: { id: 2 }, transaction });
    await transaction.commit();

    expectRefusal(error, refused);
    const log = await readLog(given.sequelize);
    expect(log.slice(3).map(({ patch }) => patch.at(-1)?.value)).to.deep.equal([7, 9]);
    await agrees(given);
  });

  it('does not write the row again when Sequelize tries the write again', async () => {
    const given = await world(database);
    await installSwitch(given);
    const before = await stored(given);
    const sent: string[] = [];
    const transaction = await given.sequelize.transaction();
    await turn(given, transaction, 'on');
    await fill(given, transaction);

    const error = await caught(
      given.Note.create({ title: 'once' }, {
        transaction,
        retry: { match: [/could not be written/], max: 3, backoffBase: 1 },
        logging: (text: string) => {
          if (/INSERT INTO .Notes/.test(text)) sent.push(text);
        },
      } as object),
    );
    await transaction.rollback();

    expectRefusal(error, refused);
    expect(sent).to.have.length(1);
    expect(await stored(given)).to.deep.equal(before);
    await agrees(given);
  });
});
