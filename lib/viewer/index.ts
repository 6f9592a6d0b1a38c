/** What `sequelize-audit/viewer` exports. */
export { createViewer, type Viewer } from './create-viewer.js';
export type { Authorization, ViewerAccess, ViewerOptions } from './options.js';
