/** Finds values by JSON Pointers (RFC 6901). */
import type { Json } from '../../index.js';

type Members = Readonly<Record<string, Json>>;

/** The names in a JSON Pointer (RFC 6901 §4). */
export function segmentsOf(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What stands at a place of a value; undefined where nothing does. */
export function valueAt(value: Json | undefined, path: string): Json | undefined {
  return segmentsOf(path).reduce<Json | undefined>((parent, segment) => own(parent as Members, segment), value);
}

function own(members: Members | undefined | null, name: string): Json | undefined {
  return typeof members === 'object' && members !== null && Object.hasOwn(members, name) ? members[name] : undefined;
}
