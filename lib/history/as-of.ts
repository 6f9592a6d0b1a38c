/** Opens the past as a database: the same models in memory, filled with the rows as they were. */
import type { Model, ModelStatic, Sequelize, Transaction } from 'sequelize';
import { AuditError } from '../errors.js';
import { schemaOf } from '../internals.js';
import type { AuditLogAttributes } from '../log/model.js';
import type { AuditedModel } from '../record/audited-model.js';
import { checkOptions, invalid, isInstant } from './arguments.js';
import { chosenModels, type ModelChoice } from './chosen-models.js';
import { type HistoryOptions, type HistoryParts, LogReader } from './log-reader.js';
import { openPast } from './past/database.js';
import { begunLater, byTable, distinct, type Gaps, unrecorded } from './past/gaps.js';
import { definePastModels } from './past/models.js';
import { Records } from './past/records.js';
import { createTable, insertRows } from './past/tables.js';
import { transactionFor } from './transaction-for.js';

export interface AsOfOptions extends HistoryOptions {
  /** The models to open, or their names. @default all that are audited, in every schema that the log knows */
  readonly models?: ModelChoice | readonly ModelChoice[];
  /** Called every few thousand entries and rows, and awaited; what it throws ends the call. */
  readonly onProgress?: (progress: AsOfProgress) => unknown;
}

export interface AsOfProgress {
  /** Entries read so far. */
  readonly entries: number;
  /** Entries up to the point. */
  readonly total: number;
  /** Rows put into the past so far; they follow when all entries are read. */
  readonly rows: number;
}

/** Entries between two calls of `onProgress`. */
const stride = 2000;

export async function asOf(parts: HistoryParts, point: Date | string, options: AsOfOptions): Promise<Sequelize> {
  checkOptions(options, ['models', 'onProgress', 'transaction']);
  if (!isInstant(point) && !(typeof point === 'string' && uuid.test(point)))
    throw invalid('A point in the past', 'a valid Date or a changesetId', point);
  const { onProgress = () => undefined } = options;
  if (typeof onProgress !== 'function') throw invalid('onProgress', 'a function', onProgress);
  const chosen = chosenModels(parts, options.models);
  const name = typeof point === 'string' ? `changeset ${point}` : point.toISOString();

  const { past, filling, seal, refusal } = await openPast(parts.sequelize, name);
  try {
    const nameOf = ({ model }: AuditedModel) => model.name;
    const defined = chosen.filter((audited) => chosen.find((each) => nameOf(each) === nameOf(audited)) === audited);
    const counterparts = definePastModels(past, defined, filling, refusal);
    const { records, models, entries, total } = await inSnapshot(parts, options, async (transaction) => {
      const models = options.models === undefined ? await withSchemas(parts, chosen, transaction) : chosen;
      return readLog(parts, point, name, models, transaction, onProgress);
    });
    const pastOf = (audited: AuditedModel) => {
      const origin = defined.find((each) => nameOf(each) === nameOf(audited)) as AuditedModel;
      const model = counterparts.get(origin.model) as ModelStatic<Model>;
      return audited === origin ? model : model.schema(schemaOf(audited.model) as string);
    };
    for (const [first, ...others] of byTable(models))
      await createTable(filling, [pastOf(first), ...others.map(pastOf)]);
    let rows = 0;
    await filling.run('BEGIN');
    for (const audited of models) {
      await insertRows(filling, audited, pastOf(audited), records.rows(audited), async (count) => {
        rows += count;
        if (rows % stride < count) await onProgress({ entries, total, rows });
      });
    }
    await filling.run('COMMIT');
    await onProgress({ entries, total, rows });
    await seal();
    return past;
  } catch (error) {
    await past.close();
    throw error;
  }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface Past {
  readonly records: Records;
  readonly models: readonly AuditedModel[];
  readonly entries: number;
  readonly total: number;
}

/** @throws AuditError ERR_AUDIT_HISTORY_INCOMPLETE when the log does not hold all that was there */
async function readLog(
  parts: HistoryParts,
  point: Date | string,
  name: string,
  models: readonly AuditedModel[],
  transaction: Transaction | null,
  onProgress: NonNullable<AsOfOptions['onProgress']>,
): Promise<Past> {
  const { AuditLog } = parts;
  const { Op } = (parts.sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
  const cutoff = await cutoffOf(parts, point, transaction);
  const names = models.map(({ modelName }) => modelName);
  const where = { modelName: names, id: { [Op.lte]: cutoff } } as never;
  const plainly = { hooks: false, useMaster: true, transaction };
  const total = cutoff === null ? 0 : Number(await AuditLog.count({ where, ...plainly } as never));

  const byName = new Map(models.map((audited) => [audited.modelName, audited]));
  const records = new Records();
  let entries = 0;
  if (cutoff !== null) {
    const attributes = ['modelName', 'recordId', 'action', 'patch', 'createdAt'] as const;
    for await (const entry of new LogReader(parts).stream({ where, attributes }, { transaction })) {
      const isWithin = typeof point === 'string' || entry.createdAt <= point;
      records.add(byName.get(entry.modelName) as AuditedModel, entry.recordId, entry, isWithin);
      entries += 1;
      if (entries % stride === 0) await onProgress({ entries, total, rows: 0 });
    }
  }

  const gaps: (Gaps | null)[] = models.map((audited) => {
    const [first, ...others] = records.gaps(audited);
    return first === undefined ? null : { count: others.length + 1, first };
  });
  gaps.push(await begunLater(parts, names, cutoff, transaction));
  // A row may have been written through another model of its table, also through one that is not asked for.
  for (const sharing of byTable([...new Set([...models, ...chosenModels(parts, undefined)])]))
    if (sharing.some((audited) => models.includes(audited)))
      gaps.push(await unrecorded(parts, sharing, records, transaction));
  refuseGaps(gaps, name);
  return { records, models, entries, total };
}

function refuseGaps(all: readonly (Gaps | null)[], name: string): void {
  const gaps = all.filter((each) => each !== null);
  const [worst] = gaps;
  if (!worst) return;
  const count = gaps.reduce((sum, each) => sum + each.count, 0);
  throw new AuditError(
    'ERR_AUDIT_HISTORY_INCOMPLETE',
    `What was there as of ${name} is not known of ${count} ${count === 1 ? 'record' : 'records'}: ${worst.first}. ` +
      'Leave their models out with the option models, or ask for a point after their baseline',
  );
}

/** The id of the last entry up to the point; null when there is none. */
async function cutoffOf(
  parts: HistoryParts,
  point: Date | string,
  transaction: Transaction | null,
): Promise<AuditLogAttributes['id'] | null> {
  const { Op } = (parts.sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
  const isChangeset = typeof point === 'string';
  const where = isChangeset ? { changesetId: point } : { createdAt: { [Op.lte]: point } };
  const [last] = await new LogReader(parts).find(
    { where: where as never, order: [['id', 'DESC']], limit: 1, attributes: ['id'] },
    { transaction },
  );
  if (!last && isChangeset) throw invalid('A point in the past', 'a changesetId of the log', point);
  return last?.id ?? null;
}

/** The models, and those that `Model.schema()` makes of them and the log knows. */
async function withSchemas(
  parts: HistoryParts,
  chosen: readonly AuditedModel[],
  transaction: Transaction | null,
): Promise<AuditedModel[]> {
  const names = await distinct(parts, 'modelName', {}, transaction);
  const others = names.flatMap((name) => {
    if (chosen.some(({ modelName }) => modelName === name)) return [];
    const origin = chosen.find(({ model }) => name.endsWith(`.${model.name}`))?.model;
    return origin ? (parts.models.of(origin.schema(name.slice(0, -origin.name.length - 1))) ?? []) : [];
  });
  return [...chosen, ...others];
}

/**
 * Runs `read` so that it sees the log and the tables as they are at one moment: in the caller's transaction, or in one
 * of its own. SQLite needs none: its entries come in the order of its commits.
 */
async function inSnapshot<T>(
  { sequelize, flush }: HistoryParts,
  options: HistoryOptions,
  read: (transaction: Transaction | null) => Promise<T>,
): Promise<T> {
  const open = transactionFor(sequelize, options);
  if (open) await flush(open);
  if (open || sequelize.getDialect() === 'sqlite') return read(open ?? null);
  const transaction = await sequelize.transaction({ isolationLevel: 'REPEATABLE READ' as never });
  try {
    return await read(transaction);
  } finally {
    await transaction.rollback();
  }
}
