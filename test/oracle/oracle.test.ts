import { expect } from 'chai';
import { onEachDatabase } from '../setup/suite.js';
import { run } from './campaign.js';
import { Statistics } from './statistics.js';

const seed = Number(process.env.AUDIT_TEST_SEED ?? 1);
const runs = Number(process.env.AUDIT_TEST_RUNS ?? 60);

onEachDatabase('The log of random programs', (database) => {
  it(`leads to every state of the tables and back, ${runs} times from seed ${seed}`, async function () {
    this.timeout(runs * 2_000);
    const statistics = new Statistics();

    await run({ database, seed, runs, runsOfSchema: 5, statistics });

    expect(statistics.programs).to.equal(runs);
    expect(statistics.entries).to.be.greaterThan(runs);
  });
});
