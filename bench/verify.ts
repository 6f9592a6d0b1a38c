/**
 * Times `audit.verify` and `audit.baseline` on PostgreSQL, beside plainly reading the same rows and entries:
 * `npm run bench:verify -- --rows 1000000`.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { DataTypes, QueryTypes } from 'sequelize';
import { postgresql, stopAll } from '../test/setup/databases.js';
import { attachAudit } from './built.js';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '200000' } } });
const rows = Number(values.rows);

const sequelize = await postgresql.connect();
const audit = attachAudit(sequelize);
sequelize.define('User', {
  email: DataTypes.STRING,
  name: DataTypes.STRING,
  visits: DataTypes.INTEGER,
  settings: DataTypes.JSONB,
});
await sequelize.sync();
const run = (sql: string) => sequelize.query(sql, { type: QueryTypes.RAW });
await audit.unaudited('a table to compare', () =>
  run(`INSERT INTO "Users" (email, name, visits, settings, "createdAt", "updatedAt")
    SELECT n || '@example.org', 'Ada ' || n, n, '{"theme":"dark","tags":["a","b"]}', now(), now()
    FROM generate_series(1, ${rows}) AS n`),
);
await run('ANALYZE');

let peak = 0;
const watch = () => {
  peak = Math.max(peak, process.memoryUsage().heapUsed + process.memoryUsage().external);
};

async function timed<T>(name: string, task: () => Promise<T>): Promise<T> {
  peak = 0;
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const result = await task();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const speed = Math.round(rows / seconds).toLocaleString('en');
  console.log(
    `${name.padEnd(34)}${seconds.toFixed(1).padStart(7)} s ${speed.padStart(9)} rows/s` +
      `${((user + system) / 1e6).toFixed(1).padStart(7)} s of this process${(peak / 1e6).toFixed(0).padStart(6)} MB`,
  );
  return result;
}

/** Reads in pages by id, as whoever compares has to. */
async function readAll(table: string): Promise<void> {
  for (let last: unknown = 0; last !== undefined; ) {
    const page = await sequelize.query<{ id: number }>(
      `SELECT * FROM "${table}" WHERE id > ${last} ORDER BY id LIMIT 2000`,
      { type: QueryTypes.SELECT },
    );
    watch();
    last = page.at(-1)?.id;
  }
}

console.log(
  `Node.js ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}, ${rows.toLocaleString('en')} rows`,
);
try {
  const { written } = await timed('baseline', () => audit.baseline(undefined, { onProgress: watch }));
  await run('ANALYZE');
  await timed('baseline, nothing left to do', () => audit.baseline(undefined, { onProgress: watch }));
  const { counts } = await timed('verify', () => audit.verify({ onProgress: watch }));
  await audit.unaudited('records that are gone', () => run('DELETE FROM "Users" WHERE id % 2 = 0'));
  const gone = await timed('verify, every other row gone', () => audit.verify({ onProgress: watch }));
  await timed('SELECT * of the log', () => readAll('AuditLogs'));
  await timed('SELECT * of the other half', () => readAll('Users'));
  console.log(`${written} written, ${JSON.stringify(counts)}, ${gone.counts.differences.orphan} orphans`);
} finally {
  await sequelize.close();
  await stopAll();
}
process.exit(0);
