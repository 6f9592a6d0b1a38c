/** JSON Pointers (RFC 6901): names to paths and back, and what a name finds in a value. */
import { AuditError, described } from '../errors.js';
import type { Json } from './operation.js';

/** The pointer to `segments`, from the root down; no segments is the whole document (`''`). */
export function pointer(...segments: readonly string[]): string {
  // RFC 6901 §3: "~" before "/", so that an escaped slash is not escaped again.
  return segments.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Pointers that were taken apart: a history names few again and again. */
const known = new Map<string, readonly string[]>();
const knownLimit = 1000;
const knownLength = 100;

/**
 * The segments a pointer names, unescaped; `''` has none.
 *
 * @throws AuditError ERR_AUDIT_PATCH_INVALID for text that is no pointer
 */
export function segmentsOf(path: string): readonly string[] {
  if (path.length > knownLength) return takenApart(path);
  const before = known.get(path);
  if (before) return before;
  const segments = takenApart(path);
  if (known.size >= knownLimit) known.clear();
  known.set(path, segments);
  return segments;
}

function takenApart(path: string): readonly string[] {
  const isEscaped = path.includes('~');
  // RFC 6901 §3: each segment begins with "/", and "~" stands only before 0 or 1. A path can be megabytes long.
  if ((path !== '' && path[0] !== '/') || (isEscaped && /~(?![01])/.test(path))) {
    throw new AuditError('ERR_AUDIT_PATCH_INVALID', `expected a JSON Pointer, got ${described(path)}`);
  }
  const segments = path === '' ? [] : path.slice(1).split('/');
  if (!isEscaped) return segments;
  // RFC 6901 §4: "~1" before "~0", so that "~01" means "~1".
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The member or element that one segment names; undefined when there is none, also where an object inherits one. */
export function memberOf(value: Json | undefined, segment: string): Json | undefined {
  if (!isContainer(value) || (Array.isArray(value) && !isIndex(segment))) return undefined;
  return Object.hasOwn(value, segment) ? (value as { readonly [key: string]: Json })[segment] : undefined;
}

/** Whether a segment can name an element of an array. RFC 6901 §4: digits without leading zeros. */
export function isIndex(segment: string): boolean {
  return /^(0|[1-9]\d*)$/.test(segment);
}

/** Whether a value has members or elements. */
export function isContainer(value: Json | undefined): value is readonly Json[] | { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}
