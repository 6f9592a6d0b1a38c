/**
 * Writes of every kind in one process, and whether the heap grows: `npm run leaks -- --writes 1000000 --every 50000
 * --database PostgreSQL --limit 5`. The limit is bytes for each write; it exits with 1 when the heap grows by more.
 */
import { parseArgs } from 'node:util';
import { databases, findMariadb, stopAll } from '../setup/databases.js';
import { growthOf, type Sample, sampleAfter } from './heap.js';
import { empty, worldOn } from './world.js';
import { kinds } from './writes.js';

const { values } = parseArgs({
  options: {
    writes: { type: 'string', default: '1000000' },
    every: { type: 'string', default: '50000' },
    database: { type: 'string', default: 'SQLite in memory' },
    limit: { type: 'string', default: '5' },
  },
});
const [writes, every, limit] = [values.writes, values.every, values.limit].map(Number) as [number, number, number];

/** After how many writes the tables are emptied. */
const emptying = 2_000;

await findMariadb();
const database = databases.find(({ name }) => name === values.database);
if (!database?.isAvailable())
  throw new Error(
    `--database: expected one of ${databases.map(({ name }) => name).join(', ')}, got ${values.database}`,
  );

// Sequelize warns of transactions that cannot be ended twice.
console.warn = () => undefined;
const world = await worldOn(database);
const samples: Sample[] = [];
console.log(`${database.name}\n${'writes'.padStart(10)}${'heap, KB'.padStart(12)}${'seconds'.padStart(10)}`);
let done = 0;
for (let turn = 0, sampled = 0, emptied = 0; done < writes; turn += 1) {
  for (const write of Object.values(kinds)) done += await write(world, turn);
  if (done - emptied >= emptying) {
    emptied = done;
    await empty(world);
  }
  if (done - sampled < every) continue;
  sampled = done;
  const sample = await sampleAfter(done);
  samples.push(sample);
  const cells = [String(done).padStart(10), kilobytes(sample.heap).padStart(12), performance.now() / 1000];
  console.log(`${cells[0]}${cells[1]}${Number(cells[2]).toFixed(0).padStart(10)}`);
}
const growth = growthOf(samples);
console.log(`The heap grows by ${growth.toFixed(2)} bytes with each write in the second half; the limit is ${limit}.`);
await world.sequelize.close();
await stopAll();
// Not exitCode, which the hook of the PostgreSQL server sets to 0. NaN is no proof of anything.
process.exit(growth <= limit ? 0 : 1);

function kilobytes(bytes: number): string {
  return (bytes / 1024).toFixed(0);
}
