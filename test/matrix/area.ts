/** What the matrix is made of: ways to write, grouped by what they write. */
import type { Model, ModelStatic, Transaction } from 'sequelize';
import type { Database } from '../setup/databases.js';

export type Row = Readonly<Record<string, unknown>>;

export type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

/** A model of the matrix: whatever its attributes are. */
export type AnyModel = ModelStatic<Any>;

/** A method that an association adds to an instance. */
export type Method = (...args: unknown[]) => Promise<unknown>;

/** What a cell adds to the options of a call. */
export interface CallOptions {
  readonly transaction?: Transaction;
  readonly hooks?: false;
}

/** One way to write, as it is done with the options of a cell. */
export interface Path {
  /** What the log gets, in words. */
  readonly entry: string;
  readonly write: (options: CallOptions) => Promise<unknown>;
  /** Set where the rows stay as they are. A path without it has to change some. */
  readonly isIdle?: true;
  /** Set where Sequelize sends several writes, each of which commits by itself when there is no transaction. */
  readonly isSeveral?: true;
  /** Set where a key moves to a record whose own key moves on in the same statement. */
  readonly isChain?: true;
  /** Set where MariaDB and MySQL commit the transaction that is open, so that no savepoint of it is left. */
  readonly isCommit?: true;
  /** The dialects on which the call rejects, with the reason; tables and log have to stay as they were. */
  readonly fails?: Partial<Record<Database['dialect'], string>>;
}

/** Models that know nothing of those of other areas, their rows before each write, and ways to write them. */
export interface Area {
  readonly title: string;
  /** In an order in which rows can be inserted. */
  readonly models: readonly AnyModel[];
  /** By model, by attribute. A time that is not given is long ago. */
  readonly rows: Readonly<Record<string, readonly Row[]>>;
  /** What the schema needs besides the tables. */
  readonly finish?: () => Promise<void>;
  /** By the call, as an application writes it. */
  readonly paths: Readonly<Record<string, Path>>;
}

/** The record with this key, read as the cell reads and writes, destroyed or not. */
export function load<M extends Model>(
  model: ModelStatic<M>,
  options: CallOptions,
  key: string | number = 1,
): Promise<M> {
  return model.findByPk(key, { ...options, paranoid: false, rejectOnEmpty: true });
}

/** The same reason to reject on every dialect. */
export function onAll(reason: string): Record<Database['dialect'], string> {
  return { sqlite: reason, postgres: reason, mariadb: reason, mysql: reason };
}

/** The same reason on what speaks MySQL's language. */
export function onMysql(reason: string): Partial<Record<Database['dialect'], string>> {
  return { mariadb: reason, mysql: reason };
}
