/** Applies an RFC 6902 patch to a document, checking what it finds before it changes anything. */
import { AuditError, messageOf } from '../errors.js';
import { isEqual } from './diff.js';
import type { Json, Operation, Patch } from './operation.js';
import { isContainer, isIndex, memberOf, segmentsOf } from './pointer.js';

/** What stands at a place: undefined where nothing does, as at the root of a record that does not exist. */
type Found = Json | undefined;

/**
 * The state after `patch`. It shares what did not change with the document given, and both stay as they were.
 *
 * Not with the `applyPatch` of fast-json-patch: that refuses a member called `__proto__`, cannot compare objects that
 * have one called `hasOwnProperty`, and finds inherited members.
 *
 * @param document the state before; null is the absence of the record
 * @returns null when the patch removes the record
 * @throws AuditError ERR_AUDIT_PATCH_INVALID when a `test` fails or a path does not exist
 */
export function replay(document: Json, patch: Patch): Json {
  let state = document;
  for (const [index, operation] of patch.entries()) {
    try {
      state = apply(state, operation);
    } catch (error) {
      throw new AuditError(
        'ERR_AUDIT_PATCH_INVALID',
        `operation ${index} (${operation.op} ${JSON.stringify(operation.path)}) does not apply: ${messageOf(error)}`,
        error,
      );
    }
  }
  return state;
}

function apply(document: Json, operation: Operation): Json {
  const segments = segmentsOf(operation.path);
  switch (operation.op) {
    case 'test': {
      // RFC 6902 §4.6: equal in value, whatever the order of members.
      if (!isEqual(valueAt(document, segments), given(operation.value))) throw new Error('another value is there');
      return document;
    }
    case 'add':
      return put(document, segments, given(operation.value), true);
    case 'replace':
      return put(document, segments, given(operation.value), false);
    case 'remove':
      return put(document, segments, undefined, false);
    case 'copy':
      return put(document, segments, valueAt(document, segmentsOf(operation.from)), true);
    case 'move': {
      // RFC 6902 §4.4: a value cannot be moved into itself.
      if (operation.path.startsWith(`${operation.from}/`)) throw new Error('a value cannot be moved into itself');
      const from = segmentsOf(operation.from);
      const moved = valueAt(document, from);
      return put(put(document, from, undefined, false), segments, moved, true);
    }
    default:
      throw new Error('there is no such operation');
  }
}

/** RFC 6902 §4: a member `value` must be there, and may be null. */
function given(value: Json | undefined): Json {
  if (value === undefined) throw new Error('it has no value');
  return value;
}

function valueAt(document: Json, segments: readonly string[]): Json {
  return segments.reduce((parent, segment) => existing(memberOf(parent, segment)), document);
}

function existing(found: Found): Json {
  if (found === undefined) throw new Error('nothing is there');
  return found;
}

/**
 * The document with `value` at a place.
 *
 * @param value undefined removes what is there
 * @param isAdded whether the place may be new, and in an array is put before what stands there
 * @param depth of the document below the root
 */
function put(document: Json, segments: readonly string[], value: Found, isAdded: boolean, depth = 0): Json {
  const segment = segments[depth];
  if (segment === undefined) return value ?? null;
  if (!isContainer(document)) throw new Error('nothing is there');
  const isLast = depth === segments.length - 1;
  const found = memberOf(document, segment);
  const next = isLast ? value : put(existing(found), segments, value, isAdded, depth + 1);
  const isInserted = isLast && isAdded;
  if (!isInserted) existing(found);

  if (Array.isArray(document)) {
    const items = document as readonly Json[];
    const index = isInserted ? insertionIndex(items, segment) : Number(segment);
    return items.toSpliced(index, isInserted ? 0 : 1, ...(next === undefined ? [] : [next]));
  }
  const members = document as { readonly [key: string]: Json };
  if (next !== undefined) return { ...members, [segment]: next };
  return Object.fromEntries(Object.entries(members).filter(([key]) => key !== segment));
}

/** RFC 6902 §4.1: an index up to the length of the array, or "-" for its end. */
function insertionIndex(items: readonly Json[], segment: string): number {
  const index = segment === '-' ? items.length : Number(segment);
  if (!(segment === '-' || isIndex(segment)) || index > items.length) throw new Error('an array has no such place');
  return index;
}
