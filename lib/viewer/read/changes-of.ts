/** Turns a patch into a list of what changed, as entries have it. */
import type { Change, Json, Patch } from '../../index.js';

type Members = Readonly<Record<string, Json>>;

/** @param patch one in which a `test` of the old value stands before each `replace` and `remove` */
export function changesOf(patch: Patch): Change[] {
  return patch.flatMap((operation, index) => {
    const before = patch[index - 1];
    const { path } = operation;
    if (operation.op === 'test') return [];
    const from = before?.op === 'test' && before.path === path ? before.value : undefined;
    const to = 'value' in operation ? operation.value : undefined;
    const [attribute] = segmentsOf(path);
    if (attribute !== undefined) return [{ attribute, path, from, to }];
    const [old, next] = [from ?? {}, to ?? {}] as [Members, Members];
    return [...new Set([...Object.keys(old), ...Object.keys(next)])].map((name) => ({
      attribute: name,
      path: `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      from: own(old, name),
      to: own(next, name),
    }));
  });
}

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
