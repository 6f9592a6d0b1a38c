/** Lists the values that are others than the log leads to expect. */
import { changesOf } from '../patch/changes.js';
import { diff, isEqual } from '../patch/diff.js';
import type { Document, Json, Patch } from '../patch/operation.js';
import { memberOf, segmentsOf } from '../patch/pointer.js';
import { replay } from '../patch/replay.js';
import type { AuditedModel } from '../record/audited-model.js';
import { isRedacted } from '../record/redact.js';

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
export function mismatchesOfRow(
  { columns }: AuditedModel,
  document: Document | null,
  row: Document,
): readonly Mismatch[] {
  if (document === null) return mismatchesBetween({}, row);
  return columns
    .filter(({ attribute, isRedacted: isHidden }) => {
      const expected = memberOf(document, attribute);
      return !isHidden && expected !== undefined && !isEqual(expected, row[attribute]) && !isRedacted(expected);
    })
    .flatMap(({ attribute }) =>
      mismatchesBetween({ [attribute]: document[attribute] as Json }, { [attribute]: row[attribute] as Json }),
    );
}

/** Where an entry says that something else was there than the entries before it left. */
export function mismatchesOfEntry(document: Document | null, patch: Patch): readonly Mismatch[] {
  const mismatches: Mismatch[] = [];
  let state: Json = document;
  try {
    for (const operation of patch) {
      if (operation.op !== 'test') state = replay(state, [operation]);
      else mismatches.push(...untrue(state, operation.path, operation.value));
    }
  } catch {
    // What follows stands on what is not there.
  }
  return mismatches;
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
