/** The entry for `require`: hands on the one ES module. */
import type * as esm from './nestjs.js' with { 'resolution-mode': 'import' };

export type * from './nestjs.js' with { 'resolution-mode': 'import' };
export declare const auditRequests: typeof esm.auditRequests;
export declare const AuditRequestsModule: typeof esm.AuditRequestsModule;
export type AuditRequestsModule = esm.AuditRequestsModule;

module.exports = require('./nestjs.js');
