/**
 * MariaDB: performs a write of one row as one statement, a block with the looks at the row and the entry. Without a
 * transaction of the caller's it is one by itself, and writes the entry; in one it gives the entry back. What it cannot do is
 * left to the general way, with the same entries.
 */
import { internalsOf, queryGeneratorOf } from '../internals.js';
import { newChangesetId } from '../log/changeset-id.js';
import type { Entry } from '../log/entry.js';
import type { AuditedModel } from '../record/audited-model.js';
import type { Call, Request, Sent } from './call.js';
import { ColumnTypes } from './column-types.js';
import { actionOf, entryParameters, interruptions, made, moved, recordedBlock, unwritten } from './mariadb-plan.js';
import { formOf, type MariadbForm, sourceOf, valuesOf } from './mariadb-write.js';
import { isRefusal, Unrecorded } from './observation.js';
import type { Observed } from './observe.js';
import { type OneWay, type OneWayParts, type OneWrite, textLimit } from './one-way.js';
import { isDeep, isWide, leadsOn } from './reach.js';

export interface MariadbOneStatementParts extends OneWayParts {
  readonly preparedStatements: boolean;
}

interface Made {
  readonly form: MariadbForm;
  readonly text: string;
}

export class MariadbOneStatement implements OneWay {
  readonly #parts: MariadbOneStatementParts;
  /** By model and by what Sequelize would send; null stands for what has to go the general way. */
  #texts = new WeakMap<AuditedModel, Map<string, Made | null>>();
  readonly #types: ColumnTypes;
  /** Tables whose updates have changed more than they set. */
  readonly #moved = new Set<string>();
  #isPrepared: boolean;

  constructor(parts: MariadbOneStatementParts) {
    this.#parts = parts;
    this.#isPrepared = parts.preparedStatements;
    const generator = queryGeneratorOf(parts.sequelize);
    this.#types = new ColumnTypes((table) => {
      const name = generator.escape(table.slice(1, -1).replaceAll('``', '`'));
      return `SELECT COLUMN_NAME AS name, CONCAT(DATA_TYPE, COALESCE(CONCAT('(', DATETIME_PRECISION, ')'), '')) AS type FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ${name};`;
    });
  }

  forget(): void {
    this.#texts = new WeakMap();
    this.#types.forget();
  }

  async perform(write: OneWrite, rollback: () => Promise<void>): Promise<Sent | null> {
    const request = await this.#requestOf(write, true);
    if (!request) return null;
    try {
      return await write.send(request);
    } catch (error) {
      await rollback();
      // A logger that throws says nothing of whether the row was written; if it was, so is its entry.
      if (!isRefusal(this.#parts.sequelize, error) || !this.#isForGeneral(error, write)) throw error;
      return null;
    }
  }

  async performWithin(write: OneWrite): Promise<Observed | null> {
    const request = await this.#requestOf(write, false);
    if (!request) return null;
    try {
      const { result, rows } = await write.send(request);
      return { result, entries: entriesOf(write.call, rows), end: null };
    } catch (error) {
      if (!isRefusal(this.#parts.sequelize, error) || isInterruption(error)) throw new Unrecorded(error);
      if (this.#isForGeneral(error, write)) return null;
      throw error;
    }
  }

  async #requestOf(write: OneWrite, isOwn: boolean): Promise<Request | null> {
    const { call, bound } = write;
    const { audited } = call;
    const { sequelize } = this.#parts;
    if (!audited || !call.instance || !bound) return null;
    const known = await this.#madeOf(write, audited, bound.sql, isOwn);
    const values = known && valuesOf(sequelize, audited, call, known.form, bound);
    if (!values) return null;
    const { text, form } = known;
    const all = [
      ...(call.kind === 'insert' ? [] : values.key),
      ...values.parameters,
      ...(call.kind === 'delete' ? [] : values.key),
      ...(isOwn ? this.#entryOf(call) : []),
    ];
    const block = { draws: form.draws, givesRow: form.draws || !isOwn, isPrepared: this.#isPrepared };
    return { returning: null, only: null, whole: { sql: text, name: null, parameters: all, block } };
  }

  #entryOf({ modelName, context: { actor, reason, meta } }: Call): unknown[] {
    const { sequelize, AuditLog } = this.#parts;
    // As Sequelize writes a date, but for the quotes.
    const createdAt = queryGeneratorOf(sequelize).escape(new Date(), AuditLog.getAttributes().createdAt).slice(1, -1);
    const values = { createdAt, modelName, actor, reason, meta, changesetId: newChangesetId() };
    return entryParameters.map((name) => values[name]);
  }

  async #madeOf(write: OneWrite, audited: AuditedModel, sql: string, isOwn: boolean): Promise<Made | null> {
    const texts = this.#texts.get(audited) ?? new Map<string, Made | null>();
    this.#texts.set(audited, texts);
    const source = `${isOwn ? 'own' : 'within'} ${sourceOf(write.call, sql)}`;
    const known = texts.get(source);
    if (known !== undefined) return known;
    if (texts.size >= textLimit) texts.clear();
    const form = formOf(this.#parts.sequelize, audited, write.call, sql);
    const text = form && (await this.#planned(write, audited, form, isOwn));
    const whole = form && text ? { form, text } : null;
    texts.set(source, whole);
    return whole;
  }

  async #planned({ call, run, options }: OneWrite, audited: AuditedModel, form: MariadbForm, isOwn: boolean) {
    const { sequelize, AuditLog, tables } = this.#parts;
    if (isWide(audited) || isDeep(call, audited) || (await leadsOn(this.#parts, call, audited, options, run)))
      return null;
    const types = await this.#types.of(queryGeneratorOf(sequelize).quoteTable(call.table), run);
    const timezone = internalsOf(sequelize).options.timezone ?? '+00:00';
    const isMoved = this.#moved.has(tables.keyOf(call.table, options.searchPath));
    return recordedBlock({ sequelize, AuditLog, audited, call, types, timezone, isMoved }, form, isOwn);
  }

  /** Whether the error is not that of the application's own statement. */
  #isForGeneral(error: unknown, { call, options }: OneWrite): boolean {
    const [errno, message] = [errnoOf(error), String((error as Error).message)];
    const isMoved = message.includes(moved);
    if (isMoved && call.audited) {
      this.#moved.add(this.#parts.tables.keyOf(call.table, options.searchPath));
      this.#texts.delete(call.audited);
    }
    // This command is not supported in the prepared statement protocol yet; too many are kept ready on the server.
    const isUnprepared = errno === 1295 || errno === 1461;
    if (isUnprepared) this.#isPrepared = false;
    // Result consisted of more than one row: those of a key that is not the table's.
    return isMoved || isUnprepared || errno === 1172 || message.includes(unwritten);
  }
}

/** None where nothing that is audited has changed. */
function entriesOf(call: Call, rows: Sent['rows']): Entry[] {
  const { modelName, context } = call;
  return rows
    .map((row) => ({ recordId: String(row[made.recordId]), patch: String(row[made.patch]) }))
    .filter(({ patch }) => patch !== '[]')
    .map((entry) => ({ modelName, action: actionOf(call), ...entry, ...context }));
}

function isInterruption(error: unknown): boolean {
  return interruptions.includes(errnoOf(error) ?? 0);
}

/** The number that the server gives an error. */
function errnoOf(error: unknown): number | undefined {
  return ((error as { parent?: unknown }).parent as { errno?: number } | undefined)?.errno;
}
