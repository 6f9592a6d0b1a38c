/** One write of the ORM on its way through the gate. */
import type { Model } from 'sequelize';
import type { StoredContext } from '../context.js';
import type { AuditedModel } from '../record/audited-model.js';

export type Values = Readonly<Record<string, unknown>>;

/** What a call of the query interface writes, whatever method it came by. */
export interface Call {
  readonly kind: 'insert' | 'update' | 'delete' | 'truncate';
  /** null where the table itself is not audited, but one that its foreign keys lead to may be. */
  readonly audited: AuditedModel | null;
  /** As entries and messages name it. */
  readonly modelName: string;
  /** null for a write of many rows. */
  readonly instance: Model | null;
  /** The table as Sequelize names it: a string, or an object with a schema. */
  readonly table: unknown;
  /** The rows of an insert, by column. */
  readonly rows: readonly Values[];
  /** What an update sets, as SQL by column. */
  readonly set: ReadonlyMap<string, () => string>;
  /** The rows of an update or delete as SQL: WHERE and the condition, or empty for all. */
  readonly where: string;
  /** How many of them, where Sequelize limits the statement. */
  readonly limit: string | null;
  /** Of a truncate: whether it empties the tables that refer to this one. */
  readonly isCascade: boolean;
  readonly context: StoredContext;
}

/** What is asked of the statement beyond what Sequelize asked. */
export interface Request {
  /** Columns to give back besides its own, as SQL. */
  readonly returning: string | null;
  /** The condition that holds it to the rows that have been read; null where there is nothing to hold. */
  readonly only: string | null;
  /** One assignment more for the rows that an upsert of MySQL meets, as SQL. */
  readonly onMet?: string;
  /** Another statement in its place, with an answer that Sequelize would have had. */
  readonly instead?: string;
  /**
   * A statement of which Sequelize's is a part, or that does the same, with all its parameters, and on PostgreSQL the name
   * that it is kept by.
   */
  readonly whole?: Whole;
  /** Looks that go along with the statement. */
  readonly looks?: Looks;
  /** Whether rows that came back hold a new one, for the rowid that Sequelize is told of on SQLite. */
  readonly hasNew?: (rows: readonly Values[]) => boolean;
}

export interface Whole {
  readonly sql: string;
  readonly name: string | null;
  readonly parameters: readonly unknown[];
  /** SQLite: whether it gives rows back that Sequelize has not asked for. */
  readonly givesRows?: boolean;
  /** MariaDB: of a block that has written one row. */
  readonly block?: Block;
}

export interface Block {
  /** Whether the row is given a number, which comes back first. */
  readonly draws: boolean;
  /** Whether it gives a row back. */
  readonly givesRow: boolean;
  readonly isPrepared: boolean;
}

/** Looks at the row of a write that are sent with it, as SQL; null for none. */
export interface Looks {
  readonly before: string | null;
  readonly after: string | null;
  /** Whether the row is given a number, which the look after it gives back besides. */
  readonly draws: boolean;
  /** Whether a transaction of ours begins with them. */
  readonly isFirst: boolean;
  /** Tells them from those of any other write. */
  readonly token: number;
}

/** The write itself, sent once: what it answers, and what else can be learnt from it. */
export interface Sent {
  readonly result: unknown;
  /** Rows of the columns asked for. */
  readonly rows: readonly Values[];
  /** Rows that the statement touched, where the driver says so. */
  readonly affected: number | undefined;
  /** SQLite: the last rowid. MySQL: the first generated id. */
  readonly insertId: number | bigint | string | undefined;
  /** What the looks that went along have seen; null after it where none was asked for. */
  readonly looks?: { readonly before: readonly Values[]; readonly after: readonly Values[] | null };
}

/** Sends the write of a call. */
export type Send = (request: Request) => Promise<Sent>;
