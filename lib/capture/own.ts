/** Takes a statement of Sequelize's apart, so that it can become a part of one of ours. */
import type { Sequelize } from 'sequelize';
import { type QueryOptions, queryGeneratorOf } from '../internals.js';
import type { AuditedModel } from '../record/audited-model.js';
import type { Call } from './call.js';
import { keyOfInstance } from './images.js';

/** What Sequelize binds: a list, or on SQLite by name. */
export type Bound = readonly unknown[] | Readonly<Record<string, unknown>>;

/** Sequelize's own statement. */
export interface Own {
  /** Without RETURNING and what follows. */
  readonly write: string;
  /** The condition of an update or delete; null for an insert. */
  readonly condition: string | null;
  /** The columns that Sequelize wants back, as it names them; null for none. */
  readonly returning: string | null;
  /** As `$1`, `$2`, … in the statement. */
  readonly parameters: readonly unknown[];
}

const returningWord = ' RETURNING ';

/** @returns null where it is not of the form that is known here, as with expressions among its values */
export function ownOf(
  sequelize: Sequelize,
  { kind, audited, instance, table, set, limit }: Call,
  options: QueryOptions,
  sql: string,
  bound: Bound,
): Own | null {
  const isOdd = options.searchPath || options.type === 'RAW' || options.exception || limit !== null;
  if (!audited || isOdd || options.updateOnDuplicate || options.ignoreDuplicates) return null;
  const parameters = Array.isArray(bound) ? (bound as unknown[]) : Object.values(bound);
  const generator = queryGeneratorOf(sequelize);
  const name = generator.quoteTable(table);
  const { head, returning } = partsOf(sql);
  if (options.returning && kind !== 'delete' && returning === null) return null;
  if (kind === 'insert') return { write: head, condition: null, returning, parameters };
  if (kind === 'update') {
    const start = startOf(`UPDATE ${name} SET `, head, set, (field) => generator.quoteIdentifier(field));
    if (start === null) return null;
    const condition = `(${head.slice(start.length)})`;
    return { write: `${start}${condition}`, condition, returning, parameters };
  }
  if (kind !== 'delete') return null;
  if (!instance) {
    const start = `DELETE FROM ${name} WHERE `;
    if (!head.startsWith(start) || returning !== null) return null;
    const condition = `(${head.slice(start.length)})`;
    return { write: `${start}${condition}`, condition, returning, parameters };
  }
  // The key stands in the statement itself; as a parameter it leaves the statement the same for every row.
  const key = keyOfInstance(audited, instance);
  if (key === null) return null;
  if (head !== deleteOf(sequelize, audited, table, (index) => generator.escape(key[index]))) return null;
  const condition = byKey(sequelize, audited, (index) => `$${index + 1}`);
  return { write: `DELETE FROM ${name} WHERE ${condition}`, condition, returning: null, parameters: key };
}

/** The condition that finds a row by its key. @param value each of its values as SQL */
export function byKey(sequelize: Sequelize, { keyColumns }: AuditedModel, value: (index: number) => string): string {
  const generator = queryGeneratorOf(sequelize);
  return keyColumns.map(({ field }, index) => `${generator.quoteIdentifier(field)} = ${value(index)}`).join(' AND ');
}

/** The DELETE of a row by its key, as Sequelize writes it. */
export function deleteOf(
  sequelize: Sequelize,
  audited: AuditedModel,
  table: unknown,
  value: (index: number) => string,
): string {
  return `DELETE FROM ${queryGeneratorOf(sequelize).quoteTable(table)} WHERE ${byKey(sequelize, audited, value)}`;
}

/** A statement that finds its row by the values of columns, its condition, and those values. */
export interface Keyed {
  readonly own: Own;
  readonly condition: string;
  readonly parameters: readonly unknown[];
}

/** @returns null where the condition asks for anything else */
export function keyedBy(own: Own): Keyed | null {
  const { condition, parameters } = own;
  if (condition === null || !/^\((?:(?: AND )?`(?:[^`]|``)+` = \$\d+)+\)$/.test(condition)) return null;
  const numbers = [...condition.matchAll(/ = \$(\d+)(?=\)| AND `)/g)].map(([, number]) => Number(number));
  return { own, condition, parameters: numbers.map((number) => parameters[number - 1]) };
}

/** A statement up to its RETURNING, which it ends with if it has one. */
function partsOf(sql: string): { readonly head: string; readonly returning: string | null } {
  const start = sql.lastIndexOf(returningWord);
  const list = start < 0 ? '' : sql.slice(start + returningWord.length);
  const [, returning] = /^((["`])(?:(?!\2).|\2\2)+\2(?:,\2(?:(?!\2).|\2\2)+\2)*);?$/.exec(list) ?? [];
  return returning === undefined
    ? { head: sql.replace(/;$/, ''), returning: null }
    : { head: sql.slice(0, start), returning };
}

/** An UPDATE up to its condition; null where its values are not those of the call. */
function startOf(verb: string, head: string, set: Call['set'], quote: (field: string) => string): string | null {
  let start = verb;
  let isFirst = true;
  for (const [field, expression] of set) {
    start += `${isFirst ? '' : ','}${quote(field)}=`;
    isFirst = false;
    const [parameter] = /^\$\d+(?=,| WHERE )/.exec(head.slice(start.length)) ?? [];
    start += parameter ?? expression();
  }
  start += ' WHERE ';
  return head.startsWith(start) ? start : null;
}
