/** Writes entries with Sequelize's public means alone, on any dialect: the way of the hooks. */
import { rootOf, type TransactionInternals } from '../internals.js';
import { notWritten } from './append.js';
import { newChangesetId } from './changeset-id.js';
import type { Entry } from './entry.js';
import type { AuditLogModel } from './model.js';

export class PublicLog {
  readonly #AuditLog: AuditLogModel;
  readonly #changesetIds = new WeakMap<TransactionInternals, string>();

  constructor(AuditLog: AuditLogModel) {
    this.#AuditLog = AuditLog;
  }

  /**
   * @param transaction the caller's; without one the entries are a statement of their own
   * @throws AuditError ERR_AUDIT_ENTRY_NOT_WRITTEN with the database's error as its cause
   */
  async append(
    entries: readonly Entry[],
    transaction: TransactionInternals | undefined,
    logging: unknown,
  ): Promise<void> {
    const createdAt = new Date();
    const changesetId = this.#changesetOf(transaction);
    const rows = entries.map(({ patch, meta, ...rest }) => ({
      ...rest,
      patch: JSON.parse(patch) as never,
      meta: meta === null ? null : (JSON.parse(meta) as never),
      changesetId,
      createdAt,
    }));
    try {
      await this.#AuditLog.bulkCreate(rows as never, {
        hooks: false,
        validate: false,
        // null, and not undefined, which would let CLS put in a transaction of another instance.
        transaction: transaction ?? null,
        ...(logging === undefined ? {} : { logging: logging as never }),
      });
    } catch (error) {
      throw notWritten(entries, error);
    }
  }

  #changesetOf(transaction: TransactionInternals | undefined): string {
    if (!transaction) return newChangesetId();
    const root = rootOf(transaction);
    const id = this.#changesetIds.get(root) ?? newChangesetId();
    this.#changesetIds.set(root, id);
    return id;
  }
}
