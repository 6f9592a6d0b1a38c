/** What it is to look at a write, whatever kind of write it is. */
import type { Sequelize } from 'sequelize';
import { AuditError } from '../errors.js';
import type { QueryOptions } from '../internals.js';
import type { Image } from '../record/image.js';
import type { Call, Request, Sent } from './call.js';
import type { CascadeParts, Touched } from './cascade.js';
import type { Keyed, Own } from './own.js';
import type { Prepared } from './prepared.js';
import type { OldRows } from './sqlite-old-rows.js';
import type { Triggers } from './triggers.js';
import type { UniqueKeys } from './unique-keys.js';

/** What the rows of one table have become. */
export interface Seen extends Pick<Touched, 'modelName' | 'before'> {
  readonly after: Iterable<Image>;
  /** Whether a row that is not in `after` is gone; else it was left as it was. */
  readonly isWhole: boolean;
}

/** How one kind of write is looked at. */
export interface Observation {
  before(): Promise<Request>;
  /** Known after `before`: whether a writer of another transaction can still come between. */
  readonly canRace: boolean;
  after(sent: Sent): Promise<Seen[]>;
  /** Known after `before`: a statement that has to follow, and that commits by itself. */
  readonly end: string | null;
}

export interface ObservationParts extends CascadeParts {
  readonly uniqueKeys: UniqueKeys;
  readonly triggers: Triggers;
  readonly call: Call;
  readonly options: QueryOptions;
  /** PostgreSQL: Sequelize's statement in its parts; null where it cannot be a part of one of ours. */
  readonly own: Own | null;
  /** SQLite: how the statement finds its one row, where it does so by values alone. */
  readonly keyed: Keyed | null;
  /** Only on SQLite. */
  readonly oldRows: OldRows | null;
  readonly prepared: Prepared;
  /** PostgreSQL: tables whose updates have changed more than they set. */
  readonly moved: Set<string>;
  /** Whether looks can be sent with the statement. */
  readonly canLookAlong: boolean;
  /** Whether MySQL's rows are looked at only when the statement has met some; it is undone then, and tried again. */
  readonly isBlind: boolean;
  /** The key that an attempt before this one had for its row, which MySQL may have drawn; null where it is not known. */
  readonly drawn: string | null;
  /** Primary keys of rows that an attempt before this one met without having looked at them. */
  readonly met: readonly (readonly unknown[])[];
}

/**
 * Asks a write to give these columns back besides its own. On PostgreSQL that of one instance is kept ready under a name, as
 * the parts of a statement that comes again and again cost more to plan than to run.
 *
 * @param columns as SQL; null asks for none
 */
export function returningRequest({ call, own, prepared }: ObservationParts, columns: string | null): Request {
  if (own === null || call.instance === null || columns === null) return { returning: columns, only: null };
  const list = [own.returning, columns].filter(Boolean).join();
  const sql = `${own.write} RETURNING ${list}`;
  return { returning: null, only: null, whole: { sql, name: prepared.nameOf(sql), parameters: own.parameters } };
}

/** A write that went through while its entry could not be made: it must not be committed. */
export class Unrecorded {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** A write that met a row which was not there when it was looked for: undone, it can be tried again. */
export class Raced {
  readonly modelName: string;
  /** Primary keys of such rows. */
  readonly met: readonly (readonly unknown[])[];
  readonly drawn: string | null;

  constructor(modelName: string, met: readonly (readonly unknown[])[] = [], drawn: string | null = null) {
    this.modelName = modelName;
    this.met = met;
    this.drawn = drawn;
  }

  get error(): AuditError {
    return new AuditError(
      'ERR_AUDIT_RECORD_UNKNOWN',
      `A write of ${this.modelName} changed a row that was not there before it: it was refused`,
    );
  }
}

/** Whether an error is an answer of the database, so that the statement has been undone. */
export function isRefusal(sequelize: Sequelize, error: unknown): boolean {
  const { BaseError } = (sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
  return error instanceof BaseError && !(error instanceof AuditError);
}

/** A write that has been undone, so that it can be tried again. */
export class Undone {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}
