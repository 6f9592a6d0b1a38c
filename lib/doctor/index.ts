/** What `sequelize-audit/doctor` exports. */
export { doctor } from './doctor.js';
export type { Finding, FindingCode } from './finding.js';
