/** What is measured beside bare Sequelize: this plugin, others, and a trigger in the database. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Model, type ModelStatic, QueryTypes, type Sequelize } from 'sequelize';
import { attachAudit } from './built.js';
import { columns } from './models.js';

export interface Variant {
  readonly name: string;
  /** Attached before the model is defined; returns what comes after. */
  readonly attach: (sequelize: Sequelize) => Attached;
}

export interface Attached {
  /** Attaches to the model, for those that need it. */
  readonly onModel?: (User: ModelStatic<Model>) => void;
  /** After the tables are made. */
  readonly onTables?: () => Promise<void>;
  /** The table with the entries; null where there is none. */
  readonly log: string | null;
}

const require = createRequire(import.meta.url);

/** Puts the other plugins in place, which no one needs who only uses or tests this one. */
export function installPeers(): void {
  const folder = import.meta.dirname;
  if (existsSync(path.join(folder, 'node_modules'))) return;
  console.log('Installing the plugins to compare with, once');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('The plugins to compare with could not be installed: npm ci in bench/ failed');
}

type PaperTrail = { init(sequelize: Sequelize, options: object): { defineModels(target: object): void } };
type Attach = (model: ModelStatic<Model>, ...rest: unknown[]) => unknown;

export const variants: readonly Variant[] = [
  { name: 'bare', attach: () => ({ log: null }) },
  {
    name: 'sequelize-audit',
    attach: (sequelize) => {
      attachAudit(sequelize, { include: ['User'], onUnaudited: 'ignore' });
      return { log: 'AuditLogs' };
    },
  },
  {
    name: "sequelize-audit, 'hooks'",
    attach: (sequelize) => {
      attachAudit(sequelize, { include: ['User'], capture: 'hooks' });
      return { log: 'AuditLogs' };
    },
  },
  {
    name: 'sequelize-paper-trail',
    attach: (sequelize) => {
      const { init } = require('sequelize-paper-trail') as PaperTrail;
      init(sequelize, { mysql: /mysql|mariadb/.test(sequelize.getDialect()) }).defineModels({});
      return {
        log: 'Revisions',
        onModel: (User) => (User as unknown as { hasPaperTrail(): void }).hasPaperTrail(),
      };
    },
  },
  {
    name: 'sequelize-temporal',
    attach: (sequelize) => ({
      log: 'UserHistories',
      onModel: (User) => (require('sequelize-temporal') as Attach)(User, sequelize),
    }),
  },
  {
    name: 'sequelize-version',
    attach: (sequelize) => ({
      log: 'version_User',
      onModel: (User) => {
        (require('sequelize-version') as Attach)(User, { sequelize });
      },
    }),
  },
  {
    name: 'trigger',
    attach: (sequelize) => ({ log: 'trail', onTables: () => createTriggers(sequelize) }),
  },
];

/** A trigger as one would write it by hand: the row before and the row after, as JSON. */
async function createTriggers(sequelize: Sequelize): Promise<void> {
  for (const statement of triggersOf(sequelize.getDialect()))
    await sequelize.query(statement, { type: QueryTypes.RAW });
}

function triggersOf(dialect: string): string[] {
  const names = ['id', ...columns, 'createdAt', 'updatedAt'];
  if (dialect === 'postgres') {
    return [
      'CREATE TABLE trail (id bigserial PRIMARY KEY, verb text, old jsonb, new jsonb, at timestamptz DEFAULT now())',
      `CREATE FUNCTION trail() RETURNS trigger AS $$ BEGIN
        INSERT INTO trail (verb, old, new) VALUES (TG_OP, to_jsonb(OLD), to_jsonb(NEW)); RETURN NULL; END $$ LANGUAGE plpgsql`,
      'CREATE TRIGGER trail AFTER INSERT OR UPDATE OR DELETE ON "Users" FOR EACH ROW EXECUTE FUNCTION trail()',
    ];
  }
  const isSqlite = dialect === 'sqlite';
  const json = (row: string) => `json_object(${names.map((name) => `'${name}', ${row}.\`${name}\``).join(', ')})`;
  const body = (verb: string) =>
    `INSERT INTO trail (verb, old, new) VALUES ('${verb}', ${verb === 'INSERT' ? 'NULL' : json('OLD')}, ${verb === 'DELETE' ? 'NULL' : json('NEW')})`;
  const key = isSqlite ? 'INTEGER PRIMARY KEY' : 'BIGINT AUTO_INCREMENT PRIMARY KEY';
  return [
    `CREATE TABLE trail (id ${key}, verb text, old json, new json, at timestamp DEFAULT CURRENT_TIMESTAMP)`,
    ...['INSERT', 'UPDATE', 'DELETE'].map(
      (verb) =>
        `CREATE TRIGGER trail_${verb} AFTER ${verb} ON \`Users\` FOR EACH ROW ${isSqlite ? `BEGIN ${body(verb)}; END` : body(verb)}`,
    ),
  ];
}
