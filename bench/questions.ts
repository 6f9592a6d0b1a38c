/**
 * Asks a log of many entries one question for each condition of `audit.entries`, and prints the time, how the database
 * finds the answer, and the bytes of each index. `node --import tsx bench/questions.ts [entries] [sqlite|postgres|mariadb]…`
 */
import { QueryTypes, type Sequelize } from 'sequelize';
import { indexes, questionsOf } from '../test/history/questions.js';
import { databases, findMariadb, stopAll } from '../test/setup/databases.js';
import { explain } from '../test/setup/explain.js';
import { fillLog } from '../test/setup/fill-log.js';
import { attachAudit } from './built.js';

const [count = '1000000', ...asked] = process.argv.slice(2);
const chosen = asked.length > 0 ? asked : ['sqlite', 'postgres', 'mariadb'];

await findMariadb();
for (const database of databases.filter(
  ({ name, dialect }) => chosen.includes(dialect) && name !== 'SQLite in memory',
)) {
  let statements: string[] = [];
  const sequelize = await database.connect({ logging: (sql) => statements.push(sql), pool: { max: 1 } });
  const audit = attachAudit(sequelize, { indexes });
  await sequelize.sync();
  const start = performance.now();
  await fillLog(sequelize, Number(count));
  console.log(
    `\n## ${database.name}: ${count} entries, filled in ${Math.round((performance.now() - start) / 1000)} s\n`,
  );
  await sequelize.query(sequelize.getDialect() === 'mariadb' ? 'ANALYZE TABLE AuditLogs' : 'ANALYZE', {
    type: QueryTypes.SELECT,
  });
  for (const [name, bytes] of await sizesOf(sequelize))
    console.log(`    ${name}: ${(bytes / Number(count)).toFixed(1)} bytes per entry`);
  console.log('\n| question | entries | ms | plan |\n|---|---|---|---|');
  for (const { title, query } of questionsOf(Number(count))) {
    const times: number[] = [];
    let found = 0;
    for (let run = 0; run < 3; run += 1) {
      statements = [];
      const begin = performance.now();
      found = (await audit.entries(query)).length;
      times.push(performance.now() - begin);
    }
    const plan = await explain(sequelize, statements.findLast((sql) => sql.includes('LIMIT')) as string);
    console.log(
      `| ${title} | ${found} | ${Math.min(...times).toFixed(1)} | ${plan.map((line) => line.trim()).join('; ')} |`,
    );
  }
  await sequelize.close();
}
await stopAll();

async function sizesOf(sequelize: Sequelize): Promise<[string, number][]> {
  const sql = {
    sqlite: `SELECT name, SUM(pgsize) AS bytes FROM dbstat GROUP BY name HAVING bytes > 100000`,
    postgres: `SELECT relname AS name, pg_relation_size(oid) AS bytes FROM pg_class WHERE relname LIKE 'AuditLogs%' AND relkind IN ('r', 'i')`,
  }[sequelize.getDialect() as string];
  const rows = await sequelize.query<{ name: string; bytes: number }>(
    sql ??
      `SELECT index_name AS name, stat_value * 16384 AS bytes FROM mysql.innodb_index_stats WHERE database_name = DATABASE() AND table_name = 'AuditLogs' AND stat_name = 'size'`,
    { type: QueryTypes.SELECT },
  );
  return rows.map(({ name, bytes }) => [name, Number(bytes)]);
}
