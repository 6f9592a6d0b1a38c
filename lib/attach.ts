/** Attaches the audit to a Sequelize instance: the only file that knows every stage. */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { CompleteCapture } from './capture/complete.js';
import { Hooks } from './capture/hooks.js';
import { UnauditedReports } from './capture/unaudited-reports.js';
import { type AuditContext, Contexts, checkUnaudited } from './context.js';
import { AuditError, described } from './errors.js';
import { type AsOfOptions, asOf } from './history/as-of.js';
import { type Baseline, type BaselineOptions, type BaselineParts, baseline } from './history/baseline.js';
import { type Blame, blame } from './history/blame.js';
import type { ModelChoice } from './history/chosen-models.js';
import { entries } from './history/entries.js';
import { History } from './history/history.js';
import { type Installation, installationOf } from './history/installation.js';
import { keepSnapshots, type SnapshotOptions, type SnapshotResult } from './history/keep-snapshots.js';
import type { HistoryOptions, HistoryParts } from './history/log-reader.js';
import { type ModelAudit, modelAudits } from './history/model-audits.js';
import type { EntriesQuery } from './history/query.js';
import type { AuditEntry } from './history/revision.js';
import { targetOf } from './history/target.js';
import { type Undoable, type Undone, type UndoOptions, undo } from './history/undo.js';
import { type Verification, type VerifyOptions, verify } from './history/verify.js';
import { internalsOf, isSequelize, type TransactionInternals, transactionOf } from './internals.js';
import { PublicLog } from './log/append-publicly.js';
import type { Entry } from './log/entry.js';
import { type AuditLogModel, defineAuditLog, type LogDefinition } from './log/model.js';
import { type AuditSnapshotModel, defineAuditSnapshot } from './log/snapshot-model.js';
import { type AuditOptions, type ResolvedOptions, resolveOptions, type UnauditedWrite } from './options.js';
import { AuditedModels } from './record/audited-models.js';

// On the instance, not in this module: an application may have loaded the package twice.
const attached = Symbol.for('sequelize-audit');

/**
 * Records every write of `sequelize` from now on. Call it once, before or after the models are defined; the table of
 * the log is made by `sequelize.sync()` with the others.
 *
 * @throws AuditError ERR_AUDIT_ALREADY_ATTACHED on a second call for the same instance
 * @throws AuditError ERR_AUDIT_OPTION_INVALID naming the option, what was expected and what came
 */
export function attachAudit(sequelize: Sequelize, options?: AuditOptions): Audit {
  if (!isSequelize(sequelize)) {
    throw new AuditError(
      'ERR_AUDIT_OPTION_INVALID',
      `attachAudit: expected a Sequelize instance, got ${described(sequelize)}`,
    );
  }
  if (attached in sequelize) {
    throw new AuditError(
      'ERR_AUDIT_ALREADY_ATTACHED',
      'attachAudit was called before for this Sequelize instance: expected one call, or detach() first',
    );
  }
  return new Audit(sequelize, resolveOptions(options, sequelize.getDialect()));
}

/** What `attachAudit` returns: the log, the context of writes, and the history of records. */
export class Audit {
  /** The generated model, to query like any other. */
  readonly AuditLog: AuditLogModel;
  readonly #sequelize: Sequelize;
  readonly #contexts: Contexts;
  readonly #models: AuditedModels;
  /** null with `capture: 'hooks'`. */
  readonly #complete: CompleteCapture | null;
  readonly #hooks: Hooks;
  /** null without the option. */
  readonly #AuditSnapshot: AuditSnapshotModel | null;
  readonly #reading: HistoryParts;
  readonly #ownIndexes: LogDefinition['ownIndexes'];
  readonly #log: PublicLog;

  /** @internal */
  constructor(sequelize: Sequelize, options: ResolvedOptions) {
    const isComplete = options.capture === 'complete';
    this.#sequelize = sequelize;
    this.#contexts = new Contexts(options.actor, options.requireActor);
    this.#models = new AuditedModels(sequelize, options);
    ({ AuditLog: this.AuditLog, ownIndexes: this.#ownIndexes } = defineAuditLog(sequelize, options));
    this.#log = new PublicLog(this.AuditLog);
    this.#AuditSnapshot = options.snapshots ? defineAuditSnapshot(sequelize, options, this.AuditLog) : null;
    const parts = { sequelize, AuditLog: this.AuditLog, models: this.#models, contexts: this.#contexts };

    this.#reading = {
      sequelize,
      AuditLog: this.AuditLog,
      AuditSnapshot: this.#AuditSnapshot,
      models: this.#models,
      indexes: options.indexes,
      flush: async (transaction) => this.#complete?.flush(transaction),
    };

    const reports = new UnauditedReports(options.onUnaudited);
    const onUnaudited = (write: UnauditedWrite) => reports.report(write);
    this.#hooks = new Hooks({
      ...parts,
      isWitness: isComplete,
      isGateInPlace: () => this.#complete?.isInPlace ?? false,
      write: (entries, transaction, logging) => this.#write(entries, transaction, logging),
      onUnaudited,
    });
    const onPassed = (write: object, instance: Model | null) => this.#hooks.passed(write, instance);
    const { preparedStatements } = options;
    this.#complete = isComplete ? new CompleteCapture({ ...parts, onPassed, onUnaudited, preparedStatements }) : null;

    for (const hook of ['beforeFind', 'beforeCount'] as const) {
      this.AuditLog.addHook(hook, async (query: { transaction?: TransactionInternals | null }) => {
        const transaction = transactionOf(sequelize, query);
        if (transaction) await this.#complete?.flush(transaction);
      });
    }
    this.#complete?.install();
    this.#hooks.install();
    Object.defineProperty(sequelize, attached, { value: this, configurable: true });
  }

  /** The instance that is audited. */
  get sequelize(): Sequelize {
    return this.#sequelize;
  }

  /**
   * What is audited, by model: those that the instance has by now, without those that have no primary key.
   *
   * @throws AuditError ERR_AUDIT_OPTION_INVALID when an option names something that does not exist
   */
  get models(): readonly ModelAudit[] {
    return modelAudits(this.#reading);
  }

  /** Which tables the package needs, and which models it leaves out, for tools that make or check an installation. */
  get installation(): Installation {
    return installationOf(this.#reading, this.#ownIndexes);
  }

  /**
   * Runs `fn` so that every write in it, and in whatever it awaits, carries this actor, reason and meta. Runs nest:
   * inner keys win.
   *
   * @returns what `fn` returns
   * @throws AuditError ERR_AUDIT_CONTEXT_INVALID
   */
  run<T>(context: AuditContext, fn: () => T): T {
    return this.#contexts.run(context, fn);
  }

  /**
   * Runs `fn`, whose raw SQL may write audited tables past the log: `onUnaudited` is not told of it.
   *
   * @param reason why, for whoever reads the code
   * @returns what `fn` returns
   * @throws AuditError ERR_AUDIT_CONTEXT_INVALID without a reason
   */
  unaudited<T>(reason: string, fn: () => T): T {
    checkUnaudited(reason, fn);
    return this.#complete ? this.#complete.unaudited(reason, fn) : fn();
  }

  /**
   * The history of one record, which need not exist any more.
   *
   * @param model the record itself, or its model
   * @param key the primary key: a value, or for a composite key an object by attribute
   * @throws AuditError ERR_AUDIT_HISTORY_INVALID for what is no record, or of a model that is not audited
   */
  history<M extends Model>(record: M): History<M>;
  history<M extends Model>(model: ModelStatic<M>, key: unknown): History<M>;
  history<M extends Model>(record: M | ModelStatic<M>, key?: unknown): History<M> {
    return new History(this.#reading, targetOf(this.#reading, 'history', record, key));
  }

  /**
   * The entries that fulfil every condition of `query`, across records, a page at a time: the newest 100 unless it says
   * otherwise. Give the `id` of the last one as `after` to get the next page. The order is that of the log, not of time.
   *
   * @returns an empty array when there are none, or no more
   * @throws AuditError ERR_AUDIT_HISTORY_INVALID naming the condition, what was expected and what came
   */
  entries(query: EntriesQuery = {}): Promise<AuditEntry[]> {
    return entries(this.#reading, query);
  }

  /**
   * Takes one change back and keeps what was changed later, through the models and in one transaction, so that this is
   * recorded like any write, with `meta.undoes`. A changeset is undone as a whole. Undoing what an undo wrote does the
   * change again.
   *
   * @param what an entry, revision or row of the log, the id of one, or a changesetId
   * @param options `dryRun` writes nothing and says what would be written; `onConflict` says what happens where a
   * later change stands in the way: 'reject' (default), 'skip' what is in the way, or 'force'
   * @throws AuditError ERR_AUDIT_UNDO_CONFLICT with its `conflicts`; nothing is written
   * @throws AuditError ERR_AUDIT_REVERT_IMPOSSIBLE when the log does not hold what is needed; nothing is written
   * @throws AuditError ERR_AUDIT_HISTORY_INVALID for what is no entry, or not in the log
   * @throws AuditError ERR_AUDIT_HISTORY_INCOMPLETE when entries are missing, so that nobody knows what the change did
   */
  async undo(what: Undoable, options: UndoOptions = {}): Promise<Undone> {
    const run: Audit['run'] = (context, fn) => this.run(context, fn);
    return undo({ ...this.#reading, run }, what, options);
  }

  /**
   * For each value of the record the entry after which it became what it is: for each attribute, and inside a JSON
   * column for each value that was set by itself, by its path.
   *
   * @param model the record itself, or its model
   * @param key the primary key: a value, or for a composite key an object by attribute
   * @returns null when the record does not exist, or is destroyed
   * @throws AuditError ERR_AUDIT_HISTORY_INVALID for what is no record, or of a model that is not audited
   * @throws AuditError ERR_AUDIT_HISTORY_INCOMPLETE when entries are missing
   */
  blame(record: Model, options?: HistoryOptions): Promise<Blame[] | null>;
  blame(model: ModelStatic<Model>, key: unknown, options?: HistoryOptions): Promise<Blame[] | null>;
  async blame(record: Model | ModelStatic<Model>, key?: unknown, options?: HistoryOptions): Promise<Blame[] | null> {
    const isModel = typeof record === 'function';
    const target = targetOf(this.#reading, 'blame', record, isModel ? key : undefined);
    return blame(this.#reading, target, (isModel ? options : (key as HistoryOptions)) ?? {});
  }

  /**
   * Replays the log against the live tables, both as they are at one moment, and says which records differ. Writers go on
   * meanwhile; a rollback journal of SQLite lets them wait, and in memory SQLite has no moments, so that nobody may write.
   *
   * @returns the records that differ, up to `limit`, and how many were compared and differ, in all and by model
   * @throws AuditError ERR_AUDIT_HISTORY_INVALID for models that are not audited and options that are none
   */
  verify(options: VerifyOptions = {}): Promise<Verification> {
    return verify(this.#reading, options);
  }

  /**
   * The past as a database of its own, to be queried and closed: a Sequelize on SQLite in memory with the same models,
   * filled with the rows as they were, softly destroyed ones and those that are gone today included.
   *
   * @param point an instant (inclusive), or the id of a changeset, after which the past is that of its last entry
   * @returns a Sequelize that is only read: every write throws ERR_AUDIT_PAST_READ_ONLY
   * @throws AuditError ERR_AUDIT_HISTORY_INVALID for a point, model or option that is none
   * @throws AuditError ERR_AUDIT_HISTORY_INCOMPLETE when records were there of which the log does not say what they were
   * @throws AuditError ERR_AUDIT_PAST_UNAVAILABLE when the package sqlite3 is not installed
   */
  asOf(point: Date | string, options: AsOfOptions = {}): Promise<Sequelize> {
    return asOf(this.#reading, point, options);
  }

  /**
   * Gives the records whose beginning the log does not hold, such as rows that are older than the log, an entry to begin
   * with: `action: 'baseline'`, and the row as it is. Writers may go on meanwhile. It can be stopped and run again: a record
   * that has its beginning is left alone.
   *
   * @param models models or their names; all that are audited when there are none
   * @returns how many rows were looked at and how many entries written, in all and by model
   * @throws AuditError ERR_AUDIT_HISTORY_INVALID for models that are not audited and options that are none
   */
  baseline(models?: ModelChoice | readonly ModelChoice[], options: BaselineOptions = {}): Promise<Baseline> {
    const parts: BaselineParts = {
      ...this.#reading,
      write: async (transaction, make) =>
        this.#complete ? this.#complete.addMade(transaction, make) : this.#write(await make(), transaction, undefined),
      context: () => this.#contexts.ofWrite(undefined, 'audit.baseline'),
    };
    return baseline(parts, models, options);
  }

  /**
   * Keeps, of the records that have long histories, their state every so many revisions, in a table beside the log, so
   * that `history.at` finds points in them without reading all that came before. Writes are not touched by it: call it
   * now and then, as of a timer. Only what is new since the last time is read.
   *
   * @param models models or their names; all that are audited when there are none
   * @returns how many records and entries were read and how many snapshots written, in all and by model
   * @throws AuditError ERR_AUDIT_OPTION_INVALID without the option `snapshots`
   * @throws AuditError ERR_AUDIT_HISTORY_INVALID for models that are not audited and options that are none
   */
  snapshot(models?: ModelChoice | readonly ModelChoice[], options: SnapshotOptions = {}): Promise<SnapshotResult> {
    return keepSnapshots(this.#reading, models, options);
  }

  /**
   * Leaves the Sequelize instance as it was before `attachAudit`. The table of the log stays.
   *
   * @throws AuditError ERR_AUDIT_TRANSACTION_OPEN while transactions hold entries that are not written yet
   */
  detach(): void {
    const open = this.#complete?.openCount ?? 0;
    if (open > 0) {
      throw new AuditError(
        'ERR_AUDIT_TRANSACTION_OPEN',
        `${open} writes are under way or wait for the end of their transaction: expected them to be done, committed or rolled back first`,
      );
    }
    if ((this.#sequelize as unknown as Record<symbol, unknown>)[attached] !== this) return;
    this.#hooks.uninstall();
    this.#complete?.uninstall();
    const { modelManager } = internalsOf(this.#sequelize);
    for (const model of [this.AuditLog, this.#AuditSnapshot]) if (model) modelManager.removeModel(model);
    delete (this.#sequelize as unknown as Record<symbol, unknown>)[attached];
  }

  async #write(
    entries: readonly Entry[],
    transaction: TransactionInternals | undefined,
    logging: unknown,
  ): Promise<void> {
    if (transaction && this.#complete) return this.#complete.add(transaction, entries);
    await this.#log.append(entries, transaction, logging);
  }
}
