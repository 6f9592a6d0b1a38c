/** The data type of an attribute in the past: that of its model, which keeps and reads values in a way of its own. */
import { AuditError } from '../../errors.js';
import type { Json } from '../../patch/operation.js';
import type { Column } from '../../record/audited-model.js';
import type { DataType } from '../../record/codec.js';
import { literalOf, numericLiteralOf, type Stored, storageOf } from './storage.js';

/** What Sequelize calls of a type when it builds a query, and what we call of it. */
export interface PastType extends DataType {
  /** False: `stringify` gives SQL. */
  readonly escape: false;
  readonly toSql: () => string;
  readonly stringify: (value: unknown) => string;
  /** @param json of the log, null included */
  readonly store: (json: Json) => Stored | null;
  readonly read: (stored: Stored | null) => unknown;
  readonly isReal: boolean;
  /** The key of the type in the application. */
  readonly originKey: string;
}

/** Whether an attribute has the type of a column of the past. */
export function isPastType(type: unknown): type is PastType {
  return typeof (type as Partial<PastType> | undefined)?.store === 'function';
}

/**
 * @param type of the attribute of the model
 * @param column null when the log never holds its values
 * @param name how a message calls the attribute
 * @throws AuditError ERR_AUDIT_HISTORY_INVALID from `stringify`, for a condition on what the log never holds
 */
export function pastTypeOf(type: DataType, column: Column | null, name: string, dialect: string): PastType {
  const storage = storageOf(type, dialect);
  const store = (json: Json) => (json === null ? null : storage.write(json));
  const stringify = (value: unknown): string => {
    if (!column)
      throw new AuditError(
        'ERR_AUDIT_HISTORY_INVALID',
        `${name} is excluded or redacted, so its values are not in the log, and the past cannot be searched by it`,
      );
    const json = column.codec.fromInstance(value);
    const number = storage.isDecimal && json !== null ? numericLiteralOf(json) : null;
    return number ?? literalOf(store(json), storage.isReal);
  };
  return Object.assign(Object.create(type) as PastType, {
    // Sequelize puts the type of the dialect in the place of every type whose key it knows.
    key: 'PAST',
    escape: false as const,
    toSql: () => '',
    stringify,
    store,
    read: (stored: Stored | null) => (stored === null || !column ? stored : column.codec.decode(storage.read(stored))),
    isReal: storage.isReal ?? false,
    originKey: type.key,
  });
}
