/** The hooks that refuse a write of nobody where no gate does, before anything is written: `requireActor`. */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import type { AuditContext, Contexts } from '../context.js';
import { sequelizeOf } from '../internals.js';
import type { AuditedModels } from '../record/audited-models.js';

export interface ActorHookParts {
  readonly sequelize: Sequelize;
  readonly models: AuditedModels;
  readonly contexts: Contexts;
  /** Whether a gate is in place, and the hooks only watch it. */
  readonly isWitness: boolean;
  /** Whether nobody has put a method of their own over one of the gate's. */
  readonly isGateInPlace: () => boolean;
}

interface WriteOptions {
  readonly audit?: AuditContext | false;
  readonly model?: ModelStatic<Model>;
}

type Hook = (first: Model, options: WriteOptions) => Promise<void>;

/** Of one instance, which comes before the options. */
const single = ['beforeCreate', 'beforeUpdate', 'beforeDestroy', 'beforeRestore'];
/** After the values, or alone; the options name the model. Their writes may be none that hooks record. */
const several = ['beforeUpsert', 'beforeBulkCreate', 'beforeBulkUpdate', 'beforeBulkDestroy', 'beforeBulkRestore'];

/** @returns hooks by their name; none without the option */
export function actorHooks({
  sequelize,
  models,
  contexts,
  isWitness,
  isGateInPlace,
}: ActorHookParts): [string, Hook][] {
  if (!contexts.isActorRequired) return [];
  const check = (model: ModelStatic<Model> | undefined, { audit }: WriteOptions) => {
    // Copies of the options of this instance carry these hooks to other instances.
    if (!model || audit === false || sequelizeOf(model) !== sequelize || (isWitness && isGateInPlace())) return;
    const audited = models.of(model);
    if (audited) contexts.ofWrite(audit, `A write of ${audited.modelName}`);
  };
  return [
    ...single.map((name): [string, Hook] => [
      name,
      async (instance, options) => check(instance.constructor as ModelStatic<Model>, options),
    ]),
    ...several.map((name): [string, Hook] => [
      name,
      async (first, options = first as WriteOptions) => check(options.model, options),
    ]),
  ];
}
