/** Takes a statement of Sequelize's apart, so that it can become a part of one of ours. */
import type { Model, Sequelize } from 'sequelize';
import { type QueryOptions, queryGeneratorOf } from '../internals.js';
import type { AuditedModel } from '../record/audited-model.js';
import type { Call } from './call.js';
import { keyOfInstance } from './images.js';

/** What Sequelize binds: a list, or on SQLite by name. */
export type Bound = readonly unknown[] | Readonly<Record<string, unknown>>;

/** Sequelize's own statement, but for its values. */
interface Taken {
  /** Without RETURNING and what follows. */
  readonly write: string;
  /** The condition of an update or delete; null for an insert. */
  readonly condition: string | null;
  /** The columns that Sequelize wants back, as it names them; null for none. */
  readonly returning: string | null;
  /** SQLite: which parameters a condition finds its row by; null where it asks for anything but values of columns. */
  readonly keyPlaces: readonly number[] | null;
}

export interface Own extends Taken {
  /** As `$1`, `$2`, … in the statement. */
  readonly parameters: readonly unknown[];
}

const returningWord = ' RETURNING ';

/** Statements that are remembered at most, and how long they are: longer ones have values in them. */
const limit = 1000;
const lengthLimit = 10_000;

export class OwnStatements {
  readonly #sequelize: Sequelize;
  /** Of writes of one row whose values are parameters, which come again word for word; by their text. */
  readonly #taken = new Map<string, Taken>();

  constructor(sequelize: Sequelize) {
    this.#sequelize = sequelize;
  }

  /** @returns null where it is not of the form that is known here, as with expressions among its values */
  of(call: Call, options: QueryOptions, sql: string, bound: Bound): Own | null {
    const { kind, audited, instance } = call;
    const isOdd = options.searchPath || options.type === 'RAW' || options.exception || call.limit !== null;
    if (!audited || isOdd || options.updateOnDuplicate || options.ignoreDuplicates) return null;
    const parameters = Array.isArray(bound) ? (bound as unknown[]) : Object.values(bound);
    if (kind === 'delete' && instance) return this.#deleteOf(call, audited, instance, sql);
    let taken = this.#taken.get(sql) ?? null;
    if (!taken) {
      taken = takenOf(this.#sequelize, call, sql);
      if (taken && instance && parameters.length > 0 && sql.length <= lengthLimit) this.#remember(sql, taken);
    }
    if (!taken || (options.returning && kind !== 'delete' && taken.returning === null)) return null;
    return { ...taken, parameters };
  }

  #remember(sql: string, taken: Taken): void {
    if (this.#taken.size >= limit) this.#taken.clear();
    this.#taken.set(sql, taken);
  }

  /** The key stands in the statement itself; as a parameter it leaves the statement the same for every row. */
  #deleteOf({ table }: Call, audited: AuditedModel, instance: Model, sql: string): Own | null {
    const sequelize = this.#sequelize;
    const generator = queryGeneratorOf(sequelize);
    const key = keyOfInstance(audited, instance);
    if (key === null) return null;
    const { head } = partsOf(sql);
    if (head !== deleteOf(sequelize, audited, table, (index) => generator.escape(key[index]))) return null;
    const condition = byKey(sequelize, audited, (index) => `$${index + 1}`);
    const write = `DELETE FROM ${generator.quoteTable(table)} WHERE ${condition}`;
    return { write, condition, returning: null, keyPlaces: null, parameters: key };
  }
}

function takenOf(sequelize: Sequelize, { kind, table, set }: Call, sql: string): Taken | null {
  const generator = queryGeneratorOf(sequelize);
  const name = generator.quoteTable(table);
  const { head, returning } = partsOf(sql);
  if (kind === 'truncate') return null;
  if (kind === 'insert') return { write: head, condition: null, returning, keyPlaces: null };
  const start =
    kind === 'update'
      ? startOf(`UPDATE ${name} SET `, head, set, (field) => generator.quoteIdentifier(field))
      : `DELETE FROM ${name} WHERE `;
  if (start === null || !head.startsWith(start) || (kind === 'delete' && returning !== null)) return null;
  const condition = `(${head.slice(start.length)})`;
  return { write: `${start}${condition}`, condition, returning, keyPlaces: placesIn(condition) };
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
  const { condition, keyPlaces, parameters } = own;
  if (condition === null || keyPlaces === null) return null;
  return { own, condition, parameters: keyPlaces.map((place) => parameters[place]) };
}

function placesIn(condition: string): number[] | null {
  if (!/^\((?:(?: AND )?`(?:[^`]|``)+` = \$\d+)+\)$/.test(condition)) return null;
  return [...condition.matchAll(/ = \$(\d+)(?=\)| AND `)/g)].map(([, number]) => Number(number) - 1);
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
