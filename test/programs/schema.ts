/** A schema as plain data: a few models with keys, columns and associations of every kind. */
import { type Kind, poolOf, uuid, type Value } from './values.js';

export { defineModels, restartKeys } from './define.js';
export { schemas } from './random-schema.js';

export type Key = 'auto' | 'renamed' | 'uuid' | 'string' | 'bigint' | 'composite';
export type Referential = 'CASCADE' | 'SET NULL' | 'SET DEFAULT' | 'RESTRICT' | 'NO ACTION';

export interface AttributeSchema {
  readonly name: string;
  readonly kind: Kind;
  readonly field?: string;
  /** By itself, or with the others that say so. */
  readonly isUnique?: true | 'together';
  readonly isRequired?: boolean;
  readonly defaultValue?: Value;
}

/** An attribute with what it is there for, if it is no plain one. */
export interface Column extends AttributeSchema {
  readonly role?: 'primary' | 'foreign' | 'deletion';
  /** The model that a foreign key refers to. */
  readonly references?: string;
}

export interface ModelSchema {
  readonly name: string;
  readonly key: Key;
  readonly attributes: readonly AttributeSchema[];
  readonly timestamps: boolean;
  /** Only with timestamps. */
  readonly paranoid: boolean;
  readonly version: boolean;
  readonly underscored: boolean;
  /** Whether the application has a hook that changes an attribute of every row before it is written. */
  readonly hasHook?: boolean;
}

export interface AssociationSchema {
  readonly kind: 'belongsTo' | 'hasOne' | 'hasMany' | 'belongsToMany';
  readonly source: string;
  readonly target: string;
  /** Its name in the singular; the foreign key is `<as>Id`. */
  readonly as: string;
  readonly onDelete?: Referential;
  readonly onUpdate?: Referential;
  readonly constraints: boolean;
  /** Whether the ORM itself destroys the children, one by one. */
  readonly hooks: boolean;
  readonly isRequired: boolean;
  /** Of belongsToMany: made by Sequelize, with or without timestamps, or a model with a key of its own. */
  readonly through: 'plain' | 'timestamps' | 'keyed';
}

export interface Schema {
  readonly models: readonly ModelSchema[];
  readonly associations: readonly AssociationSchema[];
}

/** Every attribute that a program may write: the key, the model's own, foreign keys, and `deletedAt`. */
export function columnsOf({ models, associations }: Schema, name: string): Column[] {
  const model = models.find((each) => each.name === name) as ModelSchema;
  const foreign = associations.flatMap(({ kind, source, target, as, isRequired }) => {
    const [owner, referenced] = kind === 'belongsTo' ? [source, target] : [target, source];
    if (kind === 'belongsToMany' || owner !== name) return [];
    const key = models.find((each) => each.name === referenced)?.key as Key;
    const { kind: type = 'integer' } = keyAttributes(key)[0] ?? {};
    return [{ name: `${as}Id`, kind: type, isRequired, role: 'foreign' as const, references: referenced }];
  });
  const keys = keyAttributes(model.key).map((each) => ({ ...each, role: 'primary' as const }));
  const deletion = model.paranoid ? [{ name: 'deletedAt', kind: 'date' as const, role: 'deletion' as const }] : [];
  return [...keys, ...model.attributes, ...foreign, ...deletion];
}

/** The attributes of the primary key. */
export function keyAttributes(key: Key): AttributeSchema[] {
  switch (key) {
    case 'auto':
      return [{ name: 'id', kind: 'integer' }];
    case 'renamed':
      return [{ name: 'number', kind: 'integer', field: 'record_number' }];
    case 'uuid':
      return [{ name: 'id', kind: 'uuid' }];
    case 'string':
      return [{ name: 'code', kind: 'string', isRequired: true }];
    case 'bigint':
      return [{ name: 'id', kind: 'bigint', isRequired: true }];
    case 'composite':
      return [
        { name: 'left', kind: 'integer', isRequired: true },
        { name: 'right', kind: 'string', isRequired: true, field: 'right_part' },
      ];
  }
}

/** Values for a key, which are those that the database or the defaults hand out, too. */
export function keyPool(kind: Kind): readonly Value[] {
  if (kind === 'integer') return [1, 2, 3, 4, 5];
  if (kind === 'uuid') return [1, 2, 3, 4].map(uuid);
  return poolOf(kind);
}
