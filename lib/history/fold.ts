/** Folds the entries of one record, oldest first, into its states. */
import { AuditError } from '../errors.js';
import type { Action } from '../log/model.js';
import type { Document, Json, Operation, Patch } from '../patch/operation.js';
import { segmentsOf } from '../patch/pointer.js';
import { replay } from '../patch/replay.js';
import type { AuditedModel } from '../record/audited-model.js';
import { isRedacted } from '../record/redact.js';

/** A record between two entries. */
export interface State {
  /** null when no row exists. */
  readonly document: Document | null;
  /** Whether the record is gone: no row, or one that is softly deleted. */
  readonly isDestroyed: boolean;
}

export const unborn: State = Object.freeze({ document: null, isDestroyed: true });

type Test = Extract<Operation, { value: Json }>;

/** What the fold needs of an entry. */
export interface Step {
  readonly action: Action;
  readonly patch: Patch;
}

/**
 * The state after `steps`.
 *
 * @param recordId for a message
 * @throws AuditError ERR_AUDIT_HISTORY_INCOMPLETE when an entry does not fit the state before it
 */
export function fold(audited: AuditedModel, recordId: string, steps: readonly Step[], state: State = unborn): State {
  // A baseline is what was found, whatever the entries before it say or lack.
  const start = Math.max(
    steps.findLastIndex(({ action }) => action === 'baseline'),
    0,
  );
  return steps
    .slice(start)
    .reduce(
      (current, step, index) =>
        advance(audited, current, step, `revision ${start + index + 1} of ${audited.modelName} ${recordId}`),
      state,
    );
}

/**
 * The state after one entry.
 *
 * @param where how to name the entry in a message
 * @throws AuditError ERR_AUDIT_HISTORY_INCOMPLETE when it does not fit the state before it
 */
export function advance(audited: AuditedModel, state: State, { action, patch }: Step, where: string): State {
  // A baseline is what was found, whatever the log knew before.
  const { document, isDestroyed } = action === 'baseline' ? unborn : state;
  try {
    const after = replay(learnt(document, patch), patch) as Document | null;
    if (action === 'baseline') return { document: after, isDestroyed: after === null || audited.isDestroyed(after) };
    const isGone = action === 'update' ? isDestroyed : action === 'destroy';
    return { document: after, isDestroyed: after === null || isGone };
  } catch (error) {
    throw new AuditError(
      'ERR_AUDIT_HISTORY_INCOMPLETE',
      `The log does not lead to ${where}: what it says was there is not what the entries before it left, so a write is missing from the log`,
      error,
    );
  }
}

/**
 * The document with what a patch says it found of attributes that were not known before: excluded or redacted then,
 * or added to the model since. What was known is never overruled, but a whole record that is tested may have fewer
 * attributes than before: those are not seen any more.
 */
function learnt(document: Document | null, patch: Patch): Json {
  if (document === null) return null;
  let known = document;
  for (const { path, value } of patch.filter((operation): operation is Test => operation.op === 'test')) {
    const [attribute, ...rest] = segmentsOf(path);
    if (attribute !== undefined && rest.length === 0)
      known = { ...known, [attribute]: knownOr(known[attribute], value) };
    if (path === '') known = mapValues(value as Document, (found, name) => knownOr(known[name], found));
  }
  return known;
}

function mapValues(document: Document, map: (value: Json, attribute: string) => Json): Document {
  return Object.fromEntries(Object.entries(document).map(([attribute, value]) => [attribute, map(value, attribute)]));
}

function knownOr(known: Json | undefined, found: Json): Json {
  return known === undefined || isRedacted(known) || isRedacted(found) ? found : known;
}
