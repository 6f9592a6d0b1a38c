/**
 * The gate: every write of the ORM ends in a method of the query interface, after all hooks and with its final values.
 * There the method is called with a borrowed `this` whose `sequelize.query` runs the statement through the recorder.
 */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import type { AuditContext, Contexts } from '../context.js';
import { internalsOf, tableKeyOf } from '../internals.js';
import { type AuditLogModel, immutable } from '../log/model.js';
import type { UnauditedWrite } from '../options.js';
import type { AuditedModel } from '../record/audited-model.js';
import type { AuditedModels } from '../record/audited-models.js';
import { auditedView } from './audited-view.js';
import type { Call } from './call.js';
import type { Recorder } from './recorder.js';
import type { Replacements } from './replacements.js';
import { unrecordedMethods, unrecordedWrite } from './unrecorded.js';

type Method = (this: object, ...args: unknown[]) => Promise<unknown>;

/** The methods that write one row, with the place of their arguments. */
const verbs = {
  insert: { values: null, where: null, options: 3 },
  update: { values: 2, where: 3, options: 4 },
  delete: { values: null, where: 2, options: 3 },
} as const;

/** Those that can change or remove rows, with the place of the table among their arguments. */
const changers = {
  insert: 1,
  update: 1,
  delete: 1,
  bulkInsert: 0,
  bulkUpdate: 0,
  bulkDelete: 0,
  upsert: 0,
  increment: 1,
  decrement: 1,
} as const;

type WriteOptions = { readonly audit?: AuditContext | false; readonly searchPath?: string };

export interface GateParts {
  readonly sequelize: Sequelize;
  readonly AuditLog: AuditLogModel;
  readonly models: AuditedModels;
  readonly contexts: Contexts;
  readonly recorder: Recorder;
  /** Told of every write that comes through, so that the hooks need not record it. */
  readonly onPassed: (instance: Model) => void;
  /** Told, before it runs, of a write that comes through unrecorded; what this throws refuses it. */
  readonly onUnaudited: (write: UnauditedWrite) => void;
}

export class Gate {
  readonly #parts: GateParts;
  /** A view of the Sequelize instance whose dialect runs queries through the recorder. */
  readonly #audited: object;

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#audited = auditedView(parts.sequelize, parts.recorder, parts.onPassed);
  }

  install(queryInterface: Replacements): void {
    for (const name of Object.keys(changers) as (keyof typeof changers)[])
      queryInterface.replace(name, this.#refuseLog(name));
    for (const name of Object.keys(unrecordedMethods) as (keyof typeof unrecordedMethods)[])
      queryInterface.replace(name, this.#report(name));
    for (const name of Object.keys(verbs) as (keyof typeof verbs)[]) queryInterface.replace(name, this.#audit(name));
  }

  /** Wraps a method that writes one row. */
  #audit(verb: keyof typeof verbs): (original: Method) => Method {
    const parts = this.#parts;
    const audited = this.#audited;
    return (original) =>
      async function (...args) {
        const call = callOf(verb, args, parts);
        if (!call) return original.apply(this, args);
        const sequelize = Object.assign(Object.create(audited) as object, { call });
        return original.apply(Object.create(this, { sequelize: { value: sequelize } }) as object, args);
      };
  }

  /** Wraps a method whose writes are not recorded. */
  #report(name: keyof typeof unrecordedMethods): (original: Method) => Method {
    const { sequelize, models, onUnaudited } = this.#parts;
    return (original) =>
      async function (...args) {
        const write = unrecordedWrite(name, args, sequelize, models);
        if (write) onUnaudited(write);
        return original.apply(this, args);
      };
  }

  /** Wraps a method that could change the log behind the back of its model. */
  #refuseLog(name: keyof typeof changers): (original: Method) => Method {
    const { AuditLog } = this.#parts;
    const log = tableKeyOf(AuditLog.getTableName());
    return (original) =>
      async function (...args) {
        // To add an entry is not to change one, unless it would take the place of another.
        const isAddition = /insert/i.test(name) && !args.some((argument) => hasKey(argument, 'updateOnDuplicate'));
        if (!isAddition && tableKeyOf(args[changers[name]]) === log)
          throw immutable(AuditLog.name, `queryInterface.${name}`);
        return original.apply(this, args);
      };
  }
}

/** What a call to the query interface writes; null when it is none of ours. */
function callOf(
  verb: keyof typeof verbs,
  args: readonly unknown[],
  { sequelize, models, contexts }: GateParts,
): Call | null {
  const [instance, table] = args as [Model | null | undefined, unknown];
  if (
    !instance ||
    !(instance instanceof (sequelize as unknown as { Sequelize: { Model: typeof Model } }).Sequelize.Model)
  )
    return null;
  const audited = models.of(instance.constructor as ModelStatic<Model>);
  const options = (args[verbs[verb].options] ?? {}) as WriteOptions;
  if (!audited || options.audit === false) return null;
  const { where, values } = verbs[verb];
  return {
    verb,
    audited,
    modelName: modelNameIn(sequelize, options.searchPath, audited),
    instance,
    table,
    fields: values === null ? [] : Object.keys(args[values] as object),
    where: where === null ? null : (args[where] as object),
    context: contexts.current(options.audit),
  };
}

function hasKey(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && (value as Record<string, unknown>)[key] !== undefined;
}

/** A search path leads to the table of a schema, as `Model.schema()` does. */
function modelNameIn(sequelize: Sequelize, searchPath: string | undefined, { modelName }: AuditedModel): string {
  const isFollowed = internalsOf(sequelize).options.dialectOptions?.prependSearchPath;
  return isFollowed && searchPath && searchPath !== 'DEFAULT' ? `${searchPath}.${modelName}` : modelName;
}
