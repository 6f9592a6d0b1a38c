/** A model of notes on a pool of one connection, and a second connection that sees what the server holds. */
import { expect } from 'chai';
import {
  DataTypes,
  type Model,
  type ModelStatic,
  type Options,
  QueryTypes,
  Sequelize,
  type Transaction,
} from 'sequelize';
import { type Audit, attachAudit } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';
import { foldLog, readLog, readTables, select } from '../setup/oracle.js';
import { connect } from '../setup/suite.js';

export type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

export interface World {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly Note: ModelStatic<Any>;
  /** Another connection to the same database; on SQLite in memory there is none but the one. */
  readonly other: Sequelize;
}

export async function world(database: Database, options?: Options): Promise<World> {
  const sequelize = await connect(database, { pool: { max: 1, acquire: 5000 }, ...options });
  const audit = attachAudit(sequelize);
  const Note = sequelize.define<Any>(
    'Note',
    { title: { type: DataTypes.STRING, unique: true }, size: DataTypes.INTEGER },
    { timestamps: false },
  );
  await sequelize.sync();
  await Note.bulkCreate(['a', 'b', 'c'].map((title, size) => ({ title, size })));
  const isMemory = database.name === 'SQLite in memory';
  const other = isMemory ? sequelize : await connectAgain(sequelize);
  return { sequelize, audit, Note, other };
}

const opened = new Set<Sequelize>();

/** A second Sequelize instance on the database as it is. */
async function connectAgain(sequelize: Sequelize): Promise<Sequelize> {
  const { database, username, password } = sequelize.config;
  const settings = (sequelize as unknown as { options: Options }).options;
  const { dialect, host, port, storage } = settings;
  const again = new Sequelize({
    dialect: dialect as 'sqlite',
    host: host as string,
    port: port as number,
    storage: storage as string,
    database: database as string,
    username: username as string,
    password: password as string,
    logging: false,
    pool: { max: 1 },
  });
  opened.add(again);
  return again;
}

/** Closes what `world` has opened beside the instance itself. */
export async function closeOthers(): Promise<void> {
  const closing = [...opened];
  opened.clear();
  await Promise.all(closing.map((sequelize) => sequelize.close()));
}

/** Rows and entries as the database holds them. */
export async function stored({ sequelize }: World): Promise<readonly unknown[]> {
  return [await select(sequelize, 'Notes'), await readLog(sequelize)];
}

export async function agrees({ sequelize, Note }: World): Promise<void> {
  expect(foldLog(await readLog(sequelize))).to.deep.equal(await readTables([Note]));
}

/** How many transactions the server, or any connection of SQLite, has open. */
export async function openTransactions({ sequelize, other }: World): Promise<number> {
  const dialect = sequelize.getDialect();
  if (dialect === 'sqlite') return openOnSqlite(sequelize);
  const sql =
    dialect === 'postgres'
      ? `SELECT count(*) AS count FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'`
      : `SELECT count(*) AS count FROM information_schema.INNODB_TRX
         JOIN information_schema.PROCESSLIST ON ID = trx_mysql_thread_id WHERE DB = DATABASE()`;
  const [row] = await other.query<{ count: string }>(sql, { type: QueryTypes.SELECT });
  return Number(row?.count);
}

interface Driver {
  run(sql: string, done: (error: Error | null) => void): void;
}

async function openOnSqlite({ connectionManager }: Sequelize): Promise<number> {
  const { connections } = connectionManager as unknown as { connections: Record<string, Driver> };
  let open = 0;
  for (const connection of Object.values(connections)) {
    const run = (sql: string) => new Promise<Error | null>((resolve) => connection.run(sql, resolve));
    if (await run('BEGIN IMMEDIATE')) open += 1;
    else await run('ROLLBACK');
  }
  return open;
}

export type Write = (given: World, options: { transaction?: Transaction }) => Promise<unknown>;

/** The verbs of an instance and those of many rows, each on rows that are there. */
export const writes: Readonly<Record<string, Write>> = {
  create: ({ Note }, options) => Note.create({ title: 'never' }, options),
  update: async ({ Note }, options) => (await found(Note, options)).update({ title: 'never' }, options),
  destroy: async ({ Note }, options) => (await found(Note, options)).destroy(options),
  bulkCreate: ({ Note }, options) => Note.bulkCreate([{ title: 'never' }, { title: 'nor this' }], options),
  'Model.update': ({ Note }, options) => Note.update({ size: 9 }, { where: { title: ['a', 'b'] }, ...options }),
  'Model.destroy': ({ Note }, options) => Note.destroy({ where: { title: ['a', 'b'] }, ...options }),
};

async function found(Note: ModelStatic<Any>, options: { transaction?: Transaction }): Promise<Any> {
  return (await Note.findOne({ where: { title: 'a' }, ...options })) as Any;
}
