/** Which models a look at many records is about. */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { modelNamed } from '../internals.js';
import type { AuditedModel } from '../record/audited-model.js';
import type { AuditedModels } from '../record/audited-models.js';
import { invalid } from './arguments.js';

/** A model, or its name; `acme.User` is the model User in the schema acme. */
export type ModelChoice = ModelStatic<Model> | string;

/**
 * @param models one model, several, or undefined for all that are audited, each in the schema it is defined with
 * @throws AuditError ERR_AUDIT_HISTORY_INVALID for what is no model of this instance, or is not audited
 */
export function chosenModels(
  { sequelize, models: audited }: { readonly sequelize: Sequelize; readonly models: AuditedModels },
  models: unknown,
): AuditedModel[] {
  const chosen = models === undefined ? nameable(sequelize) : Array.isArray(models) ? (models as unknown[]) : [models];
  if (chosen.length === 0 && models !== undefined) throw invalid('models', 'at least one', models);
  const found = chosen.flatMap((choice) => {
    const model = modelOf(sequelize, choice);
    const known = audited.of(model);
    if (!known && models !== undefined) throw invalid('models', 'a model that is audited', model.name);
    return known ? [known] : [];
  });
  return [...new Map(found.map((each) => [each.modelName, each])).values()];
}

/** Models without a primary key, such as those of views, have no records that the log could name. */
function nameable(sequelize: Sequelize): ModelStatic<Model>[] {
  return Object.values(sequelize.models).filter(({ primaryKeyAttributes }) => primaryKeyAttributes.length > 0);
}

function modelOf(sequelize: Sequelize, choice: unknown): ModelStatic<Model> {
  const { Model: Base } = (sequelize as unknown as { Sequelize: { Model: typeof Model } }).Sequelize;
  if (typeof choice === 'function' && choice.prototype instanceof Base) return choice as ModelStatic<Model>;
  const model = typeof choice === 'string' ? named(sequelize, choice) : undefined;
  if (!model) throw invalid('models', `a model of this Sequelize instance or its name`, choice);
  return model;
}

function named(sequelize: Sequelize, name: string): ModelStatic<Model> | undefined {
  const point = name.lastIndexOf('.');
  const plain = modelNamed(sequelize, name);
  if (plain || point < 1) return plain;
  return modelNamed(sequelize, name.slice(point + 1))?.schema(name.slice(0, point));
}
