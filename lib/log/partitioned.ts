/** Lets a log be synced that is partitioned: Sequelize does not see the indexes of such a table, and would make them anew. */
import { type Model, type ModelStatic, QueryTypes, type Sequelize, type SyncOptions } from 'sequelize';
import { queryGeneratorOf } from '../internals.js';

interface Table {
  /** The kind of relation: `r` for a table, `p` for one that is partitioned. */
  readonly kind: string;
  /** Its indexes. */
  readonly names: readonly string[];
}

export function syncPartitioned(sequelize: Sequelize, AuditLog: ModelStatic<Model>): void {
  if (sequelize.getDialect() !== 'postgres') return;
  const original = AuditLog.sync;
  const queryInterface = sequelize.getQueryInterface();

  Object.defineProperty(AuditLog, 'sync', {
    value: async function (this: ModelStatic<Model>, options: SyncOptions = {}) {
      const table = options.force ? null : await stored(options);
      if (table?.kind !== 'p') return original.call(this, options);
      const missing = (AuditLog.options.indexes ?? []).filter(({ name = '' }) => !table.names.includes(name));
      for (const index of missing)
        await queryInterface.addIndex(AuditLog.getTableName(), { ...options, ...index } as never);
      return this;
    },
  });

  /** @returns null when there is none */
  async function stored({ logging }: SyncOptions): Promise<Table | null> {
    const generator = queryGeneratorOf(sequelize);
    // As text: Sequelize can put a search path before it, and what is more than one statement has no parameters.
    const name = generator.escape(generator.quoteTable(AuditLog.getTableName()));
    const [table] = await sequelize.query<Table>(
      `SELECT c.relkind AS kind, ARRAY(
        SELECT i.relname::text FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = c.oid
      ) AS names FROM pg_class c WHERE c.oid = to_regclass(${name})`,
      {
        type: QueryTypes.SELECT,
        ...(logging === undefined ? {} : { logging }),
      },
    );
    return table ?? null;
  }
}
