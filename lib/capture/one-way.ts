/** How a database performs a write and records it in one statement, where it can. */
import type { QueryOptions } from '../internals.js';
import type { Run } from '../log/append.js';
import type { AuditLogModel } from '../log/model.js';
import type { Call, Send } from './call.js';
import type { CascadeParts } from './cascade.js';
import type { Within } from './many.js';
import type { Observed } from './observe.js';
import type { Own } from './own.js';

/** Statements that are remembered at most, of each model on MariaDB. */
export const textLimit = 1000;

export interface OneWayParts extends Pick<CascadeParts, 'sequelize' | 'tables' | 'foreignKeys'> {
  readonly AuditLog: AuditLogModel;
}

/** Sequelize's statement and its values. */
export interface Bound {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** A write as it reaches the driver. */
export interface OneWrite {
  readonly call: Call;
  readonly options: QueryOptions;
  /** PostgreSQL: Sequelize's statement in its parts; null where it cannot be a part of one of ours. */
  readonly own: Own | null;
  /** MariaDB: Sequelize's statement; null where it cannot be in a block. */
  readonly bound: Bound | null;
  readonly run: Run;
  readonly send: Send;
}

export interface OneWay {
  /**
   * Performs a write and writes its entry, in no transaction of the caller's.
   *
   * @param rollback takes a transaction back that an error has left open
   * @returns null when nothing has been done, and the general way has to do it
   */
  perform(write: OneWrite, rollback: () => Promise<void>): Promise<{ readonly result: unknown } | null>;
  /**
   * Performs a write in the caller's transaction, and makes its entry or writes it.
   *
   * @returns null when nothing has been done, and the general way has to do it
   * @throws Unrecorded when the row may be written, and its entry is not known
   */
  performWithin(write: OneWrite, within: Within): Promise<Observed | null>;
  /** The schema has changed. */
  forget(): void;
}
