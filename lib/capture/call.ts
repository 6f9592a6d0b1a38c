/** One write of the ORM on its way through the gate. */
import type { Model } from 'sequelize';
import type { StoredContext } from '../context.js';
import type { SqliteStatement } from '../internals.js';
import type { AuditedModel } from '../record/audited-model.js';

export interface Call {
  readonly verb: 'insert' | 'update' | 'delete';
  readonly audited: AuditedModel;
  /** As the entry names it. */
  readonly modelName: string;
  readonly instance: Model;
  /** The table as Sequelize names it: a string, or an object with a schema. */
  readonly table: unknown;
  /** The columns that an update sets. */
  readonly fields: readonly string[];
  /** By column, as Sequelize puts it into the statement; null for an insert. */
  readonly where: object | null;
  readonly context: StoredContext;
}

/** The write itself, sent once: what it answers, and what else can be learnt from it. */
export interface Sent {
  readonly result: unknown;
  /** Rows of the columns asked for beside the statement's own. */
  readonly rows: readonly Record<string, unknown>[];
  /** SQLite only. */
  readonly statement: SqliteStatement | undefined;
}

/** Sends the write of a call on a connection. @param returning columns to ask for besides, as SQL */
export type Send = (returning: string | null) => Promise<Sent>;
