/** The data type of an attribute in the past: that of its model, which keeps and reads values in a way of its own. */
import { isDeepStrictEqual } from 'node:util';
import { AuditError } from '../../errors.js';
import { isEqual } from '../../patch/diff.js';
import type { Json } from '../../patch/operation.js';
import type { Column } from '../../record/audited-model.js';
import type { Codec, DataType } from '../../record/codec.js';
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
 * @param mark what stands for values that are not known, and before the JSON of those that no other form is exact for
 * @throws AuditError ERR_AUDIT_HISTORY_INVALID from `stringify`, for a condition on what the log never holds
 */
export function pastTypeOf(
  type: DataType,
  column: Column | null,
  name: string,
  { dialect, mark }: { readonly dialect: string; readonly mark: Buffer },
): PastType {
  const storage = storageOf(type, dialect);
  const isExact = (json: Json, stored: Stored) => isEqual(storage.read(stored), json);
  const store = (json: Json): Stored | null => {
    if (json === null || !column) return null;
    const stored = storage.write(json);
    const isReadSo = !storage.isVerbatim || column.codec.decode(json) === json;
    if (isReadSo && storage.isUsual(stored) && isExact(json, stored)) return stored;
    const form = inTodaysForm(column.codec, json);
    const formed = storage.write(form);
    return isExact(form, formed) ? formed : Buffer.concat([mark, Buffer.from(JSON.stringify(json))]);
  };
  const stringify = (value: unknown): string => {
    if (!column)
      throw new AuditError(
        'ERR_AUDIT_HISTORY_INVALID',
        `${name} is excluded or redacted, so its values are not in the log, and the past cannot be searched by it`,
      );
    const json = column.codec.fromInstance(value);
    const number = storage.isDecimal && json !== null ? numericLiteralOf(json) : null;
    return number ?? literalOf(json === null ? null : storage.write(json), storage.isReal);
  };
  const read = (stored: Stored | null) => {
    if (stored === null || !column) return stored;
    const isMarked = Buffer.isBuffer(stored) && stored.subarray(0, mark.length).equals(mark);
    const json = isMarked ? (JSON.parse(String(stored.subarray(mark.length))) as Json) : storage.read(stored);
    return column.codec.decode(json);
  };
  return Object.assign(Object.create(type) as PastType, {
    // Sequelize puts the type of the dialect in the place of every type whose key it knows.
    key: 'PAST',
    escape: false as const,
    toSql: () => '',
    stringify,
    store,
    read,
    isReal: storage.isReal ?? false,
    originKey: type.key,
  });
}

/** A value from before the type was another as today's type has it, where that reads as the same. */
function inTodaysForm({ decode, fromInstance }: Codec, json: Json): Json {
  const value = decode(json);
  const form = fromInstance(value);
  return form !== null && isDeepStrictEqual(decode(form), value) ? form : json;
}
