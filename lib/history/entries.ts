/** Answers what auditors ask across records: which entries fulfil some conditions, a page at a time. */
import type { HistoryOptions, HistoryParts } from './log-reader.js';
import type { AuditEntry } from './revision.js';

export interface EntriesQuery extends HistoryOptions {
  readonly limit?: number;
}

export async function entries(_parts: HistoryParts, _query: EntriesQuery): Promise<AuditEntry[]> {
  throw new Error('Not there yet');
}
