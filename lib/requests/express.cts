/** The entry for `require`: hands on the one ES module. */
import type * as esm from './express.js' with { 'resolution-mode': 'import' };

export type * from './express.js' with { 'resolution-mode': 'import' };
export declare const auditRequests: typeof esm.auditRequests;

module.exports = require('./express.js');
