import { expect } from 'chai';
import { QueryTypes } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { createViewer, type ViewerAccess } from '../../lib/viewer/index.js';
import { most, widest } from '../../lib/viewer/read/find.js';
import { postgresql } from '../setup/databases.js';
import { explain } from '../setup/explain.js';
import { fillLog } from '../setup/fill-log.js';
import { connect } from '../setup/suite.js';
import { load } from './world.js';

const count = 100_000;

const paths = [
  '/',
  `/?after=${count / 2}`,
  '/?model=Nothing',
  '/?action=baseline',
  '/?attribute=nothing',
  '/?model=Rare&action=destroy&attribute=nothing',
  '/?nobody=1&attribute=nothing',
  '/?actor=user:5&text=nothing',
  '/?text=nothing',
  '/?since=2024-01-05&until=2024-02-01&attribute=nothing',
  '/?until=2024-01-10&model=Nothing',
  '/record?model=User&id=17',
  `/entry?id=${count / 2}`,
  '/changeset?id=00000000-0000-4000-8000-000000000000',
  '/actor?name=user:5',
  '/actor?nobody=1',
];

const accesses: Readonly<Record<string, ViewerAccess>> = {
  everything: {},
  'some models': { models: ['Rare', 'Order'] },
  'no records': { records: () => [] },
  'a tenant that has written nothing': { meta: { tenant: 'a' } },
};

describe('The viewer over a log of 100,000 entries', () => {
  it('reads no more than a bounded part of it for any page, for whomever', async function () {
    this.timeout(180_000);
    const statements: string[] = [];
    const sequelize = await connect(postgresql, { logging: (sql) => statements.push(sql), pool: { max: 1 } });
    const audit = attachAudit(sequelize);
    await sequelize.sync();
    await fillLog(sequelize, count);
    await sequelize.query('ANALYZE', { type: QueryTypes.SELECT });

    for (const [title, access] of Object.entries(accesses)) {
      const viewer = createViewer(audit, { authorize: () => access });
      for (const path of paths) {
        statements.length = 0;
        const { status } = await load(viewer, path);

        expect(status, path).to.be.oneOf([200, 404]);
        const asked = statements.filter((statement) => /SELECT .*"AuditLogs"/.test(statement));
        expect(asked.length, path).to.be.at.most(most / 250 + 5);
        if (title === 'everything') expect(asked.length, path).to.be.at.least(1);
        // Those of one page are alike.
        for (const statement of new Set([asked[0], asked.at(-1), asked.find((each) => each.includes('"patch"'))]))
          if (statement) expect(await readBy(statement), `${title} ${path} ${statement}`).to.be.at.most(widest + 2000);
      }
    }

    /** The rows that the database has looked at in one step, as PostgreSQL counts them. */
    async function readBy(statement: string): Promise<number> {
      const plan = (await explain(sequelize, statement)).join('\n');
      const read = [...plan.matchAll(/actual rows=([\d.]+) loops=(\d+)|Rows Removed by [\w ]+: (\d+)/g)];
      expect(read.length, plan).to.be.greaterThan(0);
      return Math.max(...read.map(([, rows, loops, removed]) => Number(removed ?? Number(rows) * Number(loops))));
    }
  });
});
