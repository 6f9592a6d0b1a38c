/** Steps of random programs after which docs/what-is-not-recorded.md lets an application see a difference. */
import type { Schema } from '../programs/schema.js';
import { isCall, type Step, type Values } from '../programs/step.js';
import type { Observation } from './observe.js';

/** Whether a step is the same with the plugin and without on this dialect, as far as the step alone can tell. */
export function isSame(step: Step, { models, associations }: Schema, dialect: string): boolean {
  if (!isCall(step)) return true;
  if (step.kind === 'truncate') {
    // MySQL truncates a table whose rows refer to each other, and does not delete from it.
    const isCircular = associations.some(({ source, target }) => source === step.model && target === step.model);
    return !(isCircular && ['mariadb', 'mysql'].includes(dialect));
  }
  // SQL that does not parse: where PostgreSQL has aborted the transaction, the read before it is what fails.
  if (dialect === 'postgres' && 'by' in step && Object.keys(step.by).length === 0) return false;
  // The number that PostgreSQL draws may be taken.
  const name = 'row' in step ? step.row.model : step.model;
  const key = { auto: 'id', renamed: 'number' }[models.find((model) => model.name === name)?.key as string];
  return !(dialect === 'postgres' && key && overwriting(step).some((values) => values[key] === undefined));
}

/**
 * The first step of a run behind which the ids that Sequelize guesses on SQLite are others: a failed insert of rows, of
 * which the first were inserted and taken back.
 */
export function firstFailedInsert(program: readonly Step[], steps: readonly Observation[], dialect: string): number {
  const kinds = dialect === 'sqlite' ? ['bulkCreate', 'query', 'nested', 'associate'] : [];
  const index = steps.findIndex(
    ({ isRejected }, position) => isRejected && kinds.includes((program[position] as Step).kind),
  );
  return index < 0 ? program.length : index;
}

/** The rows that a step inserts, or writes over those that are there. */
function overwriting(step: Step): readonly Values[] {
  if (!isCall(step)) return [];
  if (step.kind === 'upsert' || (step.kind === 'query' && step.method === 'upsert')) return [step.values];
  return step.kind === 'bulkCreate' && step.options.updateOnDuplicate ? step.rows : [];
}
