/** Lists the values that are others than the log leads to expect. */
import { typeKeyOf } from '../internals.js';
import { changesOf } from '../patch/changes.js';
import { diff, isEqual } from '../patch/diff.js';
import type { Document, Json, Patch } from '../patch/operation.js';
import { memberOf, segmentsOf } from '../patch/pointer.js';
import { replay } from '../patch/replay.js';
import type { AuditedModel } from '../record/audited-model.js';
import { isRedacted } from '../record/redact.js';
import { inTodaysNames } from './names.js';

/** One value that is another than expected. */
export interface Mismatch {
  readonly attribute: string;
  /** JSON Pointer (RFC 6901) to the value: that of the attribute, or of a place inside a JSON column. */
  readonly path: string;
  /** What the entries before lead to; undefined where nothing should be. */
  readonly expected: Json | undefined;
  /** What the row holds, or the entry says was there; undefined where nothing is. */
  readonly found: Json | undefined;
}

/** Where a row is not as the log says. Attributes that the log does not know, or only hidden, are not compared. */
export function mismatchesOfRow(audited: AuditedModel, document: Document | null, row: Document): readonly Mismatch[] {
  if (document === null) return mismatchesBetween({}, row);
  return audited.columns
    .filter(({ attribute, isRedacted: isHidden }) => {
      const [expected, found] = [memberOf(document, attribute), row[attribute] as Json];
      if (isHidden || expected === undefined || isEqual(expected, found) || isRedacted(expected)) return false;
      return !isRetyped(audited, attribute, expected, found);
    })
    .flatMap(({ attribute }) =>
      mismatchesBetween({ [attribute]: document[attribute] as Json }, { [attribute]: row[attribute] as Json }),
    );
}

/** Whether two values differ only as the attribute had another type. Text stays what it is, whatever number it names. */
function isRetyped(audited: AuditedModel, attribute: string, expected: Json, found: Json): boolean {
  const isText = ['STRING', 'TEXT', 'CHAR', 'CITEXT', 'ENUM'].includes(typeKeyOf(audited.model, attribute));
  const areNumerals = [expected, found].every((value) => typeof value === 'string' && /^-?[\d.]+$/.test(value));
  return !(isText && areNumerals) && audited.isSame(attribute, expected, found);
}

/** Where an entry says that something else was there than the entries before it left. */
export function mismatchesOfEntry(audited: AuditedModel, document: Document | null, patch: Patch): readonly Mismatch[] {
  const mismatches: Mismatch[] = [];
  let state: Json = document;
  try {
    for (const operation of inTodaysNames(audited, patch)) {
      if (operation.op !== 'test') state = replay(state, [operation]);
      else mismatches.push(...untrue(state, operation.path, operation.value));
    }
  } catch {
    // What follows stands on what is not there.
  }
  return mismatches.filter(({ attribute, expected, found }) => {
    if (expected === undefined || found === undefined) return true;
    return audited.column(attribute) !== undefined && !audited.isSame(attribute, expected, found);
  });
}

function untrue(state: Json, path: string, found: Json): readonly Mismatch[] {
  const [attribute, ...inner] = segmentsOf(path);
  if (attribute === undefined) return mismatchesBetween((state ?? {}) as Document, found as Document);
  const expected = inner.reduce<Json | undefined>(memberOf, memberOf(state, attribute));
  if (isEqual(expected, found) || isRedacted(expected) || isRedacted(found)) return [];
  return [{ attribute, path, expected, found }];
}

function mismatchesBetween(expected: Document, found: Document): readonly Mismatch[] {
  return changesOf(diff(expected, found))
    .filter(({ from, to }) => !isRedacted(from) && !isRedacted(to))
    .map(({ attribute, path, from, to }) => ({ attribute, path, expected: from, found: to }));
}
