/** Reads the log page by page. */
import type { Audit, AuditEntry, EntriesQuery } from '../index.js';

/** Entries of one page: the most that `audit.entries` gives. */
export const pageSize = 1000;

/** @param limit of all pages together; undefined for all there are */
export async function* pagesOf(
  audit: Audit,
  query: Omit<EntriesQuery, 'limit'>,
  limit?: number,
): AsyncGenerator<AuditEntry[]> {
  let { after } = query;
  for (let left = limit ?? Number.POSITIVE_INFINITY; left > 0; ) {
    const size = Math.min(left, pageSize);
    const page = await audit.entries({ ...query, after, limit: size });
    if (page.length > 0) yield page;
    if (page.length < size) return;
    left -= page.length;
    after = page.at(-1)?.id;
  }
}

/** @returns null when the log holds no entry of that id */
export async function entryOf(audit: Audit, id: string): Promise<AuditEntry | null> {
  if (!/^[1-9]\d{0,17}$/.test(id)) return null;
  const [entry] = await audit.entries({ after: BigInt(id) - 1n, order: 'ASC', limit: 1 });
  return entry?.id === id ? entry : null;
}
