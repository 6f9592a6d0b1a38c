/** Reverses one change, or one changeset, and keeps what was changed later. */
import type { HistoryOptions, HistoryParts } from './log-reader.js';
import type { AuditEntry } from './revision.js';

export interface UndoOptions extends HistoryOptions {
  readonly dryRun?: boolean;
}

export interface Undone {
  readonly changes: readonly unknown[];
}

export async function undo(
  _parts: HistoryParts,
  _what: AuditEntry | string | number,
  _options: UndoOptions,
): Promise<Undone> {
  throw new Error('Not there yet');
}
