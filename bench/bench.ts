/**
 * Measures writes with this plugin, with others, with a trigger and with none: `npm run bench`, `npm run bench -- --quick`,
 * `-- --place PostgreSQL --load update`. Each variant has a process of its own, as what one loads slows the promises of all, and they
 * take turns in every round, so that whatever slows the machine down slows them all. A whole run writes docs/benchmarks.md.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findMariadb } from '../test/setup/databases.js';
import { loads } from './loads.js';
import { type Place, places, stopServers } from './places.js';
import { type Cell, heading, pageOf, tableOf } from './report.js';
import { Runner, type Start } from './runner.js';
import { installPeers, variants } from './variants.js';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    place: { type: 'string', default: '' },
    load: { type: 'string', default: '' },
    variant: { type: 'string', default: '' },
  },
});
const share = values.quick ? 0.05 : 1;
const isWhole = !values.quick && !values.place && !values.load && !values.variant;

/** Milliseconds that a load may take of all variants in one place, before the rest of its rounds is left out. */
const patience = values.quick ? 300 : 3_200;
const longPatience = 2.5 * patience;

installPeers();
await findMariadb();
const sections: string[] = [];
/** By variant. */
const started: (Runner | undefined)[] = [];
console.log(heading());
for (const place of places.filter(({ name }) => !values.place || name === values.place)) {
  if (!(await place.start())) {
    console.log(`${place.name} was left out: no server answers`);
    continue;
  }
  const section = tableOf(place.name, await measurePlace(place), variants);
  console.log(`\n${section}`);
  sections.push(section);
  await place.stop();
}
for (const runner of started) runner?.stop();
await stopServers();
if (isWhole) writeFileSync(path.join(import.meta.dirname, '..', 'docs', 'benchmarks.md'), pageOf(sections));
process.exit(0);

async function measurePlace(place: Place): Promise<ReadonlyMap<string, readonly Cell[]>> {
  const chosen = [...variants.keys()].filter((index) => {
    const { name } = variants[index] as (typeof variants)[number];
    return name === 'bare' || !values.variant || name.includes(values.variant);
  });
  const starts: Start[] = [];
  for (const variant of chosen) starts.push({ variant, database: await place.make(`variant_${variant}`), share });
  const runners = await Promise.all(starts.map(runnerOf));
  const cells = new Map<string, readonly Cell[]>();
  for (const [number, load] of loads(share).entries()) {
    // How far away the database is says nothing of writes of many rows.
    if (!load.name.includes(values.load) || (place.isFar && load.isLong)) continue;
    const rounds = Math.max(3, Math.ceil(load.rounds * share));
    const found = runners.map(
      ({ variant, keepsLog }): Cell => ({
        variant: variant.name,
        times: [],
        writes: [],
        statements: null,
        entries: keepsLog ? 0 : null,
        expected: 0,
      }),
    );
    // Of what many do at once the first rounds take twice as long.
    const limit = load.isLong ? longPatience : load.hasWrites ? 2 * patience : patience;
    const start = Date.now();
    for (let round = 0; round < rounds && (round < 1 || Date.now() - start < limit); round += 1) {
      for (let turn = 0; turn < runners.length; turn += 1) {
        const index = (round + turn) % runners.length;
        const [runner, cell] = [runners[index], found[index]] as [Runner, Cell];
        const isOther = !/^(bare|sequelize-audit|trigger)/.test(runner.variant.name);
        if (cell.failure || (load.isLong && isOther && round > 0)) continue;
        const { failure, time, statements, writes, entries } = await runner.run(number, round);
        if (failure !== null) cell.failure = failure;
        else cell.times.push(time);
        cell.statements = statements;
        cell.writes.push(...writes);
        if (entries === null || failure !== null) continue;
        cell.entries = (cell.entries ?? 0) + entries;
        cell.expected += load.entries;
      }
    }
    cells.set(load.name, found);
    process.stdout.write('.');
  }
  if (!values.quick) for (const runner of started.splice(0)) runner?.stop();
  return cells;
}

/** The process of a variant, at its database: a new one for each place, but for a quick run, which takes long to start them. */
async function runnerOf(start: Start): Promise<Runner> {
  const runner = started[start.variant] ?? (await Runner.start(start.variant));
  started[start.variant] = runner;
  await runner.open(start);
  return runner;
}
