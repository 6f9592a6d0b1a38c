/** Says of each value of a record which entry last set it. */
import type { HistoryOptions, HistoryParts } from './log-reader.js';
import type { AuditEntry } from './revision.js';
import type { Target } from './target.js';

export interface Blame {
  readonly attribute: string;
  readonly entry: AuditEntry;
}

export async function blame(_parts: HistoryParts, _target: Target, _options: HistoryOptions): Promise<Blame[]> {
  throw new Error('Not there yet');
}
