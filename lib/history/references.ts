/** The foreign keys of a model, as its attributes declare them. */
import type { Model, ModelStatic } from 'sequelize';
import { tableKeyOf } from '../internals.js';

export interface Reference {
  readonly attribute: string;
  readonly isNullable: boolean;
  readonly parentTable: string;
  /** The column that it refers to. */
  readonly parentField: string;
}

export function referencesOf(model: ModelStatic<Model>): Reference[] {
  return Object.entries(model.getAttributes()).flatMap(([attribute, { references, allowNull, primaryKey }]) => {
    if (typeof references !== 'object' || !references.model) return [];
    const parent = references.model as unknown;
    const table = typeof parent === 'function' ? (parent as ModelStatic<Model>).getTableName() : parent;
    return [
      {
        attribute,
        isNullable: allowNull !== false && !primaryKey,
        parentTable: tableKeyOf(table),
        parentField: references.key ?? 'id',
      },
    ];
  });
}

export function tableOf(model: ModelStatic<Model>): string {
  return tableKeyOf(model.getTableName());
}
