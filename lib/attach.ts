/** Attaches the audit to a Sequelize instance: the only file that knows every stage. */
import { randomUUID } from 'node:crypto';
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { CompleteCapture } from './capture/complete.js';
import { Hooks } from './capture/hooks.js';
import { type AuditContext, Contexts } from './context.js';
import { AuditError, described } from './errors.js';
import { History } from './history/history.js';
import { internalsOf, rootOf, type TransactionInternals, transactionOf } from './internals.js';
import { appendPublicly } from './log/append-publicly.js';
import type { Entry } from './log/entry.js';
import { type AuditLogModel, defineAuditLog } from './log/model.js';
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
  readonly #options: ResolvedOptions;
  readonly #contexts: Contexts;
  readonly #models: AuditedModels;
  /** null with `capture: 'hooks'`. */
  readonly #complete: CompleteCapture | null;
  readonly #hooks: Hooks;
  readonly #warned = new Set<string>();

  /** @internal */
  constructor(sequelize: Sequelize, options: ResolvedOptions) {
    const isComplete = options.capture === 'complete';
    this.#sequelize = sequelize;
    this.#options = options;
    this.#contexts = new Contexts(options.actor);
    this.#models = new AuditedModels(sequelize, options);
    this.AuditLog = defineAuditLog(sequelize, options);
    const parts = { sequelize, AuditLog: this.AuditLog, models: this.#models, contexts: this.#contexts };

    const onUnaudited = (write: UnauditedWrite) => this.#report(write);
    this.#hooks = new Hooks({
      ...parts,
      isWitness: isComplete,
      isGateInPlace: () => this.#complete?.isInPlace ?? false,
      write: (entries, transaction, logging) => this.#write(entries, transaction, logging),
      onUnaudited,
    });
    const onPassed = (write: object, instance: Model | null) => this.#hooks.passed(write, instance);
    this.#complete = isComplete ? new CompleteCapture({ ...parts, onPassed, onUnaudited }) : null;

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
    const { Model: Base } = (this.#sequelize as unknown as { Sequelize: { Model: typeof Model } }).Sequelize;
    const isInstance = record instanceof Base;
    if (!isInstance && !(typeof record === 'function' && record.prototype instanceof Base)) {
      throw invalid(`expected a record or a model of this Sequelize instance, got ${described(record)}`);
    }
    if (isInstance && key !== undefined) throw invalid(`expected no key beside a record, got ${described(key)}`);
    const model = (isInstance ? record.constructor : record) as ModelStatic<M>;
    const audited = this.#models.of(model);
    if (!audited) throw invalid(`${model.name} is not audited`);
    const ofInstance = () =>
      Object.fromEntries(
        audited.keyColumns.map(({ attribute }) => [attribute, (record as M).getDataValue(attribute as never)]),
      );
    const values = audited.keyOf(isInstance ? ofInstance() : key);
    const parts = {
      sequelize: this.#sequelize,
      AuditLog: this.AuditLog,
      flush: async (transaction: TransactionInternals) => this.#complete?.flush(transaction),
    };
    return new History(parts, model, audited, values);
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
    internalsOf(this.#sequelize).modelManager.removeModel(this.AuditLog);
    delete (this.#sequelize as unknown as Record<symbol, unknown>)[attached];
  }

  async #write(
    entries: readonly Entry[],
    transaction: TransactionInternals | undefined,
    logging: unknown,
  ): Promise<void> {
    if (transaction && this.#complete) return this.#complete.add(transaction, entries);
    await appendPublicly(this.AuditLog, entries, { transaction, changesetId: this.#changesetOf(transaction), logging });
  }

  readonly #changesetIds = new WeakMap<TransactionInternals, string>();

  #changesetOf(transaction: TransactionInternals | undefined): string {
    if (!transaction) return randomUUID();
    const root = rootOf(transaction);
    const id = this.#changesetIds.get(root) ?? randomUUID();
    this.#changesetIds.set(root, id);
    return id;
  }

  #report(write: UnauditedWrite): void {
    const { onUnaudited } = this.#options;
    if (typeof onUnaudited === 'function') onUnaudited(write);
    else if (onUnaudited === 'warn' && !this.#warned.has(write.message)) {
      // An application that writes its SQL anew each time must not fill the memory; it is warned again instead.
      if (this.#warned.size >= 1000) this.#warned.clear();
      this.#warned.add(write.message);
      process.emitWarning(write.message, 'AuditWarning');
    } else if (onUnaudited === 'throw') throw new AuditError('ERR_AUDIT_WRITE_UNSEEN', write.message);
  }
}

function isSequelize(value: unknown): value is Sequelize {
  return (
    typeof value === 'object' && value !== null && typeof (value as Partial<Sequelize>).getQueryInterface === 'function'
  );
}

function invalid(message: string): AuditError {
  return new AuditError('ERR_AUDIT_HISTORY_INVALID', `history: ${message}`);
}
