/** What of a model is audited: its columns with their codecs, its key, and how a row of it becomes a snapshot. */
import type { Model, ModelStatic } from 'sequelize';
import { AuditError, described, messageOf } from '../errors.js';
import { internalsOf, isVirtual, keyFieldsOf, modelNamed, schemaOf, sequelizeOf, timestampsOf } from '../internals.js';
import type { ModelRules } from '../options.js';
import type { Document, Json } from '../patch/operation.js';
import { type Codec, codecOf, type DataType } from './codec.js';
import { recordIdOf } from './record-id.js';
import { isRedacted, redacted } from './redact.js';
import { inForm, isSameValue } from './same-value.js';

/** One attribute that has a column and is not excluded. */
export interface Column {
  readonly attribute: string;
  readonly field: string;
  readonly type: DataType;
  readonly codec: Codec;
  readonly isRedacted: boolean;
  /** Whether the database gives it the next number where a row has none. */
  readonly isGenerated: boolean;
  /** What it goes by in our own lists, as it is and as it was; no column of an application is likely to be called so. */
  readonly alias: string;
  readonly oldAlias: string;
  /** What it goes by where a statement gives the columns of the table back: its field, if that is read as it is. */
  readonly givenAs: string;
}

/** A row at one moment: what the log may show of it, and what is needed to compare it. */
export interface Snapshot {
  readonly recordId: string;
  readonly document: Document;
  /** Encoded values of redacted attributes; they never leave memory. */
  readonly hidden: Document;
  /** Whether `deletedAt` says that a paranoid record is gone. */
  readonly isDeleted: boolean;
}

export class AuditedModel {
  /** As entries name it: the model's name, with the schema before it where `Model.schema()` has changed that. */
  readonly modelName: string;
  readonly model: ModelStatic<Model>;
  readonly columns: readonly Column[];
  readonly keyColumns: readonly Column[];
  /** Columns whose change PostgreSQL locks a row for as it does for a delete. */
  readonly keyFields: ReadonlySet<string>;
  /** By attribute, its earlier names, oldest first. */
  readonly renamed: ModelRules['renamed'];
  readonly #excluded: readonly string[];
  /** Of times without one. */
  readonly #timezone: string;
  readonly #deletedAt: Column | undefined;
  readonly #notDeleted: Json;
  /** Whether nothing is redacted. */
  readonly #isOpen: boolean;
  readonly #texts = new Map<string, string>();

  /**
   * @param model as it is written: possibly a scoped or schema-bound subclass
   * @throws AuditError ERR_AUDIT_PRIMARY_KEY_MISSING
   */
  constructor(model: ModelStatic<Model>, { exclude, redact, renamed }: ModelRules) {
    const sequelize = sequelizeOf(model);
    const place = { dialect: sequelize.getDialect(), timezone: internalsOf(sequelize).options.timezone ?? '+00:00' };
    const attributes = Object.entries(model.getAttributes()).filter(
      ([attribute, { type }]) => !isVirtual(type) && !exclude.includes(attribute),
    );
    this.model = model;
    this.renamed = renamed;
    this.#excluded = exclude;
    this.#timezone = place.timezone;
    this.modelName = modelNameOf(model);
    this.keyFields = keyFieldsOf(model);
    this.columns = attributes.map(([attribute, { type, field = attribute, autoIncrement }], index) => {
      const codec = codecOf(type as unknown as DataType, place);
      const alias = `audit$${index}`;
      return {
        attribute,
        field,
        type: type as unknown as DataType,
        codec,
        isRedacted: redact.includes(attribute),
        isGenerated: autoIncrement === true,
        alias,
        oldAlias: `audit$o${index}`,
        givenAs: codec.select(field) === field ? field : alias,
      };
    });
    this.#isOpen = !this.columns.some(({ isRedacted: isHidden }) => isHidden);
    this.keyColumns = model.primaryKeyAttributes.map((attribute) => this.column(attribute) as Column);
    if (this.keyColumns.length === 0) {
      throw new AuditError(
        'ERR_AUDIT_PRIMARY_KEY_MISSING',
        `Model ${model.name} has no primary key, so its records cannot be named in the log: expected one, or exclude: ["${model.name}"]`,
      );
    }
    const { deletedAt } = timestampsOf(model);
    this.#deletedAt = deletedAt ? this.column(deletedAt) : undefined;
    const rest = deletedAt ? model.getAttributes()[deletedAt]?.defaultValue : undefined;
    this.#notDeleted = this.#deletedAt?.codec.fromInstance(rest) ?? null;
  }

  /** Whether the model has a `deletedAt`: its destroys are updates. */
  get isParanoid(): boolean {
    return this.#deletedAt !== undefined;
  }

  /** The column of `deletedAt` and what it holds in a record that is not destroyed; null where there is none. */
  get deletion(): { readonly column: Column; readonly rest: Json } | null {
    return this.#deletedAt ? { column: this.#deletedAt, rest: this.#notDeleted } : null;
  }

  column(attribute: string): Column | undefined {
    return this.columns.find((column) => column.attribute === attribute);
  }

  /** A text that follows from the model, such as SQL about its columns, made once. @param name of what it is */
  text(name: string, make: () => string): string {
    const text = this.#texts.get(name) ?? make();
    this.#texts.set(name, text);
    return text;
  }

  /** @param values encoded, by attribute: every column of the key, and those others that are known */
  snapshot(values: Document): Snapshot {
    const key = this.keyColumns.map(({ attribute }) => values[attribute] ?? null);
    const { document, hidden } = this.#parted(values);
    return { recordId: this.#recordIdOf(key), document, hidden, isDeleted: this.isDestroyed(values) };
  }

  /** What is known of a record. @param values encoded, by attribute, and of columns alone, in their order; not copied */
  part(recordId: string, values: Document): Snapshot {
    const { document, hidden } = this.#isOpen ? { document: values, hidden: {} } : this.#parted(values);
    return { recordId, document, hidden, isDeleted: this.isDestroyed(values) };
  }

  #recordIdOf(key: readonly Json[]): string {
    if (!key.includes(null)) return recordIdOf(key);
    // SQLite takes any number of rows whose key is null, unless it is an INTEGER.
    throw new AuditError(
      'ERR_AUDIT_PRIMARY_KEY_MISSING',
      `A row of ${this.model.name} has null in its primary key, so it cannot be named in the log: expected a value, or audit: false`,
    );
  }

  /** What the log may show of the columns that are known, in their order, and what it may not. */
  #parted(values: Document): Pick<Snapshot, 'document' | 'hidden'> {
    const document: Record<string, Json> = {};
    const hidden: Record<string, Json> = {};
    for (const { attribute, isRedacted } of this.columns) {
      const value = values[attribute];
      if (value === undefined) continue;
      document[attribute] = isRedacted ? redacted : value;
      if (isRedacted) hidden[attribute] = value;
    }
    return { document, hidden };
  }

  /** Whether `deletedAt` says that the record is gone; false where it is not known, or hidden. */
  isDestroyed(document: Document): boolean {
    const deletedAt = this.#deletedAt && document[this.#deletedAt.attribute];
    return deletedAt !== undefined && deletedAt !== this.#notDeleted && !isRedacted(deletedAt);
  }

  /**
   * The values a document holds, as Sequelize reads them; what it does not hold, or only hidden, stays absent.
   */
  valuesOf(document: Document): Record<string, unknown> {
    const known = this.columns.filter(
      ({ attribute, isRedacted: isHidden }) =>
        !isHidden && document[attribute] !== undefined && !isRedacted(document[attribute]),
    );
    return Object.fromEntries(
      known.map(({ attribute, codec }) => [attribute, codec.decode(document[attribute] as Json)]),
    );
  }

  /** Whether two values that the log holds of an attribute are the same in today's form, whatever its type was. */
  isSame(attribute: string, left: Json, right: Json): boolean {
    return isSameValue(this.column(attribute)?.codec, left, right, this.#timezone);
  }

  /** What the model has today of a document, each value in the form of today's type, or as it is. */
  inTodaysShape(document: Document): Document {
    const known = this.columns.filter(({ attribute }) => Object.hasOwn(document, attribute));
    return Object.fromEntries(
      known.map(({ attribute, codec }) => [attribute, inForm(codec, document[attribute] as Json)]),
    );
  }

  /** A document without what may not be shown today: excluded attributes, and the values of redacted ones. */
  shown(document: Document): Document {
    const shown = Object.entries(document).filter(([attribute]) => !this.#excluded.includes(attribute));
    const isHidden = (attribute: string) => this.column(attribute)?.isRedacted;
    return Object.fromEntries(shown.map(([attribute, value]) => [attribute, isHidden(attribute) ? redacted : value]));
  }

  /** The id in the log of the record with this key. @param key as `select` of the codecs reads it, in key order */
  recordIdOfStored(key: readonly unknown[]): string {
    return this.#recordIdOf(this.keyColumns.map(({ codec }, index) => codec.fromStored(key[index])));
  }

  /** The id in the log of the record with this key. @param key by attribute, as `keyOf` gives it */
  recordId(key: Readonly<Record<string, unknown>>): string {
    return recordIdOf(this.keyColumns.map(({ attribute, codec }) => codec.fromInstance(key[attribute])));
  }

  /**
   * A primary key by attribute, each value as the database holds it.
   *
   * @param key a value for a single key, an object by attribute for any
   * @throws AuditError ERR_AUDIT_HISTORY_INVALID when a part of the key is missing, or is none
   */
  keyOf(key: unknown): Record<string, unknown> {
    const isObject = typeof key === 'object' && key !== null && !(key instanceof Date) && !Buffer.isBuffer(key);
    const values = isObject ? (key as Record<string, unknown>) : { [this.keyColumns[0]?.attribute ?? '']: key };
    const expected = this.keyColumns.map(({ attribute }) => attribute);
    const isWhole = expected.every((attribute) => canBeKey(values[attribute]));
    if (!isWhole || Object.keys(values).length !== expected.length) {
      const form = expected.length > 1 ? 'an object with a value for each' : 'a value';
      const got = isObject ? `an object with ${Object.keys(values).join(', ') || 'nothing'}` : described(key);
      throw new AuditError(
        'ERR_AUDIT_HISTORY_INVALID',
        `A record of ${this.model.name} is named by ${expected.join(' and ')}: expected ${form}, got ${got}`,
      );
    }
    try {
      const pairs = this.keyColumns.map(({ attribute, codec }) => [
        attribute,
        codec.decode(codec.fromInstance(values[attribute])),
      ]);
      return Object.fromEntries(pairs) as Record<string, unknown>;
    } catch (error) {
      throw new AuditError(
        'ERR_AUDIT_HISTORY_INVALID',
        `A record of ${this.model.name} is named by ${expected.join(' and ')}: ${messageOf(error)}`,
        error,
      );
    }
  }
}

/** Whether a value can name a row: no absence, no function, nothing that is no number. */
function canBeKey(value: unknown): boolean {
  return (
    value !== undefined && value !== null && !Number.isNaN(value) && !['function', 'symbol'].includes(typeof value)
  );
}

/** The name of a model's records in the log: `Model.schema()` puts the schema before it, for those are other rows. */
export function modelNameOf(model: ModelStatic<Model>): string {
  const defined = modelNamed(sequelizeOf(model), model.name);
  const schema = schemaOf(model);
  return !defined || schemaOf(defined) === schema || !schema ? model.name : `${schema}.${model.name}`;
}
