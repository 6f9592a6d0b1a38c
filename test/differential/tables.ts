/** The tables of the application by plain SQL. */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { select } from '../setup/oracle.js';
import { snapshot } from './snapshot.js';

type Models = readonly ModelStatic<Model>[];

/** The rows of the models' tables, by table. */
export async function readTables(sequelize: Sequelize, models: Models): Promise<Record<string, unknown>> {
  const tables: Record<string, unknown> = {};
  for (const { tableName } of models) {
    const rows = await select(sequelize, tableName);
    // A table has no order, and not each has a column that gives one.
    tables[tableName] = rows.map((row) => snapshot(row)).sort((left, right) => (text(left) < text(right) ? -1 : 1));
  }
  return tables;
}

/** Removes every row, and has generated keys begin with 1 again. */
export async function emptyTables(sequelize: Sequelize, models: Models): Promise<void> {
  const run = (sql: string, options = {}) => sequelize.query(sql, { logging: false, ...options });
  const tables = models.map(({ tableName }) => tableName);
  switch (sequelize.getDialect()) {
    case 'postgres':
      await run(`TRUNCATE ${tables.map((table) => `"${table}"`).join(', ')} RESTART IDENTITY CASCADE`);
      return;
    case 'sqlite':
      // Nothing has to outlive a crash here.
      for (const pragma of ['synchronous = OFF', 'foreign_keys = OFF']) await run(`PRAGMA ${pragma}`);
      for (const table of tables) await run(`DELETE FROM \`${table}\``);
      // SQLite makes this table with the first of those that need it.
      if (models.some(hasCounter)) {
        await run(`DELETE FROM sqlite_sequence WHERE name IN (${tables.map((table) => `'${table}'`).join(', ')})`);
      }
      await run('PRAGMA foreign_keys = ON');
      return;
    default:
      // In a transaction, so that it is one connection.
      await sequelize.transaction(async (transaction) => {
        await run('SET FOREIGN_KEY_CHECKS = 0', { transaction });
        for (const table of tables) await run(`DELETE FROM \`${table}\``, { transaction });
        await run('SET FOREIGN_KEY_CHECKS = 1', { transaction });
      });
      for (const { tableName } of models.filter(hasCounter))
        await run(`ALTER TABLE \`${tableName}\` AUTO_INCREMENT = 1`);
  }
}

function hasCounter(model: ModelStatic<Model>): boolean {
  return Object.values(model.getAttributes()).some(({ autoIncrement }) => autoIncrement);
}

function text(row: unknown): string {
  return JSON.stringify(row);
}
