/** Looks at the rows of an update, delete or truncate before it, and at what has become of them after it. */
import { queryGeneratorOf } from '../internals.js';
import type { AuditedModel } from '../record/audited-model.js';
import { canReturnColumns, columnList, type Image, imageOf, oldImageOf } from '../record/image.js';
import { looksOf } from './blocks.js';
import type { Request, Sent } from './call.js';
import { Cascade, type Event, lockTable, type Touched } from './cascade.js';
import {
  imagesOf,
  inKeyOrder,
  keyOfInstance,
  lockOf,
  lookOf,
  readByKeys,
  readRows,
  rowsOf,
  type Selection,
  type StoredRow,
  selectionByKeys,
  whereKeyIn,
} from './images.js';
import { type Observation, type ObservationParts, Raced, returningRequest, type Seen } from './observation.js';
import { canGiveLess, movedAlias, movedRow, observedUpdate } from './postgres-plan.js';

export class Changes implements Observation {
  readonly #parts: ObservationParts;
  readonly #cascade: Cascade;
  readonly #tableKey: string;
  readonly #event: Event;
  /** The rows of the statement itself, in the order of their keys. */
  #rows: readonly StoredRow[] = [];
  #returning: string | null = null;
  #canReturn = false;
  /** Whether the statement can give its rows another primary key. */
  #movesKeys = false;
  /** Whether the statement itself looks at its row. */
  #isWithin = false;
  /** Whether a foreign key leads back to rows of the table itself that the statement does not reach. */
  #isAlone = true;
  /** Only where no entry could be made otherwise a write of one row is tried again. */
  readonly canRace = false;

  constructor(parts: ObservationParts) {
    this.#parts = parts;
    this.#cascade = new Cascade(parts);
    const { kind, table } = parts.call;
    this.#tableKey = parts.tables.keyOf(table, parts.options.searchPath);
    // Elsewhere a truncate is a DELETE, whatever was said of its cascade.
    const isTruncate = kind === 'truncate' && parts.call.isCascade && parts.sequelize.getDialect() === 'postgres';
    this.#event = kind === 'update' ? 'update' : isTruncate ? 'truncate' : 'delete';
  }

  async before(): Promise<Request> {
    const { sequelize, run, call, foreignKeys } = this.#parts;
    const { kind, audited, table, set, instance } = call;
    await foreignKeys.load(run, table);
    this.#canReturn = await this.#statementCanReturn();
    const columns = this.#columns();
    const moved = [...new Set([...columns, ...this.#keyFields()])].filter((field) => set.has(field));
    this.#movesKeys = moved.length > 0;
    if (columns.length === 0 && moved.length === 0) {
      const request = this.#lookWithin() ?? this.#lookAlong() ?? (await this.#lookBack());
      if (request) return request;
    }
    if (kind === 'truncate') await lockTable(sequelize, run, table);
    this.#rows = await readRows(sequelize, run, {
      audited,
      table,
      ...this.#condition(),
      extra: [
        ...columns.map((column) => this.#cascade.reading(audited, column)),
        ...moved.map((column) => this.#cascade.reading(audited, column, set.get(column)?.())),
      ],
    });
    const images = imagesOf(this.#rows);
    const parents = this.#rows.map(({ extra }) => ({
      old: new Map(columns.map((column, index) => [column, extra[index]])),
      next: new Map(moved.map((column, index) => [column, extra[columns.length + index]])),
    }));
    await this.#cascade.follow(this.#tableKey, this.#event, parents);
    if (audited) this.#touch(this.#cascade.touch(this.#tableKey, table, audited, call.modelName), images, parents);
    this.#returning = this.#canReturn && audited ? columnList(sequelize, audited) : null;
    return {
      returning: this.#returning,
      only:
        instance || !audited
          ? null
          : whereKeyIn(
              sequelize,
              audited,
              images.map(({ key }) => key),
            ),
      ...this.#instead(),
    };
  }

  async after(sent: Sent): Promise<Seen[]> {
    const { touched } = this.#cascade;
    if (this.#isWithin) return [await this.#seenWithin(sent.rows)];
    if (sent.looks) this.#seeBefore(sent.looks.before);
    const seen: Seen[] = [];
    for (const [key, each] of touched) if (key !== this.#tableKey) seen.push(await this.#look(each));
    const own = touched.get(this.#tableKey);
    // Rows that refer to others go first: to undo the whole from its end is to bring the others back before them.
    return own ? [...seen, await this.#own(own, sent)] : seen;
  }

  /** MySQL resets the numbers of a table that is truncated, and commits the transaction that does it. */
  get end(): string | null {
    const { sequelize, call } = this.#parts;
    if (!this.#instead().instead) return null;
    return `ALTER TABLE ${queryGeneratorOf(sequelize).quoteTable(call.table)} AUTO_INCREMENT = 1;`;
  }

  /**
   * The statement itself can look at the rows that it deletes, where that leads to no others, and on PostgreSQL at the one
   * row that it updates.
   */
  #lookWithin(): Request | null {
    const { sequelize, call, own, prepared, moved } = this.#parts;
    const { audited, kind, instance } = call;
    if (!audited || !this.#canReturn) return null;
    const isOne = kind === 'update' && instance !== null && own !== null;
    this.#isWithin = kind === 'delete' || (isOne && canReturnColumns(audited, 2));
    if (kind === 'delete') return returningRequest(this.#parts, columnList(sequelize, audited));
    if (!this.#isWithin || own === null) return null;
    const isMoved = moved.has(this.#tableKey) || !canGiveLess(audited);
    const { sql, name } = prepared.made(audited, `${isMoved} ${own.write} ${own.returning}`, () =>
      observedUpdate({ sequelize, audited, call, isMoved, lock: this.#lock() }, own),
    );
    return { returning: null, only: null, whole: { sql, name, parameters: own.parameters } };
  }

  /** The looks at one row, where they can be sent with its write. */
  #lookAlong(): Request | null {
    const { sequelize, call, canLookAlong } = this.#parts;
    const { audited, kind, table, instance } = call;
    if (!audited || !instance || !canLookAlong) return null;
    const key = keyOfInstance(audited, instance);
    if (key === null) return null;
    const before = lookOf(sequelize, { audited, table, ...this.#condition() });
    const after = kind === 'delete' ? null : lookOf(sequelize, selectionByKeys(sequelize, { audited, table }, [key]));
    return { returning: null, only: null, looks: looksOf({ before, after, draws: false }) };
  }

  /** SQLite can look at the one row that it updates, too. */
  async #lookBack(): Promise<Request | null> {
    const request = this.#canReturn ? await this.#parts.oldRows?.requestOf(this.#parts) : null;
    this.#isWithin ||= Boolean(request);
    return request ?? null;
  }

  #seeBefore(rows: Sent['rows']): void {
    const { audited, table, modelName } = this.#parts.call;
    this.#rows = rowsOf({ audited }, rows);
    if (!audited) return;
    this.#touch(this.#cascade.touch(this.#tableKey, table, audited, modelName), imagesOf(this.#rows), []);
  }

  async #seenWithin(rows: Sent['rows']): Promise<Seen> {
    const { sequelize, call, run, moved } = this.#parts;
    const { modelName, kind, table } = call;
    const audited = call.audited as AuditedModel;
    const after = rows.map((row) => imageOf(audited, row));
    if (kind === 'delete') return { modelName, before: mapOf(after), after: [], isWhole: true };
    const text = rows[0]?.[movedAlias];
    if (typeof text !== 'string')
      return { modelName, before: mapOf(rows.map((row) => oldImageOf(audited, row))), after, isWhole: true };
    // A trigger has changed more; the next updates give all columns back by themselves.
    moved.add(this.#tableKey);
    const old = (await run(movedRow({ sequelize, audited, call }), [text])) as Sent['rows'];
    const now = await readByKeys(
      sequelize,
      run,
      { audited, table },
      after.map(({ key }) => key),
    );
    return { modelName, before: mapOf(old.map((row) => imageOf(audited, row))), after: now, isWhole: true };
  }

  async #own(touched: Touched, sent: Sent): Promise<Seen> {
    const { call } = this.#parts;
    const { audited, before } = touched;
    const isAlone = this.#isAlone;
    if (call.kind === 'truncate' && isAlone) return seenOf(touched, []);
    if (this.#returning !== null) {
      const rows = sent.rows.map((row) => imageOf(audited, row));
      if (call.kind === 'delete' && isAlone) return seenOf({ ...touched, before: byId(rows, before) }, []);
      if (!this.#movesKeys && isAlone) {
        if (rows.some(({ recordId }) => !before.has(recordId))) throw new Raced(call.modelName);
        return { ...touched, after: rows, isWhole: false };
      }
      touched.keys.push(...rows.map(({ key }) => key));
    } else if (call.instance && sent.affected !== undefined && sent.affected > this.#rows.length) {
      throw new Raced(call.modelName);
    }
    if (call.kind === 'delete' && isAlone && sent.affected === before.size) return seenOf(touched, []);
    const after = sent.looks?.after;
    if (after) {
      // The row is there as it was where the statement asks for more than its key, and another where it asks for less.
      const images = imagesOf(rowsOf({ audited }, after)).filter(({ recordId }) => before.has(recordId));
      if (images.length === before.size) return seenOf(touched, images);
    }
    return this.#look(touched);
  }

  /** Reads the rows of a table again. */
  async #look(touched: Touched): Promise<Seen> {
    const { sequelize, run } = this.#parts;
    return seenOf(touched, await readByKeys(sequelize, run, touched, touched.keys));
  }

  #touch(
    touched: Touched,
    images: readonly Image[],
    parents: readonly { readonly next: ReadonlyMap<string, unknown> }[],
  ) {
    const own = mapOf(images);
    // SQLite follows a foreign key from each row as it goes, and gives back none that went that way before its turn.
    const isEach = this.#event === 'update' || this.#parts.sequelize.getDialect() === 'sqlite';
    const others = [...touched.before.keys()].filter((recordId) => isEach || !own.has(recordId));
    this.#isAlone = others.length === 0;
    for (const [recordId, image] of touched.before) if (!own.has(recordId)) own.set(recordId, image);
    touched.before.clear();
    for (const [recordId, image] of own) touched.before.set(recordId, image);
    const fields = this.#keyFields();
    images.forEach(({ key }, index) => {
      touched.keys.push(key);
      const next = parents[index]?.next;
      if (!next || !fields.some((field) => next.has(field))) return;
      touched.keys.push(fields.map((field, place) => (next.has(field) ? next.get(field) : key[place])));
    });
  }

  /** The rows of the statement as a condition, and the order and the lock to read them with. */
  #condition(): Pick<Selection, 'where' | 'end' | 'parameters'> {
    const { sequelize, call, keyed } = this.#parts;
    if (call.instance && keyed) return { where: `WHERE ${keyed.condition}`, end: '', parameters: keyed.parameters };
    const { audited, where, limit, table } = call;
    const lock = this.#lock();
    const order = call.instance ? '' : inKeyOrder(sequelize, audited);
    if (limit === null) return { where, end: `${order} ${lock}` };
    const generator = queryGeneratorOf(sequelize);
    const from = `FROM ${generator.quoteTable(table)} ${where} LIMIT ${limit}`;
    // The same question that Sequelize makes of a limit, so that the same rows answer it.
    switch (sequelize.getDialect()) {
      case 'sqlite':
        return { where: `WHERE rowid IN (SELECT rowid ${from})`, end: order };
      case 'postgres': {
        const keys = this.#keyFields().map((field) => generator.quoteIdentifier(field));
        const tuple = keys.length > 1 ? `(${keys.join(',')})` : keys.join();
        return { where: `WHERE ${tuple} IN (SELECT ${keys.join(',')} ${from})`, end: `${order} ${lock}` };
      }
      default:
        return { where, end: `LIMIT ${limit} ${lock}` };
    }
  }

  #lock(): string {
    const { sequelize, call } = this.#parts;
    const isKeyChange =
      call.kind !== 'update' || [...call.set.keys()].some((field) => call.audited?.keyFields.has(field));
    return lockOf(sequelize, isKeyChange ? 'FOR UPDATE' : 'FOR NO KEY UPDATE');
  }

  /** Whether the statement can give its rows back: a raw answer would show it. */
  async #statementCanReturn(): Promise<boolean> {
    const { sequelize, call, options, triggers, run } = this.#parts;
    if (call.kind === 'truncate' || options.type === 'RAW') return false;
    if (sequelize.getDialect() === 'postgres') return !call.audited || canReturnColumns(call.audited, 1);
    return sequelize.getDialect() === 'sqlite' && !(await triggers.areOn(call.table, run));
  }

  /** The columns that foreign keys ask for. */
  #columns(): string[] {
    return this.#cascade.columnsOf(this.#tableKey, this.#event, this.#parts.call.set);
  }

  #keyFields(): string[] {
    return this.#parts.call.audited?.keyColumns.map(({ field }) => field) ?? [];
  }

  /** A TRUNCATE of MySQL commits before it runs, so its entries could never be one with it: a DELETE does the same. */
  #instead(): { readonly instead?: string } {
    const { sequelize, call, foreignKeys } = this.#parts;
    const isMysql = ['mysql', 'mariadb'].includes(sequelize.getDialect());
    // One that is referred to is refused by MySQL, in its own words.
    const isRefused = foreignKeys.to(this.#tableKey).some(({ childKey }) => childKey !== this.#tableKey);
    if (call.kind !== 'truncate' || !isMysql || isRefused) return {};
    return { instead: `DELETE FROM ${queryGeneratorOf(sequelize).quoteTable(call.table)};` };
  }
}

function seenOf(touched: Touched, after: readonly Image[]): Seen {
  return { ...touched, after, isWhole: true };
}

function mapOf(images: readonly Image[]): Map<string, Image> {
  return new Map(images.map((image) => [image.recordId, image]));
}

/** The images of rows that are gone, in the order in which they were read before. */
function byId(rows: readonly Image[], before: ReadonlyMap<string, Image>): Map<string, Image> {
  const gone = mapOf(rows);
  const known = [...before].filter(([recordId]) => gone.has(recordId));
  return new Map([...known, ...[...gone].filter(([recordId]) => !before.has(recordId))]);
}
