import { expect } from 'chai';
import { DataTypes } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { sqliteMemory } from '../setup/databases.js';
import { readLog } from '../setup/oracle.js';
import { connect } from '../setup/suite.js';

describe('audit.installation', () => {
  it('names the tables of the package, with what sync makes of them by statements of its own', async () => {
    const sequelize = await connect(sqliteMemory);
    const audit = attachAudit(sequelize, { snapshots: true, indexes: { meta: ['requestId'] } });

    const tables = audit.installation.tables.map(({ model, indexes, ownIndexes }) => ({
      name: model.name,
      indexes: indexes.map(({ name }) => name),
      own: ownIndexes.map(({ name, column, sql }) => [name, column, sql.startsWith('CREATE INDEX IF NOT EXISTS')]),
    }));

    expect(tables).to.deep.equal([
      {
        name: 'AuditLog',
        indexes: ['record', 'actor', 'changeset', 'time'].map((about) => `AuditLogs_by_${about}`),
        own: [['AuditLogs_by_meta_requestId_099df3b035c5', null, true]],
      },
      { name: 'AuditLogSnapshot', indexes: ['AuditLogSnapshot_by_record'], own: [] },
    ]);
  });

  it('names the models that are left out, each with what does so', async () => {
    const sequelize = await connect(sqliteMemory);
    const audit = attachAudit(sequelize, { exclude: ['Session'] });
    sequelize.define('User', {});
    sequelize.define('Session', {});
    sequelize.define('Job', {}, { audit: false });
    sequelize.define('View', { name: DataTypes.STRING }).removeAttribute('id');
    const left = () => audit.installation.leftOut.map(({ modelName, by }) => [modelName, by]);

    const first = left();
    audit.detach();
    const { installation } = attachAudit(sequelize, { include: ['User'] });

    expect(first).to.deep.equal([
      ['Session', 'exclude'],
      ['Job', 'audit'],
      ['View', 'primaryKey'],
    ]);
    expect(installation.leftOut.map(({ modelName, by }) => [modelName, by])).to.deep.equal([
      ['Session', 'include'],
      ['Job', 'audit'],
      ['View', 'include'],
    ]);
  });

  it('leaves out what migrations have run, unless it is asked for', async () => {
    const written = async (options: object, own: object) => {
      const sequelize = await connect(sqliteMemory);
      const audit = attachAudit(sequelize, options);
      const Meta = sequelize.define('SequelizeMeta', { name: DataTypes.STRING }, { timestamps: false, ...own });
      await sequelize.sync();
      await Meta.create({ name: '1.js' });
      return [(await readLog(sequelize)).length, audit.installation.leftOut.map(({ by }) => by)];
    };

    expect(await written({}, {})).to.deep.equal([0, ['exclude']]);
    expect(await written({ include: ['SequelizeMeta'] }, {})).to.deep.equal([1, []]);
    expect(await written({}, { audit: true })).to.deep.equal([1, []]);
  });
});
