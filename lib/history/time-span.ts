/** Decides how to read a span of time from a log whose order is not that of time. */
import type { Conditions } from './conditions.js';
import { type HistoryOptions, type HistoryParts, LogReader } from './log-reader.js';
import type { Direction, Span } from './query.js';

/** As many entries are read without a second thought. */
const few = 10_000;

/**
 * Whether the log is best read in its order, until enough entries of the span are found. Else all that is in the span is
 * read by the index of time, and sorted. No database can tell, as none knows that later entries have higher ids.
 */
export async function isBestWalked(
  parts: HistoryParts,
  conditions: Conditions,
  { since, until, direction, after }: Span & { readonly direction: Direction; readonly after: string | undefined },
  options: HistoryOptions,
): Promise<boolean> {
  const reader = new LogReader(parts);
  const isFew = async (span: Span) => {
    const where = conditions.within(span, false);
    const order = [['createdAt', 'ASC']] as never;
    const beyond = await reader.find({ where, order, offset: few, limit: 1, attributes: ['createdAt'] }, options);
    return beyond.length === 0;
  };
  if (await isFew({ since, until })) return false;
  // What has to be passed before the span begins. A page after the first begins in it.
  const outside = direction === 'DESC' ? { since: until, until: undefined } : { since: undefined, until: since };
  if (after !== undefined || (outside.since ?? outside.until) === undefined) return true;
  return isFew(outside);
}
