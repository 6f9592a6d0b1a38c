/**
 * Reads the rows that the database itself will change through foreign keys when rows of another table go or change
 * their keys: `ON DELETE` and `ON UPDATE` with `CASCADE`, `SET NULL` and `SET DEFAULT`, at every level.
 */
import type { Sequelize } from 'sequelize';
import { queryGeneratorOf } from '../internals.js';
import type { Run } from '../log/append.js';
import type { AuditedModel } from '../record/audited-model.js';
import type { Image } from '../record/image.js';
import type { ForeignKey, ForeignKeys, ReferentialAction } from './foreign-keys.js';
import { inKeyOrder, lockOf, readRows, type StoredRow, whereIn } from './images.js';
import type { Tables } from './tables.js';

/** What happens to the rows of a table: each kind leads on along other foreign keys. */
export type Event = 'delete' | 'update' | 'truncate';

/** The rows of one audited table that a write reaches. */
export interface Touched {
  readonly audited: AuditedModel;
  readonly modelName: string;
  readonly table: unknown;
  readonly before: Map<string, Image>;
  /** Primary keys under which the rows can be found afterwards. */
  readonly keys: (readonly unknown[])[];
}

/** A row that goes or changes: its values by column, and those that it will have. */
export interface Parent {
  readonly old: ReadonlyMap<string, unknown>;
  readonly next: ReadonlyMap<string, unknown>;
}

export interface CascadeParts {
  readonly sequelize: Sequelize;
  readonly run: Run;
  readonly tables: Tables;
  readonly foreignKeys: ForeignKeys;
}

export class Cascade {
  readonly #parts: CascadeParts;
  /** By table. */
  readonly touched = new Map<string, Touched>();
  readonly #seen = new Set<string>();
  /** By table and record: the columns of a row that foreign keys change, as more than one of them can lead to it. */
  readonly #moves = new Map<string, Map<string, unknown>>();

  constructor(parts: CascadeParts) {
    this.#parts = parts;
  }

  /** The columns of a table whose values have to be known to follow an event. @param set columns that an update sets */
  columnsOf(tableKey: string, event: Event, set: Pick<ReadonlySet<string>, 'has'>): string[] {
    const keys = this.#parts.foreignKeys.to(tableKey).filter((key) => isFollowed(key, event, set));
    return [...new Set(keys.flatMap(({ parentColumns }) => parentColumns))];
  }

  /** A column, or an expression that it is set to, as SQL that reads it without loss. */
  reading(audited: AuditedModel | null, field: string, expression?: string): string {
    const { sequelize } = this.#parts;
    const sql = expression === undefined ? queryGeneratorOf(sequelize).quoteIdentifier(field) : `(${expression})`;
    const column = audited?.columns.find((candidate) => candidate.field === field);
    if (column) return column.codec.select(sql);
    return sequelize.getDialect() === 'postgres' ? `${sql}::text` : sql;
  }

  /** Counts rows of an audited table among those that the write reaches. */
  touch(tableKey: string, table: unknown, audited: AuditedModel, modelName = audited.modelName): Touched {
    const touched = this.touched.get(tableKey) ?? { audited, modelName, table, before: new Map(), keys: [] };
    this.touched.set(tableKey, touched);
    return touched;
  }

  /** Reads what the foreign keys to a table make of the rows that refer to `parents`. */
  async follow(tableKey: string, event: Event, parents: readonly Parent[]): Promise<void> {
    for (const key of this.#parts.foreignKeys.to(tableKey)) {
      const changes = new Set(parents.flatMap(({ next }) => [...next.keys()]));
      if (isFollowed(key, event, changes)) await this.#followKey(key, event, parents);
    }
  }

  async #followKey(key: ForeignKey, event: Event, parents: readonly Parent[]): Promise<void> {
    const { sequelize, run, tables } = this.#parts;
    const reached = parents.filter((parent) => isMoved(key, event, parent));
    const { child, childKey } = key;
    // TRUNCATE goes by the tables, also by those that are empty.
    if (event === 'truncate' ? !this.#isNew(`truncate ${childKey}`) : reached.length === 0) return;
    const audited = tables.named(child);
    const childEvent = eventOf(actionOf(key, event), event);
    const columns = this.columnsOf(childKey, childEvent, new Set(key.columns));
    if (!audited && columns.length === 0) return;

    const table = child.schema === null ? child.table : { schema: child.schema, tableName: child.table };
    const needed = [...new Set([...key.columns, ...columns])];
    const tuples = reached.map(({ old }) => key.parentColumns.map((column) => old.get(column)));
    const lock = childEvent === 'update' && !key.columns.some((column) => audited?.keyFields.has(column));
    if (event === 'truncate') await lockTable(sequelize, run, table);
    const rows = await readRows(sequelize, run, {
      audited,
      table,
      where: event === 'truncate' ? '' : `WHERE ${whereIn(sequelize, key.columns, tuples)}`,
      end: `${inKeyOrder(sequelize, audited)} ${lockOf(sequelize, lock ? 'FOR NO KEY UPDATE' : 'FOR UPDATE')}`,
      extra: needed.map((column) => this.reading(audited, column)),
    });
    const way = childEvent === 'update' ? key.columns.join() : '';
    const fresh = rows.filter((row) => this.#isFresh(`${childKey} ${childEvent} ${way}`, row));
    const byKey = new Map(namings.flatMap((naming) => reached.map((parent) => [naming(tupleOf(key, parent)), parent])));
    const children = fresh.map(({ extra }) => childOf(key, event, byKey, needed, extra));
    if (audited) this.#keep(childKey, this.touch(childKey, table, audited), fresh, children);
    await this.follow(childKey, childEvent, children);
  }

  /**
   * Finds rows again that `ON UPDATE CASCADE` has given another primary key, once the write has shown which.
   *
   * @param parents the columns of rows that were changed, as they are now
   */
  async followMoved(tableKey: string, parents: readonly ReadonlyMap<string, unknown>[]): Promise<void> {
    const { sequelize, run, foreignKeys } = this.#parts;
    for (const { childKey, columns, parentColumns, onUpdate } of foreignKeys.to(tableKey)) {
      const touched = this.touched.get(childKey);
      const fields = touched?.audited.keyColumns.map(({ field }) => field) ?? [];
      const tuples = parents.map((parent) => parentColumns.map((column) => parent.get(column)));
      if (!touched || onUpdate !== 'CASCADE' || !columns.some((column) => fields.includes(column))) continue;
      const { audited, table } = touched;
      const where = `WHERE ${whereIn(sequelize, columns, tuples)}`;
      const further = this.columnsOf(childKey, 'update', new Set(columns));
      const extra = further.map((column) => this.reading(audited, column));
      const rows = await readRows(sequelize, run, { audited, table, where, end: '', extra });
      const fresh = rows.filter((row) => this.#isFresh(`${childKey} moved`, row));
      for (const { image } of fresh) if (image) touched.keys.push(image.key);
      const children = fresh.map((row) => new Map(further.map((column, index) => [column, row.extra[index]])));
      if (children.length > 0) await this.followMoved(childKey, children);
    }
  }

  /** Foreign keys can lead in circles. */
  #isFresh(where: string, { image, extra }: StoredRow): boolean {
    return this.#isNew(`${where} ${image?.recordId ?? JSON.stringify(extra)}`);
  }

  #isNew(name: string): boolean {
    if (this.#seen.has(name)) return false;
    this.#seen.add(name);
    return true;
  }

  #keep(childKey: string, touched: Touched, rows: readonly StoredRow[], children: readonly Parent[]): void {
    const fields = touched.audited.keyColumns.map(({ field }) => field);
    rows.forEach(({ image }, index) => {
      if (!image) return;
      const { recordId } = image;
      if (!touched.before.has(recordId)) touched.before.set(recordId, image);
      touched.keys.push(image.key);
      const name = `${childKey} ${recordId}`;
      const next = new Map([...(this.#moves.get(name) ?? []), ...(children[index]?.next ?? [])]);
      this.#moves.set(name, next);
      if (!fields.some((field) => next.has(field))) return;
      touched.keys.push(fields.map((field, place) => (next.has(field) ? next.get(field) : image.key[place])));
    });
  }
}

/** TRUNCATE waits for all others, and none of them may add a row between our look and it. */
export async function lockTable(sequelize: Sequelize, run: Run, table: unknown): Promise<void> {
  if (sequelize.getDialect() !== 'postgres') return;
  await run(`LOCK TABLE ${queryGeneratorOf(sequelize).quoteTable(table)} IN ACCESS EXCLUSIVE MODE;`);
}

function actionOf({ onDelete, onUpdate }: ForeignKey, event: Event): ReferentialAction {
  if (event === 'truncate') return 'CASCADE';
  return event === 'delete' ? onDelete : onUpdate;
}

function eventOf(action: ReferentialAction, event: Event): Event {
  return action === 'CASCADE' ? event : 'update';
}

function isFollowed(key: ForeignKey, event: Event, set: Pick<ReadonlySet<string>, 'has'>): boolean {
  if (actionOf(key, event) === null) return false;
  return event !== 'update' || key.parentColumns.some((column) => set.has(column));
}

/** A key with a null refers to nothing, and one that stays the same moves nothing. */
function isMoved({ parentColumns }: ForeignKey, event: Event, { old, next }: Parent): boolean {
  if (parentColumns.some((column) => old.get(column) === null || old.get(column) === undefined)) return false;
  return event !== 'update' || parentColumns.some((c) => next.has(c) && String(next.get(c)) !== String(old.get(c)));
}

function tupleOf({ parentColumns }: ForeignKey, { old }: Parent): string {
  return tuple(parentColumns.map((column) => old.get(column)));
}

function tuple(values: readonly unknown[]): string {
  return JSON.stringify(values.map(String));
}

/** A key by its letters; and as MySQL and others may compare it, where those find none. */
const namings = [
  (name: string) => `like ${name.toLowerCase().replaceAll(/ +"/g, '"')}`,
  (name: string) => name,
] as const;

function childOf(
  key: ForeignKey,
  event: Event,
  parents: ReadonlyMap<string, Parent>,
  columns: readonly string[],
  values: readonly unknown[],
): Parent {
  const old = new Map(columns.map((column, index) => [column, values[index]]));
  const next = new Map<string, unknown>();
  const action = actionOf(key, event);
  if (eventOf(action, event) !== 'update') return { old, next };
  const name = tuple(key.columns.map((column) => old.get(column)));
  const parent = parents.get(name) ?? parents.get(namings[0](name));
  key.columns.forEach((column, index) => {
    const above = key.parentColumns[index] as string;
    const kept = parent?.next.has(above) ? parent.next.get(above) : old.get(column);
    next.set(column, action === 'CASCADE' ? kept : null);
  });
  return { old, next };
}
