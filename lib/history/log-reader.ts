/** Reads rows of the log in its own order, all at once or as a stream. */
import type { Order, Sequelize, Transaction, WhereOptions } from 'sequelize';
import type { TransactionInternals } from '../internals.js';
import type { AuditLogAttributes, AuditLogModel } from '../log/model.js';
import type { AuditSnapshotModel } from '../log/snapshot-model.js';
import type { IndexOptions } from '../options.js';
import type { AuditedModels } from '../record/audited-models.js';
import { transactionFor } from './transaction-for.js';

export interface HistoryOptions {
  /** The transaction to read in; what it has written and not yet logged is written first. @default that of CLS, or none */
  readonly transaction?: Transaction | null;
}

export interface Selection {
  readonly where?: WhereOptions<AuditLogAttributes> | undefined;
  /** @default oldest first */
  readonly order?: Order | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  /** @default all */
  readonly attributes?: readonly (keyof AuditLogAttributes)[] | undefined;
}

export interface HistoryParts {
  readonly sequelize: Sequelize;
  readonly AuditLog: AuditLogModel;
  /** null where the application has none. */
  readonly AuditSnapshot: AuditSnapshotModel | null;
  readonly models: AuditedModels;
  /** Those that the log has beside its own. */
  readonly indexes: Required<IndexOptions>;
  /** Writes what an open transaction has not logged yet. */
  readonly flush: (transaction: TransactionInternals) => Promise<void>;
}

/** Rows that a stream reads at once. */
const batchSize = 2000;

export class LogReader {
  readonly #parts: HistoryParts;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
  }

  /** @returns plain rows; attributes that were not selected are absent */
  async find(selection: Selection, options: HistoryOptions): Promise<AuditLogAttributes[]> {
    const { sequelize, AuditLog, flush } = this.#parts;
    const transaction = transactionFor(sequelize, options);
    if (transaction) await flush(transaction);
    const { where = {}, order = [['id', 'ASC']], limit, offset, attributes } = selection;
    const rows = await AuditLog.findAll({
      where,
      order,
      ...(limit === undefined ? {} : { limit }),
      ...(offset === undefined ? {} : { offset }),
      ...(attributes === undefined ? {} : { attributes: [...attributes] }),
      raw: true,
      hooks: false,
      // A replica may not have seen the last write yet.
      useMaster: true,
      transaction: transaction ?? null,
    } as never);
    return rows.map((row) => parsed(row as unknown as AuditLogAttributes));
  }

  /** How many rows fulfil `where`. */
  async count(where: WhereOptions<AuditLogAttributes>, options: HistoryOptions): Promise<number> {
    const { sequelize, AuditLog, flush } = this.#parts;
    const transaction = transactionFor(sequelize, options);
    if (transaction) await flush(transaction);
    const query = { where, hooks: false, useMaster: true, transaction: transaction ?? null };
    return (await AuditLog.count(query as never)) as unknown as number;
  }

  /** All rows that fulfil `where`, oldest first; few are in memory at a time. */
  async *stream(
    { where = {}, attributes }: Pick<Selection, 'where' | 'attributes'>,
    options: HistoryOptions,
  ): AsyncGenerator<AuditLogAttributes> {
    const { Op } = (this.#parts.sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
    let last: AuditLogAttributes | undefined;
    do {
      const next = last ? { [Op.and]: [where, { id: { [Op.gt]: last.id } }] } : where;
      const rows = await this.find(
        { where: next as never, limit: batchSize, attributes: attributes && ['id', ...attributes] },
        options,
      );
      yield* rows;
      last = rows.length < batchSize ? undefined : rows.at(-1);
    } while (last);
  }
}

/** Some drivers give JSON and dates as text. The row is nobody else's. */
function parsed(row: AuditLogAttributes): AuditLogAttributes {
  const values = row as { patch?: unknown; meta?: unknown; createdAt?: unknown };
  if (typeof values.patch === 'string') values.patch = JSON.parse(values.patch);
  if (typeof values.meta === 'string') values.meta = JSON.parse(values.meta);
  if (typeof values.createdAt === 'string') values.createdAt = new Date(values.createdAt);
  return row;
}
