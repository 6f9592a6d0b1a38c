/** One entry as the history of a record shows it. */
import type { Action, AuditLogAttributes } from '../log/model.js';
import type { Patch } from '../patch/operation.js';

export interface Revision {
  /** Place in the history of the record, from 1. */
  readonly revision: number;
  /** Key of the entry in the log, as text. */
  readonly id: string;
  readonly action: Action;
  /** RFC 6902, from the state before to the state after. */
  readonly patch: Patch;
  /** null when nobody was named. */
  readonly actor: string | null;
  readonly reason: string | null;
  readonly meta: Readonly<Record<string, unknown>> | null;
  /** Shared with all that was written in the same transaction. */
  readonly changesetId: string;
  /** When it was written. */
  readonly at: Date;
}

export function revisionOf(entry: AuditLogAttributes, revision: number): Revision {
  const { id, action, patch, actor, reason, meta, changesetId, createdAt } = entry;
  return { revision, id: String(id), action, patch, actor, reason, meta, changesetId, at: createdAt };
}
