/** The entry for `require`: hands on the one ES module. */
import type * as esm from './fastify.js' with { 'resolution-mode': 'import' };

export type * from './fastify.js' with { 'resolution-mode': 'import' };
export declare const auditRequests: typeof esm.auditRequests;

module.exports = require('./fastify.js');
