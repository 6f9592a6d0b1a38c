/** The entry for `require`: hands on the one ES module, so that a process never holds two copies of a class. */
import type * as esm from './index.js' with { 'resolution-mode': 'import' };

export type * from './index.js' with { 'resolution-mode': 'import' };
export declare const attachAudit: typeof esm.attachAudit;
export declare const Audit: typeof esm.Audit;
export type Audit = esm.Audit;
export declare const AuditError: typeof esm.AuditError;
export type AuditError = esm.AuditError;
export declare const changesOf: typeof esm.changesOf;

module.exports = require('./index.js');
