/** A transaction of our own around one write, on a server: how it starts with the first statement, and ends with the last. */
import type { Sequelize } from 'sequelize';
import { append, type Insert, insertAloneOf, notWritten, type Run } from '../log/append.js';
import { newChangesetId } from '../log/changeset-id.js';
import type { Entry } from '../log/entry.js';
import type { AuditLogModel } from '../log/model.js';
import { blockOf } from './blocks.js';
import type { Send } from './call.js';
import { Unrecorded } from './observation.js';

/** Characters of an INSERT that a COMMIT goes with. */
const joinedLength = 100_000;

/** The start of a transaction of our own: it goes with the first statement, where that has looks. */
export class Start {
  readonly #begin: () => Promise<unknown>;
  #isDone = false;

  constructor(begin: () => Promise<unknown>) {
    this.#begin = begin;
  }

  run(run: Run): Run {
    return async (sql, parameters) => {
      await this.#start();
      return run(sql, parameters);
    };
  }

  send(send: Send): Send {
    return async (request) => {
      if (this.#isDone || !request.looks) {
        await this.#start();
        return send(request);
      }
      this.#isDone = true;
      return send({ ...request, looks: { ...request.looks, isFirst: true } });
    };
  }

  async #start(): Promise<void> {
    if (this.#isDone) return;
    this.#isDone = true;
    await this.#begin();
  }
}

/**
 * Writes the entries of a transaction of our own and commits it.
 *
 * @param canJoin whether both can be one statement
 */
export async function commit(
  sequelize: Sequelize,
  AuditLog: AuditLogModel,
  run: Run,
  made: Iterable<Entry>,
  canJoin: boolean,
): Promise<void> {
  const changes = [{ changesetId: newChangesetId(), entries: canJoin ? [...made] : made }];
  try {
    const insert = canJoin ? insertAloneOf(sequelize, AuditLog, changes) : null;
    // A statement that is too large for the server costs the connection: the COMMIT must be known not to be in it.
    if (insert && insert.sql.length < joinedLength) return await commitWith(insert, run);
    await append(sequelize, AuditLog, run, changes);
  } catch (error) {
    throw error instanceof Unrecorded ? error : new Unrecorded(error);
  }
  await run('COMMIT;');
}

async function commitWith({ sql, entries }: Insert, run: Run): Promise<void> {
  try {
    await run(blockOf([sql, 'COMMIT']));
  } catch (error) {
    // Of a connection that was lost meanwhile nobody can tell.
    const { fatal } = (error as { original?: { fatal?: boolean } }).original ?? {};
    throw fatal ? error : notWritten(entries, error);
  }
}
