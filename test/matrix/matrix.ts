/**
 * Runs every write path on every database in every mode, and says where the log is not exact.
 *
 *     npm run capture-matrix [-- --database <name>] [--path <text>]
 *     npm run capture-matrix -- --write      writes docs/what-is-recorded.md from the same list
 */
import { parseArgs } from 'node:util';
import { type Database, databases, findMariadb, stopAll } from '../setup/databases.js';
import { areas as defined } from './areas/all.js';
import { runCell } from './cell.js';
import { modes } from './modes.js';
import { isPageCurrent, pageName, writePage } from './page.js';
import { Holes, heading, legend, line } from './report.js';
import { World } from './world.js';

const { values } = parseArgs({
  options: { database: { type: 'string' }, path: { type: 'string' }, write: { type: 'boolean' } },
});
const ways = modes.map((mode) => [true, false].map((hasHooks) => ({ mode, hasHooks })));
const holes = new Holes();
const count = { cells: 0, holes: 0 };

const { warn } = console;
// Sequelize warns where MySQL has committed a transaction by itself, as a truncate makes it do.
console.warn = (...words: unknown[]) => {
  if (!String(words[0]).startsWith('Rolling back transaction')) warn(...words);
};

function has(name: string, text: string | undefined): boolean {
  return text === undefined || name.toLowerCase().includes(text.toLowerCase());
}

async function runOn(database: Database): Promise<void> {
  const { world, areas } = await World.open(database, defined);
  console.log(heading(database.name));
  for (const area of areas) {
    const paths = Object.entries(area.paths).filter(([call]) => has(call, values.path) || has(area.title, values.path));
    if (paths.length > 0) console.log(area.title);
    for (const [call, path] of paths) {
      const results = [];
      for (const pair of ways) {
        const marks = [];
        for (const { mode, hasHooks } of pair) {
          const result = await runCell(world, area, path, mode, hasHooks);
          const place = `${database.name}, ${mode.name}${hasHooks ? '' : ', hooks: false'}`;
          for (const hole of result.holes) holes.add(call, hole, place);
          count.cells += 1;
          if (result.mark === 'hole') count.holes += 1;
          marks.push(result);
        }
        results.push(marks);
      }
      console.log(line(call, results));
    }
  }
  await world.close();
}

/** @returns whether every cell is exact */
async function main(): Promise<boolean> {
  if (values.write) {
    writePage();
    return true;
  }
  await findMariadb();
  const names = databases.map(({ name }) => name);
  const chosen = databases.filter(({ name, dialect }) => has(name, values.database) || has(dialect, values.database));
  if (chosen.length === 0)
    throw new Error(`--database: expected a part of ${names.join(', ')}, got ${values.database}`);
  console.log(legend);
  for (const database of chosen.filter((one) => one.isAvailable())) await runOn(database);

  for (const text of holes.lines()) console.log(text);
  console.log();
  if (chosen.some((one) => !one.isAvailable())) {
    console.log('MariaDB and MySQL were not tested: no server answered at AUDIT_TEST_MARIADB_URL or 127.0.0.1:3306.');
  }
  if (!isPageCurrent()) console.log(`${pageName} is not what --write would write.`);
  console.log(`${count.holes} holes in ${count.cells} cells`);
  return count.holes === 0 && count.cells > 0 && isPageCurrent();
}

const isExact = await main().finally(stopAll);
// Not exitCode, which the hook of the PostgreSQL server sets to 0.
process.exit(isExact ? 0 : 1);
