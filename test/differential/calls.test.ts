import { expect } from 'chai';
import { postgresql, sqliteMemory } from '../setup/databases.js';
import { readLog } from '../setup/oracle.js';
import { onEachDatabase } from '../setup/suite.js';
import { type TransactionMode, transactionModes } from '../setup/transactions.js';
import { associations } from './calls/associations.js';
import { bulkCreates } from './calls/bulk-create.js';
import { bulkWrites } from './calls/bulk-writes.js';
import { foreignKeyViolations, hookErrors, otherErrors, uniqueViolations } from './calls/failing.js';
import { hookedCalls } from './calls/hooks.js';
import { instances } from './calls/instances.js';
import { queryInterfaceCalls } from './calls/query-interface.js';
import { upserts } from './calls/upserts.js';
import type { Cases } from './case.js';
import { differences, differencesAt } from './differences.js';
import { defineModels, type Models } from './models.js';
import { frozen, observe } from './observe.js';
import { closeTwins, openTwins, type Twins } from './twins.js';

const groups: Readonly<Record<string, Cases>> = {
  'a call that writes one row': instances,
  bulkCreate: bulkCreates,
  'a bulk write': bulkWrites,
  'a call that creates or finds': upserts,
  'a call of an association': associations,
  'a direct call of the query interface': queryInterfaceCalls,
  'a call whose hooks do something': hookedCalls,
  'a unique violation': uniqueViolations,
  'a violated foreign key': foreignKeyViolations,
  'another error': otherErrors,
  'an error of a hook': hookErrors,
};

const committed: TransactionMode = {
  name: 'a transaction that is committed whatever happens',
  run: async (sequelize, write) => {
    const transaction = await sequelize.transaction();
    await write({ transaction }).catch(() => undefined);
    await transaction.commit();
  },
};
const modes = [
  ...transactionModes.filter(({ name }) => ['no transaction', 'a managed transaction', 'a savepoint'].includes(name)),
  committed,
];

onEachDatabase('An application does not notice the plugin', (database) => {
  let twins: Twins<Models>;
  before(async () => {
    if (database.isAvailable()) twins = await openTwins(database, defineModels);
  });
  after(() => closeTwins(twins));

  for (const mode of modes) {
    for (const [group, cases] of Object.entries(groups)) {
      // Where nothing fails, whatever happens has happened before.
      if (mode === committed && !/violat|error/.test(group)) continue;

      describe(`in ${mode.name}, with ${group}`, () => {
        for (const [title, each] of Object.entries(cases)) {
          it(`${title}: what it returns, throws, leaves and shows is the same`, async () => {
            const bare = await observe(twins.bare, mode, each);
            const audited = await observe(twins.audited, mode, each);

            expect(bare.isRejected, JSON.stringify(bare.call)).to.equal(
              each.rejectsOn?.includes(database.dialect) ?? false,
            );
            expect(differences(bare, audited, each.isParallel)).to.deep.equal([]);
          });
        }
      });
    }
  }

  describe('in all this', () => {
    it('was audited, and the pool opened as many connections as without', async () => {
      expect(await readLog(twins.audited.sequelize)).to.not.be.empty;
      expect(twins.audited.opened).to.equal(twins.bare.opened);
    });
  });

  // What is written into an argument does not depend on the database, but for the two ways to know a row afterwards.
  if (database !== sqliteMemory && database !== postgresql) return;
  for (const [group, cases] of Object.entries(groups)) {
    describe(`with ${group}, its arguments frozen`, () => {
      for (const [title, each] of Object.entries(cases)) {
        it(`${title}: nothing else is written into them than Sequelize itself writes`, async () => {
          const mode = modes[0] as TransactionMode;
          const bare = await observe(twins.bare, mode, each, frozen);
          const audited = await observe(twins.audited, mode, each, frozen);

          expect(differencesAt('call', bare.call, audited.call)).to.deep.equal([]);
        });
      }
    });
  }
});
