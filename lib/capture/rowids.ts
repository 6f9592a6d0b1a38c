/**
 * Keeps the last rowid that SQLite's driver tells Sequelize what it would be without us: Sequelize guesses ids from
 * it, also after a statement that inserted nothing, and between two statements stand ours.
 */
import type { Connection, SqliteStatement } from '../internals.js';
import type { Request, Values } from './call.js';

const alias = 'audit$rowid';

/** Has a statement give back the rowid that the driver tells only of one without RETURNING. */
export const rowidColumn = `last_insert_rowid() AS "${alias}"`;

export class Rowids {
  readonly #last = new WeakMap<Connection, number>();

  /**
   * What the driver is to have told of an insert.
   *
   * @param rows that came back; undefined for a statement that was not asked for any
   * @param isShared whether the connection also takes the inserts of the log
   */
  told(
    connection: Connection,
    statement: SqliteStatement,
    rows: unknown,
    request: Request | null,
    isShared: boolean,
  ): SqliteStatement {
    const returned = (request ? rows : null) as readonly Values[] | null;
    const changes = returned ? returned.length : (statement.changes ?? 0);
    const told = returned ? (returned.at(-1)?.[alias] as number | undefined) : statement.lastID;
    const hasInserted = returned ? Boolean(request?.hasNew?.(returned)) : changes > 0;
    if (hasInserted && told !== undefined) this.#last.set(connection, told);
    const last = this.#last.get(connection) ?? 0;
    const lastID = hasInserted || (!isShared && told !== undefined) ? told : last;
    // Sequelize asks for the class of the driver's statement by its name.
    return Object.create(statement, { changes: { value: changes }, lastID: { value: lastID } }) as SqliteStatement;
  }
}
