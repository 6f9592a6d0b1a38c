/** Checks what `entries` is asked for, and brings it into one form. */
import type { Model, ModelStatic } from 'sequelize';
import { isPlainObject } from '../errors.js';
import { modelNamed, sequelizeOf } from '../internals.js';
import { type Action, actions } from '../log/model.js';
import type { Json } from '../patch/operation.js';
import { modelNameOf } from '../record/audited-model.js';
import { checkOptions, invalid, isInstant } from './arguments.js';
import type { HistoryOptions, HistoryParts } from './log-reader.js';

export type Direction = 'ASC' | 'DESC';

/** A time from one instant to another, both inclusive; undefined is without end. */
export interface Span {
  readonly since: Date | undefined;
  readonly until: Date | undefined;
}

/** Who wrote; null is nobody. */
export type Actor = string | number | bigint | null;

/** What to look for. What is left out or undefined is no condition; all that are given have to be fulfilled. */
export interface EntriesQuery extends HistoryOptions {
  /** A model, or its name in the log, or several. A name need not be that of a model that still exists. */
  readonly model?: string | ModelStatic<Model> | readonly (string | ModelStatic<Model>)[] | undefined;
  /** Beside one model: a text as entries have it, or anything else that `audit.history` takes for a key. */
  readonly recordId?: unknown;
  /** One or several; null stands for entries of nobody. */
  readonly actor?: Actor | readonly Actor[] | undefined;
  readonly action?: Action | readonly Action[] | undefined;
  /** Entries that changed this attribute, or one of these. Those that begin or end a record change all it holds. */
  readonly attribute?: string | readonly string[] | undefined;
  readonly changesetId?: string | undefined;
  /** Inclusive, to the millisecond. */
  readonly since?: Date | undefined;
  /** Inclusive, to the millisecond. */
  readonly until?: Date | undefined;
  /**
   * Members that `meta` has, with these values. Objects in it are compared in the same way, arrays by their length and
   * place by place.
   */
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
  /** From 1 to 1,000. @default 100 */
  readonly limit?: number | undefined;
  /** The `id` of the last entry of the page before. */
  readonly after?: string | number | bigint | undefined;
  /** The `id` of the last entry to look at, itself included: the log is read no further, however little was found. */
  readonly upTo?: string | number | bigint | undefined;
  /** By the order of the log. @default 'DESC', newest first */
  readonly order?: Direction | undefined;
}

const known = [
  'model',
  'recordId',
  'actor',
  'action',
  'attribute',
  'changesetId',
  'since',
  'until',
  'meta',
  'limit',
  'after',
  'upTo',
  'order',
  'transaction',
] as const satisfies readonly (keyof EntriesQuery)[];

const longestPage = 1000;

/** The query as it is asked: lists instead of single values, and undefined where there is no condition. */
export interface Criteria extends Span {
  readonly models: readonly string[] | undefined;
  readonly recordId: string | undefined;
  readonly actors: readonly (string | null)[] | undefined;
  readonly actions: readonly string[] | undefined;
  readonly attributes: readonly string[] | undefined;
  readonly changesetId: string | undefined;
  readonly meta: Readonly<Record<string, Json>> | undefined;
  readonly limit: number;
  readonly after: string | undefined;
  readonly upTo: string | undefined;
  readonly direction: Direction;
}

/** @throws AuditError ERR_AUDIT_HISTORY_INVALID */
export function criteriaOf(parts: HistoryParts, query: EntriesQuery): Criteria {
  checkOptions(query, known);
  const { limit = 100, since, until } = query;
  if (limit > longestPage) throw invalid('limit', `a number from 1 to ${longestPage}`, limit);
  const models = listOf(query.model)?.map((model) => modelOf(parts, model));
  return {
    models,
    recordId: recordIdOf(parts, query, models),
    actors: listOf(query.actor)?.map(actorOf),
    actions: namesOf('action', query.action, actions),
    attributes: namesOf('attribute', query.attribute),
    changesetId: changesetIdOf(query.changesetId),
    meta: metaOf(query.meta),
    since: instantOf('since', since),
    until: instantOf('until', until),
    limit,
    after: cursorOf(query.after),
    upTo: cursorOf(query.upTo, 'upTo'),
    direction: directionOf(query.order) ?? 'DESC',
  };
}

/** @throws AuditError ERR_AUDIT_HISTORY_INVALID */
export function instantOf(name: string, value: unknown): Date | undefined {
  if (value !== undefined && !isInstant(value)) throw invalid(name, 'a valid Date', value);
  return value;
}

/** The id of an entry as text. @throws AuditError ERR_AUDIT_HISTORY_INVALID */
export function cursorOf(id: unknown, name = 'after'): string | undefined {
  if (id === undefined) return undefined;
  const isId = typeof id === 'string' || typeof id === 'bigint' || Number.isSafeInteger(id);
  if (!isId || !/^\d{1,18}$/.test(String(id))) throw invalid(name, 'the id of an entry', id);
  return String(id);
}

/** @throws AuditError ERR_AUDIT_HISTORY_INVALID */
export function directionOf(order: unknown): Direction | undefined {
  if (order !== undefined && order !== 'ASC' && order !== 'DESC') throw invalid('order', '"ASC" or "DESC"', order);
  return order;
}

/** One name or several. @throws AuditError ERR_AUDIT_HISTORY_INVALID for what is no name, or none of `choices` */
export function namesOf(name: string, value: unknown, choices?: readonly string[]): readonly string[] | undefined {
  return listOf(value)?.map((one) => {
    if (!isText(one) || (choices && !choices.includes(one)))
      throw invalid(name, choices ? `one or several of ${choices.join(', ')}` : 'a name, or several', one);
    return one;
  });
}

function modelOf({ sequelize }: HistoryParts, model: unknown): string {
  if (isText(model)) return model;
  const { Model: Base } = (sequelize as unknown as { Sequelize: { Model: typeof Model } }).Sequelize;
  const isModel = typeof model === 'function' && model.prototype instanceof Base;
  if (!isModel || sequelizeOf(model as ModelStatic<Model>) !== sequelize)
    throw invalid('model', 'a model of this Sequelize instance, or a name, or several', model);
  return modelNameOf(model as ModelStatic<Model>);
}

function recordIdOf(
  { sequelize, models }: HistoryParts,
  { model, recordId }: EntriesQuery,
  names: readonly string[] | undefined,
): string | undefined {
  if (recordId === undefined) return undefined;
  const [name] = names ?? [];
  if (name === undefined || names?.length !== 1)
    throw invalid('model', 'one model beside recordId', names ? `${names.length} models` : model);
  if (isText(recordId)) return recordId;
  const [asked] = listOf(model) ?? [];
  const found = typeof asked === 'string' ? modelNamed(sequelize, asked) : (asked as ModelStatic<Model>);
  const audited = found && models.of(found);
  if (!audited) throw invalid('recordId', `a text, as ${name} is not an audited model`, recordId);
  return audited.recordId(audited.keyOf(recordId));
}

function actorOf(actor: unknown): string | null {
  const isName = isText(actor) || typeof actor === 'bigint' || (typeof actor === 'number' && !Number.isNaN(actor));
  if (actor !== null && !isName) throw invalid('actor', 'a string, a number or null, or several', actor);
  return actor === null ? null : String(actor);
}

function changesetIdOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value))
    throw invalid('changesetId', 'a UUID', value);
  return value.toLowerCase();
}

function metaOf(meta: unknown): Readonly<Record<string, Json>> | undefined {
  if (meta === undefined) return undefined;
  if (!isPlainObject(meta)) throw invalid('meta', 'an object', meta);
  checkJson(meta, 'meta');
  return meta as Readonly<Record<string, Json>>;
}

function checkJson(value: unknown, where: string): void {
  if (value === null || typeof value === 'boolean' || Number.isFinite(value) || isText(value)) return;
  if (!Array.isArray(value) && !isPlainObject(value)) throw invalid(where, 'plain JSON', value);
  for (const [key, member] of Object.entries(value)) {
    if (!isText(key)) throw invalid(where, 'names of members that a database can hold', key);
    checkJson(member, `${where}.${key}`);
  }
}

/** Whether every database can hold it: no NUL, and no half of a character. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && !/[\0\p{Surrogate}]/u.test(value);
}

function listOf(value: unknown): readonly unknown[] | undefined {
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value : [value];
}
