/**
 * Times `history.at` on one record of 10,000 revisions, at its first, middle and last one, with and without snapshots, and on
 * one of 1,000 at its middle and its list, and beside each the plain reading of the rows of the log that it is made of. Takes
 * turns, so that whatever slows the machine down slows all of them.
 */
import { DataTypes, type Model, type ModelStatic, QueryTypes, type Sequelize } from 'sequelize';
import { type Database, postgresql, sqliteFile, stopAll } from '../test/setup/databases.js';
import { attachAudit } from './built.js';

const revisions = 10_000;
const fewer = 1000;
const rounds = 15;

try {
  console.log(`Records of ${revisions} and ${fewer} revisions. Milliseconds: median (quartiles).`);
  for (const database of [sqliteFile, postgresql]) await measure(database);
} finally {
  await stopAll();
}

async function measure(database: Database): Promise<void> {
  const sequelize = await database.connect();
  const audit = attachAudit(sequelize, { snapshots: true });
  const User = sequelize.define('User', {
    name: DataTypes.STRING,
    visits: DataTypes.INTEGER,
    settings: DataTypes.JSON,
  });
  await sequelize.sync();
  for (const count of [revisions, fewer]) await write(sequelize, User, count);

  const short = audit.history(User, 2);
  console.log(`\n${database.name}, ${fewer} revisions`);
  await compare(
    `at(${fewer / 2})`,
    () => short.at(fewer / 2),
    () => read(sequelize, 2, fewer / 2),
  );
  await compare(
    'revisions()',
    () => short.revisions(),
    () => read(sequelize, 2, fewer),
  );

  const history = audit.history(User, 1);
  for (const every of [null, 500]) {
    if (every) await audit.snapshot(User, { every });
    console.log(`\n${database.name}, ${every ? `a snapshot every ${every} revisions` : 'no snapshots'}`);
    // Not at a snapshot, but half-way between two.
    for (const point of [1, revisions / 2 - 250, revisions - 250])
      await compare(
        `at(${point})`,
        () => history.at(point),
        () => read(sequelize, 1, point),
      );
  }
  await sequelize.close();
}

async function compare(what: string, work: () => Promise<unknown>, reading: () => Promise<unknown>): Promise<void> {
  const ours: number[] = [];
  const plain: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await timed(work));
    plain.push(await timed(reading));
  }
  const ratio = (quantile(ours, 0.5) / quantile(plain, 0.5)).toFixed(2);
  console.log(what.padEnd(12), spread(ours).padEnd(28), 'reading the rows'.padEnd(20), spread(plain), ratio);
}

async function write(sequelize: Sequelize, User: ModelStatic<Model>, count: number): Promise<void> {
  await sequelize.transaction(async (transaction) => {
    const user = await User.create({ name: 'Ada', visits: 0, settings: { theme: { dark: true } } }, { transaction });
    for (let index = 1; index < count; index += 1) {
      const values =
        index % 3 === 0 ? { name: `Ada ${index}`, settings: { theme: { dark: index } } } : { visits: index };
      await user.update(values, { transaction });
    }
  });
}

/** What any reader of these rows has to do: fetch them, and parse their JSON. */
async function read(sequelize: Sequelize, recordId: number, limit: number): Promise<unknown> {
  const quote = (name: string) => sequelize.getQueryInterface().quoteIdentifier(name, true);
  const rows = await sequelize.query<{ patch: unknown }>(
    `SELECT ${['action', 'patch', 'createdAt'].map(quote).join(', ')} FROM ${quote('AuditLogs')} ` +
      `WHERE ${quote('modelName')} = 'User' AND ${quote('recordId')} = '${recordId}' ORDER BY id LIMIT ${limit}`,
    { type: QueryTypes.SELECT },
  );
  return rows.map(({ patch }) => (typeof patch === 'string' ? JSON.parse(patch) : patch));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function spread(times: readonly number[]): string {
  const [low, median, high] = [0.25, 0.5, 0.75].map((share) => quantile(times, share).toFixed(1));
  return `${median} (${low} to ${high})`;
}

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}
