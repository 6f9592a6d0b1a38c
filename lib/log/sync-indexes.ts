/** Makes, whenever the table of the log is synced, those of its indexes that Sequelize cannot. */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { queryGeneratorOf } from '../internals.js';
import type { ComputedColumn, ExpressionIndex, LogIndexes } from './indexes.js';

interface SyncOptions {
  readonly alter?: unknown;
  readonly logging?: unknown;
}

export function syncIndexes(
  sequelize: Sequelize,
  AuditLog: ModelStatic<Model>,
  { computed, expressions }: Pick<LogIndexes, 'computed' | 'expressions'>,
): void {
  const generator = queryGeneratorOf(sequelize);
  const quote = (name: string) => generator.quoteIdentifier(name);
  const table = () => generator.quoteTable(AuditLog.getTableName());
  const run = (sql: string, { logging }: SyncOptions) => sequelize.query(sql, { raw: true, logging: logging as never });

  if (computed.length > 0) AuditLog.addHook('afterSync', addColumns);
  if (expressions.length > 0) {
    AuditLog.addHook('beforeSync', removeExpressions);
    AuditLog.addHook('afterSync', addExpressions);
  }

  async function addColumns(options: SyncOptions): Promise<void> {
    const there = await sequelize.getQueryInterface().describeTable(AuditLog.getTableName() as never, options as never);
    for (const column of computed.filter(({ name }) => !(name in there))) await run(added(column), options);
  }

  function added({ name, type, expression, index, fields }: ComputedColumn): string {
    const column = `ADD COLUMN ${quote(name)} ${type} AS (${expression}) VIRTUAL`;
    return `ALTER TABLE ${table()} ${column}, ADD INDEX ${quote(index)} (${fields.map(quote).join(', ')})`;
  }

  /** Sequelize describes a table before it alters it. */
  async function removeExpressions(options: SyncOptions): Promise<void> {
    if (options.alter) for (const { name } of expressions) await run(`DROP INDEX IF EXISTS ${quote(name)}`, options);
  }

  async function addExpressions(options: SyncOptions): Promise<void> {
    for (const index of expressions) await run(created(index), options);
  }

  function created({ name, expression }: ExpressionIndex): string {
    const where = `WHERE (${expression}) IS NOT NULL`;
    return `CREATE INDEX IF NOT EXISTS ${quote(name)} ON ${table()} ((${expression})) ${where}`;
  }
}
