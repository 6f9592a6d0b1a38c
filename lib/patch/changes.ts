/** Turns a patch into a list of what changed, for people to read. */
import type { Document, Json, Operation, Patch } from './operation.js';
import { memberOf, pointer, segmentsOf } from './pointer.js';

/** One value that a patch changed. */
export interface Change {
  readonly attribute: string;
  /** JSON Pointer (RFC 6901) to the value: that of the attribute, or of a place inside a JSON column. */
  readonly path: string;
  /** As the document had it; undefined where nothing was there. */
  readonly from: Json | undefined;
  /** As the document has it; undefined where nothing is left. */
  readonly to: Json | undefined;
}

/**
 * What a patch changed, in its order: one change for each attribute, or place inside a JSON column. Where a record
 * begins or ends, one for each of its attributes.
 *
 * @param patch one in which a `test` of the old value stands before each `replace` and `remove`
 */
export function changesOf(patch: Patch): Change[] {
  return patch.flatMap((operation, index) => {
    if (operation.op === 'test') return [];
    const { path } = operation;
    const from = testedBy(patch[index - 1], path);
    const to = 'value' in operation ? operation.value : undefined;
    const [attribute] = segmentsOf(path);
    return attribute === undefined ? ofWhole(from, to) : [{ attribute, path, from, to }];
  });
}

function testedBy(operation: Operation | undefined, path: string): Json | undefined {
  return operation?.op === 'test' && operation.path === path ? operation.value : undefined;
}

function ofWhole(from: Json | undefined, to: Json | undefined): Change[] {
  const [before, after] = [from ?? {}, to ?? {}] as [Document, Document];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].map((attribute) => ({
    attribute,
    path: pointer(attribute),
    from: memberOf(before, attribute),
    to: memberOf(after, attribute),
  }));
}
