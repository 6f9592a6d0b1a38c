/** A database with the tables of one schema and their log, emptied before each program. */
import type { Sequelize } from 'sequelize';
import { type Audit, attachAudit } from '../../lib/index.js';
import { newWorld, type World } from '../programs/run.js';
import { defineModels, restartKeys, type Schema } from '../programs/schema.js';
import type { Database } from '../setup/databases.js';

export interface Session {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly schema: Schema;
  readonly models: World['models'];
}

/** Whether Sequelize itself can make the tables of a schema; it writes some definitions that its databases cannot read. */
export async function isPossible(database: Database, schema: Schema): Promise<boolean> {
  const sequelize = await database.connect();
  try {
    defineModels(sequelize, schema);
    await sequelize.sync();
    return true;
  } catch {
    return false;
  } finally {
    await sequelize.close();
  }
}

/** Opens a session for as long as a task needs it. */
export async function withSession<T>(
  database: Database,
  schema: Schema,
  task: (session: Session) => Promise<T>,
): Promise<T> {
  const sequelize = await database.connect({ pool: { max: 2 } });
  try {
    const audit = attachAudit(sequelize, { onUnaudited: 'ignore' });
    const models = defineModels(sequelize, schema);
    await sequelize.sync();
    if (database.name === 'SQLite') await sequelize.query('PRAGMA journal_mode = MEMORY');
    return await task({ sequelize, audit, schema, models });
  } finally {
    await sequelize.close();
  }
}

/** A world in which nothing has happened: no rows, no entries, first numbers. */
export async function emptyWorld({ sequelize, audit, models }: Session): Promise<World> {
  const tables = [...Object.values(models), audit.AuditLog].map(({ tableName }) => tableName);
  restartKeys(sequelize);
  switch (sequelize.getDialect()) {
    case 'postgres':
      await sequelize.query(`TRUNCATE ${tables.map((table) => `"${table}"`).join(', ')} RESTART IDENTITY`);
      break;
    case 'sqlite':
      await sequelize.query('PRAGMA foreign_keys = OFF');
      for (const table of [...tables, 'sqlite_sequence']) await sequelize.query(`DELETE FROM \`${table}\``);
      await sequelize.query('PRAGMA foreign_keys = ON');
      break;
    default:
      await sequelize.transaction(async (transaction) => {
        await sequelize.query('SET FOREIGN_KEY_CHECKS = 0', { transaction });
        for (const table of tables) await sequelize.query(`TRUNCATE TABLE \`${table}\``, { transaction });
        await sequelize.query('SET FOREIGN_KEY_CHECKS = 1', { transaction });
      });
  }
  return newWorld(sequelize, models);
}
