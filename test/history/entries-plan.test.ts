import { expect } from 'chai';
import { DataTypes, QueryTypes } from 'sequelize';
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

onEachDatabase(
  'The entries of a record, an actor or a model that stand at one end of the log',
  (database) => {
    it('are found by their index, and not by walking the log', async function () {
      this.timeout(120_000);
      let statements: string[] = [];
      const sequelize = await connect(database, { logging: (sql) => statements.push(sql) });
      const audit = attachAudit(sequelize, { indexes: { model: true, action: true } });
      const User = sequelize.define('User', { visits: DataTypes.INTEGER }, { timestamps: false });
      await sequelize.sync();
      await fillLog(sequelize, count);
      // A quarter of the log, so that the planner could hope to meet one soon.
      await audit.run({ actor: 'late' }, () =>
        sequelize.transaction(async (transaction) => {
          const rows = Array.from({ length: 9999 }, (_, index) => ({ id: index + 2, visits: 0 }));
          await User.create({ id: 1, visits: 0 }, { transaction });
          await User.bulkCreate(rows, { transaction });
        }),
      );
      const name = (text: string) => sequelize.getQueryInterface().quoteIdentifier(text, true);
      await sequelize.query(
        `UPDATE ${name('AuditLogs')} SET ${name('recordId')} = '1', ${name('modelName')} = 'Late', action = 'restore' WHERE actor = 'late'`,
      );
      const analyze = ['sqlite', 'postgres'].includes(database.dialect) ? 'ANALYZE' : 'ANALYZE TABLE AuditLogs';
      await sequelize.query(analyze, { type: QueryTypes.SELECT });
      sequelize.define('Late', { visits: DataTypes.INTEGER }, { timestamps: false });
      const history = audit.history(sequelize.models.Late as typeof User, 1);
      const asked: Record<string, () => Promise<unknown>> = {
        record: () => history.at(1).catch(() => null),
        'record, a page': () => history.revisions({ limit: 5 }),
        'record, of many': () => audit.entries({ model: 'Late', recordId: '1', order: 'ASC', limit: 5 }),
        actor: () => audit.entries({ actor: 'late', order: 'ASC', limit: 5 }),
        action: () => audit.entries({ action: 'restore', order: 'ASC', limit: 5 }),
        model: () => audit.entries({ model: 'Late', order: 'ASC', limit: 5 }),
      };

      for (const [title, ask] of Object.entries(asked)) {
        statements = [];
        await ask();
        const plan = await explain(sequelize, statements.find((sql) => sql.includes('LIMIT')) as string);

        const served = [title.split(',')[0]];
        // MySQL also finds a record by its model where that has no other.
        if (title.startsWith('record') && ['mysql', 'mariadb'].includes(database.dialect)) served.push('model');
        expect(served, `${title}: ${plan}`).to.include.members(usedIn(plan));
        expect(usedIn(plan), `${title}: ${plan}`).to.have.length(1);
      }
    });
  },
  ({ name }) => name !== 'SQLite in memory',
);
