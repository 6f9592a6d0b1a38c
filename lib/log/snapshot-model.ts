/** Defines the table in which states of records are kept, beside the log: what is in it can be made again at any time. */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import type { ResolvedOptions } from '../options.js';
import { isMysql } from '../record/encoding.js';
import { nameOf } from './indexes.js';
import { type AuditLogModel, initPlainly, snapshotNameOf } from './model.js';

/** The state of one record after one entry. */
export interface AuditSnapshotAttributes {
  /** Text where the driver reads bigints so. */
  readonly entryId: string | number;
  readonly modelName: string;
  readonly recordId: string;
  /** That of the entry. */
  readonly revision: number;
  /** Of which model's shape the state is, as a hash: it can only be read in that. */
  readonly shape: string;
  /** As JSON text, so that no database makes anything else of it. */
  readonly state: string;
}

export type AuditSnapshotModel = ModelStatic<Model<AuditSnapshotAttributes, AuditSnapshotAttributes>>;

/** The model, named after that of the log and in its schema. */
export function defineAuditSnapshot(
  sequelize: Sequelize,
  { modelName, tableName }: ResolvedOptions,
  AuditLog: AuditLogModel,
): AuditSnapshotModel {
  const name = snapshotNameOf(modelName);
  const { DataTypes, Model: Base } = (sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
  const { underscored = false } = AuditLog.options;
  const table = AuditLog.getTableName();
  const schema = typeof table === 'string' ? undefined : table.schema;
  const { modelName: named, recordId } = AuditLog.getAttributes();
  const field = (attribute: 'modelName' | 'recordId') => AuditLog.getAttributes()[attribute].field ?? attribute;
  const entryId = underscored ? 'entry_id' : 'entryId';
  const AuditSnapshot = class extends Base {} as unknown as AuditSnapshotModel;
  initPlainly(
    sequelize,
    AuditSnapshot,
    {
      entryId: { type: DataTypes.BIGINT, primaryKey: true },
      modelName: { type: named.type, allowNull: false },
      recordId: { type: recordId.type, allowNull: false },
      revision: { type: DataTypes.INTEGER, allowNull: false },
      shape: { type: DataTypes.STRING(64), allowNull: false },
      state: { type: isMysql(sequelize.getDialect()) ? DataTypes.TEXT('long') : DataTypes.TEXT, allowNull: false },
    },
    {
      modelName: name,
      ...(tableName === null ? {} : { tableName: `${tableName}_snapshots` }),
      ...(schema === undefined ? {} : { schema }),
      underscored,
      indexes: [
        {
          name: nameOf([...(schema === undefined ? [] : [schema]), name, 'by', 'record']),
          fields: [field('modelName'), field('recordId'), entryId],
        },
      ],
      // What is here is not a record of the application.
      ...({ audit: false } as object),
    },
  );
  return AuditSnapshot;
}
