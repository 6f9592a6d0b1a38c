/** The entry for `require` of `sequelize-audit/doctor`. */
import type * as esm from './index.js' with { 'resolution-mode': 'import' };

export type * from './index.js' with { 'resolution-mode': 'import' };
export declare const doctor: typeof esm.doctor;

module.exports = require('./index.js');
