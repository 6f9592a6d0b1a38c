/** Looks whether a log in monthly partitions has those that it will need. */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import type { Finding } from './finding.js';
import { placeOf, quotedTable, rowsOf } from './stored-table.js';

export async function partitionFindings(sequelize: Sequelize, AuditLog: ModelStatic<Model>): Promise<Finding[]> {
  const rows = rowsOf(sequelize);
  const partitions = await rows(
    `SELECT inhrelid::regclass::text AS name, pg_get_expr(relpartbound, inhrelid) AS bound
     FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = to_regclass($table)`,
    { table: quotedTable(sequelize, AuditLog) },
  );
  const finding = (problem: string): Finding => ({
    code: 'partition-missing',
    severity: 'warning',
    model: AuditLog.name,
    attribute: null,
    problem,
    advice: `Call the function "${placeOf(AuditLog).tableName}_add_partitions" once a month.`,
  });
  const findings: Finding[] = [];
  for (const { name, bound } of partitions) {
    if (bound !== 'DEFAULT') continue;
    const [first] = await rows(`SELECT 1 FROM ${name} LIMIT 1`);
    if (first) findings.push(finding(`The default partition ${name} has entries, whose months have no partition.`));
  }
  const [next] = await rows(
    "SELECT to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month', 'YYYY_MM') AS month",
  );
  // By their names: what else they are bounded by is not of the migration.
  const isMonthly = partitions.some(({ name }) => /_\d{4}_\d{2}"?$/.test(String(name)));
  const isThere = partitions.some(({ name }) => String(name).replace(/"$/, '').endsWith(`_${next?.month}`));
  if (isMonthly && !isThere) findings.push(finding(`There is no partition for next month, ${next?.month}.`));
  return findings;
}
