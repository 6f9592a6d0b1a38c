/**
 * Kills writers, their connections and their servers, and compares tables and log after each time:
 * `npm run chaos -- --kills 1000 --database PostgreSQL --kind connection --seed 1`. The figure is that of each database.
 */
import { parseArgs } from 'node:util';
import { findMariadb, stopAll } from '../setup/databases.js';
import { Figures } from './figures.js';
import { type Kind, kinds, kindsOf, run, shareOf } from './kinds.js';
import { places } from './places.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    database: { type: 'string' },
    kind: { type: 'string' },
    renewal: { type: 'string', default: '20' },
  },
});
if (values.kind && !kinds.includes(values.kind as Kind))
  throw new Error(`--kind: expected one of ${kinds.join(', ')}, got ${values.kind}`);
const chosen = places.filter(({ name }) => !values.database || name.includes(values.database));
if (chosen.length === 0)
  throw new Error(
    `--database: expected a part of ${places.map(({ name }) => name).join(', ')}, got ${values.database}`,
  );

let wrong = 0;
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
  for (const place of chosen) {
    if (!place.database.isAvailable()) {
      console.log(`${place.name} was left out: no server answers`);
      continue;
    }
    const figures = new Figures();
    console.log(`${place.name}, seed ${values.seed}`);
    const all = kindsOf(place).filter((kind) => !values.kind || kind === values.kind);
    for (const kind of all) {
      const wasRun = await run(place, kind, {
        figures,
        seed: Number(values.seed),
        kills: values.kind ? Number(values.kills) : shareOf(kind, all, Number(values.kills)),
        renewal: Number(values.renewal),
        onProgress: () => report(`${place.name}: ${figures.summary}`),
      });
      if (!wasRun) console.log('\nStopping the server was left out: its programs are not installed');
    }
    wrong += figures.wrong;
    console.log(`\n${figures.table}\n\nWhat the writers were told:\n${figures.errorTable}\n`);
    for (const example of figures.examples) console.log(`  ${example}`);
  }
} finally {
  await stopAll();
}
// Not exitCode, which the hook of the PostgreSQL server sets to 0.
process.exit(wrong > 0 ? 1 : 0);
