import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { QueryTypes } from 'sequelize';
import { doctor } from '../../lib/doctor/index.js';
import { attachAudit } from '../../lib/index.js';
import { migration } from '../../lib/migration/index.js';
import { project, umzug } from '../migration/run.js';
import { postgresql } from '../setup/databases.js';
import { connect } from '../setup/suite.js';

const folder = mkdtempSync(path.join(tmpdir(), 'sequelize-audit-doctor-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('doctor of a partitioned log', () => {
  it('finds that next month has no partition, and entries that have none, until they are added', async () => {
    const sequelize = await connect(postgresql);
    const audit = attachAudit(sequelize);
    const directory = project(folder, 'commonjs');
    const text = migration(audit, { tool: 'umzug', partition: 'monthly' });
    writeFileSync(path.join(directory, 'migrations', '1-audit.js'), text);
    await umzug(directory, sequelize, sequelize).up();
    const complaints = async () => (await doctor(audit)).map(({ severity, problem }) => `${severity}: ${problem}`);
    const [next] = await sequelize.query<{ month: string }>(
      "SELECT to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month', 'YYYY_MM') AS month",
      { type: QueryTypes.SELECT },
    );

    const fresh = await complaints();
    await sequelize.query(`DROP TABLE "AuditLogs_${next?.month}"`);
    await sequelize.query(
      `INSERT INTO "AuditLogs" ("modelName", "recordId", action, patch, "changesetId", "createdAt")
       VALUES ('User', '1', 'create', '[]', gen_random_uuid(), '2020-01-15Z')`,
    );
    const late = await complaints();
    await sequelize.query('SELECT "AuditLogs_add_partitions"()');

    expect(fresh).to.deep.equal([]);
    expect(late).to.deep.equal([
      'warning: The default partition "AuditLogs_default" has entries, whose months have no partition.',
      `warning: There is no partition for next month, ${next?.month}.`,
    ]);
    expect(await complaints()).to.deep.equal([]);
  });
});
