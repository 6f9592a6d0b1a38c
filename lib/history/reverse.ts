/** Takes one change back out of a document, and leaves what else is in it. */
import { isEqual } from '../patch/diff.js';
import type { Document, Json } from '../patch/operation.js';
import { isContainer, memberOf, pointer } from '../patch/pointer.js';

/** A place where the document does not hold any more what the change left there; undefined where nothing is. */
export interface Clash {
  /** JSON Pointer into the document; '' is the whole. */
  readonly path: string;
  readonly expected: Json | undefined;
  readonly found: Json | undefined;
}

export interface Reversal {
  /** null is the absence of the record. */
  readonly document: Document | null;
  readonly clashes: readonly Clash[];
}

/** A change: the record before and after it. */
export interface Change {
  readonly before: Document | null;
  readonly after: Document | null;
}

interface Difference {
  readonly segments: readonly string[];
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/**
 * The present document without the change. Its parts are the members of objects, as deep as before and after differ;
 * an array is one value, as the index of an element says nothing once others came or went before it.
 *
 * @param ignored attributes that neither count nor change
 * @param isForced whether a place is overwritten that holds something else
 */
export function reverse(
  { before, after }: Change,
  present: Document | null,
  ignored: readonly string[],
  isForced: boolean,
): Reversal {
  if (before === null || after === null) return ofRecord({ before, after }, present, ignored, isForced);
  const differences = differencesOf(before, after).filter(({ segments }) => !ignored.includes(segments[0] as string));
  const clashes = differences.flatMap((difference) => clashOf(difference, present));
  if (present === null) return { document: null, clashes };
  const wanted = differences.filter((difference) => isForced || clashOf(difference, present).length === 0);
  const document = wanted.reduce<Json>((state, { segments, before: value }) => put(state, segments, value), present);
  return { document: document as Document, clashes };
}

/** A change that began the record, or ended it. */
function ofRecord({ before, after }: Change, present: Document | null, ignored: readonly string[], isForced: boolean) {
  if (before === null && after === null) return { document: present, clashes: [] };
  const clashes = after && present ? changedSince(after, present, ignored) : wholeClash(after, present);
  return { document: clashes.length === 0 || (isForced && present !== null) ? before : present, clashes };
}

function wholeClash(expected: Document | null, found: Document | null): Clash[] {
  if (expected === null && found === null) return [];
  return [{ path: '', expected: expected ?? undefined, found: found ?? undefined }];
}

/** Only of attributes that both know: the model may have got and lost some. */
function changedSince(after: Document, present: Document, ignored: readonly string[]): Clash[] {
  return differencesOf(present, after)
    .filter(({ segments: [attribute = ''] }) => !ignored.includes(attribute))
    .filter(({ segments: [attribute = ''] }) => Object.hasOwn(after, attribute) && Object.hasOwn(present, attribute))
    .map(({ segments, before, after: expected }) => ({ path: pointer(...segments), expected, found: before }));
}

function clashOf({ segments, after }: Difference, present: Document | null): Clash[] {
  const found = segments.reduce<Json | undefined>(
    (value, segment) => (Array.isArray(value) ? undefined : memberOf(value, segment)),
    present ?? undefined,
  );
  return isEqual(found, after) ? [] : [{ path: pointer(...segments), expected: after, found }];
}

/** The places where two values differ, as deep as both are objects. */
function differencesOf(
  before: Json | undefined,
  after: Json | undefined,
  segments: readonly string[] = [],
): Difference[] {
  if (isEqual(before, after)) return [];
  if (!isObject(before) || !isObject(after)) return [{ segments, before, after }];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) =>
    differencesOf(memberOf(before, name), memberOf(after, name), [...segments, name]),
  );
}

function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return isContainer(value) && !Array.isArray(value);
}

/** @param value undefined removes what is there; objects on the way to a value are made where they are gone */
function put(parent: Json | undefined, [segment, ...rest]: readonly string[], value: Json | undefined): Json {
  const members = isObject(parent) ? parent : {};
  if (segment === undefined || (value === undefined && !isObject(parent))) return parent ?? null;
  if (rest.length === 0 && value === undefined)
    return Object.fromEntries(Object.entries(members).filter(([name]) => name !== segment));
  const found = memberOf(members, segment);
  if (value === undefined && !isObject(found)) return members;
  return { ...members, [segment]: rest.length === 0 ? (value as Json) : put(found, rest, value) };
}
