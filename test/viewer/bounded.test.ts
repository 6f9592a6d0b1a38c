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

const count = 150_000;

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

describe('The viewer over a log of 150,000 entries', function () {
  this.timeout(180_000);

  for (const [title, access] of Object.entries(accesses)) {
    it(`reads no more than a bounded part of it for any page, for who sees ${title}`, async () => {
      const statements: string[] = [];
      const sequelize = await connect(postgresql, { logging: (sql) => statements.push(sql), pool: { max: 1 } });
      const audit = attachAudit(sequelize);
      await sequelize.sync();
      await fillLog(sequelize, count);
      await sequelize.query('ANALYZE', { type: QueryTypes.SELECT });
      const viewer = createViewer(audit, { authorize: () => access });

      for (const path of paths) {
        statements.length = 0;
        const { status } = await load(viewer, path);

        expect(status, path).to.be.oneOf([200, 404]);
        const asked = statements.filter((statement) => /SELECT .*"AuditLogs"/.test(statement));
        expect(asked.length, path).to.be.at.most(most / 250 + 5);
        if (title === 'everything') expect(asked.length, path).to.be.at.least(1);
        for (const statement of asked)
          expect(await readBy(statement), `${path} ${statement}`).to.be.at.most(widest + 2000);
      }

      /** The rows that the database has looked at, as PostgreSQL counts them. */
      async function readBy(statement: string): Promise<number> {
        const plan = (await explain(sequelize, statement)).join('\n');
        const read = [...plan.matchAll(/(?:actual rows=([\d.]+) loops=(\d+)|Rows Removed by \w+(?: \w+)?: (\d+))/g)];
        const figures = read.map(([, rows, loops, removed]) => Number(removed ?? Number(rows) * Number(loops)));
        return Math.max(0, ...figures.map((figure) => (Number.isNaN(figure) ? Number.POSITIVE_INFINITY : figure)));
      }
    });
  }
});
