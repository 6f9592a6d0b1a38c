/** What stands in the log in the place of a redacted value: no attribute type has a value like it. */

import { isEqual } from '../patch/diff.js';
import type { Document, Json, Patch } from '../patch/operation.js';
import { pointer } from '../patch/pointer.js';

export const redacted: Json = Object.freeze({ $redacted: true });

export function isRedacted(value: Json | undefined): boolean {
  return isEqual(value, redacted);
}

/** The operations that say which hidden values changed, and nothing else about them. */
export function redactedChanges(before: Document, after: Document): Patch {
  return Object.keys(before)
    .filter((attribute) => !isEqual(before[attribute], after[attribute]))
    .flatMap((attribute) => [
      { op: 'test', path: pointer(attribute), value: redacted },
      { op: 'replace', path: pointer(attribute), value: redacted },
    ]);
}
