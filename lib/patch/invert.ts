/** Turns a patch into the one that undoes it, from the patch alone. */
import { AuditError } from '../errors.js';
import type { Operation, Patch } from './operation.js';

/**
 * The patch that leads back. It tests what it removes, as the patch itself does, so inverting twice gives the
 * original.
 *
 * @param patch one in which a `test` of the old value stands before each `replace` and `remove`
 * @throws AuditError ERR_AUDIT_PATCH_INVALID when an operation does not say what it destroys
 */
export function invert(patch: Patch): Patch {
  const inverse: Operation[] = [];
  for (let index = patch.length - 1; index >= 0; index -= 1) {
    const operation = patch[index] as Operation;
    const previous = patch[index - 1];
    const tested = previous?.op === 'test' && previous.path === operation.path ? previous : undefined;

    if (operation.op === 'test') {
      inverse.push(operation);
    } else if (operation.op === 'add' && !tested) {
      inverse.push(
        { op: 'test', path: operation.path, value: operation.value },
        { op: 'remove', path: operation.path },
      );
    } else if (operation.op === 'remove' && tested) {
      inverse.push({ op: 'add', path: operation.path, value: tested.value });
      index -= 1;
    } else if (operation.op === 'replace' && tested) {
      inverse.push({ op: 'test', path: operation.path, value: operation.value });
      inverse.push({ op: 'replace', path: operation.path, value: tested.value });
      index -= 1;
    } else {
      throw new AuditError(
        'ERR_AUDIT_PATCH_INVALID',
        `Operation ${index} (${operation.op} ${JSON.stringify(operation.path)}) has no inverse: expected a test of the old value before it`,
      );
    }
  }
  return inverse;
}
