/** Looks for triggers that write audited tables, as what they write is not recorded. */
import type { Sequelize } from 'sequelize';
import type { ModelAudit } from '../index.js';
import type { Finding } from './finding.js';
import { placeOf, rowsOf } from './stored-table.js';

const queries: Readonly<Record<string, string>> = {
  sqlite: `SELECT name, tbl_name AS "table", sql AS text FROM sqlite_master WHERE type = 'trigger'`,
  postgres: `SELECT tgname AS name, tgrelid::regclass::text AS "table", prosrc AS text
    FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal`,
  mysql: `SELECT trigger_name AS name, event_object_table AS "table", action_statement AS text
    FROM information_schema.triggers WHERE trigger_schema = database()`,
};

export async function triggerFindings(sequelize: Sequelize, models: readonly ModelAudit[]): Promise<Finding[]> {
  const dialect = sequelize.getDialect();
  const triggers = await rowsOf(sequelize)(queries[dialect === 'mariadb' ? 'mysql' : dialect] as string);
  return triggers.flatMap(({ name, table, text }) =>
    models
      .filter(({ model }) => isWritten(String(text), placeOf(model).tableName))
      .map(
        ({ modelName }): Finding => ({
          code: 'trigger-writes',
          severity: 'warning',
          model: modelName,
          attribute: null,
          problem: `Trigger ${name} of table ${table} writes the table of model ${modelName}, which is not recorded.`,
          advice: 'Let the application write it, through the model; audit.verify() finds what the trigger has changed.',
        }),
      ),
  );
}

/** Whether the text of a trigger has a statement that writes a table. */
function isWritten(text: string, table: string): boolean {
  const name = table.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const statements = text.replace(/--.*$/gm, '').replace(/\/\*.*?\*\//gs, '');
  const place = `(?:["\`]?\\w+["\`]?\\s*\\.\\s*)?["\`]?${name}["\`]?(?![\\w"\`])`;
  return new RegExp(
    `\\b(?:INSERT\\s+(?:OR\\s+\\w+\\s+)?INTO|REPLACE\\s+INTO|UPDATE|DELETE\\s+FROM)\\s+${place}`,
    'i',
  ).test(statements);
}
