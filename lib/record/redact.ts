/** What stands in the log in the place of a redacted value: no codec gives a value like it. */

import { isEqual } from '../patch/diff.js';
import type { Document, Json, Patch } from '../patch/operation.js';
import { isContainer, pointer } from '../patch/pointer.js';

export const redacted: Json = Object.freeze({ $redacted: true });

export function isRedacted(value: Json | undefined): boolean {
  return isEqual(value, redacted);
}

/** Whether JSON has the form of it, whatever stands inside. */
export function looksRedacted(value: Json): value is { readonly $redacted: Json } {
  return isContainer(value) && Object.keys(value).join() === '$redacted';
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
