/** Writes a record into another state, through its model like any other caller. */
import type { Model, ModelStatic, Transaction } from 'sequelize';
import { AuditError } from '../errors.js';
import { timestampsOf, versionAttributeOf } from '../internals.js';
import type { Action } from '../log/model.js';
import { diff, isEqual } from '../patch/diff.js';
import type { Document, Json, Patch } from '../patch/operation.js';
import type { AuditedModel } from '../record/audited-model.js';
import { isRedacted } from '../record/redact.js';
import type { State } from './fold.js';
import type { Present } from './present.js';
import type { Target } from './target.js';

/** What a write of the history does to one record, or would do. */
export interface PlannedChange {
  readonly modelName: string;
  readonly recordId: string;
  readonly action: Action;
  /** RFC 6902, from the record as it is to the record as it becomes. */
  readonly patch: Patch;
}

/** The attributes that go on with each save, and never back. */
export function ongoingOf(model: ModelStatic<Model>): string[] {
  return [timestampsOf(model).updatedAt, versionAttributeOf(model)].filter((name) => name !== undefined);
}

/** @returns null when nothing has to change */
export function plannedChange(
  { audited, key }: Pick<Target, 'audited' | 'key'>,
  present: Document | null,
  wanted: State,
): PlannedChange | null {
  const next = wanted.document && present ? rewritten(audited, present, wanted.document) : wanted.document;
  const patch = diff(present, next);
  const wasDestroyed = present !== null && audited.isDestroyed(present);
  if (patch.length === 0 && (present === null || wasDestroyed === wanted.isDestroyed)) return null;
  return {
    modelName: audited.modelName,
    recordId: audited.recordId(key),
    action: actionOf(present === null, next === null, wasDestroyed, wanted.isDestroyed),
    patch,
  };
}

/**
 * @param wanted attributes that its document does not hold, or only hidden, stay as they are
 * @returns the record as it is afterwards; null when no row is left
 * @throws AuditError ERR_AUDIT_REVERT_IMPOSSIBLE before anything is written
 */
export async function rewrite<M extends Model>(
  { model, audited }: Target<M>,
  present: Present | null,
  { document, isDestroyed }: State,
  transaction: Transaction,
): Promise<M | null> {
  const row = (present?.row as M | undefined) ?? null;
  if (document === null) {
    await row?.destroy({ transaction, force: true });
    return null;
  }
  const values = audited.valuesOf(document);
  if (!row || !present) {
    checkComplete({ model, audited }, document);
    return model.build(values as never, { raw: true }).save({ transaction, omitNull: false });
  }
  const next = rewritten(audited, present.document, document);
  for (const attribute of Object.keys(next).filter((name) => !isEqual(next[name], present.document[name]))) {
    // Not set(): a setter would change the stored value once more, and read-only attributes would be left out.
    row.setDataValue(attribute as never, values[attribute] as never);
    row.changed(attribute as never, true);
  }
  const options = { transaction, omitNull: false };
  // A soft destroy and a restore write what else has changed as well.
  if (audited.isDestroyed(present.document) === isDestroyed) await row.save(options);
  else await (isDestroyed ? row.destroy(options) : row.restore(options));
  return row;
}

/** The present document with what is wanted of it, as far as a model can write that. */
function rewritten(audited: AuditedModel, present: Document, wanted: Document): Document {
  const kept = [...ongoingOf(audited.model), ...audited.model.primaryKeyAttributes];
  const changed = audited.columns.filter(({ attribute, codec, isRedacted: isHidden }) => {
    const [was, next] = [present[attribute], wanted[attribute]];
    if (isHidden || next === undefined || isRedacted(next) || kept.includes(attribute)) return false;
    // A document can hold more than an instance, such as microseconds: compared is what both can say.
    const said = (value: Json | undefined) =>
      isRedacted(value) ? value : codec.fromInstance(codec.decode(value ?? null));
    return !isEqual(said(was), said(next));
  });
  return {
    ...present,
    ...Object.fromEntries(changed.map(({ attribute }) => [attribute, wanted[attribute] as Json])),
  };
}

/** @throws AuditError ERR_AUDIT_REVERT_IMPOSSIBLE when a new row needs what the log does not hold */
export function checkComplete({ model, audited }: Pick<Target, 'model' | 'audited'>, document: Document): void {
  const values = audited.valuesOf(document);
  const { createdAt } = timestampsOf(model);
  const missing = Object.entries(model.getAttributes()).filter(
    ([attribute, { allowNull, defaultValue, autoIncrement }]) =>
      allowNull === false &&
      defaultValue === undefined &&
      !autoIncrement &&
      values[attribute] === undefined &&
      ![createdAt, ...ongoingOf(model)].includes(attribute),
  );
  if (missing.length > 0) {
    const names = missing.map(([attribute]) => attribute).join(', ');
    throw new AuditError(
      'ERR_AUDIT_REVERT_IMPOSSIBLE',
      `${audited.modelName} cannot be brought back: ${names} must have a value, and the log does not hold it`,
    );
  }
}

function actionOf(isNew: boolean, isGone: boolean, wasDestroyed: boolean, isDestroyed: boolean): Action {
  if (isNew) return 'create';
  if (isGone || (isDestroyed && !wasDestroyed)) return 'destroy';
  return wasDestroyed && !isDestroyed ? 'restore' : 'update';
}
