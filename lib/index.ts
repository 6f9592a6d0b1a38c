/** What applications import. */
import './augmentation.js';

export { Audit, attachAudit } from './attach.js';
export type { Auditable } from './augmentation.js';
export type { AuditContext } from './context.js';
export { AuditError, type AuditErrorCode, type Conflict } from './errors.js';
export type { Point } from './history/arguments.js';
export type { AsOfOptions, AsOfProgress } from './history/as-of.js';
export type { Baseline, BaselineCount, BaselineOptions, BaselineProgress } from './history/baseline.js';
export type { Blame } from './history/blame.js';
export type { ModelChoice } from './history/chosen-models.js';
export type { History, PastDocument, RevertOptions } from './history/history.js';
export type { SnapshotCount, SnapshotOptions, SnapshotProgress, SnapshotResult } from './history/keep-snapshots.js';
export type { HistoryOptions } from './history/log-reader.js';
export type { Mismatch } from './history/mismatch.js';
export type { ModelAudit } from './history/model-audits.js';
export type { EntriesQuery } from './history/query.js';
export type { Difference, DifferenceKind } from './history/record-check.js';
export type { AuditEntry, Revision } from './history/revision.js';
export type { RevisionsOptions } from './history/revisions.js';
export type { PlannedChange } from './history/rewrite.js';
export type { Undoable, Undone, UndoOptions } from './history/undo.js';
export type { Comparison, Verification, VerifyOptions, VerifyProgress } from './history/verify.js';
export type { Action, AuditLogAttributes, AuditLogModel } from './log/model.js';
export type { AuditOptions, Capture, IndexOptions, ModelAuditOptions, OnUnaudited, UnauditedWrite } from './options.js';
export type { Change } from './patch/changes.js';
export type { Document, Json, Operation, Patch } from './patch/operation.js';
