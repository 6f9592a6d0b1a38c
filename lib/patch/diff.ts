/** Turns two states of a record into the RFC 6902 patch that leads from the first to the second. */
import jsonPatch from 'fast-json-patch';
import type { Document, Json, Operation, Patch } from './operation.js';
import { isContainer, memberOf, pointer, segmentsOf } from './pointer.js';

/**
 * The patch from `before` to `after`, where null is the absence of the record. Every value that the patch removes
 * or replaces is tested first, so that it can be inverted and notices when it does not fit.
 *
 * @returns an empty patch when the two are equal
 */
export function diff(before: Document | null, after: Document | null): Patch {
  if (before === null) return after === null ? [] : [{ op: 'add', path: '', value: after }];
  if (after === null)
    return [
      { op: 'test', path: '', value: before },
      { op: 'remove', path: '' },
    ];

  const patch: Operation[] = [];
  for (const attribute of Object.keys(before)) {
    const [old, next] = [memberOf(before, attribute), memberOf(after, attribute)];
    if (old !== next) patch.push(...diffAttribute(attribute, old, next));
  }
  for (const attribute of Object.keys(after)) {
    if (!Object.hasOwn(before, attribute))
      patch.push(...diffAttribute(attribute, undefined, memberOf(after, attribute)));
  }
  return patch;
}

/** Whether two JSON values are the same, whatever the order of their keys. */
export function isEqual(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (!isContainer(left) || !isContainer(right) || Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length && keys.every((key) => isEqual(memberOf(left, key), memberOf(right, key)))
  );
}

function diffAttribute(attribute: string, before: Json | undefined, after: Json | undefined): Patch {
  if (isEqual(before, after)) return [];
  const path = pointer(attribute);
  if (before === undefined) return [{ op: 'add', path, value: after as Json }];
  if (after === undefined)
    return [
      { op: 'test', path, value: before },
      { op: 'remove', path },
    ];

  const whole: Patch = [
    { op: 'test', path, value: before },
    { op: 'replace', path, value: after },
  ];
  if (!isContainer(before) || !isContainer(after)) return whole;
  const inside = jsonPatch.compare({ [attribute]: before }, { [attribute]: after }, true) as Operation[];
  return inside.some(isUnsafe) || JSON.stringify(inside).length > JSON.stringify(whole).length ? whole : inside;
}

/** A path through `__proto__` or a constructor's prototype, which no reader should ever have to walk. */
function isUnsafe({ path }: Operation): boolean {
  return segmentsOf(path).some((segment) => segment === '__proto__' || segment === 'prototype');
}
