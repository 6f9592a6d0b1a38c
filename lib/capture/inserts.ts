/** Looks at what an insert or upsert meets before it, and at the rows that it has made or changed after it. */
import { autoIncrementOf, expressionOf, isExpression, queryGeneratorOf } from '../internals.js';
import type { AuditedModel } from '../record/audited-model.js';
import {
  canReturnColumns,
  columnList,
  type Given,
  givenBeside,
  type Image,
  imageOf,
  keyList,
  keyOf,
} from '../record/image.js';
import { looksOf } from './blocks.js';
import type { Looks, Request, Sent, Values } from './call.js';
import { Cascade, type Touched } from './cascade.js';
import {
  imagesOf,
  isPlainKey,
  lockOf,
  lookOf,
  readByKeys,
  readRows,
  rowsOf,
  whereKeyIn,
  whereSqlIn,
} from './images.js';
import { insertedByKey, insertedByRowid } from './inserted-alone.js';
import { insertedByMysql, refuseHalves } from './inserted-by-mysql.js';
import { drawAgain, forgetMet, keyOfMet, notingMet } from './met-by-mysql.js';
import { type Observation, type ObservationParts, Raced, returningRequest, type Seen } from './observation.js';

/** Says of a row that PostgreSQL gives back whether it was inserted: one that was updated has been locked first. */
const isNew = 'audit$new';

export class Inserts implements Observation {
  readonly #parts: ObservationParts;
  readonly #audited: AuditedModel;
  readonly #touched: Touched;
  readonly #cascade: Cascade;
  readonly #tableKey: string;
  readonly #dialect: string;
  /** What PostgreSQL gives back, where that is whole rows: what Sequelize has asked for by itself is asked for once. */
  readonly #given: Given;
  /** What happens to a row that is there already; null for an error. */
  readonly #conflict: 'ignore' | 'update' | null;
  #conditions: readonly string[] = [];
  /** Whether a statement of SQLite gives back its rows as they are when it is done. */
  #givesRows = false;
  /** Columns that an update in place of an insert can change, and that foreign keys refer to. */
  #moved: readonly string[] = [];
  /** Whether the rows that it meets have not been looked at. */
  #isBlind = false;
  readonly end = null;

  constructor(parts: ObservationParts) {
    const { call, options } = parts;
    this.#parts = parts;
    this.#audited = call.audited as AuditedModel;
    this.#dialect = parts.sequelize.getDialect();
    this.#given = givenBeside(parts.sequelize, this.#audited, parts.own?.returning ?? null);
    this.#conflict = options.updateOnDuplicate ? 'update' : options.ignoreDuplicates ? 'ignore' : null;
    this.#cascade = new Cascade(parts);
    this.#tableKey = parts.tables.keyOf(call.table, options.searchPath);
    this.#touched = this.#cascade.touch(this.#tableKey, call.table, this.#audited, call.modelName);
  }

  async before(): Promise<Request> {
    const { foreignKeys, triggers, run, call } = this.#parts;
    if (this.#isMysql) refuseHalves(call, this.#audited);
    if (this.#conflict !== null) await foreignKeys.load(run, call.table);
    this.#givesRows = this.#dialect === 'sqlite' && !(await triggers.areOn(call.table, run));
    this.#conditions = await this.#conditionsOf();
    this.#isBlind = this.#canBeBlind;
    if (this.#conditions.length > 0 && !this.#isBlind) await this.#readBefore();
    await this.#drawAgain();
    const { before } = this.#touched;
    const [field] = (this.#isBlind && this.#parts.options.updateOnDuplicate) || [];
    if (field !== undefined) await forgetMet(this.#parts.run);
    const looks = this.#looks();
    return {
      ...returningRequest(this.#parts, this.#returning()),
      ...(looks && { looks }),
      ...(field === undefined ? {} : { onMet: notingMet(this.#parts.sequelize, this.#audited, field) }),
      hasNew: (rows) => rows.some((row) => !before.has(this.#audited.recordIdOfStored(this.#keyOf(row)))),
    };
  }

  get canRace(): boolean {
    if (this.#isBlind) return true;
    const areAllThere = this.#touched.before.size >= this.#parts.call.rows.length;
    const canMeetMore = !areAllThere || this.#parts.met.length > 0;
    return this.#dialect === 'postgres' && this.#conflict === 'update' && canMeetMore;
  }

  async after(sent: Sent): Promise<Seen[]> {
    const { sequelize, run } = this.#parts;
    if (this.#isBlind) await this.#checkMet(sent);
    const seen: Seen[] = [];
    const own = await this.#own(sent);
    if (this.#moved.length > 0) await this.#followMoved(own);
    for (const touched of this.#cascade.touched.values()) {
      if (touched === this.#touched) continue;
      seen.push({ ...touched, after: await readByKeys(sequelize, run, touched, touched.keys), isWhole: true });
    }
    const isWhole =
      this.#conflict === 'update' && ((this.#dialect !== 'postgres' && !this.#givesRows) || this.#movesKeys);
    return [...seen, { ...this.#touched, after: own, isWhole }];
  }

  async #own(sent: Sent): Promise<Iterable<Image>> {
    const { sequelize, run } = this.#parts;
    const isSqlite = this.#dialect === 'sqlite';
    if (sent.looks?.after) {
      const made = imagesOf(rowsOf({ audited: this.#audited }, sent.looks.after));
      if (made.length === sent.affected) return made;
    }
    if (this.#isMysql) return insertedByMysql(this.#parts, sent, this.#conditions, this.#touched);
    if (this.#returning() === null)
      return isSqlite ? insertedByRowid(this.#parts, sent) : insertedByKey(this.#parts, sent);
    if (this.#isReadAgain) {
      const returned = sent.rows.map((row) => this.#keyOf(row));
      const updated = returned.filter((_, index) => sent.rows[index]?.[isNew] === false);
      if (updated.length > this.#touched.before.size) throw new Raced(this.#parts.call.modelName, updated);
      return readByKeys(sequelize, run, this.#touched, [...returned, ...this.#touched.keys]);
    }
    // SQLite gives a row that was given twice back twice, each time as it was then.
    if (isSqlite && this.#conflict === 'update')
      return [...new Map([...this.#images(sent.rows)].map((image) => [image.recordId, image])).values()];
    if (this.#conflict === 'update') this.#checkRace(sent.rows);
    return { [Symbol.iterator]: () => this.#images(sent.rows) };
  }

  /** The primary key of a row that came back. */
  #keyOf(row: Values): readonly unknown[] {
    return this.#isReadAgain ? keyOf(this.#audited, row) : imageOf(this.#audited, row).key;
  }

  /**
   * INSERT IGNORE also counts a row that a foreign key kept out, so that its count says nothing. And of many rows that
   * draw numbers, those that are sent again would draw others: the application would see that.
   */
  get #canBeBlind(): boolean {
    const { isBlind, foreignKeys, call } = this.#parts;
    const isCounted = this.#conflict === 'update' || !foreignKeys.hasFrom(this.#tableKey);
    const draws = call.rows.length > 1 && call.rows.some((row) => this.#drawsNumber(row));
    return isBlind && this.#isMysql && this.#conditions.length > 0 && isCounted && !draws;
  }

  #drawsNumber(row: Values): boolean {
    const generated = this.#audited.keyColumns.find(({ isGenerated }) => isGenerated);
    return generated !== undefined && row[generated.field] == null;
  }

  async #checkMet({ affected }: Sent): Promise<void> {
    const { run, call } = this.#parts;
    const drawn = this.#conflict === 'update' ? await keyOfMet(run) : null;
    const isCounted = affected === 0 || affected === call.rows.length;
    const isClean = this.#conflict === 'update' ? drawn === null : isCounted;
    if (!isClean) throw new Raced(call.modelName, [], drawn);
  }

  /** A look at a row that is inserted alone, by its key or by the number that it will have been given. */
  #looks(): Looks | null {
    const { sequelize, call, canLookAlong } = this.#parts;
    const [row, ...others] = call.rows;
    if (!canLookAlong || !row || others.length > 0 || this.#conflict !== null) return null;
    const { keyColumns, model } = this.#audited;
    const generated = autoIncrementOf(model);
    const draws = generated !== undefined && row[generated] == null;
    // Sequelize is told a number that came with its row as if it had been drawn.
    if (generated !== undefined && !draws) return null;
    const generator = queryGeneratorOf(sequelize);
    if (keyColumns.some(({ field }) => field !== generated && !isPlainKey(row[field]))) return null;
    const where = keyColumns.map(({ field }) => {
      const value = field === generated ? 'LAST_INSERT_ID()' : generator.escape(row[field]);
      return `${generator.quoteIdentifier(field)} = ${value}`;
    });
    const after = lookOf(sequelize, {
      ...{ audited: this.#audited, table: call.table, where: `WHERE ${where.join(' AND ')}` },
      end: lockOf(sequelize, 'FOR NO KEY UPDATE'),
      extra: draws ? ['LAST_INSERT_ID()'] : [],
    });
    return looksOf({ before: null, after, draws });
  }

  /** A row that is sent again keeps the number that it drew first. */
  async #drawAgain(): Promise<void> {
    const { run, call, drawn } = this.#parts;
    const [row] = call.rows;
    if (row && this.#drawsNumber(row) && drawn !== null && /^\d+$/.test(drawn)) await drawAgain(run, drawn);
  }

  get #isMysql(): boolean {
    return this.#dialect === 'mysql' || this.#dialect === 'mariadb';
  }

  /** Whether the statement gives back keys alone, by which the rows are read. */
  get #isReadAgain(): boolean {
    if (this.#dialect === 'sqlite') return !this.#givesRows || this.#movesKeys;
    return this.#movesKeys || !canReturnColumns(this.#audited, 1);
  }

  /** Whether a row that is met can be given another primary key. */
  get #movesKeys(): boolean {
    const { updateOnDuplicate = [], upsertKeys = [] } = this.#parts.options;
    const fields = this.#audited.keyColumns.map(({ field }) => field);
    return fields.some((field) => updateOnDuplicate.includes(field) && !upsertKeys.includes(field));
  }

  *#images(rows: readonly Values[]): Generator<Image> {
    for (const row of rows) yield imageOf(this.#audited, row, this.#given.name);
  }

  #checkRace(rows: readonly Values[]): void {
    const updated = rows.filter((row) => row[isNew] === false).map((row) => imageOf(this.#audited, row));
    const met = updated.filter(({ recordId }) => !this.#touched.before.has(recordId)).map(({ key }) => key);
    if (met.length > 0) throw new Raced(this.#parts.call.modelName, met);
  }

  /** What the statement gives back, where the dialect can: all that PostgreSQL wrote, the keys of SQLite's rows. */
  #returning(): string | null {
    const { sequelize, call, options } = this.#parts;
    switch (this.#dialect) {
      case 'postgres': {
        // findOrCreate inserts inside a function of its own, whose result cannot be widened.
        if (options.exception) return null;
        // Its own columns, or as the rows will be read again the keys alone.
        const columns = this.#isReadAgain ? keyList(sequelize, this.#audited) : this.#given.list;
        return this.#conflict === 'update' ? `${columns}, (xmax::text = '0') AS "${isNew}"` : columns;
      }
      case 'sqlite':
        // The driver knows the rowid of a row that is inserted alone.
        if (this.#givesRows && !this.#movesKeys) return columnList(sequelize, this.#audited);
        return call.rows.length > 1 || this.#conflict === 'update' ? keyList(sequelize, this.#audited) : null;
      default:
        return null;
    }
  }

  async #readBefore(): Promise<void> {
    const { sequelize, run, call, options } = this.#parts;
    const fields = options.updateOnDuplicate ?? [];
    const columns = this.#cascade.columnsOf(this.#tableKey, 'update', new Set(fields));
    // What two rows meet by is the same in both; MySQL does not say what they met by.
    const meeting = this.#isMysql ? [] : (options.upsertKeys ?? []);
    this.#moved = columns.filter((column) => fields.includes(column) && !meeting.includes(column));
    const isKeyChange = fields.some((field) => this.#audited.keyFields.has(field));
    const rows = await readRows(sequelize, run, {
      audited: this.#audited,
      table: call.table,
      where: `WHERE ${this.#conditions.join(' OR ')}`,
      end: lockOf(sequelize, isKeyChange ? 'FOR UPDATE' : 'FOR NO KEY UPDATE'),
      extra: columns.map((column) => this.#cascade.reading(this.#audited, column)),
    });
    const parents = rows.map(({ extra }) => {
      const old = new Map(columns.map((column, index) => [column, extra[index]]));
      // What comes in its place is not known; children of a row that keeps its value are read for nothing.
      return { old, next: new Map(this.#moved.map((column) => [column, undefined])) };
    });
    for (const { image } of rows) {
      if (!image) continue;
      this.#touched.before.set(image.recordId, image);
      this.#touched.keys.push(image.key);
    }
    await this.#cascade.follow(this.#tableKey, 'update', parents);
  }

  async #followMoved(own: Iterable<Image>): Promise<void> {
    const { sequelize, run, call } = this.#parts;
    const columns = this.#cascade.columnsOf(this.#tableKey, 'update', new Set(this.#moved));
    const keys = [...own].map(({ key }) => key);
    const rows = await readRows(sequelize, run, {
      audited: null,
      table: call.table,
      where: `WHERE ${whereKeyIn(sequelize, this.#audited, keys)}`,
      end: '',
      extra: columns.map((column) => this.#cascade.reading(this.#audited, column)),
    });
    const now = rows.map(({ extra }) => new Map(columns.map((column, index) => [column, extra[index]])));
    await this.#cascade.followMoved(this.#tableKey, now);
  }

  /** How to find the rows that the statement meets; none when it can meet none, or changes none that it meets. */
  async #conditionsOf(): Promise<string[]> {
    const { sequelize, call, options, run, uniqueKeys, met } = this.#parts;
    if (this.#conflict === null || (this.#conflict === 'ignore' && !this.#isMysql)) return [];
    const keys = this.#isMysql ? await uniqueKeys.of(call.table, run) : [options.upsertKeys ?? []];
    const conditions = keys.flatMap((fields) => {
      const rows = call.rows.flatMap((row) => this.#tuple(row, fields) ?? []);
      return rows.length > 0 ? [whereSqlIn(sequelize, fields, rows)] : [];
    });
    return met.length > 0 ? [...conditions, whereKeyIn(sequelize, this.#audited, met)] : conditions;
  }

  /** The values of a key as SQL, in an array to be flattened; null where one is null or not known here. */
  #tuple(row: Values, fields: readonly string[]): [string[]] | null {
    const { sequelize, met } = this.#parts;
    // On PostgreSQL an expression may draw a number, so it is worked out only when a row was met unseen.
    const isKept = this.#dialect === 'postgres' && met.length === 0;
    const isOdd = (value: unknown) => isKept && isExpression(sequelize, value);
    if (fields.some((field) => row[field] == null || isOdd(row[field]))) return null;
    return [fields.map((field) => expressionOf(sequelize, this.#audited.model, field, row[field], 'INSERT'))];
  }
}
