/** Looks at an installation, and says what it lacks. */
import type { Audit } from '../index.js';
import type { Finding } from './finding.js';
import { leftOutModels, secretAttributes } from './models.js';
import { partitionFindings } from './partitions.js';
import { rowFindings } from './rows.js';
import { storedTable } from './stored-table.js';
import { tableFindings } from './tables.js';
import { triggerFindings } from './triggers.js';

/**
 * What is wrong with an installation or missing in it: in the database, and in what is said of the models. It reads, and
 * writes nothing. Call it when all models are defined.
 *
 * @returns errors before warnings; an empty array when nothing was found
 */
export async function doctor(audit: Audit): Promise<Finding[]> {
  const { sequelize, AuditLog } = audit;
  const findings: Finding[] = [];
  let isLogThere = true;
  for (const table of audit.installation.tables) {
    const stored = await storedTable(sequelize, table.model);
    findings.push(...tableFindings(sequelize, table, stored));
    if (table.model !== AuditLog) continue;
    isLogThere = stored !== null;
    if (stored?.isPartitioned) findings.push(...(await partitionFindings(sequelize, AuditLog)));
  }
  findings.push(...leftOutModels(audit));

  const models = auditedModels();
  findings.push(...models.flatMap(secretAttributes), ...(await triggerFindings(sequelize, models)));
  if (isLogThere) for (const model of models) findings.push(...(await rowFindings(audit, model)));
  return findings.sort(
    (left, right) => Number(left.severity > right.severity) - Number(left.severity < right.severity),
  );

  function auditedModels() {
    try {
      return audit.models;
    } catch (error) {
      findings.push({
        code: 'option-invalid',
        severity: 'error',
        model: null,
        attribute: null,
        problem: (error as Error).message,
        advice: 'Correct the options of attachAudit, or define the model before the doctor is called.',
      });
      return [];
    }
  }
}
