/** Decides which models of one Sequelize instance are audited, and with which attributes. */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { AuditError } from '../errors.js';
import { schemaOf, sequelizeOf, tableAttributesOf } from '../internals.js';
import { type ModelRules, type ResolvedOptions, resolveModelOptions } from '../options.js';
import { AuditedModel, modelNameOf } from './audited-model.js';
import { checkRules } from './rules.js';

/**
 * In it umzug keeps which migrations have run. It is written before there is a log and when there is none any more, so it
 * is audited only where `include` or its own option says so.
 */
const ofMigrations = 'SequelizeMeta';

const nothing: ModelRules = { exclude: [], redact: [], renamed: {} };

export class AuditedModels {
  readonly #sequelize: Sequelize;
  readonly #options: ResolvedOptions;
  /**
   * By the model's columns, which scoped subclasses share and associations replace, then by name in the log, which
   * differs between schemas.
   */
  readonly #cache = new WeakMap<object, Map<string, AuditedModel | null>>();
  /** The table behind each name that the log has: two must not share one, or their records would be mixed up. */
  readonly #names = new Map<string, string>();
  #isChecked = false;

  constructor(sequelize: Sequelize, options: ResolvedOptions) {
    this.#sequelize = sequelize;
    this.#options = options;
    for (const model of Object.values(sequelize.models)) this.#check(model);
  }

  /**
   * What is audited of a model that is about to be written or read.
   *
   * @returns null when the model is not audited
   * @throws AuditError ERR_AUDIT_OPTION_INVALID when an option names something that does not exist by now
   */
  of(model: ModelStatic<Model>): AuditedModel | null {
    const columns = tableAttributesOf(model);
    const name = modelNameOf(model);
    const cached = this.#cache.get(columns)?.get(name);
    if (cached !== undefined) return cached;
    this.#checkAll();
    const rules = this.#rulesOf(model);
    if (rules) checkRules(model, rules);
    const audited = rules ? new AuditedModel(model, rules) : null;
    if (audited) this.#take(name, model);
    this.#cache.set(columns, (this.#cache.get(columns) ?? new Map()).set(name, audited));
    return audited;
  }

  /** What leaves a model out: its own option `audit`, `exclude`, or that `include` does not name it; null: nothing does. */
  leftOutBy(model: ModelStatic<Model>): 'audit' | 'exclude' | 'include' | null {
    const { include, exclude } = this.#options;
    const own = (model.options as { audit?: unknown }).audit;
    if (own === false) return 'audit';
    if (exclude.includes(model.name)) return 'exclude';
    if (include) return include.includes(model.name) ? null : 'include';
    return model.name === ofMigrations && own === undefined ? 'exclude' : null;
  }

  #take(name: string, model: ModelStatic<Model>): void {
    const owner = JSON.stringify([schemaOf(model) || null, model.name]);
    const first = this.#names.get(name) ?? owner;
    if (first !== owner) {
      throw new AuditError(
        'ERR_AUDIT_OPTION_INVALID',
        `Records of two models would go by the name "${name}" in the log, those of [schema, model] ${first} and ${owner}: expected one of them to be excluded or called otherwise`,
      );
    }
    this.#names.set(name, owner);
  }

  /** Every name an option holds must be a model's by the first write. */
  #checkAll(): void {
    if (this.#isChecked) return;
    const { include, exclude, models } = this.#options;
    const known = Object.keys(this.#sequelize.models);
    for (const [option, names] of [
      ['include', include ?? []],
      ['exclude', exclude],
      ['models', [...models.keys()]],
    ] as const) {
      const unknown = names.find((name) => !known.includes(name));
      if (unknown !== undefined) {
        throw new AuditError(
          'ERR_AUDIT_OPTION_INVALID',
          `Option ${option} names "${unknown}", and there is no such model. Models: ${known.join(', ')}`,
        );
      }
    }
    for (const model of Object.values(this.#sequelize.models)) this.#check(model);
    this.#isChecked = true;
  }

  #check(model: ModelStatic<Model>): void {
    const rules = this.#rulesOf(model);
    if (rules) checkRules(model, rules);
  }

  #rulesOf(model: ModelStatic<Model>): ModelRules | null {
    const { models, modelName } = this.#options;
    if (model.name === modelName || sequelizeOf(model) !== this.#sequelize) return null;
    if (this.leftOutBy(model)) return null;
    const own = (model.options as { audit?: unknown }).audit;

    const shared = models.get(model.name) ?? nothing;
    if (own === undefined || own === true) return shared;
    const rules = resolveModelOptions(own, `audit of model ${model.name}`);
    const union = (left: readonly string[], right: readonly string[]) => [...new Set([...left, ...right])];
    return {
      exclude: union(shared.exclude, rules.exclude),
      redact: union(shared.redact, rules.redact),
      renamed: { ...shared.renamed, ...rules.renamed },
    };
  }
}
