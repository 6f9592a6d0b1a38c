import { expect } from 'chai';
import type { Transaction } from 'sequelize';
import { onEachDatabase } from '../setup/suite.js';
import { faultsOn } from './faults.js';
import { modes } from './modes.js';
import { expectRefusal } from './refusal.js';
import { agrees, closeOthers, openTransactions, stored, world, writes } from './world.js';

onEachDatabase('A log that refuses entries', (database) => {
  afterEach(closeOthers);
  const isMemory = database.name === 'SQLite in memory';

  for (const fault of faultsOn(database)) {
    for (const [when, run] of Object.entries(modes)) {
      // In memory the savepoint of such a write is gone with the transaction.
      if (fault.name.endsWith('rolls the transaction back') && when === 'without a transaction' && isMemory) continue;
      it(`for ${fault.name}, ${when}, refuses every kind of write and leaves no trace of it`, async () => {
        const given = await world(database);
        for (const [verb, write] of Object.entries(writes)) {
          const before = await stored(given);
          const ran: unknown[] = [];
          const begun = async (transaction: Transaction) => {
            transaction.afterCommit(() => {
              ran.push('afterCommit');
            });
            await fault.begun?.(given, transaction);
          };
          await fault.begin(given);

          const error = await given.audit
            .run({ reason: fault.reason ?? 'because' }, () =>
              run(given, { write: (options) => write(given, options), begun }),
            )
            .catch((caught: unknown) => caught);

          await fault.end(given);
          expectRefusal(error, fault);
          expect(ran, verb).to.deep.equal([]);
          expect(await stored(given), verb).to.deep.equal(before);
          expect(await openTransactions(given), verb).to.equal(0);
          await given.Note.create({ title: `after ${verb}` });
          await given.sequelize.transaction((transaction) =>
            given.Note.update({ size: 5 }, { where: { title: `after ${verb}` }, transaction }),
          );
          await agrees(given);
        }
      });
    }
  }
});
