/** What `sequelize-audit/migration` exports. */
export { migration } from './migration.js';
export type { MigrationOptions } from './options.js';
