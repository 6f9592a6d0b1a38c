import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { DataTypes, type Options, type Sequelize } from 'sequelize';
import { type AuditOptions, attachAudit } from '../../lib/index.js';
import { type MigrationOptions, migration } from '../../lib/migration/index.js';
import { root } from '../docs/pages.js';
import type { Database } from '../setup/databases.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { type Migrator, project, sequelizeCli, umzug } from './run.js';
import { storedTables } from './stored-tables.js';

interface Installation {
  readonly audit: AuditOptions;
  readonly sequelize: Options;
}

/** The tables that the programs themselves make. */
const others = ['SequelizeMeta', '"SequelizeMeta"', 'sequelize_meta', 'Users', '"Users"'];

const everyIndex = {
  model: true,
  action: true,
  // With all that a string literal has to escape.
  attributes: ['role', 'Role', ['it\'s "so" `$', '{1}` \\'].join('')],
  meta: ['requestId', "o'hara"],
};

/** The least and the most that the options say of the tables. */
function installationsOf({ dialect }: Database): readonly Installation[] {
  // A schema is a database of its own in MySQL.
  const hasSchemas = dialect === 'sqlite' || dialect === 'postgres';
  return [
    { audit: {}, sequelize: {} },
    {
      audit: {
        modelName: 'Journal',
        ...(hasSchemas ? { schema: 'Second log' } : {}),
        // Sequelize cannot list the indexes of a table of PostgreSQL with such a quote in its name.
        tableName: dialect === 'postgres' ? 'Our log' : "It's ours",
        snapshots: true,
        indexes: everyIndex,
      },
      sequelize: { define: { underscored: true } },
    },
  ];
}

const forms: readonly MigrationOptions[] = (['sequelize-cli', 'umzug'] as const).flatMap((tool) =>
  (['javascript', 'typescript'] as const).flatMap((language) =>
    (['commonjs', 'esm'] as const).map((modules) => ({ tool, language, modules })),
  ),
);

const folder = mkdtempSync(path.join(tmpdir(), 'sequelize-audit-migration-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function written(text: string, { tool, language, modules }: MigrationOptions, sequelize: Sequelize): Migrator {
  const directory = project(folder, modules ?? 'commonjs');
  const end = language === 'typescript' ? 'ts' : 'js';
  writeFileSync(path.join(directory, 'migrations', `20260101000000-audit.${end}`), text);
  if (tool !== 'umzug') return sequelizeCli(directory, sequelize);
  return umzug(directory, sequelize, modules === 'esm' ? sequelize : sequelize.getQueryInterface());
}

/** What `sync` makes on an empty database. */
async function synced(database: Database, { audit: options, sequelize: settings }: Installation) {
  const sequelize = await connect(database, settings);
  if (database.dialect === 'postgres') {
    await sequelize.query('DROP SCHEMA IF EXISTS "Second log" CASCADE');
    if (options.schema) await sequelize.query('CREATE SCHEMA "Second log"');
  }
  attachAudit(sequelize, options);
  await sequelize.sync();
  const tables = await storedTables(sequelize);
  if (database.dialect === 'postgres') await sequelize.query('DROP SCHEMA IF EXISTS "Second log" CASCADE');
  return tables;
}

onEachDatabase(
  'a migration',
  (database) => {
    for (const installation of installationsOf(database)) {
      const title = JSON.stringify(installation.audit) === '{}' ? 'as they are by default' : 'that use all of them';
      // Forms are the same on every database, so one of them tries all.
      const tried =
        database.dialect === 'sqlite' ? forms : [forms[0], forms[7]].map((form) => form as MigrationOptions);

      for (const form of tried) {
        it(`for ${Object.values(form).join(', ')} makes what sync does with options ${title}, and takes it away`, async function () {
          this.timeout(60_000);
          const wanted = await synced(database, installation);
          const sequelize = await connect(database, installation.sequelize);
          const audit = attachAudit(sequelize, installation.audit);
          const User = sequelize.define('User', { role: DataTypes.STRING }, { timestamps: false, tableName: 'Users' });
          const migrator = written(migration(audit, form), form, sequelize);

          await migrator.up();
          const made = await storedTables(sequelize, others);
          await User.sync();
          const user = await User.create({ role: 'clerk' }, { audit: { actor: 'ada', meta: { requestId: 'r1' } } });
          const found = await audit.entries({ attribute: 'role', meta: { requestId: 'r1' } });
          await migrator.down();

          expect(made).to.deep.equal(wanted);
          expect(Object.keys(made)).to.have.lengthOf(installation.audit.snapshots ? 2 : 1);
          expect(found.map(({ recordId, actor }) => [recordId, actor])).to.deep.equal([
            [String(user.get('id')), 'ada'],
          ]);
          expect(await storedTables(sequelize, others)).to.deep.equal({});
        });
      }
    }
  },
  // In memory no other process could look.
  ({ name }) => name !== 'SQLite in memory',
);

describe('migration', () => {
  const handle = async (database: 'sqlite' | 'postgres', options: AuditOptions = {}) => {
    const { Sequelize: Instance } = await import('sequelize');
    return attachAudit(new Instance({ dialect: database, storage: ':memory:', logging: false }), options);
  };

  it('is the same text whenever it is asked for, and names neither this package nor the models', async () => {
    const audit = await handle('sqlite');
    audit.sequelize.define('Invoice', {});

    const text = migration(audit, { tool: 'umzug' });

    expect(migration(audit, { tool: 'umzug' })).to.equal(text);
    expect([...text.matchAll(/(?:require\(|from )'([^']+)'/g)].map(([, name]) => name)).to.deep.equal(['sequelize']);
    expect(text).not.to.include('Invoice');
  });

  it('refuses options that are none, and partitions where there are none, with what it expected', async () => {
    const audit = await handle('sqlite');
    const refused = (options: object) => {
      try {
        return migration(audit, options);
      } catch (error) {
        return `${(error as { code?: string }).code} ${(error as Error).message}`;
      }
    };

    expect([
      refused({ toll: 'umzug' }),
      refused({ tool: 'knex' }),
      refused({ modules: true }),
      refused({ partition: 'monthly' }),
    ]).to.deep.equal([
      'ERR_AUDIT_OPTION_INVALID migration: Unknown option "toll": expected tool, language, modules, partition',
      'ERR_AUDIT_OPTION_INVALID migration: Option tool: expected "sequelize-cli" or "umzug", got "knex"',
      'ERR_AUDIT_OPTION_INVALID migration: Option modules: expected "commonjs" or "esm", got true',
      'ERR_AUDIT_OPTION_INVALID migration: Option partition: expected a log on PostgreSQL, which has declarative partitions, got sqlite',
    ]);
  });

  it('compiles in strict TypeScript', async function () {
    this.timeout(60_000);
    const options = { schema: 'log', snapshots: true, indexes: everyIndex };
    const directory = project(folder, 'esm');
    const files = await Promise.all(
      (['sqlite', 'postgres'] as const).flatMap((dialect) =>
        (['sequelize-cli', 'umzug'] as const).map(async (tool) => {
          const partition = dialect === 'postgres' && tool === 'umzug' ? 'monthly' : undefined;
          const text = migration(await handle(dialect, options), { tool, language: 'typescript', partition });
          writeFileSync(path.join(directory, `${dialect}-${tool}.ts`), text);
          return `${dialect}-${tool}.ts`;
        }),
      ),
    );
    const flags = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--noUnusedLocals',
      '--module',
      'nodenext',
      '--types',
      'node',
    ];
    const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');

    const output = execFileSync(process.execPath, [tsc, ...flags, ...files], { cwd: directory, encoding: 'utf8' });

    expect(output).to.equal('');
  });
});
