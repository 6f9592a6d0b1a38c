/** Looks at what is said of the models. */
import type { Audit, ModelAudit } from '../index.js';
import type { Finding } from './finding.js';
import { isSecretName } from './secret-names.js';

export function leftOutModels({ installation }: Audit): Finding[] {
  return installation.leftOut.flatMap(({ modelName, by }): Finding[] => {
    const about = { model: modelName, attribute: null };
    if (by === 'primaryKey')
      return [
        {
          ...about,
          code: 'primary-key-missing',
          severity: 'error',
          problem: `Model ${modelName} has no primary key, so that its records cannot be named and its writes are refused.`,
          advice: 'Give it a primary key, or exclude it.',
        },
      ];
    if (by === 'include')
      return [
        {
          ...about,
          code: 'model-undecided',
          severity: 'warning',
          problem: `Model ${modelName} is neither audited nor excluded: \`include\` does not name it.`,
          advice: 'Name it in `include`, or say `audit: false` in its own options.',
        },
      ];
    return [];
  });
}

/** Attributes whose names say that their values should not be in a log. */
export function secretAttributes({ modelName, model, attributes, redact }: ModelAudit): Finding[] {
  const columns = model.getAttributes();
  return attributes
    .filter((attribute) => !redact.includes(attribute))
    .filter((attribute) => isSecretName(attribute) && canHoldSecret(columns[attribute]))
    .map((attribute) => ({
      code: 'attribute-secret',
      severity: 'warning',
      model: modelName,
      attribute,
      problem: `${modelName}.${attribute} looks like a secret, and its values are in the log.`,
      advice: columns[attribute]?.primaryKey
        ? 'A key can be neither redacted nor excluded: exclude the model, or give it another key.'
        : `Say models: { ${model.name}: { redact: ['${attribute}'] } }, or exclude it. What is in the log already stays there.`,
    }));
}

/** What is true or false, a moment, or names a row of another table is no secret. */
function canHoldSecret(column: { readonly type?: unknown; readonly references?: unknown } | undefined): boolean {
  const { key } = (column?.type ?? {}) as { readonly key?: string };
  return column?.references === undefined && !['BOOLEAN', 'DATE', 'DATEONLY', 'TIME'].includes(String(key));
}
