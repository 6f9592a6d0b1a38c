import { expect } from 'chai';
import { connect, onEachDatabase } from '../setup/suite.js';
import { armsOf, count, scenarios, writers } from './deadlocks.js';
import { neighbourOf } from './neighbours.js';

/** How often the transactions of each arm run at once; in the long form the counts are shown. */
const rounds = Number(process.env.AUDIT_TEST_DEADLOCK_ROUNDS ?? 2);

onEachDatabase(
  'Transactions side by side',
  (database) => {
    for (const [name, work] of Object.entries(scenarios)) {
      it(`deadlock no more than without the plugin: ${name}`, async function () {
        this.timeout(60_000 + rounds * 20_000);
        const sequelize = await connect(database);
        const arms = await armsOf(() => neighbourOf(database, sequelize, { pool: { max: writers + 2 } }));

        const { bare, slow, audited } = await count(arms, work, rounds);

        const isLong = process.env.AUDIT_TEST_DEADLOCK_ROUNDS !== undefined;
        if (isLong)
          console.log(`      ${rounds * writers} transactions: deadlocks ${bare}, as slow ${slow}, audited ${audited}`);
        // Whoever deadlocks tries again beside the others, so that one meeting becomes many and the counts scatter by a
        // factor, the more so the fewer transactions there are. Locks that are not the write's own show where none deadlock.
        const most = Math.max(bare, slow);
        expect(audited).to.be.at.most((isLong ? 2 : 4) * most + 20);
      });
    }
  },
  ({ dialect }) => dialect !== 'sqlite',
);
