/** A patch as a list of what changes, for those patches that come without one. */
import type { Change, Json, Patch } from '../../index.js';

/** @param patch one in which a `test` of the old value stands before each `replace` and `remove` */
export function changesOf(patch: Patch): Change[] {
  return patch.flatMap((operation, index) => {
    if (operation.op === 'test') return [];
    const { path } = operation;
    const before = patch[index - 1];
    const from = before?.op === 'test' && before.path === path ? before.value : undefined;
    const to = 'value' in operation ? operation.value : undefined;
    if (path !== '') return [{ attribute: attributeOf(path), path, from, to }];
    const [old, next] = [from ?? {}, to ?? {}] as Record<string, Json>[];
    return [...new Set([...Object.keys(old ?? {}), ...Object.keys(next ?? {})])].map((attribute) => ({
      attribute,
      path: `/${attribute.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      from: old?.[attribute],
      to: next?.[attribute],
    }));
  });
}

// RFC 6901 §4: "~1" before "~0", so that "~01" means "~1".
function attributeOf(path: string): string {
  return (path.split('/')[1] ?? '').replaceAll('~1', '/').replaceAll('~0', '~');
}
