/** Turns a change of one record into the entry that the log keeps of it. */
import type { StoredContext } from '../context.js';
import { diff } from '../patch/diff.js';
import type { Patch } from '../patch/operation.js';
import type { Snapshot } from '../record/audited-model.js';
import { redactedChanges } from '../record/redact.js';
import type { Action } from './model.js';

/** An entry before it has an id, a changeset and a time. `patch` and `meta` are JSON text. */
export interface Entry extends StoredContext {
  readonly modelName: string;
  readonly recordId: string;
  readonly action: Action;
  readonly patch: string;
}

/** A record before and after a write; null where it did not exist. */
export interface Change {
  readonly modelName: string;
  readonly before: Snapshot | null;
  readonly after: Snapshot | null;
}

/**
 * The entries of one change: none when nothing that is audited changed, two when the primary key changed (the record
 * of the old key ends, that of the new one begins), else one.
 */
export function entriesOf({ modelName, before, after }: Change, context: StoredContext): Entry[] {
  if (before && after && before.recordId !== after.recordId) {
    return [
      ...entriesOf({ modelName, before, after: null }, context),
      ...entriesOf({ modelName, before: null, after }, context),
    ];
  }
  const record = after ?? before;
  const patch = patchOf(before, after);
  if (!record || patch.length === 0) return [];
  return [
    { modelName, recordId: record.recordId, action: actionOf(before, after), patch: JSON.stringify(patch), ...context },
  ];
}

function patchOf(before: Snapshot | null, after: Snapshot | null): Patch {
  const patch = diff(before?.document ?? null, after?.document ?? null);
  return before && after ? [...patch, ...redactedChanges(before.hidden, after.hidden)] : patch;
}

function actionOf(before: Snapshot | null, after: Snapshot | null): Action {
  if (!before) return 'create';
  if (!after) return 'destroy';
  if (before.isDeleted === after.isDeleted) return 'update';
  return after.isDeleted ? 'destroy' : 'restore';
}
