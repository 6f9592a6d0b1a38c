import { expect } from 'chai';
import { DataTypes, QueryTypes, type Sequelize } from 'sequelize';
import { attachAudit, type IndexOptions } from '../../lib/index.js';
import { readLog } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

const everyIndex: IndexOptions = {
  model: true,
  action: true,
  attributes: ['role', 'Role', 'it\'s "so"', 'x'.repeat(80)],
  meta: ['requestId', 'requestid', 'a.b', "o'hara"],
};

/** The names of the indexes of a table, without that of its primary key. */
async function namesOf(sequelize: Sequelize, table: unknown): Promise<string[]> {
  const found = (await sequelize.getQueryInterface().showIndex(table as string)) as {
    name: string;
    primary: boolean;
  }[];
  return found
    .filter(({ primary, name }) => !primary && name !== 'PRIMARY')
    .map(({ name }) => name)
    .sort();
}

onEachDatabase('the indexes of AuditLog', (database) => {
  it('are those that the options ask for, and sync adds the missing ones once', async () => {
    const sequelize = await connect(database);
    attachAudit(sequelize, { indexes: { actor: false, changesetId: false, createdAt: false } }).detach();
    const few = attachAudit(sequelize, { indexes: { actor: false, changesetId: false, createdAt: false } });
    await few.AuditLog.sync();
    const first = await namesOf(sequelize, 'AuditLogs');
    few.detach();
    const audit = attachAudit(sequelize, { indexes: everyIndex });
    for (let run = 0; run < 2; run += 1) await audit.AuditLog.sync();
    const all = await namesOf(sequelize, 'AuditLogs');

    expect(first).to.deep.equal(['AuditLogs_by_record']);
    expect(all).to.have.length(6 + 8);
    expect(new Set(all.map((name) => name.toLowerCase())).size).to.equal(all.length);
    expect(all.filter((name) => name.length > 60)).to.deep.equal([]);
  });

  it('stay with the log when it is altered, and are of no weight to those who write and read it', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize, { indexes: everyIndex });
    const User = sequelize.define('User', { role: DataTypes.STRING }, { timestamps: false });
    await sequelize.sync();
    await User.create({ role: 'clerk' }, { audit: { meta: { requestId: 'x'.repeat(5000) } } });
    await sequelize.sync({ alter: true });
    await User.create({ role: 'x'.repeat(200) }, { audit: { meta: { requestId: 7 } } });

    const [first, second] = await readLog(sequelize);
    expect(await namesOf(sequelize, 'AuditLogs')).to.have.length(6 + 8);
    expect([first?.recordId, second?.recordId]).to.deep.equal(['1', '2']);
    expect((await audit.entries({ meta: { requestId: 7 } })).map(({ recordId }) => recordId)).to.deep.equal(['2']);
    expect((await audit.entries({ meta: { requestId: 'x'.repeat(5000) } })).length).to.equal(1);
    expect(await audit.entries({ meta: { requestId: 'x'.repeat(4999) } })).to.deep.equal([]);
    expect((await audit.entries({ attribute: 'role' })).length).to.equal(2);
    expect(Object.keys((await audit.AuditLog.findOne({ raw: true })) ?? {})).to.have.length(10);
  });

  it('have names of their own for each of several logs, however long the name of the table', async () => {
    // A schema is a database of its own in MySQL, and in SQLite a part of the name of the table.
    const hasSchemas = ['postgres', 'sqlite'].includes(database.dialect);
    const places = [
      ...(hasSchemas ? [{ schema: 'second_log', tableName: 'journal' }] : []),
      { tableName: 'journal' },
      {},
      { tableName: `${'long_'.repeat(10)}a` },
      { tableName: `${'long_'.repeat(10)}b` },
    ];
    const sequelize = await connect(database);
    if (database.dialect === 'postgres') await sequelize.query('CREATE SCHEMA second_log');

    const names: string[] = [];
    for (const place of places) {
      const audit = attachAudit(sequelize, { ...place, indexes: everyIndex });
      for (let run = 0; run < 2; run += 1) await audit.AuditLog.sync();
      const found = await namesOf(sequelize, audit.AuditLog.getTableName());
      expect(found, JSON.stringify(place)).to.have.length(6 + 8);
      names.push(...('schema' in place && database.dialect === 'postgres' ? [] : found));
      audit.detach();
    }

    expect(new Set(names).size).to.equal(names.length);
    if (database.dialect === 'postgres') {
      await sequelize.query('DROP SCHEMA second_log CASCADE', { type: QueryTypes.RAW });
    }
  });
});
