/** Looks whether the rows of a model have their beginning in the log. */
import type { Audit, ModelAudit } from '../index.js';
import type { Finding } from './finding.js';

/** By the row that comes first, which is the oldest as a rule. `audit.verify()` looks at all. */
export async function rowFindings(audit: Audit, { modelName, model }: ModelAudit): Promise<Finding[]> {
  const keys = [...model.primaryKeyAttributes];
  const about = { model: modelName, attribute: null };
  try {
    const query = { attributes: keys, order: keys, paranoid: false, hooks: false, raw: true };
    const first = (await model.unscoped().findOne(query)) as Readonly<Record<string, unknown>> | null;
    if (first === null) return [];
    const key = keys.length === 1 ? first[keys[0] as string] : first;
    const [beginning] = await audit.history(model, key).revisions({ limit: 1 });
    if (beginning && ['create', 'baseline'].includes(beginning.action)) return [];
    const name = keys.map((each) => String(first[each])).join(', ');
    return [
      {
        ...about,
        code: 'rows-without-beginning',
        severity: 'warning',
        problem: `Model ${modelName} has rows whose beginning the log does not hold, such as ${name}.`,
        advice: `Give them one by audit.baseline('${modelName}'), or \`sequelize-audit baseline\`.`,
      },
    ];
  } catch (error) {
    return [
      {
        ...about,
        code: 'rows-unreadable',
        severity: 'error',
        problem: `Model ${modelName} or its history cannot be read: ${(error as Error).message}`,
        advice: 'See whether its table is there, and has the columns of the model.',
      },
    ];
  }
}
