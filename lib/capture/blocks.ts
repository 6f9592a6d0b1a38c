/**
 * MariaDB: a write, the looks at its row before and after it, and the START TRANSACTION or COMMIT of our own around them,
 * as one statement: a block of MariaDB's own language, which ends at the first that fails.
 */
import { randomInt, randomUUID } from 'node:crypto';
import type { Sequelize } from 'sequelize';
import type { Connection, MysqlAnswer } from '../internals.js';
import { append, type Insert, insertAloneOf, notWritten, type Run } from '../log/append.js';
import type { Entry } from '../log/entry.js';
import type { AuditLogModel } from '../log/model.js';
import type { Looks, Send, Sent, Values } from './call.js';
import { extraAlias } from './images.js';
import { Unrecorded } from './observation.js';

/** Tells the last block of a connection whose write was done. */
const progress = '@`audit$done`';

/** Characters of an INSERT that a COMMIT goes with. */
const joinedLength = 100_000;

/** Whether the server at the other end has blocks. */
export function takesBlocks(connection: Connection): boolean {
  const { info } = connection as { info?: { isMariaDB?(): boolean; hasMinVersion?(...version: number[]): boolean } };
  return info?.isMariaDB?.() === true && info.hasMinVersion?.(10, 1, 1) === true;
}

/** Whether a statement is one in a block, too. */
export function fitsBlock(sql: string): boolean {
  return !sql.replace(/;\s*$/, '').includes(';');
}

/** Some statements as one. */
export function blockOf(statements: readonly string[]): string {
  // A comment at the end of a statement ends with its line.
  return `BEGIN NOT ATOMIC ${statements.map((sql) => `${sql.replace(/;\s*$/, '')}\n;`).join(' ')} END;`;
}

/** A write with looks as one statement. */
export function lookingBlock(write: string, { before, after, draws, isFirst, token }: Looks): string {
  return blockOf([
    ...(isFirst ? ['START TRANSACTION'] : []),
    // The number of an INSERT before this one would still be there where it is given none.
    ...(draws ? ['DO LAST_INSERT_ID(0)'] : []),
    ...(before === null ? [] : [before]),
    write,
    ...(after === null ? [] : [`SET ${progress} = ${token}`, after]),
  ]);
}

/** Whether a write was done before its block failed. */
export async function isDoneInBlock(run: Run, { token }: Looks): Promise<boolean> {
  // Of what cannot even be asked nothing is known.
  const rows = await run(`SELECT ${progress} = ${token} AS done;`).catch(() => [{ done: 1 }]);
  return Number((rows as readonly { done: unknown }[])[0]?.done) === 1;
}

/** A number that no other block of a connection is likely to have. */
export function drawToken(): number {
  return randomInt(2 ** 47);
}

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
  const changes = [{ changesetId: randomUUID(), entries: canJoin ? [...made] : made }];
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

/** Lets the driver's error of a block name the write that it is of, as it does without us. */
export function nameWrite(error: Error & { sql?: unknown }, sql: string): void {
  error.message = error.message.replace(/\nsql: [\s\S]*$/, () => `\nsql: ${sql}`);
  error.sql = sql;
}

/** What a block has answered, taken apart: what the write alone would have, and the rows of the looks. */
export function answerOf(
  answers: unknown,
  { before, after, draws }: Looks,
): { readonly answer: MysqlAnswer; readonly looks: NonNullable<Sent['looks']> } {
  const parts = [...(answers as readonly unknown[])];
  const seen = before === null ? [] : (parts.shift() as Values[]);
  const left = after === null ? null : (parts.shift() as Values[]);
  const [last] = parts as MysqlAnswer[];
  const drawn = draws ? left?.[0]?.[extraAlias(0)] : undefined;
  if (drawn === undefined) return { answer: last as MysqlAnswer, looks: { before: seen, after: left } };
  // As the driver would have said it: the application may have asked it for numbers, or for BigInt.
  const insertId = typeof last?.insertId === 'number' ? Number(drawn) : BigInt(String(drawn));
  return { answer: { ...last, insertId }, looks: { before: seen, after: left } };
}
