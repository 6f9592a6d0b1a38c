/**
 * Measures writes with this plugin, with others, with a trigger and with none: `npm run bench`, `npm run bench -- --quick`,
 * `-- --place PostgreSQL --load update`. The variants take turns in every round, so that whatever slows the machine down slows them
 * all. A whole run writes docs/benchmarks.md.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { QueryTypes } from 'sequelize';
import { findMariadb } from '../test/setup/databases.js';
import { recordSent } from '../test/setup/sent.js';
import { loads, type Subject } from './loads.js';
import { defineUser } from './models.js';
import { type Place, places, stopServers } from './places.js';
import { type Cell, heading, pageOf, tableOf } from './report.js';
import { type Attached, installPeers, type Variant, variants } from './variants.js';

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

interface Measured extends Subject {
  readonly variant: Variant;
  readonly log: string | null;
  /** The statements that have been sent. */
  readonly sent: readonly string[];
}

/** Milliseconds that a load may take of all variants in one place, before the rest of its rounds is left out. */
const patience = values.quick ? 400 : 5_000;
const longPatience = 3 * patience;

/** Rounds of which the entries are counted, as that takes longer the more there are. */
const countedRounds = 3;

// sequelize-version and others print what they do.
console.info = () => undefined;
installPeers();
await findMariadb();
const sections: string[] = [];
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
await stopServers();
if (isWhole) writeFileSync(path.join(import.meta.dirname, '..', 'docs', 'benchmarks.md'), pageOf(sections));
process.exit(0);

async function measurePlace(place: Place): Promise<ReadonlyMap<string, readonly Cell[]>> {
  const subjects: Measured[] = [];
  for (const [index, variant] of variants.entries()) {
    if (variant.name !== 'bare' && values.variant && !variant.name.includes(values.variant)) continue;
    subjects.push(await subjectOf(place, variant, index));
  }
  const cells = new Map<string, readonly Cell[]>();
  // How far away the database is says nothing of writes of many rows.
  const chosen = loads(share).filter(({ name, isLong }) => name.includes(values.load) && !(place.isFar && isLong));
  for (const load of chosen) {
    const rounds = Math.max(3, Math.ceil(load.rounds * share));
    const found = subjects.map(
      ({ variant, log }): Cell => ({
        variant: variant.name,
        times: [],
        writes: [],
        statements: null,
        entries: log === null ? null : 0,
        expected: 0,
      }),
    );
    const limit = load.isLong ? longPatience : patience;
    const start = Date.now();
    for (let round = 0; round < rounds && (round < 1 || Date.now() - start < limit); round += 1) {
      for (let turn = 0; turn < subjects.length; turn += 1) {
        const index = (round + turn) % subjects.length;
        const [subject, cell] = [subjects[index], found[index]] as [Measured, Cell];
        const isOther = !/^(bare|sequelize-audit|trigger)/.test(subject.variant.name);
        if (cell.failure || (load.isLong && isOther && round > 0)) continue;
        try {
          const prepared = await load.prepare?.(subject, round);
          const isCounted = cell.entries !== null && round < countedRounds;
          const ready = isCounted ? await countOf(subject) : 0;
          const { length } = subject.sent;
          const begun = performance.now();
          const writes = await load.run(subject, prepared as never, round);
          cell.times.push(performance.now() - begun);
          cell.statements = subject.sent.length - length;
          if (load.hasWrites) cell.writes.push(...(writes as number[]));
          if (!isCounted) continue;
          cell.entries = (cell.entries ?? 0) + (await countOf(subject)) - ready;
          cell.expected += load.entries;
        } catch (error) {
          cell.failure = (error as Error).message.split('\n')[0] as string;
        }
      }
    }
    cells.set(load.name, found);
    process.stdout.write('.');
  }
  for (const { sequelize } of subjects) await sequelize.close();
  return cells;
}

async function subjectOf(place: Place, variant: Variant, index: number): Promise<Measured> {
  const sequelize = await place.connect(`variant_${index}`);
  const sent = recordSent(sequelize);
  const attached: Attached = variant.attach(sequelize);
  const User = defineUser(sequelize);
  const Other = defineUser(sequelize, 'Other');
  attached.onModel?.(User as never);
  await sequelize.sync();
  await attached.onTables?.();
  // The first writes read catalogs and plan statements.
  for (let turn = 0; turn < 5; turn += 1) {
    const user = await User.create({ name: 'warm' });
    await user.update({ name: 'warmer' });
    await user.destroy();
  }
  return { sequelize, User, Other, variant, log: attached.log, sent };
}

async function countOf({ sequelize, log }: Measured): Promise<number> {
  if (log === null) return 0;
  const table = sequelize.getDialect() === 'postgres' ? `"${log}"` : `\`${log}\``;
  const [row] = await sequelize.query<{ n: number | string }>(`SELECT count(*) AS n FROM ${table}`, {
    type: QueryTypes.SELECT,
  });
  return Number(row?.n);
}
