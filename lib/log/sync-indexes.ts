/** Makes, whenever the table of the log is synced, those of its indexes that Sequelize cannot. */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { queryGeneratorOf } from '../internals.js';
import type { ComputedColumn, ExpressionIndex, LogIndexes } from './indexes.js';

interface SyncOptions {
  readonly alter?: unknown;
  readonly logging?: unknown;
}

/** An index that is made by a statement of its own. */
export interface OwnIndex {
  readonly name: string;
  /** The computed column that is made with it; null where the index holds the expression itself. */
  readonly column: string | null;
  /** Makes both. */
  readonly sql: string;
}

/** @returns what `sync` will make */
export function syncIndexes(
  sequelize: Sequelize,
  AuditLog: ModelStatic<Model>,
  { computed, expressions }: Pick<LogIndexes, 'computed' | 'expressions'>,
): OwnIndex[] {
  const generator = queryGeneratorOf(sequelize);
  const queryInterface = sequelize.getQueryInterface();
  const quote = (name: string) => generator.quoteIdentifier(name);
  const table = () => generator.quoteTable(AuditLog.getTableName());
  const run = (sql: string, { logging }: SyncOptions) => sequelize.query(sql, { raw: true, logging: logging as never });

  if (computed.length === 0 && expressions.length === 0) return [];
  // Sequelize cannot describe what has an index of an expression, and it drops columns that the model does not have.
  AuditLog.addHook('beforeSync', async (options: SyncOptions) => {
    const isThere = options.alter && (await queryInterface.tableExists(AuditLog.getTableName(), options as never));
    if (!isThere) return;
    for (const { name } of expressions) await run(`DROP INDEX IF EXISTS ${quote(name)}`, options);
    for (const { name, index } of computed.filter(await isIn(true, options)))
      await run(`ALTER TABLE ${table()} DROP INDEX ${quote(index)}, DROP COLUMN ${quote(name)}`, options);
  });
  AuditLog.addHook('afterSync', async (options: SyncOptions) => {
    for (const index of expressions) await run(created(index), options);
    for (const column of computed.filter(await isIn(false, options))) await run(added(column), options);
  });
  return [
    ...expressions.map((index) => ({ name: index.name, column: null, sql: created(index) })),
    ...computed.map((column) => ({ name: column.index, column: column.name, sql: added(column) })),
  ];

  async function isIn(isWanted: boolean, options: SyncOptions): Promise<(column: ComputedColumn) => boolean> {
    const there =
      computed.length > 0 ? await queryInterface.describeTable(AuditLog.getTableName() as never, options as never) : {};
    return ({ name }) => name in there === isWanted;
  }

  function added({ name, type, expression, index, fields }: ComputedColumn): string {
    const column = `ADD COLUMN ${quote(name)} ${type} AS (${expression}) VIRTUAL`;
    return `ALTER TABLE ${table()} ${column}, ADD INDEX ${quote(index)} (${fields.map(quote).join(', ')})`;
  }

  function created({ name, expression }: ExpressionIndex): string {
    const where = `WHERE (${expression}) IS NOT NULL`;
    return `CREATE INDEX IF NOT EXISTS ${quote(name)} ON ${table()} ((${expression})) ${where}`;
  }
}
