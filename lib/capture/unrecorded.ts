/** Says which audited model a write reaches that the gate lets through without recording it. */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { tableKeyOf } from '../internals.js';
import type { UnauditedWrite } from '../options.js';
import type { AuditedModels } from '../record/audited-models.js';

/** Methods of the query interface that write without an instance: the place of their table and options, and their verb. */
export const unrecordedMethods = {
  insert: { table: 1, options: 3, action: 'create' },
  bulkInsert: { table: 0, options: 2, action: 'create' },
  bulkUpdate: { table: 0, options: 3, action: 'update' },
  bulkDelete: { table: 0, options: 2, action: 'destroy' },
  upsert: { table: 0, options: 4, action: 'upsert' },
  increment: { table: 1, options: 5, action: 'update' },
  decrement: { table: 1, options: 5, action: 'update' },
} as const;

/** @returns null when the table belongs to no audited model, or the call said `audit: false` */
export function unrecordedWrite(
  name: keyof typeof unrecordedMethods,
  args: readonly unknown[],
  sequelize: Sequelize,
  models: AuditedModels,
): UnauditedWrite | null {
  // With an instance it is the gate's own.
  if (name === 'insert' && args[0]) return null;
  const { table, options, action } = unrecordedMethods[name];
  const { audit, model: hint } = (args[options] ?? {}) as { audit?: unknown; model?: ModelStatic<Model> };
  const key = tableKeyOf(args[table]);
  const candidates = hint ? [hint, ...Object.values(sequelize.models)] : Object.values(sequelize.models);
  const model = candidates.find((candidate) => tableKeyOf(candidate.getTableName()) === key);
  const audited = model && audit !== false ? models.of(model) : null;
  if (!audited) return null;
  const { modelName } = audited;
  return {
    modelName,
    action,
    recorded: false,
    message: `queryInterface.${name} writes ${modelName}; bulk writes, upserts, increments and writes without an instance are not recorded yet`,
  };
}
