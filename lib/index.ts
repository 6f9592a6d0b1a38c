/** What applications import. */
import './augmentation.js';

export { Audit, attachAudit } from './attach.js';
export type { Auditable } from './augmentation.js';
export type { AuditContext } from './context.js';
export { AuditError, type AuditErrorCode } from './errors.js';
export type { History, HistoryOptions, Point, RevisionsOptions } from './history/history.js';
export type { Revision } from './history/revision.js';
export type { Action, AuditLogAttributes, AuditLogModel } from './log/model.js';
export type { AuditOptions, Capture, ModelAuditOptions, OnUnaudited, UnauditedWrite } from './options.js';
export type { Document, Json, Operation, Patch } from './patch/operation.js';
