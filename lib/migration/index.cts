/** The entry for `require` of `sequelize-audit/migration`. */
import type * as esm from './index.js' with { 'resolution-mode': 'import' };

export type * from './index.js' with { 'resolution-mode': 'import' };
export declare const migration: typeof esm.migration;

module.exports = require('./index.js');
