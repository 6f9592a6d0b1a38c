/**
 * A connection of SQLite that keeps its statements ready. The driver makes one anew for each call, in a trip of its own to
 * another thread, which takes longer than to run it.
 */
import type { Connection } from './driver.js';

/** Statements that are kept of one connection. */
const limit = 100;

type Done = (this: unknown, error: Error | null, rows?: unknown) => void;
type Parameters = readonly unknown[] | Readonly<Record<string, unknown>>;
type Method = 'all' | 'run';

interface Statement extends Record<Method, (parameters: Parameters, done: Done) => unknown> {
  finalize(): unknown;
}

/** What follows the text of a statement. */
type Arguments = readonly [parameters: Parameters, done: Done] | readonly [done: Done];

interface SqliteConnection extends Record<Method, (sql: string, ...rest: Arguments) => unknown> {
  readonly filename: string;
  readonly uuid?: string;
  prepare(sql: string, done: (error: Error | null) => void): Statement;
  /** Calls back when all that was asked for before is done, at once where nothing is. */
  wait(done: (error: Error | null) => void): unknown;
  serialize(task: () => void): unknown;
  exec(sql: string, done: Done): unknown;
  configure(...setting: unknown[]): unknown;
  close(...done: unknown[]): unknown;
}

interface Kept {
  readonly statement: Statement;
  /** Whom the driver does not tell when it cannot make the statement. */
  readonly waiting: Done[];
  isMade: boolean;
}

/** Stands in for a connection, as long as it is open. */
export class ReadyConnection {
  readonly #connection: SqliteConnection;
  readonly #kept = new Map<string, Kept>();

  constructor(connection: Connection) {
    this.#connection = connection as SqliteConnection;
    // SQLite closes no connection that has statements left.
    const close = (...done: unknown[]) => {
      this.forget();
      return this.#connection.close(...done);
    };
    Object.defineProperty(connection, 'close', { value: close, configurable: true, writable: true });
  }

  get filename(): string {
    return this.#connection.filename;
  }

  get uuid(): string | undefined {
    return this.#connection.uuid;
  }

  serialize(task: () => void): unknown {
    return this.#connection.serialize(task);
  }

  exec(sql: string, done: Done): unknown {
    return this.#connection.exec(sql, done);
  }

  configure(...setting: unknown[]): unknown {
    return this.#connection.configure(...setting);
  }

  all(sql: string, ...rest: Arguments): unknown {
    return this.#send('all', sql, rest);
  }

  run(sql: string, ...rest: Arguments): unknown {
    return this.#send('run', sql, rest);
  }

  /** Gives up the statements that are kept, and the connection's `close` is its own again. */
  forget(): void {
    for (const { statement } of this.#kept.values()) statement.finalize();
    this.#kept.clear();
    delete (this.#connection as { close?: unknown }).close;
  }

  #send(method: Method, sql: string, rest: Arguments): unknown {
    // Text with its values in it does not come again; and `run` stops at the first row, which a kept statement would hold open.
    const isKept =
      rest.length === 2 && Object.keys(rest[0]).length > 0 && (method === 'all' || !/\bRETURNING\b/i.test(sql));
    if (!isKept) return this.#connection[method](sql, ...rest);
    const [parameters, done] = rest;
    const { statement, waiting, isMade } = this.#statementOf(sql);
    if (!isMade) {
      waiting.push(done);
      return statement[method](parameters, done);
    }
    // Else it would overtake what the connection has still to make.
    return this.#connection.wait((error) =>
      error ? done.call(statement, error) : statement[method](parameters, done),
    );
  }

  #statementOf(sql: string): Kept {
    const known = this.#kept.get(sql);
    if (known) {
      // The youngest stand last.
      this.#kept.delete(sql);
      this.#kept.set(sql, known);
      return known;
    }
    const waiting: Done[] = [];
    const statement = this.#connection.prepare(sql, (error) => {
      kept.isMade = true;
      if (error === null) return;
      if (this.#kept.get(sql) === kept) this.#kept.delete(sql);
      for (const done of waiting) done.call(statement, error);
    });
    const kept: Kept = { statement, waiting, isMade: false };
    this.#kept.set(sql, kept);
    const [oldest] = this.#kept;
    if (this.#kept.size > limit && oldest) {
      this.#kept.delete(oldest[0]);
      oldest[1].statement.finalize();
    }
    return kept;
  }
}
