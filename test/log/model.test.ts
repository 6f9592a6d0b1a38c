import { expect } from 'chai';
import { DataTypes, type Model } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { readLog, select } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

onEachDatabase('AuditLog', (database) => {
  it('has the columns and indexes of the design', async () => {
    const sequelize = await connect(database);
    attachAudit(sequelize);
    await sequelize.sync();

    const columns = await sequelize.getQueryInterface().describeTable('AuditLogs');
    const indexes = (await sequelize.getQueryInterface().showIndex('AuditLogs')) as {
      fields: { attribute: string }[];
      primary: boolean;
    }[];

    expect(Object.keys(columns)).to.have.members([
      'id',
      'modelName',
      'recordId',
      'action',
      'patch',
      'changesetId',
      'actor',
      'reason',
      'meta',
      'createdAt',
    ]);
    const nullable = Object.entries(columns).filter(([name, { allowNull }]) => allowNull && name !== 'id');
    expect(nullable.map(([name]) => name)).to.have.members(['actor', 'reason', 'meta']);
    if (database.dialect === 'postgres') expect(columns.patch?.type).to.equal('JSONB');
    const named = indexes
      .filter(({ primary }) => !primary)
      .map(({ fields }) => fields.map(({ attribute }) => attribute));
    expect(named).to.have.deep.members([
      ['modelName', 'recordId', 'id'],
      ['changesetId'],
      // In SQLite every index ends with the id.
      database.dialect === 'sqlite' ? ['actor'] : ['actor', 'id'],
      ['createdAt'],
    ]);
  });

  it('is what it is whatever the application has in its define defaults', async () => {
    const sequelize = await connect(database, {
      define: {
        paranoid: true,
        timestamps: true,
        version: true,
        freezeTableName: true,
        underscored: true,
        createdAt: 'made',
        defaultScope: { where: { actor: 'nobody' } },
        hooks: {
          beforeValidate: () => Promise.reject(new Error('leaked')),
          beforeFind: () => Promise.reject(new Error('leaked')),
        },
      },
    });
    const audit = attachAudit(sequelize);
    await audit.AuditLog.sync();
    const User = sequelize.define<Any>(
      'User',
      { fullName: DataTypes.STRING },
      { hooks: { beforeValidate: () => undefined } },
    );
    await User.sync();
    await User.create({ fullName: 'Ada' }, { hooks: false });

    expect(Object.keys(audit.AuditLog.getAttributes())).to.deep.equal([
      'id',
      'modelName',
      'recordId',
      'action',
      'patch',
      'changesetId',
      'actor',
      'reason',
      'meta',
      'createdAt',
    ]);
    const [row] = await select(sequelize, 'audit_logs');
    expect(row).to.include.keys('model_name', 'record_id', 'changeset_id', 'created_at');
    expect((await audit.AuditLog.findOne())?.modelName).to.equal('User');
  });

  it('goes by the names that the options give it', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize, { modelName: 'Journal', tableName: 'my_journal' });
    const User = sequelize.define<Any>('User', { name: DataTypes.STRING });
    await sequelize.sync();

    await User.create({ name: 'Ada' });

    expect(sequelize.models.Journal).to.equal(audit.AuditLog);
    expect(await readLog(sequelize, 'my_journal')).to.have.length(1);
  });

  it('refuses update, destroy and truncate, single or bulk, with hooks or without', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const User = sequelize.define<Any>('User', { name: DataTypes.STRING });
    await sequelize.sync();
    await User.create({ name: 'Ada' });
    const { AuditLog } = audit;
    const entry = (await AuditLog.findOne()) as unknown as Any;
    const before = await select(sequelize, 'AuditLogs');
    const queryInterface = sequelize.getQueryInterface();

    const attempts: (() => Promise<unknown>)[] = [
      () => entry.update({ actor: 'me' }),
      () => entry.set('actor', 'me').save({ hooks: false }),
      () => entry.destroy({ hooks: false }),
      () => entry.increment('id'),
      () => AuditLog.update({ actor: 'me' } as never, { where: {}, hooks: false }),
      () => AuditLog.destroy({ where: {}, hooks: false }),
      () => AuditLog.destroy({ truncate: true }),
      () => AuditLog.truncate(),
      () => AuditLog.upsert({ id: 1 } as never),
      () => AuditLog.increment('id' as never, { where: {} }),
      () => AuditLog.scope().destroy({ where: {} }),
      () => AuditLog.bulkCreate([{ ...before[0], actor: 'me' } as never], { updateOnDuplicate: ['actor'] as never }),
      () => queryInterface.bulkDelete('AuditLogs', {}),
      () => queryInterface.bulkUpdate('AuditLogs', { actor: 'me' }, {}),
      () =>
        queryInterface.bulkInsert('AuditLogs', [{ ...before[0], actor: 'me' }], {
          updateOnDuplicate: ['actor'],
        } as never),
    ];

    for (const attempt of attempts) {
      const error = await attempt().then(
        () => 'done',
        (caught: unknown) => caught,
      );
      expect(error, String(attempt)).to.include({ code: 'ERR_AUDIT_LOG_IMMUTABLE' });
    }
    expect(await select(sequelize, 'AuditLogs')).to.deep.equal(before);
  });

  it('stays when sequelize.truncate() empties all tables of the application, which it records', async () => {
    const sequelize = await connect(database);
    attachAudit(sequelize);
    const User = sequelize.define<Any>('User', { name: DataTypes.STRING });
    await sequelize.sync();
    await User.bulkCreate([{ name: 'Ada' }, { name: 'Bob' }]);

    await sequelize.truncate();

    expect(await User.count()).to.equal(0);
    expect((await readLog(sequelize)).map(({ action, recordId }) => `${action} ${recordId}`)).to.deep.equal([
      'create 1',
      'create 2',
      'destroy 1',
      'destroy 2',
    ]);
  });

  it('keeps odd text as it is, in every column', async () => {
    const odd = `quote ' double " back \\ tick \` dollar $1 :name ? percent % — ünï 日本 🎉 \n </script> '); DROP TABLE Users; --`;
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const User = sequelize.define<Any>('User', {
      id: { type: DataTypes.STRING, primaryKey: true },
      name: DataTypes.STRING,
    });
    await sequelize.sync();

    await audit.run({ actor: odd, reason: odd, meta: { [odd]: odd } }, () => User.create({ id: odd, name: odd }));
    await sequelize.transaction((transaction) =>
      User.create({ id: 'in a transaction', name: odd }, { transaction, audit: { reason: odd } }),
    );

    const [first, second] = await readLog(sequelize);
    expect(first).to.deep.include({ recordId: odd, actor: odd, reason: odd, meta: { [odd]: odd } });
    expect(second).to.include({ reason: odd });
    expect((await audit.history(User, odd).at(1))?.get('name')).to.equal(odd);
  });

  it('keeps it also where a backslash is no escape to MySQL', async function () {
    if (!['mariadb', 'mysql'].includes(database.dialect)) return this.skip();
    const sequelize = await connect(database, { pool: { max: 1 } });
    const audit = attachAudit(sequelize);
    const User = sequelize.define<Any>('User', { name: DataTypes.STRING }, { timestamps: false });
    await sequelize.sync();
    await sequelize.query("SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES,ANSI_QUOTES')");

    for (const text of ["it's", 'say "hi"', 'back\\slash', "\\', (SELECT 1)) -- ", '\n\0', '\\']) {
      const actor = text.replaceAll('\0', '');
      const user = await User.create({ name: text }, { audit: { actor, meta: { [text]: text } } });

      expect((await readLog(sequelize)).at(-1)).to.deep.include({
        patch: [{ op: 'add', path: '', value: { id: user.id, name: text } }],
        actor,
        meta: { [text]: text },
      });
    }
    expect(await audit.AuditLog.count()).to.equal(6);
  });

  it('writes a large changeset in one go or several, in order', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const User = sequelize.define<Any>('User', { text: DataTypes.TEXT('long') });
    await sequelize.sync();
    const text = 'x'.repeat(1_500_000);

    await sequelize.transaction(async (transaction) => {
      for (let index = 0; index < 4; index += 1) await User.create({ text: `${index}${text}` }, { transaction });
    });

    expect((await readLog(sequelize)).map(({ recordId }) => recordId)).to.deep.equal(['1', '2', '3', '4']);
    expect((await audit.history(User, 4).at(1))?.get('text')).to.equal(`3${text}`);
  });
});
