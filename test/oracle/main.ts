/**
 * Long runs of the oracle: `npm run oracle -- --runs 10000 --seed 1 --database PostgreSQL --only create,update
 * --failures 3`.
 */
import { parseArgs } from 'node:util';
import type { CallKind } from '../programs/step.js';
import { databases, findMariadb, stopAll } from '../setup/databases.js';
import { described, type Failure, run } from './campaign.js';
import { Statistics } from './statistics.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    database: { type: 'string' },
    only: { type: 'string' },
    failures: { type: 'string', default: '1' },
  },
});
const limit = Number(values.failures);
const failures: Failure[] = [];

let reported = Date.now();

/** A line that replaces the last one; in a file, one every half minute. */
function report(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r${line} `);
  else if (Date.now() - reported > 30_000) {
    reported = Date.now();
    console.log(line);
  }
}

await findMariadb();
try {
  for (const database of databases) {
    if (!database.isAvailable() || (values.database && values.database !== database.name)) continue;
    const statistics = new Statistics();
    console.log(`${database.name}, seed ${values.seed}`);
    await run({
      database,
      seed: Number(values.seed),
      runs: Number(values.runs),
      statistics,
      options: values.only ? { only: values.only.split(',') as CallKind[] } : {},
      onProgress: () => report(statistics.summary),
      onFailure: (failure) => {
        failures.push(failure);
        console.log(`\n${described(failure)}\n`);
        return failures.length < limit;
      },
    });
    console.log(`\n${statistics.summary}\n\n${Statistics.heading}\n${statistics.table}\n`);
  }
} finally {
  await stopAll();
}
// Not exitCode, which the hook of the PostgreSQL server sets to 0.
process.exit(failures.length > 0 ? 1 : 0);
