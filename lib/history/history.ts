/** The history of one record: what happened to it, what it was, and the way back. */
import type { Model, ModelStatic } from 'sequelize';
import { AuditError } from '../errors.js';
import type { AuditLogAttributes } from '../log/model.js';
import { diff } from '../patch/diff.js';
import type { Document, Patch } from '../patch/operation.js';
import { memberOf } from '../patch/pointer.js';
import type { AuditedModel } from '../record/audited-model.js';
import { checkOptions, checkPoint, invalid, type Point } from './arguments.js';
import { Conditions } from './conditions.js';
import { fold, type State } from './fold.js';
import { inTransaction } from './in-transaction.js';
import { leadOfRecord, led } from './led.js';
import { type HistoryOptions, type HistoryParts, LogReader, type Selection } from './log-reader.js';
import { planRevert, revert } from './revert.js';
import type { Revision } from './revision.js';
import { type RevisionsOptions, revisions } from './revisions.js';
import type { PlannedChange } from './rewrite.js';
import { type Kept, Snapshots } from './snapshots.js';
import type { Target } from './target.js';
import { transactionFor } from './transaction-for.js';

export interface RevertOptions extends HistoryOptions {
  /** Writes nothing, and says what would be written. @default false */
  readonly dryRun?: boolean;
}

export interface PastDocument {
  /** Each value as the type encoded it that its attribute had then. */
  readonly document: Document;
  /** Those of its attributes that the model does not have today: dropped, or renamed without `renamed`. */
  readonly unknown: readonly string[];
}

export class History<M extends Model = Model> {
  readonly #parts: HistoryParts;
  readonly #model: ModelStatic<M>;
  readonly #audited: AuditedModel;
  readonly #recordId: string;
  readonly #key: Readonly<Record<string, unknown>>;

  constructor(parts: HistoryParts, { model, audited, key }: Target<M>) {
    this.#parts = parts;
    this.#model = model;
    this.#audited = audited;
    this.#key = key;
    this.#recordId = audited.recordId(key);
  }

  /**
   * The entries of the record, oldest first unless `order` says otherwise: all, or those that fulfil every condition
   * given. `since` and `until` are inclusive. `limit` and `after`, the `id` of the last revision of a page, give the
   * next one. A revision has the same number in whichever page it is read.
   *
   * @returns an empty array when the log holds none
   * @throws AuditError ERR_AUDIT_HISTORY_INVALID
   */
  revisions(options: RevisionsOptions = {}): Promise<Revision[]> {
    return revisions(this.#parts, this.#audited, this.#recordId, options);
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
   * All that the log holds of the record at `point`, as plain JSON under today's names: also attributes that the model
   * has no more, which `at` cannot show.
   *
   * @returns null when the record did not exist then
   * @throws AuditError as `at` does
   */
  async documentAt(point: Point, options: HistoryOptions = {}): Promise<PastDocument | null> {
    const document = await this.#shownAt(point, options);
    if (document === null) return null;
    const unknown = Object.keys(document).filter((attribute) => !this.#audited.column(attribute));
    return { document, unknown };
  }

  /**
   * The patch that leads from the record at one point to the record at another.
   *
   * @throws AuditError as `at` does
   */
  async diff(from: Point, to: Point, options: HistoryOptions = {}): Promise<Patch> {
    const before = await this.#shownAt(from, options);
    const after = await this.#shownAt(to, options);
    return diff(before && sameForms(this.#audited, before, after ?? {}), after);
  }

  /**
   * Brings the record back to what it was at `point`, through its model and in one transaction, so that this is
   * recorded like any write. Excluded and redacted attributes keep their present value; `updatedAt` and a `version`
   * attribute go on, as with any save.
   *
   * @param options `dryRun`: writes nothing, and says what would be written, null where nothing would
   * @returns the record as it is now; null when it did not exist at `point` and has been destroyed
   * @throws AuditError ERR_AUDIT_REVERT_IMPOSSIBLE when a destroyed record needs what the log does not hold
   */
  async revertTo(point: Point, options: RevertOptions & { readonly dryRun: true }): Promise<PlannedChange | null>;
  async revertTo(point: Point, options?: RevertOptions & { readonly dryRun?: false }): Promise<M | null>;
  async revertTo(point: Point, options?: RevertOptions): Promise<M | PlannedChange | null>;
  async revertTo(point: Point, options: RevertOptions = {}): Promise<M | PlannedChange | null> {
    checkPoint(point);
    checkOptions(options, ['transaction', 'dryRun']);
    const { dryRun } = options;
    if (dryRun !== undefined && typeof dryRun !== 'boolean') throw invalid('dryRun', 'true or false', dryRun);
    const target = { model: this.#model, audited: this.#audited, key: this.#key };
    return inTransaction<M | PlannedChange | null>(this.#parts.sequelize, options, async (transaction) => {
      const state = await this.#stateAt(point, { transaction });
      return dryRun ? planRevert(target, state, transaction) : revert(target, state, transaction);
    });
  }

  async #stateAt(point: Point, options: HistoryOptions): Promise<State> {
    checkPoint(point);
    checkOptions(options, ['transaction']);
    const kept = await new Snapshots(this.#parts, this.#audited, this.#recordId, options).last(point);
    try {
      const state = kept && (await this.#foldedFrom(kept, point, options));
      if (state) return state;
    } catch (error) {
      // Whatever is wrong, the whole log has the say.
      if (!(error instanceof AuditError)) throw error;
    }
    return this.#foldedTo(point, options);
  }

  /** The state at a point that is at a kept one or after it; null where the log has to say all. */
  async #foldedFrom(kept: Kept, point: Point, options: HistoryOptions): Promise<State | null> {
    const count = typeof point === 'number' ? point - kept.revision : undefined;
    if (count === 0) return kept.state;
    const steps = await this.#entries({ ...kept, limit: count, attributes: ['action', 'patch'] }, options);
    if (count !== undefined && steps.length < count) return null;
    return fold(this.#audited, this.#recordId, steps, kept);
  }

  async #foldedTo(point: Point, options: HistoryOptions): Promise<State> {
    const name = `${this.#audited.modelName} ${this.#recordId}`;
    const steps = await this.#entries(
      typeof point === 'number'
        ? { limit: point, attributes: ['action', 'patch'] }
        : { attributes: ['action', 'patch', 'createdAt'] },
      options,
    );
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
    if (count === 0 && steps[0]) fold(this.#audited, this.#recordId, [steps[0]]);
    if (count === 0 && steps[0]?.action === 'baseline')
      throw incomplete(`${name} is older than its first entry, a baseline`);
    return fold(this.#audited, this.#recordId, steps.slice(0, count));
  }

  async #shownAt(point: Point, options: HistoryOptions): Promise<Document | null> {
    const document = existing(await this.#stateAt(point, options));
    return document && this.#audited.shown(document);
  }

  /** A row that exists while the log knows nothing of it was there before the log was. */
  async #refuseUnrecorded(name: string, options: HistoryOptions): Promise<void> {
    const transaction = transactionFor(this.#parts.sequelize, options) ?? null;
    const row = await this.#model
      .unscoped()
      .findOne({ where: this.#key as never, paranoid: false, hooks: false, useMaster: true, transaction } as never);
    if (row) throw incomplete(`The log holds no entry of ${name}, and yet the row exists`);
  }

  /** The entries of the record, or those after one and up to another. */
  async #entries(
    { entryId, lastId, limit, attributes }: Pick<Selection, 'limit' | 'attributes'> & Partial<Kept>,
    options: HistoryOptions,
  ): Promise<AuditLogAttributes[]> {
    const conditions = new Conditions(this.#parts);
    const { modelName } = this.#audited;
    const all = () => ({ where: conditions.ofRecord(modelName, this.#recordId), order: undefined });
    const { where, order } =
      limit === undefined && entryId === undefined
        ? all()
        : led(this.#parts, conditions, leadOfRecord(modelName, this.#recordId), { direction: 'ASC', after: entryId });
    const upTo = lastId ? [conditions.upTo(lastId, 'ASC')] : [];
    const selection = { where: conditions.all(where, ...upTo), order, limit, attributes };
    return new LogReader(this.#parts).find(selection, options);
  }
}

function incomplete(message: string): AuditError {
  return new AuditError('ERR_AUDIT_HISTORY_INCOMPLETE', message);
}

function existing({ document, isDestroyed }: State): Document | null {
  return isDestroyed ? null : document;
}

/** The document with those values in the form of another in which the two are the same. */
function sameForms(audited: AuditedModel, document: Document, other: Document): Document {
  const pairs = Object.entries(document).map(([attribute, value]) => {
    const found = memberOf(other, attribute);
    return [attribute, found !== undefined && audited.isSame(attribute, value, found) ? found : value];
  });
  return Object.fromEntries(pairs);
}
