/** Says what the package needs and leaves alone, for tools that make or check an installation. */
import type { IndexesOptions, Model, ModelStatic } from 'sequelize';
import type { OwnIndex } from '../log/sync-indexes.js';
import type { HistoryParts } from './log-reader.js';

/** A table that the package needs. */
export interface AuditTable {
  /** It says what the columns are, and what the table is called. */
  readonly model: ModelStatic<Model>;
  /** Those that Sequelize makes with the table. */
  readonly indexes: readonly IndexesOptions[];
  /** Those that need a statement of their own. */
  readonly ownIndexes: readonly OwnIndex[];
}

/** A model that is not audited, and what leaves it out. */
export interface LeftOut {
  readonly modelName: string;
  readonly model: ModelStatic<Model>;
  /** Its own option `audit: false`, the option `exclude`, or that `include` does not name it, or that it has no key. */
  readonly by: 'audit' | 'exclude' | 'include' | 'primaryKey';
}

export interface Installation {
  /** That of the log, and with the option `snapshots` that of states. */
  readonly tables: readonly AuditTable[];
  /** The models that the instance has by now and that are not audited. */
  readonly leftOut: readonly LeftOut[];
}

export function installationOf(
  { sequelize, AuditLog, AuditSnapshot, models }: HistoryParts,
  ownIndexes: readonly OwnIndex[],
): Installation {
  const tables = [AuditLog, AuditSnapshot].filter((model) => model !== null) as readonly ModelStatic<Model>[];
  const leftOut = Object.values(sequelize.models).flatMap((model): LeftOut[] => {
    if (tables.includes(model)) return [];
    const by = models.leftOutBy(model) ?? (model.primaryKeyAttributes.length === 0 ? 'primaryKey' : null);
    return by ? [{ modelName: model.name, model, by }] : [];
  });
  return {
    tables: tables.map((model) => ({
      model,
      indexes: model.options.indexes ?? [],
      ownIndexes: model === AuditLog ? ownIndexes : [],
    })),
    leftOut,
  };
}
