/**
 * Times single writes on SQLite, with bare Sequelize and with the audit. The two take turns within each round, so that
 * whatever slows the machine down slows both.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { DataTypes, type Model, type ModelStatic, Sequelize } from 'sequelize';
import { attachAudit } from '../lib/index.js';

const operations = ['create', 'update', 'destroy'] as const;
const rounds = 400;
const warmUps = 50;

type Operation = (typeof operations)[number];

/** One database: bare or audited, with the milliseconds that its writes took. */
interface Subject {
  readonly sequelize: Sequelize;
  readonly User: ModelStatic<Model>;
  readonly times: Readonly<Record<Operation, number[]>>;
}

const folder = mkdtempSync(path.join(tmpdir(), 'sequelize-audit-bench-'));
try {
  const bare = await subject('bare', false);
  const audited = await subject('audited', true);
  for (let round = 0; round < warmUps + rounds; round += 1) {
    const order = round % 2 === 0 ? [bare, audited] : [audited, bare];
    await measure(order, round, round >= warmUps);
  }
  report(bare, audited);
  await bare.sequelize.close();
  await audited.sequelize.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function subject(name: string, isAudited: boolean): Promise<Subject> {
  const storage = path.join(folder, `${name}.sqlite`);
  const sequelize = new Sequelize({ dialect: 'sqlite', storage, logging: false });
  const User = sequelize.define('User', {
    email: DataTypes.STRING,
    name: DataTypes.STRING,
    visits: DataTypes.INTEGER,
    settings: DataTypes.JSON,
  });
  if (isAudited) attachAudit(sequelize);
  await sequelize.sync();
  return { sequelize, User, times: { create: [], update: [], destroy: [] } };
}

/** Creates, updates and destroys one record in each database, step by step in turns. */
async function measure(order: readonly Subject[], round: number, counts: boolean): Promise<void> {
  const records = new Map<Subject, Model>();
  const write = async (operation: Operation, one: Subject) => {
    const record = records.get(one);
    if (operation === 'create') {
      const values = { email: `${round}@example.org`, name: 'Ada', visits: round, settings: { theme: 'dark' } };
      records.set(one, await one.User.create(values));
    } else if (operation === 'update') await record?.update({ name: 'Ada Lovelace', visits: round + 1 });
    else await record?.destroy();
  };
  for (const operation of operations) {
    for (const one of order) {
      const start = performance.now();
      await write(operation, one);
      if (counts) one.times[operation].push(performance.now() - start);
    }
  }
}

function report(bare: Subject, audited: Subject): void {
  const require = createRequire(import.meta.url);
  const version = (name: string) => JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')).version;
  const processors = cpus();

  console.log(
    `Node.js ${process.versions.node}, Sequelize ${version('sequelize')}, sqlite3 ${version('sqlite3')}, ` +
      `${process.platform} ${process.arch}, ${processors.length} × ${processors[0]?.model ?? 'unknown processor'}`,
  );
  console.log(`SQLite in a file, rollback journal; one write at a time, each its own transaction; ${rounds} of each`);
  console.log('Milliseconds: median (quartiles). Ratio: audited median over bare median.\n');
  const row = (cells: readonly string[]) =>
    console.log(
      cells
        .map((cell) => cell.padEnd(24))
        .join('')
        .trimEnd(),
    );
  row(['', 'bare', 'audited', 'ratio']);
  for (const operation of operations) {
    const [one, other] = [bare.times[operation], audited.times[operation]];
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
