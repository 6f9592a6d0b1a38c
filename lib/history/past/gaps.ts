/** Finds records that were there at a point although no entry up to it says so. */
import type { Sequelize, Transaction } from 'sequelize';
import { literal, queryGeneratorOf, tableKeyOf } from '../../internals.js';
import type { AuditLogAttributes } from '../../log/model.js';
import type { AuditedModel } from '../../record/audited-model.js';
import { keyList, keyOf } from '../../record/image.js';
import { type HistoryParts, LogReader } from '../log-reader.js';
import type { Records } from './records.js';

/** How many records one condition names. */
const batchSize = 500;

export interface Gaps {
  readonly count: number;
  /** What is wrong with one of them. */
  readonly first: string;
}

/**
 * Records whose first entry came after the point, and is none of a record that began with it.
 *
 * @param cutoff the id of the last entry up to the point; null when there is none
 */
export async function begunLater(
  parts: HistoryParts,
  names: readonly string[],
  cutoff: AuditLogAttributes['id'] | null,
  transaction: Transaction | null,
): Promise<Gaps | null> {
  const { sequelize, AuditLog } = parts;
  const { Op } = (sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
  const generator = queryGeneratorOf(sequelize);
  const column = (table: string, attribute: 'id' | 'modelName' | 'recordId') =>
    `${generator.quoteIdentifier(table)}.${generator.quoteIdentifier(AuditLog.getAttributes()[attribute].field ?? attribute)}`;
  const same = (attribute: 'modelName' | 'recordId') =>
    `${column('earlier', attribute)} = ${column(AuditLog.name, attribute)}`;
  const earlier =
    `SELECT 1 FROM ${generator.quoteTable(AuditLog.getTableName())} AS ${generator.quoteIdentifier('earlier')} ` +
    `WHERE ${same('modelName')} AND ${same('recordId')} AND ${column('earlier', 'id')} < ${column(AuditLog.name, 'id')}`;
  const where = {
    modelName: names,
    action: { [Op.ne]: 'create' },
    ...(cutoff === null ? {} : { id: { [Op.gt]: cutoff } }),
    [Op.and]: literal(sequelize, `NOT EXISTS (${earlier})`),
  } as never;
  const [first] = await new LogReader(parts).find(
    { where, limit: 1, attributes: ['modelName', 'recordId', 'action'] },
    { transaction },
  );
  if (!first) return null;
  const count = await AuditLog.count({ where, hooks: false, useMaster: true, transaction } as never);
  const { modelName, recordId, action } = first;
  return { count: Number(count), first: `the history of ${modelName} ${recordId} begins with a ${action} after it` };
}

/**
 * Rows of today that no entry is of: they were written before the log was, or past it, nobody knows when.
 *
 * @param audited all models with the same table
 */
export async function unrecorded(
  parts: HistoryParts,
  audited: readonly [AuditedModel, ...AuditedModel[]],
  records: Records,
  transaction: Transaction | null,
): Promise<Gaps | null> {
  const [owner] = audited;
  const names = audited.map(({ modelName }) => modelName);
  const ids = await keysOf(parts.sequelize, owner, transaction);
  const unknown = ids.filter((id) => !names.some((name) => records.has(name, id)));
  const missing: string[] = [];
  // Their entries may be later than the point. A row that is made meanwhile has its entry by now.
  for (let index = 0; index < unknown.length; index += batchSize) {
    const batch = unknown.slice(index, index + batchSize);
    const known = new Set(await distinct(parts, 'recordId', { modelName: names, recordId: batch }, transaction));
    missing.push(...batch.filter((id) => !known.has(id)));
  }
  const [first] = missing;
  if (first === undefined) return null;
  return { count: missing.length, first: `${owner.modelName} ${first} is there now, and the log holds no entry of it` };
}

/** The different values of an attribute of the log. */
export async function distinct(
  { AuditLog }: HistoryParts,
  attribute: 'modelName' | 'recordId',
  where: object,
  transaction: Transaction | null,
): Promise<string[]> {
  const options = { where, plain: false, hooks: false, useMaster: true, transaction };
  const rows = (await AuditLog.aggregate(attribute, 'DISTINCT', options as never)) as unknown;
  return (rows as readonly { readonly DISTINCT: string }[]).map(({ DISTINCT }) => DISTINCT);
}

/** Groups models by the table they share. */
export function byTable(models: readonly AuditedModel[]): (readonly [AuditedModel, ...AuditedModel[]])[] {
  const tables = new Map<string, [AuditedModel, ...AuditedModel[]]>();
  for (const audited of models) {
    const key = tableKeyOf(audited.model.getTableName());
    const others = tables.get(key);
    if (others) others.push(audited);
    else tables.set(key, [audited]);
  }
  return [...tables.values()];
}

/** The ids of all rows of a table, as the log has them. */
async function keysOf(sequelize: Sequelize, audited: AuditedModel, transaction: Transaction | null): Promise<string[]> {
  const table = queryGeneratorOf(sequelize).quoteTable(audited.model.getTableName());
  const options = { type: 'SELECT', raw: true, useMaster: true, transaction };
  const rows = (await sequelize.query(
    `SELECT ${keyList(sequelize, audited)} FROM ${table}`,
    options as never,
  )) as unknown as Record<string, unknown>[];
  return rows.map((row) => audited.recordIdOfStored(keyOf(audited, row)));
}
