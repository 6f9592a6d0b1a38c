/** The one error class of the package and the one table of its codes. */
import { BaseError } from 'sequelize';

/** Every code an AuditError can carry, with what it means. `docs/errors.md` is compared with this table. */
export const errorCodes = {
  ERR_AUDIT_ALREADY_ATTACHED: 'attachAudit was called a second time on one Sequelize instance.',
  ERR_AUDIT_OPTION_INVALID:
    'An option is unknown, has the wrong type, or names a model or attribute that does not exist.',
  ERR_AUDIT_CONTEXT_INVALID: 'The actor, reason or meta of a write is not something the log can hold.',
  ERR_AUDIT_ACTOR_MISSING: 'With `requireActor: true`: a write of an audited model, or `baseline`, had no actor.',
  ERR_AUDIT_PRIMARY_KEY_MISSING:
    'A model without a primary key was written, or a row that has null in it, so its records cannot be named.',
  ERR_AUDIT_RECORD_UNKNOWN: 'The row that a write made or changed could not be found again, so no exact entry exists.',
  ERR_AUDIT_ENTRY_NOT_WRITTEN: 'The entry could not be written, so the write it describes was refused as well.',
  ERR_AUDIT_WRITE_UNSEEN:
    "With `onUnaudited: 'throw'`: raw SQL that writes an audited table was refused, or a write past the gate was recorded by hooks.",
  ERR_AUDIT_LOG_IMMUTABLE: 'Something tried to update, destroy or truncate the log.',
  ERR_AUDIT_PATCH_INVALID: 'A patch does not apply to the document at hand, or has no inverse.',
  ERR_AUDIT_HISTORY_INVALID: 'history() or another reader of the log was called with arguments it does not take.',
  ERR_AUDIT_HISTORY_INCOMPLETE: 'Entries are missing before the point asked for, so the record cannot be rebuilt.',
  ERR_AUDIT_REVERT_IMPOSSIBLE: 'The log does not hold what is needed to bring the record back.',
  ERR_AUDIT_UNDO_CONFLICT: 'What is to be undone was changed again later; `conflicts` lists where.',
  ERR_AUDIT_PAST_READ_ONLY: 'Something tried to write to the past that asOf() has opened.',
  ERR_AUDIT_PAST_UNAVAILABLE: 'asOf() opens the past in SQLite, and the package `sqlite3` is not installed.',
  ERR_AUDIT_TRANSACTION_FOREIGN: 'A call was given a transaction of another Sequelize instance.',
  ERR_AUDIT_TRANSACTION_OPEN:
    'detach() was called while writes are under way, or open transactions hold entries that are not written yet.',
} as const;

export type AuditErrorCode = keyof typeof errorCodes;

/** A place that does not hold any more what the change left there that is to be undone. Values are as in the log. */
export interface Conflict {
  readonly modelName: string;
  readonly recordId: string;
  /** JSON Pointer (RFC 6901) into the record; '' is the record itself. */
  readonly path: string;
  /** What the change left; undefined where that was nothing. */
  readonly expected: unknown;
  /** What is there now; undefined where nothing is. */
  readonly found: unknown;
}

/**
 * Any failure of this package. `code` says which; `cause` is the error underneath, when there is one.
 * For a failure of the database `parent`, `original` and `sql` are those of the cause, as on Sequelize's own
 * errors, so code that looks there to decide on a retry keeps working.
 */
export class AuditError extends BaseError {
  readonly code: AuditErrorCode;
  override readonly cause: unknown;
  readonly parent: unknown;
  readonly original: unknown;
  readonly sql: unknown;
  /** With ERR_AUDIT_UNDO_CONFLICT: where later changes stand in the way. Else empty. */
  readonly conflicts: readonly Conflict[];

  constructor(code: AuditErrorCode, message: string, cause?: unknown, conflicts: readonly Conflict[] = []) {
    super(message);
    this.name = 'AuditError';
    this.code = code;
    this.cause = cause;
    this.conflicts = conflicts;
    const database = (cause ?? {}) as { parent?: unknown; original?: unknown; sql?: unknown };
    this.parent = database.parent;
    this.original = database.original;
    this.sql = database.sql;
  }
}

/** Errors whose stack leads to a call of the application. */
const led = new WeakSet<AuditError>();

/**
 * Has the stack of an error of this package lead on from where it is caught first: of where it was thrown, ten calls of ours are
 * left. What refuses a transaction is thrown to each of its writes.
 */
export function leadHere(error: unknown): void {
  if (!(error instanceof AuditError) || led.has(error)) return;
  led.add(error);
  const { stack = '' } = new Error();
  error.stack = `${error.name}: ${error.message}${stack.slice(stack.indexOf('\n'))}`;
}

/** The text of anything thrown, for the end of a message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : typeof error === 'string' ? error : described(error);
}

/** A value as a short text for "got …" in a message: quoted strings, `null`, a list, or the kind of object. */
export function described(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value !== 'object' || value === null) return String(value);
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor?.name;
  return name && name !== 'Object' ? `a ${name}` : 'an object';
}

/** Whether `value` is an object literal: not null, not an array, of no class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** The error of a call that was given a transaction of another instance. @param what was called */
export function foreignTransaction(what: string): AuditError {
  return new AuditError(
    'ERR_AUDIT_TRANSACTION_FOREIGN',
    `${what} was given a transaction of another Sequelize instance: expected one of its own`,
  );
}
