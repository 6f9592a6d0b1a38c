/** Turns a schema into models. */
import {
  type AssociationOptions,
  DataTypes,
  type Model,
  type ModelAttributeColumnOptions,
  type ModelStatic,
  type Sequelize,
} from 'sequelize';
import {
  type AssociationSchema,
  type AttributeSchema,
  keyAttributes,
  type ModelSchema,
  type Schema,
} from './schema.js';
import { materialize, typeOf, uuid } from './values.js';

/** How many uuids were handed out: numbers in a row, so that two runs hand out the same. */
const handedOut = new WeakMap<Sequelize, number>();

/** Begins with the first uuid again. */
export function restartKeys(sequelize: Sequelize): void {
  handedOut.delete(sequelize);
}

/** Defines the models with their associations; those that Sequelize makes for belongsToMany are in the result, too. */
export function defineModels(sequelize: Sequelize, schema: Schema): Record<string, ModelStatic<Model>> {
  const models: Record<string, ModelStatic<Model>> = {};
  for (const each of schema.models) models[each.name] = define(sequelize, each);
  for (const each of schema.associations) {
    const [source, target] = [models[each.source], models[each.target]] as [ModelStatic<Model>, ModelStatic<Model>];
    const through = each.kind === 'belongsToMany' ? associateMany(sequelize, each, source, target) : null;
    if (through) models[through.name] = through;
    else associate(each, source, target);
  }
  return models;
}

function define(sequelize: Sequelize, { name, key, attributes, hasHook, ...options }: ModelSchema): ModelStatic<Model> {
  const columns = keyAttributes(key).map((each) => [
    each.name,
    { ...column(sequelize, each), ...keyOptions(sequelize, key) },
  ]);
  const others = attributes.map((each) => [each.name, column(sequelize, each)]);
  const model = sequelize.define(name, Object.fromEntries([...columns, ...others]), options);
  const number = attributes.find(({ kind }) => kind === 'integer');
  if (hasHook && number) addHook(model, number.name);
  return model;
}

/** Has the application set a number that is not the same for all rows. */
function addHook(model: ModelStatic<Model>, attribute: string): void {
  const change = (instance: Model) => {
    const key = String(instance.get(model.primaryKeyAttribute) ?? '');
    instance.set(attribute, key.charCodeAt(key.length - 1) % 3 || 0);
  };
  model.addHook('beforeCreate', change);
  model.addHook('beforeUpdate', change);
}

function keyOptions(sequelize: Sequelize, key: ModelSchema['key']): Partial<ModelAttributeColumnOptions> {
  const next = () => {
    const number = (handedOut.get(sequelize) ?? 0) + 1;
    handedOut.set(sequelize, number);
    return uuid(number);
  };
  return {
    primaryKey: true,
    ...(key === 'auto' || key === 'renamed' ? { autoIncrement: true } : {}),
    ...(key === 'uuid' ? { defaultValue: next } : {}),
  };
}

function column(sequelize: Sequelize, attribute: AttributeSchema): ModelAttributeColumnOptions {
  const { kind, field, isUnique, isRequired, defaultValue } = attribute;
  return {
    type: typeOf(kind, sequelize.getDialect()),
    ...(field ? { field } : {}),
    ...(isUnique ? { unique: isUnique } : {}),
    ...(isRequired ? { allowNull: false } : {}),
    ...(defaultValue === undefined ? {} : { defaultValue: materialize(defaultValue) }),
  };
}

function associate(each: AssociationSchema, source: ModelStatic<Model>, target: ModelStatic<Model>): void {
  const options = {
    ...common(each),
    as: (each.kind === 'hasMany' ? { singular: each.as, plural: `${each.as}s` } : each.as) as string,
    foreignKey: { name: `${each.as}Id`, ...(each.isRequired ? { allowNull: false } : {}) },
  };
  if (each.kind === 'belongsTo') source.belongsTo(target, options);
  else if (each.kind === 'hasOne') source.hasOne(target, options);
  else source.hasMany(target, options);
}

function associateMany(
  sequelize: Sequelize,
  each: AssociationSchema,
  source: ModelStatic<Model>,
  target: ModelStatic<Model>,
): ModelStatic<Model> {
  const name = `${each.as}Through`;
  const keyed = () =>
    sequelize.define(
      name,
      { id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true }, note: DataTypes.STRING },
      { timestamps: false },
    );
  const through = each.through === 'keyed' ? keyed() : name;
  source.belongsToMany(target, {
    ...common(each),
    as: { singular: each.as, plural: `${each.as}s` },
    through,
    foreignKey: `${each.as}SourceId`,
    otherKey: `${each.as}TargetId`,
    timestamps: each.through === 'timestamps',
  });
  return sequelize.model(name) as ModelStatic<Model>;
}

function common({ onDelete, onUpdate, constraints, hooks }: AssociationSchema): AssociationOptions {
  return { constraints, hooks, ...(onDelete ? { onDelete } : {}), ...(onUpdate ? { onUpdate } : {}) };
}
