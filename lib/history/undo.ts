/** Reverses one change, or one changeset, and keeps what was changed later. */
import type { Transaction } from 'sequelize';
import type { AuditContext } from '../context.js';
import { AuditError, type Conflict, described } from '../errors.js';
import type { AuditLogAttributes } from '../log/model.js';
import { checkOptions, invalid } from './arguments.js';
import { inTransaction } from './in-transaction.js';
import { type HistoryOptions, type HistoryParts, LogReader } from './log-reader.js';
import { type Present, presentOf } from './present.js';
import { type PlannedChange, plannedChange, rewrite } from './rewrite.js';
import { type OnConflict, type Plan, planOf } from './undo-plan.js';
import { stepsOf } from './write-order.js';

export interface UndoParts extends HistoryParts {
  /** As `audit.run`. */
  readonly run: <T>(context: AuditContext, fn: () => T) => T;
}

export interface UndoOptions extends HistoryOptions {
  /** Writes nothing, and says what would be written, conflicts included. @default false */
  readonly dryRun?: boolean;
  /**
   * What happens where a later change stands in the way: nothing is undone, or the rest is, or all is and what came
   * later is lost. @default 'reject'
   */
  readonly onConflict?: OnConflict;
}

export interface Undone {
  /** The id of the entry or changeset, as `meta.undoes` of what was written has it. */
  readonly undoes: string;
  /**
   * Of what was written: undo it, and the change is done again. In a transaction of yours it holds what else you wrote
   * there. null when nothing was written.
   */
  readonly changesetId: string | null;
  /** What was written, in its order; with `dryRun` what would be, but for what goes on with each save. */
  readonly changes: readonly PlannedChange[];
  /** Empty unless `onConflict` is 'skip' or 'force', or with `dryRun`. */
  readonly conflicts: readonly Conflict[];
}

/** What to undo: an entry or a row of the log, the id of one, or a changesetId. */
export type Undoable = { readonly id: string | number; readonly changesetId: string } | string | number | bigint;

export async function undo(parts: UndoParts, what: Undoable, options: UndoOptions): Promise<Undone> {
  check(options);
  const { undoes, where } = askedFor(what);
  const { sequelize } = parts;
  const asked = (await new LogReader(parts).find({ where }, options)).filter(({ action }) => action !== 'baseline');
  if (asked.length === 0) throw await nothingToUndo(parts, undoes, where, options);

  const plan = (transaction: Transaction) =>
    planOf(parts, asked, options.onConflict ?? 'reject', transaction, !options.dryRun);
  if (options.dryRun) {
    return inTransaction(sequelize, options, async (transaction) => {
      const { writes, conflicts } = await plan(transaction);
      const changes = writes.map(({ target, present, wanted }) => plannedChange(target, present, wanted));
      return { undoes, changesetId: null, changes: changes.filter((change) => change !== null), conflicts };
    });
  }
  return parts.run({ meta: { undoes } }, () =>
    inTransaction(sequelize, options, async (transaction) => {
      const planned = await plan(transaction);
      if (planned.conflicts.length > 0 && (options.onConflict ?? 'reject') === 'reject')
        throw conflicting(undoes, planned.conflicts);
      await write(planned, transaction);
      return { undoes, ...(await written(parts, undoes, planned, transaction)), conflicts: planned.conflicts };
    }),
  );
}

async function write({ writes, presents }: Plan, transaction: Transaction): Promise<void> {
  const unwritten = new Map<unknown, Present | null>(presents);
  for (const { target, wanted } of stepsOf(writes)) {
    const present = unwritten.has(target) ? unwritten.get(target) : await presentOf(target, transaction, true);
    unwritten.delete(target);
    await rewrite(target, present ?? null, wanted, transaction);
  }
}

/** What the log has got of it: hooks of the application may have changed more, and foreign keys too. */
async function written(
  parts: HistoryParts,
  undoes: string,
  { writes, lastId }: Plan,
  transaction: Transaction,
): Promise<Pick<Undone, 'changesetId' | 'changes'>> {
  const reader = new LogReader(parts);
  for (const { target } of writes) {
    const { modelName } = target.audited;
    const where = { modelName, recordId: target.audited.recordId(target.key) };
    const [last] = await reader.find({ where, order: [['id', 'DESC']], limit: 1 }, { transaction });
    if (!last || BigInt(last.id) <= lastId) continue;
    const { changesetId } = last;
    const entries = await reader.find({ where: { changesetId } }, { transaction });
    const ours = entries.filter(({ id, meta }) => BigInt(id) > lastId && meta?.undoes === undoes);
    const changes = ours.map(({ modelName, recordId, action, patch }) => ({ modelName, recordId, action, patch }));
    return { changesetId, changes };
  }
  return { changesetId: null, changes: [] };
}

function check(options: UndoOptions): void {
  checkOptions(options, ['dryRun', 'onConflict', 'transaction']);
  const { dryRun, onConflict } = options as { readonly dryRun?: unknown; readonly onConflict?: unknown };
  if (dryRun !== undefined && typeof dryRun !== 'boolean') throw invalid('dryRun', 'true or false', dryRun);
  if (onConflict !== undefined && !['reject', 'skip', 'force'].includes(onConflict as string))
    throw invalid('onConflict', "'reject', 'skip' or 'force'", onConflict);
}

function askedFor(what: unknown): { readonly undoes: string; readonly where: Partial<AuditLogAttributes> } {
  if (typeof what === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(what)) {
    const changesetId = what.toLowerCase();
    return { undoes: changesetId, where: { changesetId } };
  }
  // A record of the application has an `id` as well, and means something else.
  const isEntry = typeof what === 'object' && what !== null && 'id' in what && 'changesetId' in what;
  const named = isEntry ? what.id : what;
  const isNumber = Number.isSafeInteger(named) || typeof named === 'bigint';
  const id = isNumber || typeof named === 'string' ? String(named) : '';
  // The ids of the log are positive and have 63 bits.
  if (!/^[1-9]\d{0,18}$/.test(id) || BigInt(id) >= 2n ** 63n)
    throw invalid('undo', 'an entry, the id of one, or a changesetId', named);
  return { undoes: id, where: { id } };
}

async function nothingToUndo(
  parts: HistoryParts,
  undoes: string,
  where: Partial<AuditLogAttributes>,
  options: UndoOptions,
): Promise<AuditError> {
  const [baseline] = await new LogReader(parts).find({ where, limit: 1 }, options);
  if (!baseline) {
    const kind = where.id === undefined ? 'no changeset' : 'no entry';
    return new AuditError('ERR_AUDIT_HISTORY_INVALID', `undo: the log holds ${kind} ${described(undoes)}`);
  }
  return new AuditError(
    'ERR_AUDIT_REVERT_IMPOSSIBLE',
    `${undoes} is a baseline: it says what was found and changed nothing, so there is nothing to undo`,
  );
}

function conflicting(undoes: string, conflicts: readonly Conflict[]): AuditError {
  const [first] = conflicts as [Conflict];
  const more = conflicts.length > 1 ? `, and ${conflicts.length - 1} more` : '';
  return new AuditError(
    'ERR_AUDIT_UNDO_CONFLICT',
    `${undoes} cannot be undone, as later changes stand in the way: ${first.modelName} ${first.recordId} ${first.path}${more}. Nothing was written`,
    undefined,
    conflicts,
  );
}
