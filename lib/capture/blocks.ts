/**
 * MariaDB: a write, the looks at its row before and after it, and the START TRANSACTION or COMMIT of our own around them,
 * as one statement: a block of MariaDB's own language, which ends at the first that fails.
 */
import { randomInt } from 'node:crypto';
import type { Connection, MysqlAnswer } from '../internals.js';
import type { Run } from '../log/append.js';
import type { Block, Looks, Sent, Values } from './call.js';
import { extraAlias } from './images.js';

/** Tells the last block of a connection whose write was done. */
const progress = '@`audit$done`';

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

/** Looks to send with a write, which no other write of the connection is likely to have the same token for. */
export function looksOf(looks: Pick<Looks, 'before' | 'after' | 'draws'>): Looks {
  return { ...looks, isFirst: false, token: randomInt(2 ** 47) };
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
  const answer = drawn === undefined ? (last as MysqlAnswer) : withNumber(last, drawn);
  return { answer, looks: { before: seen, after: left } };
}

/** What the write alone would have answered of a block that has written one row, and what else it gives back. */
export function answerOfOne(
  answers: unknown,
  { draws, givesRow }: Block,
): { readonly answer: MysqlAnswer; readonly rows: readonly Values[] } {
  const [rows, last] = (givesRow ? answers : [[], answers]) as readonly [Values[], MysqlAnswer];
  const drawn = draws ? rows[0]?.[extraAlias(0)] : 0;
  return { answer: { ...withNumber(last, drawn), affectedRows: 1 }, rows };
}

/** As the driver would have said it: the application may have asked it for numbers, or for BigInt. */
function withNumber(answer: MysqlAnswer | undefined, drawn: unknown): MysqlAnswer {
  const insertId = typeof answer?.insertId === 'number' ? Number(drawn) : BigInt(String(drawn));
  return { ...answer, insertId };
}
