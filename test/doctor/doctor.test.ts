import { expect } from 'chai';
import { DataTypes, type Options, type Sequelize } from 'sequelize';
import { doctor, type Finding } from '../../lib/doctor/index.js';
import { type AuditOptions, attachAudit } from '../../lib/index.js';
import { sqliteMemory } from '../setup/databases.js';
import { connect, onEachDatabase } from '../setup/suite.js';

const everything: AuditOptions = {
  snapshots: true,
  indexes: { model: true, action: true, attributes: ['role'], meta: ['requestId'] },
};

/** A finding as one line, without its sentences. */
function line({ severity, code, model, attribute }: Finding): string {
  return `${severity} ${code} ${[model, attribute].filter((name) => name !== null).join('.')}`.trim();
}

/** What the doctor finds in an application of one model, after some SQL. */
async function found(sequelize: Sequelize, options: AuditOptions, ...damage: readonly string[]): Promise<Finding[]> {
  const audit = attachAudit(sequelize, options);
  sequelize.define('User', { role: DataTypes.STRING }, { timestamps: false, tableName: 'users' });
  await sequelize.sync();
  for (const statement of damage) await sequelize.query(statement);
  const findings = await doctor(audit);
  audit.detach();
  return findings;
}

onEachDatabase('doctor', (database) => {
  const isMysql = database.dialect === 'mysql' || database.dialect === 'mariadb';
  const quoted = (name: string) => (isMysql ? `\`${name}\`` : `"${name}"`);

  it('finds nothing where all is as sync makes it', async () => {
    expect(await found(await connect(database), {})).to.deep.equal([]);
    const settings = { define: { underscored: true } };
    const sequelize = await connect(database, settings);
    // Sequelize cannot list the indexes of a table of PostgreSQL with such a quote in its name.
    const tableName = database.dialect === 'postgres' ? 'Our log' : "It's ours";
    expect(await found(sequelize, { ...everything, tableName })).to.deep.equal([]);
    expect(await found(await connect(database, settings), everything)).to.deep.equal([]);
  });

  it('finds the tables that are not there', async () => {
    const tables = ['AuditLogs', 'AuditLogSnapshots'].map((name) => `DROP TABLE ${quoted(name)}`);

    const findings = await found(await connect(database), everything, ...tables);

    expect(findings.map(line)).to.deep.equal(['error table-missing AuditLog', 'error table-missing AuditLogSnapshot']);
    expect(findings[0]).to.include({
      problem: 'There is no table "AuditLogs".',
      advice: 'Run what `sequelize-audit migration` writes, or sync().',
    });
  });

  it('finds the indexes that are not there, by their columns where they have other names', async () => {
    const on = isMysql ? ` ON ${quoted('AuditLogs')}` : '';
    const damage = [
      `DROP INDEX ${quoted('AuditLogs_by_record')}${on}`,
      `DROP INDEX ${quoted('AuditLogs_by_changeset')}${on}`,
      `DROP INDEX ${quoted('AuditLogs_by_attribute_role')}${on}`,
      `CREATE INDEX ours ON ${quoted('AuditLogs')} (${quoted('changesetId')}, ${quoted('id')})`,
    ];

    const findings = await found(await connect(database), everything, ...damage);

    expect(findings.map(({ severity, problem }) => `${severity}: ${problem}`)).to.deep.equal([
      'warning: Table "AuditLogs" has no index "AuditLogs_by_record".',
      'warning: Table "AuditLogs" has no index "AuditLogs_by_attribute_role".',
    ]);
  });

  it('finds columns that are not there, hold too little, or refuse what is written', async () => {
    const json = { sqlite: 'BLOB', postgres: 'json', mariadb: 'text', mysql: 'text' }[database.dialect];
    const time = { sqlite: 'TEXT', postgres: 'timestamp', mariadb: 'datetime', mysql: 'datetime' }[database.dialect];
    const text = isMysql ? 'varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci' : 'varchar(100)';
    const columns = {
      id: database.dialect === 'sqlite' ? 'BIGINT NOT NULL PRIMARY KEY' : 'bigint NOT NULL PRIMARY KEY',
      modelName: `${database.dialect === 'sqlite' ? 'INTEGER' : text} NOT NULL`,
      recordId: isMysql ? 'varchar(255) COLLATE utf8mb4_bin NOT NULL' : 'text NOT NULL',
      action: `varchar(${database.dialect === 'sqlite' ? 16 : 7}) NOT NULL`,
      patch: `${json} NOT NULL`,
      changesetId: `${database.dialect === 'sqlite' ? 'BLOB' : 'varchar(20)'} NOT NULL`,
      actor: `varchar(255) ${isMysql ? 'COLLATE utf8mb4_bin ' : ''}NOT NULL`,
      reason: database.dialect === 'sqlite' ? 'REAL' : 'varchar(100)',
      createdAt: `${time} NOT NULL`,
      tenant: 'integer NOT NULL',
      note: 'integer',
    };
    const list = Object.entries(columns).map(([name, type]) => `${quoted(name)} ${type}`);
    const sequelize = await connect(database);

    const findings = await found(
      sequelize,
      { indexes: { actor: false, changesetId: false, createdAt: false } },
      `DROP TABLE ${quoted('AuditLogs')}`,
      `CREATE TABLE ${quoted('AuditLogs')} (${list.join(', ')})`,
      `CREATE INDEX by_record ON ${quoted('AuditLogs')} (${['modelName', 'recordId', 'id'].map(quoted).join(', ')})`,
    );

    const wrong = ['modelName', ...(database.dialect === 'sqlite' ? [] : ['action']), 'patch', 'changesetId'];
    expect(findings.map(line)).to.have.members([
      'error column-refuses AuditLog.id',
      ...[...wrong, 'reason', 'createdAt'].map((name) => `error column-type AuditLog.${name}`),
      'error column-refuses AuditLog.actor',
      'error column-missing AuditLog.meta',
      'error column-refuses AuditLog',
    ]);
    expect(findings.find(({ code }) => code === 'column-missing')?.problem).to.equal(
      'Table "AuditLogs" has no column "meta".',
    );
    expect(findings.find(({ attribute, code }) => attribute === null && code === 'column-refuses')?.problem).to.equal(
      'Table "AuditLogs" has a column "tenant" that wants a value, which no entry has.',
    );
  });

  it('takes wider types for good', async () => {
    const damage = {
      sqlite: [],
      postgres: [
        'ALTER TABLE "AuditLogs" ALTER "modelName" TYPE text, ALTER actor TYPE varchar(1000), ALTER "recordId" TYPE varchar',
      ],
      mariadb: ['ALTER TABLE AuditLogs MODIFY reason longtext, MODIFY createdAt datetime(6) NOT NULL'],
      mysql: ['ALTER TABLE AuditLogs MODIFY reason longtext, MODIFY createdAt datetime(6) NOT NULL'],
    }[database.dialect];

    expect(await found(await connect(database), {}, ...damage)).to.deep.equal([]);
  });

  it('finds rows that are older than the log, until they have a baseline', async () => {
    const sequelize = await connect(database);
    const attributes = {
      a: { type: DataTypes.STRING(20), primaryKey: true },
      b: { type: DataTypes.INTEGER, primaryKey: true },
    };
    const Pair = sequelize.define('Pair', attributes, { timestamps: false, defaultScope: { where: { b: 9 } } });
    const User = sequelize.define('User', { role: DataTypes.STRING }, { paranoid: true });
    await sequelize.sync();
    await Pair.create({ a: 'x', b: 1 });
    await User.create({ role: 'clerk' });
    await User.destroy({ where: {} });
    const audit = attachAudit(sequelize);
    await audit.AuditLog.sync();

    const before = await doctor(audit);
    await audit.baseline();

    expect(before.map(line)).to.deep.equal([
      'warning rows-without-beginning Pair',
      'warning rows-without-beginning User',
    ]);
    expect(before[0]?.problem).to.equal('Model Pair has rows whose beginning the log does not hold, such as x, 1.');
    expect(await doctor(audit)).to.deep.equal([]);
  });

  it('finds triggers that write audited tables, and no others', async () => {
    const write = (table: string) => `INSERT INTO ${quoted(table)} (${quoted('role')}) VALUES ('x')`;
    const trigger = (name: string, table: string) =>
      database.dialect === 'postgres'
        ? [
            `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${write(table)}; RETURN NEW; END $$`,
            `CREATE TRIGGER ${name} AFTER INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION ${name}()`,
          ]
        : [`CREATE TRIGGER ${name} AFTER INSERT ON jobs FOR EACH ROW BEGIN ${write(table)}; END`];
    const sequelize = await connect(database);
    for (const name of ['jobs', 'users_old'])
      await sequelize.query(`CREATE TABLE ${name} (id integer, role varchar(10))`);

    const findings = await found(sequelize, {}, ...trigger('one', 'users'), ...trigger('other', 'users_old'));

    expect(findings.map(line)).to.deep.equal(['warning trigger-writes User']);
    expect(findings[0]?.problem).to.equal(
      'Trigger one of table jobs writes the table of model User, which is not recorded.',
    );
  });

  it('writes nothing', async () => {
    const statements: string[] = [];
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize, everything);
    sequelize.define('User', { role: DataTypes.STRING });
    await sequelize.sync();
    const { options } = sequelize as unknown as { options: Options };
    options.logging = (sql) => void statements.push(sql);

    await doctor(audit);

    expect(statements.length).to.be.greaterThan(4);
    expect(statements.filter((sql) => !/: SELECT /.test(sql))).to.deep.equal([]);
  });
});

onEachDatabase(
  'doctor',
  (database) => {
    it('calls it an error when a computed column is missing, which questions name', async () => {
      const damage = 'ALTER TABLE AuditLogs DROP INDEX AuditLogs_by_attribute_role, DROP COLUMN touches_role';

      const [finding, ...more] = await found(await connect(database), everything, damage);

      expect(more).to.deep.equal([]);
      expect([finding?.severity, finding?.problem]).to.deep.equal([
        'error',
        'Table "AuditLogs" has no index "AuditLogs_by_attribute_role", and not the column that belongs to it.',
      ]);
    });
  },
  ({ dialect }) => dialect === 'mariadb' || dialect === 'mysql',
);

describe('doctor', () => {
  it('finds models whose records cannot be named, and those that include does not name', async () => {
    const sequelize = await connect(sqliteMemory);
    sequelize.define('User', {});
    sequelize.define('Page', {});
    sequelize.define('Session', {}, { audit: false });
    const View = sequelize.define('View', { name: DataTypes.STRING });
    View.removeAttribute('id');
    const all = attachAudit(sequelize);
    await sequelize.sync();
    const byDefault = await doctor(all);
    all.detach();
    const some = attachAudit(sequelize, { include: ['User'] });
    const byInclude = await doctor(some);
    some.detach();

    expect(byDefault.map(line)).to.deep.equal(['error primary-key-missing View']);
    expect(byInclude.map(line)).to.deep.equal(['warning model-undecided Page', 'warning model-undecided View']);
    expect(await doctor(attachAudit(sequelize, { exclude: ['Page', 'View'] }))).to.deep.equal([]);
  });

  it('finds attributes with names of secrets that are neither excluded nor redacted', async () => {
    const sequelize = await connect(sqliteMemory);
    const audit = attachAudit(sequelize, { models: { User: { redact: ['password'], exclude: ['totp'] } } });
    const text = DataTypes.STRING;
    sequelize.define('User', {
      password: text,
      totp: text,
      passwordHash: text,
      passwordChangedAt: DataTypes.DATE,
      hasToken: DataTypes.BOOLEAN,
      cardNumber: text,
      name: text,
    });
    sequelize.define('Visit', { token: { type: text, primaryKey: true } });
    await sequelize.sync();

    const findings = await doctor(audit);

    expect(findings.map(line)).to.deep.equal(
      ['User.passwordHash', 'User.cardNumber', 'Visit.token'].map((name) => `warning attribute-secret ${name}`),
    );
    expect(findings.map(({ advice }) => advice)).to.deep.equal([
      "Say models: { User: { redact: ['passwordHash'] } }, or exclude it. What is in the log already stays there.",
      "Say models: { User: { redact: ['cardNumber'] } }, or exclude it. What is in the log already stays there.",
      'A key can be neither redacted nor excluded: exclude the model, or give it another key.',
    ]);
  });

  it('says which option names what is not there', async () => {
    const sequelize = await connect(sqliteMemory);
    const audit = attachAudit(sequelize, { exclude: ['Sesion'] });
    sequelize.define('Session', {});
    await sequelize.sync();

    const findings = await doctor(audit);

    expect(findings.map(line)).to.deep.equal(['error option-invalid']);
    expect(findings[0]?.problem).to.include('Option exclude names "Sesion", and there is no such model');
  });

  it('says which model has no table', async () => {
    const sequelize = await connect(sqliteMemory);
    const audit = attachAudit(sequelize);
    await audit.AuditLog.sync();
    sequelize.define('User', {});

    const findings = await doctor(audit);

    expect(findings.map(line)).to.deep.equal(['error rows-unreadable User']);
    expect(findings[0]?.problem).to.include('no such table: Users');
  });
});
