/** Checks of what the readers of the log are called with. */
import { AuditError, described, isPlainObject } from '../errors.js';

/** A revision (integer, 1 is the first entry), or an instant (inclusive; millisecond precision). */
export type Point = number | Date;

/** @throws AuditError ERR_AUDIT_HISTORY_INVALID */
export function checkOptions(options: unknown, known: readonly string[]): void {
  if (!isPlainObject(options)) throw invalid('options', 'an object', options);
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) throw invalid('options', known.join(', '), unknown);
  const { transaction, limit } = options;
  const isTransaction = typeof (transaction as { commit?: unknown } | undefined)?.commit === 'function';
  if (transaction !== undefined && transaction !== null && !isTransaction)
    throw invalid('transaction', 'a transaction', transaction);
  if (limit !== undefined && !(Number.isSafeInteger(limit) && (limit as number) >= 1))
    throw invalid('limit', 'a number from 1', limit);
}

/** @throws AuditError ERR_AUDIT_HISTORY_INVALID */
export function checkPoint(point: unknown): void {
  const isRevision = Number.isSafeInteger(point) && (point as number) >= 1;
  if (!isRevision && !isInstant(point))
    throw invalid('A point in a history', 'a revision from 1 or a valid Date', point);
}

export function isInstant(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

/** The error for an argument: what it is called, what was expected and what came. */
export function invalid(what: string, expected: string, got: unknown): AuditError {
  return new AuditError('ERR_AUDIT_HISTORY_INVALID', `${what}: expected ${expected}, got ${described(got)}`);
}
