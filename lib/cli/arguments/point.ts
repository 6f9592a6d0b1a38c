/** Points in a history as users name them: a revision, a time, or a changeset. */
import type { Audit, History, Point } from '../../index.js';
import { UsageError } from '../exit.js';
import { instantForms, instantOf } from './instant.js';

/** For the help. */
export const pointForms = `a revision such as 2; a time: ${instantForms}; or a changeset, after which it is meant`;

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

export function isChangeset(text: string): boolean {
  return uuid.test(text);
}

/** @throws UsageError */
export async function pointOf(audit: Audit, history: History, text: string): Promise<Point> {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  if (!isChangeset(text)) return instantOf(text, 'a point');
  const [last] = await audit.entries({ changesetId: text, limit: 1 });
  if (!last) throw new UsageError(`the log holds no changeset ${text}`);
  const [revision] = await history.revisions({ after: BigInt(last.id) + 1n, order: 'DESC', limit: 1 });
  // Before its first revision: a time at which the record was not there yet, or nobody knows.
  return revision?.revision ?? new Date(0);
}
