/** One entry as readers of the log see it, by itself or in the history of its record. */
import type { Action, AuditLogAttributes } from '../log/model.js';
import { type Change, changesOf } from '../patch/changes.js';
import type { Patch } from '../patch/operation.js';

export interface AuditEntry {
  /** Key of the entry in the log, as text; higher is later. */
  readonly id: string;
  readonly modelName: string;
  /** The primary key as text; a composite one as a JSON array in primary-key order. */
  readonly recordId: string;
  readonly action: Action;
  /** RFC 6902, from the state before to the state after. */
  readonly patch: Patch;
  /** The patch as a list to read. */
  readonly changes: readonly Change[];
  /** null when nobody was named. */
  readonly actor: string | null;
  readonly reason: string | null;
  readonly meta: Readonly<Record<string, unknown>> | null;
  /** Shared with all that was written in the same transaction. */
  readonly changesetId: string;
  /** When it was written. */
  readonly at: Date;
}

export interface Revision extends AuditEntry {
  /** Place in the history of the record, from 1. */
  readonly revision: number;
}

export function auditEntryOf(row: AuditLogAttributes): AuditEntry {
  const { id, modelName, recordId, action, patch, actor, reason, meta, changesetId, createdAt } = row;
  const changes = changesOf(patch);
  return {
    id: String(id),
    modelName,
    recordId,
    action,
    patch,
    changes,
    actor,
    reason,
    meta,
    changesetId,
    at: createdAt,
  };
}

export function revisionOf(row: AuditLogAttributes, revision: number): Revision {
  return { revision, ...auditEntryOf(row) };
}
