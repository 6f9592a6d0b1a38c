/** The entry for `require`: hands on the one ES module, so that a process never holds two copies of it. */
import type * as esm from './index.js' with { 'resolution-mode': 'import' };

export type * from './index.js' with { 'resolution-mode': 'import' };
export declare const createViewer: typeof esm.createViewer;

module.exports = require('./index.js');
