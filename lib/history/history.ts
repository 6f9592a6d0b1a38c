/** The history of one record: what happened to it, what it was, and the way back. */
import type { Model, ModelStatic, Order, Sequelize, Transaction, WhereOptions } from 'sequelize';
import { AuditError, described, isPlainObject } from '../errors.js';
import { type TransactionInternals, transactionOf } from '../internals.js';
import type { AuditLogAttributes, AuditLogModel } from '../log/model.js';
import { diff } from '../patch/diff.js';
import type { Document, Patch } from '../patch/operation.js';
import type { AuditedModel } from '../record/audited-model.js';
import { fold, type State } from './fold.js';
import { revert } from './revert.js';
import { type Revision, revisionOf } from './revision.js';

/** A revision (integer, 1 is the first entry), or an instant (inclusive; millisecond precision). */
export type Point = number | Date;

export interface HistoryOptions {
  /** The transaction to read in; what it has written and not yet logged is written first. @default that of CLS, or none */
  readonly transaction?: Transaction | null;
}

export interface RevisionsOptions extends HistoryOptions {
  /** Conditions on the attributes of AuditLog. */
  readonly where?: WhereOptions<AuditLogAttributes>;
  readonly limit?: number;
  /** @default oldest first */
  readonly order?: Order;
}

interface Selection {
  readonly where?: WhereOptions<AuditLogAttributes> | undefined;
  readonly limit?: number | undefined;
  readonly order?: Order | undefined;
  readonly attributes?: readonly string[];
}

export interface HistoryParts {
  readonly sequelize: Sequelize;
  readonly AuditLog: AuditLogModel;
  /** Writes what an open transaction has not logged yet. */
  readonly flush: (transaction: TransactionInternals) => Promise<void>;
}

export class History<M extends Model = Model> {
  readonly #parts: HistoryParts;
  readonly #model: ModelStatic<M>;
  readonly #audited: AuditedModel;
  readonly #recordId: string;
  readonly #key: Readonly<Record<string, unknown>>;

  /** @param key of the record, by attribute */
  constructor(
    parts: HistoryParts,
    model: ModelStatic<M>,
    audited: AuditedModel,
    key: Readonly<Record<string, unknown>>,
  ) {
    this.#parts = parts;
    this.#model = model;
    this.#audited = audited;
    this.#key = key;
    this.#recordId = audited.recordId(key);
  }

  /**
   * The entries of the record, oldest first unless `order` says otherwise.
   *
   * @returns an empty array when the log holds none
   */
  async revisions(options: RevisionsOptions = {}): Promise<Revision[]> {
    checkOptions(options, ['where', 'limit', 'order', 'transaction']);
    const { where, limit, order } = options;
    if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1))
      throw invalid('limit', 'a number from 1', limit);
    if (where !== undefined && (typeof where !== 'object' || where === null))
      throw invalid('where', 'conditions on the attributes of AuditLog', where);
    if (order !== undefined && !Array.isArray(order)) throw invalid('order', 'an array as findAll takes', order);
    const entries = await this.#entries(options, { where, limit, order });
    if (where === undefined && limit === undefined && order === undefined) {
      return entries.map((entry, index) => revisionOf(entry, index + 1));
    }
    // Which revision an entry is depends on all that came before it, not on those that were asked for.
    const all = await this.#entries(options, { attributes: ['id'] });
    const places = new Map(all.map(({ id }, index) => [String(id), index + 1]));
    return entries.map((entry) => revisionOf(entry, places.get(String(entry.id)) as number));
  }

  /**
   * The record as it was at `point`: built, not saved. Attributes that the log does not hold are absent.
   *
   * @returns null when the record did not exist then: before its creation, or after a destroy
   * @throws AuditError ERR_AUDIT_HISTORY_INVALID for a point that is none, or a revision that does not exist yet
   * @throws AuditError ERR_AUDIT_HISTORY_INCOMPLETE when entries before `point` are missing
   */
  async at(point: Point, options: HistoryOptions = {}): Promise<M | null> {
    const document = existing(await this.#stateAt(point, options));
    if (document === null) return null;
    // Built as an existing row, so that no default fills in what the log does not know.
    const instance = this.#model.build(this.#audited.valuesOf(document) as never, { raw: true, isNewRecord: false });
    instance.isNewRecord = true;
    return instance;
  }

  /**
   * The patch that leads from the record at one point to the record at another.
   *
   * @throws AuditError as `at` does
   */
  async diff(from: Point, to: Point, options: HistoryOptions = {}): Promise<Patch> {
    const before = existing(await this.#stateAt(from, options));
    const after = existing(await this.#stateAt(to, options));
    return diff(before, after);
  }

  /**
   * Brings the record back to what it was at `point`, through its model and in one transaction, so that this is
   * recorded like any write. Excluded and redacted attributes keep their present value; `updatedAt` and a `version`
   * attribute go on, as with any save.
   *
   * @returns the record as it is now; null when it did not exist at `point` and has been destroyed
   * @throws AuditError ERR_AUDIT_REVERT_IMPOSSIBLE when a destroyed record needs what the log does not hold
   */
  async revertTo(point: Point, options: HistoryOptions = {}): Promise<M | null> {
    checkOptions(options, ['transaction']);
    const { sequelize } = this.#parts;
    const revertIn = async (transaction: Transaction) => {
      const target = await this.#stateAt(point, { transaction });
      return revert(this.#model, this.#audited, this.#key, target, transaction);
    };
    const open = transactionOf(sequelize, options);
    return open ? revertIn(open) : sequelize.transaction(revertIn);
  }

  async #stateAt(point: Point, options: HistoryOptions): Promise<State> {
    const name = `${this.#audited.modelName} ${this.#recordId}`;
    checkPoint(point);
    checkOptions(options, ['transaction']);
    const steps = await this.#entries(options, {
      limit: typeof point === 'number' ? point : undefined,
      attributes: ['action', 'patch', 'createdAt'],
    });
    if (typeof point === 'number' && steps.length < point) {
      throw new AuditError(
        'ERR_AUDIT_HISTORY_INVALID',
        `${name} has ${steps.length} revisions: expected one of them, got ${point}`,
      );
    }
    if (steps.length === 0) await this.#refuseUnrecorded(name, options);
    // Clocks differ between machines, so a later entry can be earlier by its time; the log's order decides.
    const isWithin = (entry: AuditLogAttributes) => typeof point === 'number' || entry.createdAt <= point;
    const count = steps.findLastIndex(isWithin) + 1;
    // One entry more, to know that the record began with it, and was not there before without a trace.
    if (count === 0 && steps[0]) fold([steps[0]], name);
    return fold(steps.slice(0, count), name);
  }

  /** A row that exists while the log knows nothing of it was there before the log was. */
  async #refuseUnrecorded(name: string, options: HistoryOptions): Promise<void> {
    const transaction = transactionOf(this.#parts.sequelize, options) ?? null;
    const row = await this.#model
      .unscoped()
      .findOne({ where: this.#key as never, paranoid: false, hooks: false, useMaster: true, transaction } as never);
    if (row)
      throw new AuditError('ERR_AUDIT_HISTORY_INCOMPLETE', `The log holds no entry of ${name}, and yet the row exists`);
  }

  async #entries(
    options: HistoryOptions,
    { where, limit, order, attributes }: Selection,
  ): Promise<AuditLogAttributes[]> {
    const { sequelize, AuditLog, flush } = this.#parts;
    const transaction = transactionOf(sequelize, options);
    if (transaction) await flush(transaction);
    const record = { modelName: this.#audited.modelName, recordId: this.#recordId };
    const { Op } = (sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
    const entries = await AuditLog.findAll({
      where: (where === undefined ? record : { [Op.and]: [record, where] }) as never,
      order: order ?? [['id', 'ASC']],
      ...(limit === undefined ? {} : { limit }),
      ...(attributes === undefined ? {} : { attributes }),
      hooks: false,
      // A replica may not have seen the last write yet.
      useMaster: true,
      transaction: transaction ?? null,
    } as never);
    return entries.map((entry) => entry.get({ plain: true }) as unknown as AuditLogAttributes);
  }
}

function existing({ document, isDestroyed }: State): Document | null {
  return isDestroyed ? null : document;
}

function checkOptions(options: unknown, known: readonly string[]): void {
  if (!isPlainObject(options)) throw invalid('options', 'an object', options);
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) throw invalid('options', known.join(', '), unknown);
  const { transaction } = options;
  const isTransaction = typeof (transaction as { commit?: unknown } | undefined)?.commit === 'function';
  if (transaction !== undefined && transaction !== null && !isTransaction)
    throw invalid('transaction', 'a transaction', transaction);
}

function invalid(what: string, expected: string, got: unknown): AuditError {
  return new AuditError('ERR_AUDIT_HISTORY_INVALID', `${what}: expected ${expected}, got ${described(got)}`);
}

function checkPoint(point: unknown): void {
  const isRevision = Number.isSafeInteger(point) && (point as number) >= 1;
  const isInstant = point instanceof Date && !Number.isNaN(point.getTime());
  if (isRevision || isInstant) return;
  throw invalid('A point in a history', 'a revision from 1 or a valid Date', point);
}
