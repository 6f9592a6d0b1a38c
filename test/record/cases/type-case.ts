/** What a case of the tests of types is made of. */
import type { DataType } from 'sequelize';
import type { Reading } from '../stored-text.js';

export type Dialect = 'sqlite' | 'postgres' | 'mariadb' | 'mysql';

export interface TypeCase {
  readonly title: string;
  readonly type: DataType;
  /** What is written, in this order; a null and the end of the record follow. */
  readonly values: readonly unknown[];
  /** @default every dialect */
  readonly on?: readonly Dialect[];
  /** @default 'text' */
  readonly reading?: Reading;
  /** Skipped where the server has no extension of this name. */
  readonly extension?: string;
}

/** A value that Sequelize's own read loses something of, with what the history gives in its place. */
export class Beyond {
  readonly input: unknown;
  readonly replayed: unknown;
  readonly on: readonly Dialect[];

  /** @param on the dialects on which Sequelize's read is not exact */
  constructor(input: unknown, replayed: unknown, on: readonly Dialect[]) {
    this.input = input;
    this.replayed = replayed;
    this.on = on;
  }
}

/** A value that Sequelize cannot write back, so that the document itself is the proof that nothing is lost. */
export class Unwritable {
  readonly input: unknown;
  readonly document: RegExp;
  readonly replayed: unknown;

  /**
   * @param document what the JSON of the value looks like in the log
   * @param replayed what the history gives where Sequelize cannot read the value either
   */
  constructor(input: unknown, document: RegExp, replayed?: unknown) {
    this.input = input;
    this.document = document;
    this.replayed = replayed;
  }
}

export const lite: readonly Dialect[] = ['sqlite'];
export const postgres: readonly Dialect[] = ['postgres'];
export const maria: readonly Dialect[] = ['mariadb', 'mysql'];
export const notPostgres: readonly Dialect[] = [...lite, ...maria];
export const notLite: readonly Dialect[] = [...postgres, ...maria];
