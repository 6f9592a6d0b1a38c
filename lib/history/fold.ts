/** Folds the entries of one record, oldest first, into its states. */
import { AuditError } from '../errors.js';
import type { Action } from '../log/model.js';
import type { Document, Json, Operation, Patch } from '../patch/operation.js';
import { memberOf, segmentsOf } from '../patch/pointer.js';
import { replay } from '../patch/replay.js';
import type { AuditedModel } from '../record/audited-model.js';
import { isRedacted } from '../record/redact.js';
import { contentOf } from '../record/same-value.js';
import { inTodaysNames, type Places, placesAfter } from './names.js';

/** A record between two entries. */
export interface State {
  /** null when no row exists. */
  readonly document: Document | null;
  /** Whether the record is gone: no row, or one that is softly deleted. */
  readonly isDestroyed: boolean;
  /** Of renamed attributes, which of their names the entries up to here use; none where it is absent. */
  readonly places?: Places;
}

export const unborn: State = Object.freeze({ document: null, isDestroyed: true });

/** What the fold needs of an entry. */
export interface Step {
  readonly action: Action;
  readonly patch: Patch;
}

/** A state with the revision that led to it, from 0. */
export interface Start {
  readonly state: State;
  readonly revision: number;
}

/** Whether an entry holds all of its record, whatever those before say or lack. */
export function isBeginning({ action }: Pick<Step, 'action'>): boolean {
  return action === 'create' || action === 'baseline';
}

/**
 * The state after `steps`.
 *
 * @param recordId for a message
 * @param from where the steps go on; a record that is not there yet by default
 * @throws AuditError ERR_AUDIT_HISTORY_INCOMPLETE when an entry does not fit the state before it
 */
export function fold(
  audited: AuditedModel,
  recordId: string,
  steps: readonly Step[],
  from: Start = { state: unborn, revision: 0 },
): State {
  const beginning = steps.findLastIndex(isBeginning);
  let state = beginning === -1 ? from.state : unborn;
  for (let index = Math.max(beginning, 0); index < steps.length; index += 1)
    state = advance(audited, state, steps[index] as Step, () => nameOf(audited, recordId, from.revision + index + 1));
  return state;
}

export function nameOf({ modelName }: AuditedModel, recordId: string, revision: number): string {
  return `revision ${revision} of ${modelName} ${recordId}`;
}

/**
 * The state after one entry.
 *
 * @param where how to name the entry in a message
 * @throws AuditError ERR_AUDIT_HISTORY_INCOMPLETE when it does not fit the state before it
 */
export function advance(
  audited: AuditedModel,
  state: State,
  { action, patch: written }: Step,
  where: () => string,
): State {
  // A baseline is what was found, whatever the log knew before.
  const { document, isDestroyed } = action === 'baseline' ? unborn : state;
  const places = placesAfter(audited, written, state.places ?? {}, where);
  const patch = inTodaysNames(audited, written);
  try {
    const known = learnt(audited, document, patch);
    const after = replay(
      known,
      patch.filter((operation) => !isInsideUnknown(known, operation)),
    ) as Document | null;
    if (action === 'baseline')
      return { document: after, isDestroyed: after === null || audited.isDestroyed(after), places };
    const isGone = action === 'update' ? isDestroyed : action === 'destroy';
    return { document: after, isDestroyed: after === null || isGone, places };
  } catch (error) {
    throw new AuditError(
      'ERR_AUDIT_HISTORY_INCOMPLETE',
      `The log does not lead to ${where()}: what it says was there is not what the entries before it left, so a write is missing from the log`,
      error,
    );
  }
}

/**
 * The document with what a patch says it found of attributes that were not known before: excluded or redacted then,
 * or added to the model since. What was known is never overruled, only put into another form where the type of its
 * attribute has changed. A whole record that is tested may have fewer attributes than before: those are not seen any
 * more. Of an attribute that the model does not have today an entry is believed whatever was known, as its name may
 * have stood for several.
 */
function learnt(audited: AuditedModel, document: Document | null, patch: Patch): Json {
  if (document === null) return null;
  const foundOr = (known: Json | undefined, attribute: string, found: Json): Json => {
    if (known === undefined || isRedacted(known) || isRedacted(found) || !audited.column(attribute)) return found;
    return audited.isSame(attribute, known, found) ? found : known;
  };
  let known = document;
  for (const operation of patch) {
    const [attribute, ...rest] = segmentsOf(operation.path);
    const value = attribute === undefined ? undefined : memberOf(known, attribute);
    if (attribute !== undefined && rest.length > 0) {
      // The text of a column that holds JSON by now.
      if (typeof value === 'string') known = { ...known, [attribute]: contentOf(value) };
      if (!audited.column(attribute) && !isApplicable(known, patch, attribute)) known = without(known, attribute);
    } else if (operation.op === 'test' && attribute !== undefined) {
      const next = foundOr(value, attribute, operation.value);
      if (next !== value) known = { ...known, [attribute]: next };
    } else if (operation.op === 'test') {
      const found = Object.entries(operation.value as Document);
      known = Object.fromEntries(found.map(([name, each]) => [name, foundOr(memberOf(known, name), name, each)]));
    }
  }
  return known;
}

function isApplicable(document: Document, patch: Patch, attribute: string): boolean {
  try {
    replay(
      document,
      patch.filter(({ path }) => segmentsOf(path)[0] === attribute),
    );
    return true;
  } catch {
    return false;
  }
}

function without(document: Document, attribute: string): Document {
  return Object.fromEntries(Object.entries(document).filter(([name]) => name !== attribute));
}

/** Whether an operation changes a part of a value that is not known as a whole, and so stays unknown. */
function isInsideUnknown(document: Json, { path }: Operation): boolean {
  if (!path.includes('/', 1)) return false;
  const [attribute, ...rest] = segmentsOf(path);
  if (attribute === undefined || rest.length === 0 || document === null) return false;
  const value = memberOf(document, attribute);
  return value === undefined || isRedacted(value);
}
