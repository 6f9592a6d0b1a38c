/** Which record a reader of the log asks about. */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { AuditError, described } from '../errors.js';
import { modelNamed } from '../internals.js';
import type { Json } from '../patch/operation.js';
import type { AuditedModel, Column } from '../record/audited-model.js';
import type { AuditedModels } from '../record/audited-models.js';

export interface Target<M extends Model = Model> {
  readonly model: ModelStatic<M>;
  readonly audited: AuditedModel;
  /** By attribute, as the database holds it. */
  readonly key: Readonly<Record<string, unknown>>;
}

/**
 * @param record the record itself, or its model
 * @param key the primary key beside a model: a value, or for a composite key an object by attribute
 * @throws AuditError ERR_AUDIT_HISTORY_INVALID for what is no record, or of a model that is not audited
 */
export function targetOf<M extends Model>(
  { sequelize, models }: { readonly sequelize: Sequelize; readonly models: AuditedModels },
  caller: string,
  record: M | ModelStatic<M>,
  key: unknown,
): Target<M> {
  const { Model: Base } = (sequelize as unknown as { Sequelize: { Model: typeof Model } }).Sequelize;
  const isInstance = record instanceof Base;
  if (!isInstance && !(typeof record === 'function' && record.prototype instanceof Base))
    throw invalid(caller, `expected a record or a model of this Sequelize instance, got ${described(record)}`);
  if (isInstance && key !== undefined) throw invalid(caller, `expected no key beside a record, got ${described(key)}`);
  const model = (isInstance ? record.constructor : record) as ModelStatic<M>;
  const audited = models.of(model);
  if (!audited) throw invalid(caller, `${model.name} is not audited`);
  const ofInstance = () =>
    Object.fromEntries(
      audited.keyColumns.map(({ attribute }) => [attribute, (record as M).getDataValue(attribute as never)]),
    );
  return { model, audited, key: audited.keyOf(isInstance ? ofInstance() : key) };
}

/**
 * The record that entries name so.
 *
 * @param modelName as entries have it: with the schema before it where `Model.schema()` has changed that
 * @returns null when there is no such model, or it is not audited any more
 */
export function targetNamed(
  { sequelize, models }: { readonly sequelize: Sequelize; readonly models: AuditedModels },
  modelName: string,
  recordId: string,
): Target | null {
  const defined = modelNamed(sequelize, modelName);
  const bound = Object.values(sequelize.models).find(({ name }) => modelName.endsWith(`.${name}`));
  const model =
    defined ?? (bound?.schema(modelName.slice(0, -bound.name.length - 1)) as ModelStatic<Model> | undefined);
  const audited = model && models.of(model);
  if (!model || !audited) return null;
  const { keyColumns } = audited;
  const [only] = keyColumns;
  const encoded = keyColumns.length > 1 ? (JSON.parse(recordId) as Json[]) : [only ? keyNamed(only, recordId) : null];
  const pairs = keyColumns.map(({ attribute, codec }, index) => [attribute, codec.decode(encoded[index] as Json)]);
  return { model, audited, key: Object.fromEntries(pairs) };
}

/** Text stands for itself in a record id, all else as JSON: the one of them that the column could have. */
function keyNamed({ codec }: Column, recordId: string): Json {
  if (codec.fromInstance(codec.decode(recordId)) === recordId) return recordId;
  return JSON.parse(recordId) as Json;
}

function invalid(caller: string, message: string): AuditError {
  return new AuditError('ERR_AUDIT_HISTORY_INVALID', `${caller}: ${message}`);
}
