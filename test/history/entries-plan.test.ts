import { expect } from 'chai';
import { QueryTypes } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { explain } from '../setup/explain.js';
import { fillLog } from '../setup/fill-log.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { indexes, questionsOf } from './questions.js';

/** Enough for spans of more entries than are read without a second thought. */
const count = 30_000;

/** The indexes that a plan names, without what their names begin with; 'id' is the primary key. */
function usedIn(plan: readonly string[]): string[] {
  const found = plan.flatMap((line) => [
    ...[...line.matchAll(/AuditLogs_by_([a-z]+)/g)].map(([, name]) => name as string),
    ...(/AuditLogs_pkey|\bPRIMARY\b|^SCAN AuditLog$/.test(line) ? ['id'] : []),
  ]);
  return [...new Set(found)];
}

onEachDatabase(
  'audit.entries',
  (database) => {
    it('finds what each condition asks for by an index, and passes over little else', async function () {
      this.timeout(120_000);
      let statements: string[] = [];
      const sequelize = await connect(database, { logging: (sql) => statements.push(sql) });
      const audit = attachAudit(sequelize, { indexes });
      await sequelize.sync();
      await fillLog(sequelize, count);
      const analyze = ['sqlite', 'postgres'].includes(database.dialect) ? 'ANALYZE' : 'ANALYZE TABLE AuditLogs';
      await sequelize.query(analyze, { type: QueryTypes.SELECT });

      for (const { title, query, servedBy } of questionsOf(count)) {
        statements = [];
        await audit.entries(query);
        const plan = await explain(sequelize, statements.findLast((sql) => sql.includes('LIMIT')) as string);
        const used = usedIn(plan);

        // A database that knows how often a value is there walks the log for one that is soon found often enough.
        const [, removed] = /Rows Removed by Filter: (\d+)/.exec(plan.join()) ?? [];
        const [, read] = /read (\d+)/.exec(plan.join()) ?? [];
        const isShort = database.dialect === 'postgres' ? Number(removed ?? 0) < count / 10 : Number(read) < count / 10;
        const isWalked = used.includes('id') && isShort;
        expect(plan.join(), title).not.to.match(/Seq Scan|ALL no key/);
        expect(used.length, `${title}: ${plan}`).to.be.greaterThan(0);
        if (!isWalked) expect(servedBy, `${title}: ${plan}`).to.include.members(used);
      }
    });
  },
  ({ name }) => name !== 'SQLite in memory',
);
