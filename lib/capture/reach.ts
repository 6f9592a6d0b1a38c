/** Whether a write of one table reaches no more than the rows that it names, and leaves them their keys. */
import type { QueryOptions } from '../internals.js';
import type { Run } from '../log/append.js';
import type { AuditedModel } from '../record/audited-model.js';
import type { Call } from './call.js';
import { Cascade, type CascadeParts } from './cascade.js';

/** @param run sends what is asked of the catalog */
export async function leadsOn(
  { sequelize, tables, foreignKeys }: Omit<CascadeParts, 'run'>,
  { kind, table, set }: Call,
  audited: AuditedModel,
  options: QueryOptions,
  run: Run,
): Promise<boolean> {
  await foreignKeys.load(run, table);
  if (kind === 'insert') return false;
  if (audited.keyColumns.some(({ field }) => set.has(field))) return true;
  const event = kind === 'update' ? 'update' : 'delete';
  const cascade = new Cascade({ sequelize, run, tables, foreignKeys });
  return cascade.columnsOf(tables.keyOf(table, options.searchPath), event, set).length > 0;
}

/** Columns that a row may have; the expressions of many more are more than a database wants to nest. */
const columnLimit = 300;

/** Whether a row has more columns than one statement can make an entry of. */
export function isWide({ columns }: AuditedModel): boolean {
  return columns.length > columnLimit;
}

/** Whether an update sets a JSON column: the difference inside it is worked out in JavaScript. */
export function isDeep({ set }: Call, { columns }: AuditedModel): boolean {
  return columns.some(({ field, type }) => /^JSON/.test(type.key) && set.has(field));
}
