/** Keeps states of records with long histories, so that points in them are near to one. */
import { AuditError } from '../errors.js';
import { literal } from '../internals.js';
import type { AuditSnapshotAttributes, AuditSnapshotModel } from '../log/snapshot-model.js';
import type { AuditedModel } from '../record/audited-model.js';
import { checkOptions, invalid } from './arguments.js';
import { chosenModels } from './chosen-models.js';
import { Conditions } from './conditions.js';
import { advance, isBeginning, nameOf, type State, unborn } from './fold.js';
import { type HistoryOptions, type HistoryParts, LogReader } from './log-reader.js';
import { shapeOf } from './shape.js';
import { Snapshots } from './snapshots.js';
import { transactionFor } from './transaction-for.js';

export interface SnapshotOptions extends HistoryOptions {
  /** Revisions from one snapshot of a record to its next, and those that a record needs to have one. @default 500 */
  readonly every?: number;
  /** Whether those that are there are made anew, as after entries were edited or removed. @default false */
  readonly rebuild?: boolean;
  /** Told what has been done so far, after every record. */
  readonly onProgress?: (progress: SnapshotProgress) => void;
}

export interface SnapshotCount {
  /** Records that were long enough to be read. */
  readonly records: number;
  /** Entries that were read. */
  readonly entries: number;
  /** Snapshots that were written. */
  readonly written: number;
}

export interface SnapshotProgress extends SnapshotCount {
  readonly modelName: string;
}

export interface SnapshotResult extends SnapshotCount {
  /** The same by model, as entries name it. */
  readonly models: Readonly<Record<string, SnapshotCount>>;
}

export async function keepSnapshots(
  parts: HistoryParts,
  models: unknown,
  options: SnapshotOptions,
): Promise<SnapshotResult> {
  checkOptions(options, ['every', 'rebuild', 'onProgress', 'transaction']);
  const { every = 500, rebuild = false, onProgress } = options;
  if (!(Number.isSafeInteger(every) && every >= 2)) throw invalid('every', 'a number from 2', every);
  if (typeof rebuild !== 'boolean') throw invalid('rebuild', 'true or false', rebuild);
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw invalid('onProgress', 'a function', onProgress);
  const { AuditSnapshot } = parts;
  if (!AuditSnapshot) {
    throw new AuditError(
      'ERR_AUDIT_OPTION_INVALID',
      'audit.snapshot: expected attachAudit(sequelize, { snapshots: true }), which makes a table for them, got false',
    );
  }
  const counts: Record<string, SnapshotCount> = {};
  for (const audited of chosenModels(parts, models)) {
    const keeper = new Keeper(parts, AuditSnapshot, audited, options, every);
    const { modelName } = audited;
    counts[modelName] = await keeper.run(rebuild, (count) => onProgress?.({ modelName, ...count }));
  }
  const sum = (name: keyof SnapshotCount) => Object.values(counts).reduce((total, count) => total + count[name], 0);
  return { records: sum('records'), entries: sum('entries'), written: sum('written'), models: counts };
}

class Keeper {
  readonly #parts: HistoryParts;
  readonly #AuditSnapshot: AuditSnapshotModel;
  readonly #audited: AuditedModel;
  readonly #options: HistoryOptions;
  readonly #every: number;
  readonly #count = { records: 0, entries: 0, written: 0 };

  constructor(
    parts: HistoryParts,
    AuditSnapshot: AuditSnapshotModel,
    audited: AuditedModel,
    { transaction }: HistoryOptions,
    every: number,
  ) {
    this.#parts = parts;
    this.#AuditSnapshot = AuditSnapshot;
    this.#audited = audited;
    this.#options = transaction === undefined ? {} : { transaction };
    this.#every = every;
  }

  async run(isRebuilt: boolean, onProgress: (count: SnapshotCount) => void): Promise<SnapshotCount> {
    const { modelName } = this.#audited;
    const { Op } = (this.#parts.sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
    // Those of another shape are of no use: the model has changed.
    const shape = isRebuilt ? {} : { shape: { [Op.ne]: shapeOf(this.#audited) } };
    await this.#AuditSnapshot.destroy({ where: { modelName, ...shape } as never, ...this.#query });
    for (const recordId of await this.#long()) {
      await this.#keep(recordId);
      this.#count.records += 1;
      onProgress({ ...this.#count });
    }
    return { ...this.#count };
  }

  /** The records that have enough revisions. */
  async #long(): Promise<string[]> {
    const { sequelize, AuditLog, flush } = this.#parts;
    const transaction = transactionFor(sequelize, this.#options);
    if (transaction) await flush(transaction);
    const rows = await AuditLog.findAll({
      attributes: ['recordId'],
      where: new Conditions(this.#parts).isText('modelName', [this.#audited.modelName]),
      group: ['recordId'],
      having: literal(sequelize, `COUNT(*) >= ${this.#every}`),
      raw: true,
      useMaster: true,
      ...this.#query,
    } as never);
    return rows.map(({ recordId }) => recordId);
  }

  async #keep(recordId: string): Promise<void> {
    const conditions = new Conditions(this.#parts);
    const { modelName } = this.#audited;
    const kept = await new Snapshots(this.#parts, this.#audited, recordId, this.#options).last(null);
    const record = conditions.ofRecord(modelName, recordId);
    const where = kept ? conditions.all(record, conditions.behind(kept.entryId, 'ASC')) : record;
    const entries = new LogReader(this.#parts).stream({ where, attributes: ['action', 'patch'] }, this.#options);
    const shape = shapeOf(this.#audited);
    let revision = kept?.revision ?? 0;
    // null where entries are missing: nothing is known until the record begins anew.
    let state: State | null = kept?.state ?? unborn;
    const rows: AuditSnapshotAttributes[] = [];
    for await (const entry of entries) {
      revision += 1;
      this.#count.entries += 1;
      if (isBeginning(entry)) state = unborn;
      try {
        state = state && advance(this.#audited, state, entry, () => nameOf(this.#audited, recordId, revision));
      } catch {
        state = null;
      }
      if (state && revision % this.#every === 0)
        rows.push({ entryId: entry.id, modelName, recordId, revision, shape, state: JSON.stringify(state) });
    }
    if (rows.length === 0) return;
    // Two that run at once make the same.
    await this.#AuditSnapshot.bulkCreate(rows as never, { ignoreDuplicates: true, validate: false, ...this.#query });
    this.#count.written += rows.length;
  }

  /** How each of our statements runs. */
  get #query() {
    return { hooks: false, transaction: transactionFor(this.#parts.sequelize, this.#options) ?? null };
  }
}
