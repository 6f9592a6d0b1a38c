/** Finds the kept state from which a point of a long history is near. */
import type { AuditedModel } from '../record/audited-model.js';
import { Conditions } from './conditions.js';
import type { Start, State } from './fold.js';
import { leadOfRecord, led } from './led.js';
import { type HistoryOptions, type HistoryParts, LogReader } from './log-reader.js';
import type { Direction } from './query.js';
import { shapeOf } from './shape.js';
import { transactionFor } from './transaction-for.js';

/** A kept state, and the entry after which the record was so. */
export interface Kept extends Start {
  /** Of the entry, as text. */
  readonly entryId: string;
  /** Of the last entry up to the point that was asked for; null where it was none in time. */
  readonly lastId: string | null;
}

export class Snapshots {
  readonly #parts: HistoryParts;
  readonly #audited: AuditedModel;
  readonly #recordId: string;
  readonly #options: HistoryOptions;

  constructor(parts: HistoryParts, audited: AuditedModel, recordId: string, options: HistoryOptions) {
    this.#parts = parts;
    this.#audited = audited;
    this.#recordId = recordId;
    this.#options = options;
  }

  /**
   * The last state that was kept of the record up to a point.
   *
   * @param point a revision; an instant (inclusive); null for the last of all
   * @returns null where there is none of the shape that the model has today
   */
  async last(point: number | Date | null): Promise<Kept | null> {
    const { AuditSnapshot, sequelize } = this.#parts;
    if (!AuditSnapshot) return null;
    const conditions = new Conditions(this.#parts);
    const { Op } = (sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
    const entry = point instanceof Date ? await this.#lastEntry(point) : null;
    if (point instanceof Date && entry === null) return null;
    const record = led(this.#parts, conditions, leadOfRecord(this.#audited.modelName, this.#recordId), {
      direction: 'DESC',
    });
    // The index of snapshots ends with the entry, as that of the log ends with the id.
    const order = (record.order as [string, Direction][]).map(([by, way]) => [by === 'id' ? 'entryId' : by, way]);
    const [row] = await AuditSnapshot.findAll({
      where: conditions.all(
        record.where,
        { shape: shapeOf(this.#audited) } as never,
        (typeof point === 'number' ? { revision: { [Op.lte]: point } } : {}) as never,
        entry === null ? {} : ({ entryId: { [Op.lte]: entry } } as never),
      ) as never,
      order,
      limit: 1,
      raw: true,
      hooks: false,
      useMaster: true,
      transaction: transactionFor(sequelize, this.#options) ?? null,
    } as never);
    if (!row) return null;
    const { entryId, revision, state } = row as unknown as { entryId: unknown; revision: number; state: string };
    return {
      entryId: String(entryId),
      lastId: entry === null ? null : String(entry),
      revision,
      state: JSON.parse(state) as State,
    };
  }

  /** The id of the record's last entry up to an instant: later ones can be earlier by their time. */
  async #lastEntry(instant: Date): Promise<string | number | null> {
    const conditions = new Conditions(this.#parts);
    const lead = leadOfRecord(this.#audited.modelName, this.#recordId);
    const record = led(this.#parts, conditions, lead, { direction: 'DESC' });
    const where = conditions.all(record.where, conditions.within({ since: undefined, until: instant }, true));
    const selection = { where, attributes: ['id'], order: record.order, limit: 1 } as const;
    const [entry] = await new LogReader(this.#parts).find(selection, this.#options);
    return entry?.id ?? null;
  }
}
