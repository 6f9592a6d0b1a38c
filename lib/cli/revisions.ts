/** Gives the entries of one record their places in its history. */

import type { Audit, AuditEntry, Revision } from '../index.js';
import { keyOf, type NamedRecord } from './arguments/record.js';
import { pageSize } from './pages.js';

/** @returns the entries as they are where the model of the record is not audited any more */
export async function numbered(
  audit: Audit,
  { model, recordId }: NamedRecord,
  entries: readonly AuditEntry[],
): Promise<(AuditEntry | Revision)[]> {
  const ids = entries.map(({ id }) => BigInt(id)).sort((one, other) => (one < other ? -1 : 1));
  const last = ids.at(-1);
  if (!model || last === undefined) return [...entries];
  const history = audit.history(model, keyOf(model, recordId));
  const numbers = new Map<string, number>();
  for (let after = (ids[0] as bigint) - 1n; after < last; ) {
    const page = await history.revisions({ after, limit: pageSize });
    for (const { id, revision } of page) numbers.set(id, revision);
    after = BigInt(page.at(-1)?.id ?? last);
  }
  return entries.map((entry) => {
    const revision = numbers.get(entry.id);
    return revision === undefined ? entry : { revision, ...entry };
  });
}
