/** Defines the AuditLog model: one row for each entry, readable like any model, never changed or removed. */
import type { Model, ModelAttributes, ModelOptions, ModelStatic, Sequelize } from 'sequelize';
import { AuditError } from '../errors.js';
import { internalsOf } from '../internals.js';
import type { ResolvedOptions } from '../options.js';
import type { Patch } from '../patch/operation.js';
import { indexesOf } from './indexes.js';
import { syncPartitioned } from './partitioned.js';
import { type OwnIndex, syncIndexes } from './sync-indexes.js';

export const actions = ['create', 'update', 'destroy', 'restore', 'baseline'] as const;

export type Action = (typeof actions)[number];

/** One row of the log. */
export interface AuditLogAttributes {
  /** Position in the log, which is the order of commits for any one record. Text where the driver reads bigints so. */
  readonly id: string | number;
  readonly modelName: string;
  /** The primary key as text; a composite one as a JSON array in primary-key order. */
  readonly recordId: string;
  readonly action: Action;
  readonly patch: Patch;
  /** Shared by all entries of one transaction, and by no others. */
  readonly changesetId: string;
  /** null when nobody was named. */
  readonly actor: string | null;
  readonly reason: string | null;
  readonly meta: Readonly<Record<string, unknown>> | null;
  /** When the entry was written, just before its transaction committed. */
  readonly createdAt: Date;
}

export type AuditLogModel = ModelStatic<Model<AuditLogAttributes, AuditLogAttributes> & AuditLogAttributes>;

/** The model of the log, and those of its indexes that Sequelize does not make. */
export interface LogDefinition {
  readonly AuditLog: AuditLogModel;
  readonly ownIndexes: readonly OwnIndex[];
}

/** Statics through which Sequelize changes or removes rows; each is refused. */
const writers = ['update', 'destroy', 'truncate', 'restore', 'upsert', 'increment', 'decrement'] as const;

/**
 * The model, defined on `sequelize` with none of the application's `define` defaults but the naming of columns
 * (`underscored`) and the schema.
 *
 * @throws AuditError ERR_AUDIT_OPTION_INVALID when a model of that name exists
 */
export function defineAuditLog(sequelize: Sequelize, options: ResolvedOptions): LogDefinition {
  const { modelName } = options;
  const taken = [modelName, ...(options.snapshots ? [snapshotNameOf(modelName)] : [])].find((name) =>
    sequelize.isDefined(name),
  );
  if (taken !== undefined) {
    throw new AuditError(
      'ERR_AUDIT_OPTION_INVALID',
      `Option modelName: expected a name that is free for the log, got "${modelName}", ${taken === modelName ? 'which' : `and ${taken}`} is a model already`,
    );
  }
  const {
    DataTypes,
    Model: Base,
    Utils,
  } = (sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
  const settings = internalsOf(sequelize).options;
  const isUnderscored = settings.define?.underscored ?? false;
  const schema = options.schema ?? settings.schema ?? settings.define?.schema;
  const dialect = sequelize.getDialect();
  const isMysql = dialect === 'mysql' || dialect === 'mariadb';
  // MySQL compares text without regard to case unless it is binary; PostgreSQL's binary text is a bytea.
  const name = isMysql ? DataTypes.STRING(255).BINARY : DataTypes.STRING;
  const json = dialect === 'postgres' ? DataTypes.JSONB : DataTypes.JSON;
  const columnOf = (attribute: string) => (isUnderscored ? underscored(attribute) : attribute);
  const tableName = options.tableName ?? Utils.underscoredIf(Utils.pluralize(modelName), isUnderscored);
  const { indexes, ...own } = indexesOf(
    sequelize,
    options.indexes,
    // Only SQLite, where a schema is a part of the table's name, has all indexes in one space of names.
    dialect === 'sqlite' && schema !== undefined ? [schema, tableName] : [tableName],
    columnOf,
  );

  const AuditLog = class extends Base {} as unknown as AuditLogModel;
  for (const writer of writers) refuse(AuditLog, writer);
  for (const writer of ['save', 'update', 'destroy', 'restore', 'increment', 'decrement'] as const)
    refuseInstance(AuditLog, writer);

  initPlainly(
    sequelize,
    AuditLog,
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      modelName: { type: name, allowNull: false },
      recordId: { type: isMysql ? name : DataTypes.TEXT, allowNull: false },
      action: { type: DataTypes.STRING(16), allowNull: false },
      patch: { type: json, allowNull: false },
      changesetId: { type: DataTypes.UUID, allowNull: false },
      actor: { type: isMysql ? name : DataTypes.STRING(255), allowNull: true },
      reason: { type: DataTypes.TEXT, allowNull: true },
      meta: { type: json, allowNull: true },
      createdAt: { type: isMysql ? DataTypes.DATE(3) : DataTypes.DATE, allowNull: false },
    },
    {
      modelName,
      tableName,
      ...(schema === undefined ? {} : { schema }),
      underscored: isUnderscored,
      indexes: [...indexes],
    },
  );
  syncPartitioned(sequelize, AuditLog);
  return { AuditLog, ownIndexes: syncIndexes(sequelize, AuditLog, own) };
}

/** What the model of snapshots is called, beside a log of this name. */
export function snapshotNameOf(modelName: string): string {
  return `${modelName}Snapshot`;
}

/** Defines a model with what is given, and nothing of what the application has set for all of its models. */
export function initPlainly(
  sequelize: Sequelize,
  model: ModelStatic<Model>,
  attributes: ModelAttributes,
  options: ModelOptions,
): void {
  // Model.init merges `sequelize.options.define` into every model and runs the application's define hooks; the log
  // must be the same in every application, so it is defined on a view of the instance that has neither.
  const plain = Object.create(sequelize, {
    options: { value: { ...internalsOf(sequelize).options, define: {}, schema: undefined } },
    runHooks: { value: () => undefined },
  }) as Sequelize;
  model.init(attributes, { ...options, timestamps: false, sequelize: plain });
  (model as unknown as { sequelize: Sequelize }).sequelize = sequelize;
}

/** The error for any attempt to change what the log says. */
export function immutable(modelName: string, attempt: string): AuditError {
  return new AuditError(
    'ERR_AUDIT_LOG_IMMUTABLE',
    `${modelName} holds the log and is only ever added to: ${attempt} is refused`,
  );
}

function refuse(model: AuditLogModel, name: (typeof writers)[number]): void {
  Object.defineProperty(model, name, {
    value: async () => {
      throw immutable(model.name, `${model.name}.${name}`);
    },
  });
}

function refuseInstance(
  model: AuditLogModel,
  name: 'save' | 'update' | 'destroy' | 'restore' | 'increment' | 'decrement',
): void {
  const original = model.prototype[name] as (...args: unknown[]) => Promise<unknown>;
  Object.defineProperty(model.prototype, name, {
    value: async function (this: Model, ...args: unknown[]) {
      if (name === 'save' && this.isNewRecord) return original.apply(this, args);
      throw immutable(model.name, `${name} of an entry`);
    },
  });
}

/** An index is declared by columns, which Sequelize names in its own way only for attributes. */
function underscored(attribute: string): string {
  return attribute.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
