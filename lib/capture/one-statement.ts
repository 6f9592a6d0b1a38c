/**
 * PostgreSQL: performs a write without a transaction of the caller's, or of many rows in one, as one statement, which looks
 * at the rows, writes them, and adds their entries. What it cannot do is left to the general way, with the same entries.
 */
import { type QueryOptions, queryGeneratorOf } from '../internals.js';
import type { Run } from '../log/append.js';
import { newChangesetId } from '../log/changeset-id.js';
import type { AuditedModel } from '../record/audited-model.js';
import { unformed } from '../record/postgres-json.js';
import type { Call, Sent } from './call.js';
import { ColumnTypes } from './column-types.js';
import { lockOf } from './images.js';
import { type ManyRows, many, type Within } from './many.js';
import { isRefusal, Undone } from './observation.js';
import type { Observed } from './observe.js';
import { type OneWay, type OneWayParts, type OneWrite, textLimit } from './one-way.js';
import type { Own } from './own.js';
import { moved, recordedWrite } from './postgres-plan.js';
import { isUnfit, type Prepared } from './prepared.js';
import { isDeep, isWide, leadsOn } from './reach.js';
import { inSavepoint } from './savepoint.js';

export interface OneStatementParts extends OneWayParts {
  readonly prepared: Prepared;
  readonly manyRows: ManyRows;
  /** Tables whose updates have changed more than they set. */
  readonly moved: Set<string>;
}

export class OneStatement implements OneWay {
  readonly #parts: OneStatementParts;
  /** By what Sequelize would send; null stands for what has to go the general way. */
  #texts = new Map<string, string | null>();
  readonly #types: ColumnTypes;

  constructor(parts: OneStatementParts) {
    this.#parts = parts;
    const generator = queryGeneratorOf(parts.sequelize);
    this.#types = new ColumnTypes(
      (table) =>
        `SELECT attname AS name, atttypid::regtype::text AS type FROM pg_attribute WHERE attrelid = ${generator.escape(table)}::regclass AND attnum > 0 AND NOT attisdropped`,
    );
  }

  forget(): void {
    this.#texts = new Map();
    this.#types.forget();
  }

  async perform(write: OneWrite): Promise<{ readonly result: unknown } | null> {
    const { own } = write;
    const text = own && (await this.#textOf(write, own));
    if (!text) return null;
    try {
      return await this.#send(write, own, text, newChangesetId());
    } catch (error) {
      // A statement of its own has undone itself, so that it can be done again, and the error be told whose it is.
      if (!this.#isForGeneral(error, write)) throw error;
      return null;
    }
  }

  async performWithin(write: OneWrite, { changesetId, flush }: Within): Promise<Observed | null> {
    const { own, call, run } = write;
    const { manyRows } = this.#parts;
    if (!own || !manyRows.isLikely(call) || !(await manyRows.areReached(call, run))) return null;
    const text = await this.#textOf(write, own);
    if (text === null) return null;
    await flush();
    const send = () => this.#send(write, own, text, changesetId);
    try {
      // What the row has met leaves the transaction aborted, as it would without us.
      const { result } = await inSavepoint(run, send, (error) => this.#isForGeneral(error, write));
      return { result, entries: [], end: null };
    } catch (error) {
      if (error instanceof Undone) return null;
      throw error;
    }
  }

  #send({ call, send }: OneWrite, own: Own, text: string, changesetId: string): Promise<Sent> {
    const { actor, reason, meta } = call.context;
    const entry = [call.modelName, changesetId, actor, reason, meta, new Date().toISOString()];
    const name = isRepeated(call, own) ? this.#parts.prepared.nameOf(text) : null;
    return send({
      returning: null,
      only: null,
      whole: { sql: text, name, parameters: [...own.parameters, ...entry] },
    });
  }

  /** Whether a statement that failed is to be done the general way; takes from the error what is to be known of the table. */
  #isForGeneral(error: unknown, { call, options }: OneWrite): boolean {
    const { sequelize, prepared, moved: movedTables, tables } = this.#parts;
    // A logger that throws says nothing of whether the row was written; if it was, so is its entry.
    if (!isRefusal(sequelize, error) || this.#isOfTheWrite(error, call)) return false;
    if (isUnfit(error)) prepared.forget();
    if (String((error as Error).message).includes(moved)) {
      movedTables.add(tables.keyOf(call.table, options.searchPath));
      this.#texts = new Map();
    }
    return true;
  }

  async #textOf({ call, run, options }: OneWrite, own: Own): Promise<string | null> {
    const { audited } = call;
    if (!audited) return null;
    if (!isRepeated(call, own)) return this.#planned(call, own, run, options, audited);
    const source = `${call.modelName} ${own.write} ${own.returning}`;
    const texts = this.#texts;
    const known = texts.get(source);
    if (known !== undefined) return known;
    if (texts.size >= textLimit) texts.clear();
    const text = await this.#planned(call, own, run, options, audited);
    texts.set(source, text);
    return text;
  }

  async #planned(call: Call, own: Own, run: Run, options: QueryOptions, audited: AuditedModel): Promise<string | null> {
    const { table, kind } = call;
    const { sequelize, AuditLog, tables } = this.#parts;
    const isMoved = kind === 'update' && this.#parts.moved.has(tables.keyOf(table, options.searchPath));
    const hasJson = isMoved && audited.columns.some(({ type }) => /^JSON/.test(type.key));
    // Many new rows come back to Node anyway, which makes documents of them in less time than PostgreSQL.
    const isLongInsert = kind === 'insert' && call.rows.length >= many;
    if (isWide(audited) || hasJson || isDeep(call, audited) || isLongInsert) return null;
    if (await leadsOn(this.#parts, call, audited, options, run)) return null;
    const isStrong = [...call.set.keys()].some((field) => audited.keyFields.has(field));
    const lock = lockOf(sequelize, isStrong ? 'FOR UPDATE' : 'FOR NO KEY UPDATE');
    const types = await this.#types.of(queryGeneratorOf(sequelize).quoteTable(table), run);
    return recordedWrite({ sequelize, AuditLog, audited, call, types, lock, isMoved }, own);
  }

  /** Whether the error is what the application's own statement would have met, and not one of the entry's. */
  #isOfTheWrite(error: unknown, { table }: Call): boolean {
    const { code, table: refused } = ((error as { parent?: unknown }).parent ?? {}) as {
      code?: string;
      table?: string;
    };
    if (String((error as Error).message).includes(unformed)) return false;
    const log = nameOf(this.#parts.AuditLog.getTableName());
    // PostgreSQL, appendix A: what jsonb cannot hold of a json column is invalid_text_representation or
    // untranslatable_character, and the row can hold it; a model's name can be too long (string_data_right_truncation).
    if (code === '22001' || code === '22P02' || code === '22P05') return false;
    // Classes 22 (data exception) and 23 (integrity constraint violation).
    if (code?.startsWith('22')) return true;
    return code?.startsWith('23') === true && refused !== undefined && (refused !== log || nameOf(table) === log);
  }
}

/** Whether the statement is likely to come again word for word: no value stands in it. */
function isRepeated({ instance, kind }: Call, { condition }: Own): boolean {
  if (instance !== null) return true;
  const rest = condition?.replace(/"(?:[^"]|"")*"|\$\d+|\b1=1\b/g, '');
  return kind === 'update' && rest !== undefined && !/['\d]/.test(rest);
}

function nameOf(table: unknown): string {
  return typeof table === 'string' ? table : String((table as { tableName?: unknown }).tableName);
}
