/** The databases on which things are killed, and what can be killed on each. */
import { type Options, QueryTypes, type Sequelize } from 'sequelize';
import { type Database, mariadb, mysql, postgresql, sqliteFile } from '../setup/databases.js';

export interface Place {
  readonly name: string;
  readonly database: Database;
  readonly isWal?: boolean;
}

export const places: readonly Place[] = [
  { name: 'SQLite in rollback journal mode', database: sqliteFile },
  { name: 'SQLite in WAL mode', database: sqliteFile, isWal: true },
  { name: 'PostgreSQL', database: postgresql },
  { name: 'MariaDB', database: mariadb },
  { name: 'MySQL driver on MariaDB', database: mysql },
];

/** An empty database, as options with which other processes reach it. */
export async function open({ database }: Place): Promise<Options> {
  const sequelize = await database.connect();
  const { options, config } = sequelize as Sequelize & { options: Options };
  await sequelize.query('SELECT 1', { type: QueryTypes.SELECT });
  await sequelize.close();
  if (database.dialect === 'sqlite') return { dialect: 'sqlite', storage: String(options.storage) };
  const { host, port, username, password, database: name } = config;
  return {
    dialect: database.dialect,
    host: String(host),
    port: Number(port),
    username,
    password: password ?? '',
    database: name,
  };
}
