/** Checks the rules for the attributes of a model against the model itself. */
import type { Model, ModelStatic } from 'sequelize';
import { AuditError, described } from '../errors.js';
import { isVirtual, timestampsOf } from '../internals.js';
import type { ModelRules } from '../options.js';

/**
 * Refuses rules that do not fit the model, so that a misspelt secret is noticed before it is logged.
 *
 * @throws AuditError ERR_AUDIT_OPTION_INVALID
 */
export function checkRules(model: ModelStatic<Model>, { exclude, redact, renamed }: ModelRules): void {
  const attributes = Object.keys(model.getAttributes());
  const { deletedAt } = timestampsOf(model);
  for (const [verb, list] of [
    ['exclude', exclude],
    ['redact', redact],
  ] as const) {
    for (const attribute of list) {
      const refuse = (reason: string) => {
        throw new AuditError('ERR_AUDIT_OPTION_INVALID', reason);
      };
      if (!attributes.includes(attribute)) {
        refuse(
          `Model ${model.name} has no attribute ${described(attribute)} to ${verb}. Attributes: ${attributes.join(', ')}`,
        );
      }
      if (model.primaryKeyAttributes.includes(attribute)) {
        refuse(`Model ${model.name} cannot ${verb} "${attribute}": the primary key names the record in the log`);
      }
      if (verb === 'exclude' && attribute === deletedAt) {
        refuse(
          `Model ${model.name} cannot exclude "${attribute}": it is paranoid, so its destroys would not be seen; redact it`,
        );
      }
    }
  }
  const both = exclude.filter((attribute) => redact.includes(attribute));
  if (both.length > 0) {
    throw new AuditError(
      'ERR_AUDIT_OPTION_INVALID',
      `Model ${model.name} both excludes and redacts ${both.join(', ')}: expected one`,
    );
  }
  checkRenamed(model, renamed);
}

/** Refuses earlier names that do not say which attribute an entry means. */
function checkRenamed(model: ModelStatic<Model>, renamed: ModelRules['renamed']): void {
  // The log never holds a virtual attribute, so that its name can be that of an earlier one.
  const columns = Object.entries(model.getAttributes()).filter(([, { type }]) => !isVirtual(type));
  const attributes = columns.map(([attribute]) => attribute);
  const owners = new Map<string, string>();
  for (const [attribute, earlier] of Object.entries(renamed)) {
    const refuse = (reason: string) => {
      throw new AuditError('ERR_AUDIT_OPTION_INVALID', `Model ${model.name}: ${reason}`);
    };
    if (!attributes.includes(attribute))
      refuse(`renamed has no attribute ${described(attribute)} with a column. Attributes: ${attributes.join(', ')}`);
    for (const [index, name] of earlier.entries()) {
      const owner = owners.get(name) ?? attribute;
      owners.set(name, attribute);
      if (owner !== attribute)
        refuse(`${described(name)} was renamed to both ${owner} and ${attribute}: expected one of them`);
      if (name === (earlier[index + 1] ?? attribute))
        refuse(`${described(name)} cannot be renamed to itself in renamed.${attribute}`);
      if (name !== attribute && attributes.includes(name))
        refuse(
          `${described(name)} is an attribute, so entries would not say whether they mean it or ${attribute}: expected an earlier name of ${attribute} that is free today`,
        );
    }
  }
}
