/** Applies an RFC 6902 patch to a document, checking what it finds before it changes anything. */
import jsonPatch from 'fast-json-patch';
import { AuditError, messageOf } from '../errors.js';
import type { Json, Patch } from './operation.js';

/**
 * The state after `patch`, as a new value; the one given stays as it was.
 *
 * @param document the state before; null is the absence of the record
 * @returns null when the patch removes the record
 * @throws AuditError ERR_AUDIT_PATCH_INVALID when a `test` fails or a path does not exist
 */
export function replay(document: Json, patch: Patch): Json {
  try {
    // A deep copy first: the applied values would otherwise be shared with the patch.
    const operations = structuredClone(patch) as Parameters<typeof jsonPatch.applyPatch>[1];
    return jsonPatch.applyPatch(document, operations, true, false).newDocument as Json;
  } catch (error) {
    // fast-json-patch puts the whole document into its message; the first line is the reason.
    const { index, operation } = error as { index?: number; operation?: { op: string; path: string } };
    const where = operation
      ? `operation ${index ?? 0} (${operation.op} ${JSON.stringify(operation.path)})`
      : 'the patch';
    throw new AuditError(
      'ERR_AUDIT_PATCH_INVALID',
      `${where} does not apply: ${messageOf(error).split('\n')[0] ?? ''}`,
      error,
    );
  }
}
