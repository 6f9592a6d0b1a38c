/**
 * Times writes on SQLite, with bare Sequelize and with the audit: one after the other, and 200 at once. The two take
 * turns within each round, so that whatever slows the machine down slows both.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { DataTypes, type Model, type ModelStatic, Sequelize } from 'sequelize';
import { attachAudit } from '../lib/index.js';

const operations = ['create', 'update', 'destroy'] as const;
const places = ['rollback journal', 'write-ahead log', 'in memory'] as const;

type Operation = (typeof operations)[number];
type Place = (typeof places)[number];

/** How many writes are made at once, and how often. */
const loads = [
  { name: 'one write at a time', width: 1, rounds: 300, warmUps: 50 },
  { name: '200 writes at once', width: 200, rounds: 10, warmUps: 2 },
];

/** One database: bare or audited. */
interface Subject {
  readonly sequelize: Sequelize;
  readonly User: ModelStatic<Model>;
}

/** Milliseconds that the writes of each round took. */
type Times = Readonly<Record<Operation, number[]>>;

const folder = mkdtempSync(path.join(tmpdir(), 'sequelize-audit-bench-'));
try {
  heading();
  for (const place of places) {
    const subjects = [await subject(place, false), await subject(place, true)] as const;
    for (const load of loads) {
      const times = [emptyTimes(), emptyTimes()] as const;
      for (let round = 0; round < load.warmUps + load.rounds; round += 1) {
        const order = round % 2 === 0 ? [0, 1] : [1, 0];
        const measured = round >= load.warmUps ? times : [emptyTimes(), emptyTimes()];
        for (const index of order) await measure(subjects[index] as Subject, load.width, measured[index] as Times);
      }
      report(`SQLite, ${place}, ${load.name}`, ...times);
    }
    for (const { sequelize } of subjects) await sequelize.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function subject(place: Place, isAudited: boolean): Promise<Subject> {
  const file = path.join(folder, `${place} ${isAudited ? 'audited' : 'bare'}.sqlite`);
  const sequelize = new Sequelize({
    dialect: 'sqlite',
    storage: place === 'in memory' ? ':memory:' : file,
    logging: false,
  });
  const User = sequelize.define('User', {
    email: DataTypes.STRING,
    name: DataTypes.STRING,
    visits: DataTypes.INTEGER,
    settings: DataTypes.JSON,
  });
  if (isAudited) attachAudit(sequelize);
  if (place === 'write-ahead log') await sequelize.query('PRAGMA journal_mode = WAL');
  await sequelize.sync();
  return { sequelize, User };
}

function emptyTimes(): Times {
  return { create: [], update: [], destroy: [] };
}

/** Creates, updates and destroys as many records at once, step by step. */
async function measure({ User }: Subject, width: number, times: Times): Promise<void> {
  const timed = async <T>(operation: Operation, writes: () => Promise<T>[]): Promise<T[]> => {
    const start = performance.now();
    const results = await Promise.all(writes());
    times[operation].push(performance.now() - start);
    return results;
  };
  const numbers = Array.from({ length: width }, (_, index) => index);
  const values = (index: number) => ({ email: `${index}@example.org`, name: 'Ada', visits: index, settings: { a: 1 } });
  const records = await timed('create', () => numbers.map((index) => User.create(values(index))));
  await timed('update', () => records.map((record, index) => record.update({ name: 'Eve', visits: index + 1 })));
  await timed('destroy', () => records.map((record) => record.destroy()));
}

function heading(): void {
  const require = createRequire(import.meta.url);
  const version = (name: string) => JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')).version;
  const processors = cpus();
  console.log(
    `Node.js ${process.versions.node}, Sequelize ${version('sequelize')}, sqlite3 ${version('sqlite3')}, ` +
      `${process.platform} ${process.arch}, ${processors.length} × ${processors[0]?.model ?? 'unknown processor'}`,
  );
  console.log('Each write without a transaction of the caller.');
  console.log('Milliseconds of a round: median (quartiles). Ratio: audited median over bare median.');
}

function report(title: string, bare: Times, audited: Times): void {
  console.log(`\n${title}`);
  const row = (cells: readonly string[]) =>
    console.log(
      cells
        .map((cell) => cell.padEnd(28))
        .join('')
        .trimEnd(),
    );
  row(['', 'bare', 'audited', 'ratio']);
  for (const operation of operations) {
    const [one, other] = [bare[operation], audited[operation]];
    row([operation, spread(one), spread(other), (quantile(other, 0.5) / quantile(one, 0.5)).toFixed(2)]);
  }
}

function spread(times: readonly number[]): string {
  const [low, median, high] = [0.25, 0.5, 0.75].map((share) => quantile(times, share).toFixed(2));
  return `${median} (${low} to ${high})`;
}

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}
