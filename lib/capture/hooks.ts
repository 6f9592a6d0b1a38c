/**
 * The hooks: from `instance.changed()` and `_previousDataValues` they make the entry by themselves. With
 * `capture: 'hooks'` that is the log; with `capture: 'complete'` they are the witness, which records and reports a
 * hooked write that did not come through the gate.
 */
import type { Model, ModelStatic } from 'sequelize';
import type { AuditContext, StoredContext } from '../context.js';
import { foreignTransaction } from '../errors.js';
import {
  internalsOf,
  isExpression,
  isForeign,
  previousValuesOf,
  sequelizeOf,
  type TransactionInternals,
  timestampsOf,
  transactionOf,
  versionAttributeOf,
} from '../internals.js';
import { type Entry, entriesOf } from '../log/entry.js';
import type { UnauditedWrite } from '../options.js';
import { isEqual } from '../patch/diff.js';
import type { Document, Json } from '../patch/operation.js';
import type { AuditedModel, Snapshot } from '../record/audited-model.js';
import { type ActorHookParts, actorHooks } from './actor-hooks.js';

type HookName =
  | 'beforeCreate'
  | 'beforeUpdate'
  | 'beforeDestroy'
  | 'beforeRestore'
  | 'afterCreate'
  | 'afterUpdate'
  | 'afterDestroy'
  | 'afterRestore';

interface HookOptions {
  readonly transaction?: TransactionInternals | null;
  readonly audit?: AuditContext | false;
  readonly logging?: unknown;
  readonly fields?: readonly string[];
  readonly force?: boolean;
  readonly individualHooks?: boolean;
}

type Verb = 'update' | 'destroy' | 'restore';

/** A write that has begun: what the instance knew then, and the stored row where that is not enough. */
interface Begun {
  readonly instance: Model;
  /** What the instance held before its changes. */
  readonly previous: () => Readonly<Record<string, unknown>>;
  stored: Document | null;
  hasPassed: boolean;
}

export interface HookParts extends ActorHookParts {
  /** Writes entries of a write that is done, in its transaction if it has one. */
  readonly write: (
    entries: readonly Entry[],
    transaction: TransactionInternals | undefined,
    logging: unknown,
  ) => Promise<void>;
  readonly onUnaudited: (write: UnauditedWrite) => void;
}

export class Hooks {
  readonly #parts: HookParts;
  /**
   * By options object, which is the same before and after one operation, and by instance, as the rows of a bulk
   * operation with `individualHooks` share one.
   */
  readonly #begun = new WeakMap<object, Map<Model, Begun>>();
  /** By instance, which is what the gate knows: one instance can be in several operations at once. */
  readonly #open = new WeakMap<Model, Set<Begun>>();
  readonly #created = new WeakSet<Model>();
  /** Unnamed functions: a named hook does not survive `new Sequelize({ ...other.options })`. */
  readonly #hooks: readonly (readonly [string, (instance: Model, options: HookOptions) => Promise<void>])[];
  #emptyBefore: ReadonlySet<string> = new Set();

  constructor(parts: HookParts) {
    this.#parts = parts;
    this.#hooks = [
      ...actorHooks(parts),
      ...(parts.isWitness
        ? []
        : [
            ['beforeCreate', (instance: Model, options: HookOptions) => this.#beforeCreate(instance, options)] as const,
          ]),
      ['beforeUpdate', (instance, options) => this.#begin(instance, options, 'update')],
      ['beforeDestroy', (instance, options) => this.#begin(instance, options, 'destroy')],
      ['beforeRestore', (instance, options) => this.#begin(instance, options, 'restore')],
      ['afterCreate', (instance, options) => this.#afterCreate(instance, options)],
      ['afterUpdate', (instance, options) => this.#afterChange(instance, options, 'update')],
      ['afterDestroy', (instance, options) => this.#afterChange(instance, options, 'destroy')],
      ['afterRestore', (instance, options) => this.#afterChange(instance, options, 'restore')],
    ];
  }

  install(): void {
    const { sequelize } = this.#parts;
    const { hooks } = internalsOf(sequelize).options;
    this.#emptyBefore = new Set(this.#hooks.map(([name]) => name).filter((name) => !(name in hooks)));
    for (const [name, hook] of this.#hooks) sequelize.addHook(name as HookName, hook as never);
  }

  uninstall(): void {
    const { sequelize } = this.#parts;
    const { hooks } = internalsOf(sequelize).options;
    for (const [name, hook] of this.#hooks) {
      sequelize.removeHook(name as HookName, hook as never);
      if (this.#emptyBefore.has(name) && hooks[name]?.length === 0) delete hooks[name];
    }
  }

  /** Called by the gate for each write it performs. @param instance null for a write of many rows */
  passed(options: object, instance: Model | null): void {
    if (!instance) {
      // The rows of a bulk write with `individualHooks` have its options in common.
      for (const begun of this.#begun.get(options)?.values() ?? []) begun.hasPassed = true;
      return;
    }
    this.#created.add(instance);
    for (const begun of this.#open.get(instance) ?? []) begun.hasPassed = true;
    this.#open.delete(instance);
  }

  async #begin(instance: Model, options: HookOptions, verb: Verb): Promise<void> {
    const audited = this.#auditedOf(instance, options);
    if (!audited) return;
    const begun: Begun = { instance, previous: previousOf(instance), stored: null, hasPassed: false };
    this.#begun.set(options, (this.#begun.get(options) ?? new Map()).set(instance, begun));
    if (this.#parts.isWitness) {
      this.#open.set(instance, (this.#open.get(instance) ?? new Set()).add(begun));
      return;
    }
    this.#contextOf(options, audited);
    // Of an update only what changes has to be known; a destroy is recorded whole, and what a restore saves shows later.
    const written = [...(instance.changed() || []), ...(options.fields ?? []), versionAttributeOf(audited.model) ?? ''];
    const needed = verb === 'update' ? written : attributesOf(audited);
    if (!holds(documentOf(audited, begun.previous(), false), audited, needed))
      begun.stored = await this.#read(audited, instance, options);
  }

  /** Without a gate behind it, what cannot be recorded has to be refused before it is written. */
  async #beforeCreate(instance: Model, options: HookOptions): Promise<void> {
    const audited = this.#auditedOf(instance, options);
    if (audited) this.#contextOf(options, audited);
  }

  async #afterCreate(instance: Model, options: HookOptions): Promise<void> {
    const audited = this.#auditedOf(instance, options);
    if (!audited || (this.#parts.isWitness && this.#created.delete(instance))) return;
    const values = documentOf(audited, instance.dataValues, false);
    const after = holds(values, audited, attributesOf(audited)) ? values : await this.#read(audited, instance, options);
    if (after) await this.#record(audited, null, audited.snapshot(after), options, 'create');
  }

  async #afterChange(instance: Model, options: HookOptions, verb: Verb): Promise<void> {
    const begun = this.#begun.get(options)?.get(instance);
    const audited = begun && this.#auditedOf(instance, options);
    if (!audited) return;
    this.#begun.get(options)?.delete(instance);
    this.#open.get(instance)?.delete(begun);
    if (begun.hasPassed) return;
    // A bulk operation runs the hooks of its instances also where it has found nothing to write.
    if (options.individualHooks && this.#parts.isGateInPlace()) return;

    const before = { ...documentOf(audited, begun.previous(), true), ...begun.stored };
    const isGone = verb === 'destroy' && (options.force === true || !audited.isParanoid);
    const after = isGone ? null : await this.#after(audited, begun, options, before, verb);
    if (!isGone && !after) return;
    await this.#record(audited, audited.snapshot(before), after && audited.snapshot(after), options, verb);
  }

  async #record(
    audited: AuditedModel,
    before: Snapshot | null,
    after: Snapshot | null,
    options: HookOptions,
    action: UnauditedWrite['action'],
  ): Promise<void> {
    const { sequelize, write, isWitness, onUnaudited } = this.#parts;
    const entries = entriesOf({ modelName: audited.modelName, before, after }, this.#contextOf(options, audited));
    if (entries.length === 0) return;
    await write(entries, transactionOf(sequelize, options), options.logging);
    if (!isWitness) return;
    const { modelName } = audited;
    const message = `A ${action} of ${modelName} did not pass the query interface that attachAudit found; its entry was made from what the instance knew`;
    onUnaudited({ modelName, action, recorded: true, message, sql: null });
  }

  /**
   * The values after a change: what the instance holds of the attributes that it wrote and that differ from before,
   * read where the database may have stored them otherwise; null when nothing differs, so nothing was written.
   */
  async #after(
    audited: AuditedModel,
    { instance, previous }: Begun,
    options: HookOptions,
    before: Document,
    verb: Verb,
  ): Promise<Document | null> {
    // A soft destroy and a restore save every change the instance holds.
    const fields =
      verb === 'update' ? [...(options.fields ?? []), versionAttributeOf(audited.model) ?? ''] : attributesOf(audited);
    const then = documentOf(audited, previous(), true);
    const now = documentOf(audited, instance.dataValues, true);
    const isChanged = (attribute: string) =>
      !isEqual(then[attribute], now[attribute]) || isExpression(this.#parts.sequelize, instance.dataValues[attribute]);
    const changed = fields.filter((attribute) => audited.column(attribute) && isChanged(attribute));
    if (changed.length === 0) return null;
    const exact = documentOf(audited, instance.dataValues, false);
    // The values of an instance in a bulk operation are not all written.
    const isKnown = !options.individualHooks && holds(exact, audited, changed);
    const after = isKnown ? exact : await this.#read(audited, instance, options);
    return after && { ...before, ...pick(after, changed) };
  }

  /** The stored row, through the public finder. */
  async #read(audited: AuditedModel, instance: Model, options: HookOptions): Promise<Document | null> {
    const key = Object.fromEntries(
      audited.keyColumns.map(({ attribute }) => [attribute, instance.getDataValue(attribute as never)]),
    );
    const model = instance.constructor as ModelStatic<Model>;
    const row = await model.unscoped().findOne({
      where: key,
      attributes: audited.columns.map(({ attribute }) => attribute),
      paranoid: false,
      hooks: false,
      // A replica may not have seen the last write yet.
      useMaster: true,
      transaction: transactionOf(this.#parts.sequelize, options) ?? null,
      logging: options.logging,
    } as never);
    return row && documentOf(audited, row.dataValues, true);
  }

  #contextOf({ audit, transaction }: HookOptions, { modelName }: AuditedModel): StoredContext {
    if (isForeign(this.#parts.sequelize, transaction ?? undefined)) throw foreignTransaction(`A write of ${modelName}`);
    return this.#parts.contexts.current(audit === false ? undefined : audit);
  }

  #auditedOf(instance: Model, options: HookOptions): AuditedModel | null {
    const model = instance.constructor as ModelStatic<Model>;
    // Copies of the options of this instance carry these hooks to other instances.
    if (sequelizeOf(model) !== this.#parts.sequelize || options.audit === false) return null;
    return this.#parts.models.of(model);
  }
}

/**
 * What the instance holds before its changes; an attribute that it never loaded is absent. It is put together when it is asked for,
 * once: the gate passes almost every write, and then nobody asks.
 */
function previousOf(instance: Model): () => Readonly<Record<string, unknown>> {
  const values = { ...instance.dataValues };
  const previous = { ...previousValuesOf(instance) };
  // Sequelize sets updatedAt before the hooks, and does not say that it has changed.
  const set = [...(instance.changed() || []), timestampsOf(instance.constructor as ModelStatic<Model>).updatedAt ?? ''];
  const merged = () => {
    const held: Record<string, unknown> = { ...values, ...previous };
    for (const attribute of set) if (!(attribute in previous)) delete held[attribute];
    return held;
  };
  let held: Readonly<Record<string, unknown>> | null = null;
  return () => {
    held ??= merged();
    return held;
  };
}

/**
 * Values of an instance as a document; what is not known, or is an expression for the database, is absent.
 *
 * @param isTrusted whether the values were read; values that were set count only when they are stored as they are
 */
function documentOf(audited: AuditedModel, values: Readonly<Record<string, unknown>>, isTrusted: boolean): Document {
  const document: Record<string, Json> = {};
  for (const { attribute, codec } of audited.columns) {
    const value = values[attribute];
    if (value === undefined || isExpression(sequelizeOf(audited.model), value)) continue;
    if (isTrusted || codec.isExact(value)) document[attribute] = codec.fromInstance(value);
  }
  return document;
}

function holds(document: Document, audited: AuditedModel, attributes: readonly string[]): boolean {
  return attributes.every((attribute) => !audited.column(attribute) || document[attribute] !== undefined);
}

function attributesOf(audited: AuditedModel): string[] {
  return audited.columns.map(({ attribute }) => attribute);
}

function pick(document: Document, attributes: readonly string[]): Document {
  return Object.fromEntries(Object.entries(document).filter(([attribute]) => attributes.includes(attribute)));
}
