/** Writes a record back to an earlier state, through its model like any other caller. */
import type { Model, ModelStatic, Transaction } from 'sequelize';
import { AuditError } from '../errors.js';
import { timestampsOf, versionAttributeOf } from '../internals.js';
import { isEqual } from '../patch/diff.js';
import type { Document, Json } from '../patch/operation.js';
import type { AuditedModel, Column } from '../record/audited-model.js';
import type { State } from './fold.js';

/**
 * @param key of the record, by attribute
 * @returns the record as it is afterwards; null when the state is that of a record that does not exist
 * @throws AuditError ERR_AUDIT_REVERT_IMPOSSIBLE before anything is written
 */
export async function revert<M extends Model>(
  model: ModelStatic<M>,
  audited: AuditedModel,
  key: Readonly<Record<string, unknown>>,
  { document, isDestroyed }: State,
  transaction: Transaction,
): Promise<M | null> {
  const lock = transaction.LOCK.UPDATE;
  const row = await model
    .unscoped()
    .findOne({ where: key as never, paranoid: false, hooks: false, transaction, lock } as never);
  const values = audited.valuesOf(document ?? {});
  if (document === null) {
    await row?.destroy({ transaction, force: true });
    return null;
  }
  if (!row) return isDestroyed ? null : create(model, audited, values, transaction);

  // A soft destroy writes what else has changed as well, so what the record was when it was destroyed comes back with it.
  const isToDestroy = isDestroyed && !isSoftlyDeleted(row);
  for (const [attribute, value] of changesOf(audited, row, values, document)) {
    // Not set(): a setter would change the stored value once more, and read-only attributes would be left out.
    row.setDataValue(attribute as never, value as never);
    row.changed(attribute as never, true);
  }
  await (isToDestroy ? row.destroy({ transaction }) : row.save({ transaction }));
  return isDestroyed ? null : row;
}

function create<M extends Model>(
  model: ModelStatic<M>,
  audited: AuditedModel,
  values: Readonly<Record<string, unknown>>,
  transaction: Transaction,
): Promise<M> {
  const { createdAt, updatedAt } = timestampsOf(model);
  const missing = Object.entries(model.getAttributes()).filter(
    ([attribute, { allowNull, defaultValue, autoIncrement }]) =>
      allowNull === false &&
      defaultValue === undefined &&
      !autoIncrement &&
      values[attribute] === undefined &&
      ![createdAt, updatedAt, versionAttributeOf(model)].includes(attribute),
  );
  if (missing.length > 0) {
    const names = missing.map(([attribute]) => attribute).join(', ');
    throw new AuditError(
      'ERR_AUDIT_REVERT_IMPOSSIBLE',
      `${audited.modelName} cannot be brought back: ${names} must have a value, and the log does not hold it`,
    );
  }
  return model.build(values as never, { raw: true }).save({ transaction });
}

/** The attributes that have to change, and to what. */
function changesOf(
  audited: AuditedModel,
  row: Model,
  values: Readonly<Record<string, unknown>>,
  document: Document,
): [string, unknown][] {
  const kept = [
    timestampsOf(audited.model).updatedAt,
    versionAttributeOf(audited.model),
    ...audited.model.primaryKeyAttributes,
  ];
  return Object.entries(values).filter(([attribute]) => {
    // The document may hold more than an instance can, such as microseconds: compared is what both can say.
    const { codec } = audited.column(attribute) as Column;
    const present = codec.fromInstance(row.getDataValue(attribute as never));
    return (
      !kept.includes(attribute) && !isEqual(present, codec.fromInstance(codec.decode(document[attribute] as Json)))
    );
  });
}

function isSoftlyDeleted(row: Model): boolean {
  return timestampsOf(row.constructor as ModelStatic<Model>).deletedAt !== undefined && row.isSoftDeleted();
}
