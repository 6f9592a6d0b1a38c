/** Turns the options of `attachAudit` into checked, complete and frozen ones. */
import { AuditError, described, isPlainObject } from './errors.js';

/** How writes are captured: by the gate on the query interface, or by hooks alone. */
export type Capture = 'complete' | 'hooks';

/** What is left out of one model's entries, and how older ones are read. */
export interface ModelAuditOptions {
  /** Attributes that are never seen: a change of them alone makes no entry. @default [] */
  readonly exclude?: readonly string[];
  /** Attributes whose value is hidden while the fact of a change is kept. @default [] */
  readonly redact?: readonly string[];
  /**
   * By attribute, what it was called when older entries were written: one name, or several in their order, oldest
   * first. @default {}
   */
  readonly renamed?: Readonly<Record<string, string | readonly string[]>>;
}

/** The options of one model after `resolveModelOptions`. */
export interface ModelRules {
  readonly exclude: readonly string[];
  readonly redact: readonly string[];
  /** By attribute, its earlier names, oldest first. */
  readonly renamed: Readonly<Record<string, readonly string[]>>;
}

/** A write that reaches an audited table past the capture that should see it. */
export interface UnauditedWrite {
  /** Name of the model that was written. */
  readonly modelName: string;
  /** The Sequelize verb: `create`, `update`, `destroy`, `restore` or `upsert`. */
  readonly action: string;
  /** Whether an entry exists all the same, made from what the hooks know. */
  readonly recorded: boolean;
  /** One sentence for a log, without values. */
  readonly message: string;
  /** The raw SQL that writes, as it was given; null for a write through Sequelize. */
  readonly sql: string | null;
}

export type OnUnaudited = 'warn' | 'throw' | 'ignore' | ((write: UnauditedWrite) => void);

/**
 * Which conditions of `audit.entries` have an index of their own. That of a record always has one, and so has the
 * order of the log.
 */
export interface IndexOptions {
  /** @default true */
  readonly actor?: boolean;
  /** @default true */
  readonly changesetId?: boolean;
  /** For `since` and `until`. @default true */
  readonly createdAt?: boolean;
  /** @default false */
  readonly model?: boolean;
  /** @default false */
  readonly action?: boolean;
  /** Names of attributes, of whichever model. @default [] */
  readonly attributes?: readonly string[];
  /** Names of members of `meta`. @default [] */
  readonly meta?: readonly string[];
}

export interface AuditOptions {
  /** Names of the only models that are audited. @default every model */
  readonly include?: readonly string[];
  /** Names of models that are not audited. @default [] */
  readonly exclude?: readonly string[];
  /** Rules for attributes, by model name. A model's own `audit` option adds to them. @default {} */
  readonly models?: Readonly<Record<string, ModelAuditOptions>>;
  /** Who is writing, asked once for each write; `audit.run` and a call's own `audit` win over it. @default nobody */
  readonly actor?: () => string | number | bigint | null | undefined;
  /** Whether a write of an audited model is refused when nobody is known to write. @default false */
  readonly requireActor?: boolean;
  /** @default 'complete' on sqlite, postgres, mariadb and mysql, 'hooks' on any other dialect */
  readonly capture?: Capture;
  /** Name of the generated model. @default 'AuditLog' */
  readonly modelName?: string;
  /** Table of the generated model. @default the plural of `modelName`, `audit_logs` where `define.underscored` is set */
  readonly tableName?: string;
  /** Schema of that table. @default the `schema` or `define.schema` of the Sequelize instance, if any */
  readonly schema?: string;
  /** What happens when raw SQL writes an audited table, or a write goes past the capture. @default 'warn' */
  readonly onUnaudited?: OnUnaudited;
  /**
   * Whether PostgreSQL may keep the statements of single writes ready on each connection. Off behind a pooler that hands
   * a connection of the server from one client to another and does not know of them.
   *
   * @default true
   */
  readonly preparedStatements?: boolean;
  /** Indexes of the log beside those it always has. @default { actor: true, changesetId: true, createdAt: true } */
  readonly indexes?: IndexOptions;
  /**
   * Whether there is a table, beside that of the log, for states of records that `audit.snapshot` keeps, so that points
   * of long histories are found without reading all that came before. @default false
   */
  readonly snapshots?: boolean;
}

/** The options after `resolveOptions`: nothing is optional that has a default. */
export interface ResolvedOptions {
  readonly include: readonly string[] | null;
  readonly exclude: readonly string[];
  readonly models: ReadonlyMap<string, ModelRules>;
  readonly actor: () => unknown;
  readonly requireActor: boolean;
  readonly capture: Capture;
  readonly modelName: string;
  readonly tableName: string | null;
  readonly schema: string | null;
  readonly onUnaudited: OnUnaudited;
  readonly preparedStatements: boolean;
  readonly indexes: Required<IndexOptions>;
  readonly snapshots: boolean;
}

const completeDialects = ['sqlite', 'postgres', 'mariadb', 'mysql'];

/** The names of all options, as `docs/options.md` lists them. */
export const optionNames = [
  'include',
  'exclude',
  'models',
  'actor',
  'requireActor',
  'capture',
  'modelName',
  'tableName',
  'schema',
  'onUnaudited',
  'preparedStatements',
  'indexes',
  'snapshots',
] as const satisfies readonly (keyof AuditOptions)[];

/**
 * The options with every default filled in; the object given is read, never written.
 *
 * @param dialect of the Sequelize instance, which decides the default of `capture`
 * @throws AuditError ERR_AUDIT_OPTION_INVALID naming the option, what was expected and what came
 */
export function resolveOptions(options: unknown, dialect: string): ResolvedOptions {
  const given = (options === undefined ? {} : options) as Record<string, unknown>;
  if (!isPlainObject(given)) throw invalid('options', 'an object', options);
  checkKeys(given, 'options', optionNames);

  if (given.include !== undefined && given.exclude !== undefined) {
    throw new AuditError(
      'ERR_AUDIT_OPTION_INVALID',
      'Options include and exclude cannot stand together: expected the models to audit, or those not to',
    );
  }
  const capture = oneOf(given.capture, 'capture', ['complete', 'hooks']) ?? null;
  if (capture === 'complete' && !completeDialects.includes(dialect)) {
    throw invalid(
      'capture',
      `"hooks" for the dialect ${dialect} ("complete" is for ${completeDialects.join(', ')})`,
      capture,
    );
  }
  const { requireActor = false, preparedStatements = true, snapshots = false } = given;
  if (typeof requireActor !== 'boolean') throw invalid('requireActor', 'true or false', requireActor);
  if (typeof preparedStatements !== 'boolean') throw invalid('preparedStatements', 'true or false', preparedStatements);
  if (typeof snapshots !== 'boolean') throw invalid('snapshots', 'true or false', snapshots);
  // Sequelize keeps a model as a property of this name.
  if (given.modelName === '__proto__' || given.modelName === 'prototype')
    throw invalid('modelName', 'a name that JavaScript has not taken', given.modelName);
  if (given.actor !== undefined && typeof given.actor !== 'function') throw invalid('actor', 'a function', given.actor);

  return Object.freeze({
    include: given.include === undefined ? null : names(given.include, 'include'),
    exclude: names(given.exclude, 'exclude'),
    models: resolveModels(given.models),
    actor: (given.actor ?? (() => undefined)) as () => unknown,
    requireActor,
    capture: capture ?? (completeDialects.includes(dialect) ? 'complete' : 'hooks'),
    modelName: text(given.modelName, 'modelName') ?? 'AuditLog',
    tableName: text(given.tableName, 'tableName'),
    schema: text(given.schema, 'schema'),
    onUnaudited: resolveOnUnaudited(given.onUnaudited),
    preparedStatements,
    indexes: resolveIndexes(given.indexes),
    snapshots,
  });
}

/**
 * The rules for the attributes of one model: those of `attachAudit`, or those of the model's own `audit` option.
 *
 * @param where how to name the rules in a message
 * @throws AuditError ERR_AUDIT_OPTION_INVALID
 */
export function resolveModelOptions(options: unknown, where: string): ModelRules {
  if (!isPlainObject(options)) throw invalid(where, 'an object with exclude, redact and renamed', options);
  checkKeys(options, where, ['exclude', 'redact', 'renamed']);
  return Object.freeze({
    exclude: names(options.exclude, `${where}.exclude`),
    redact: names(options.redact, `${where}.redact`),
    renamed: earlierNames(options.renamed, `${where}.renamed`),
  });
}

/** Refuses keys of `given` that are not in `known`, so that a misspelt option is not silently nothing. */
export function checkKeys(given: object, where: string, known: readonly string[]): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new AuditError(
      'ERR_AUDIT_OPTION_INVALID',
      `Unknown option ${described(unknown)} in ${where}: expected ${known.join(', ')}`,
    );
  }
}

function resolveModels(models: unknown): ReadonlyMap<string, ModelRules> {
  if (models === undefined) return new Map();
  if (!isPlainObject(models))
    throw invalid('models', 'an object of { exclude, redact, renamed } by model name', models);
  return new Map(Object.entries(models).map(([name, lists]) => [name, resolveModelOptions(lists, `models.${name}`)]));
}

function resolveOnUnaudited(value: unknown): OnUnaudited {
  if (typeof value === 'function') return value as OnUnaudited;
  return oneOf(value, 'onUnaudited', ['warn', 'throw', 'ignore'] as const, 'a function') ?? 'warn';
}

function resolveIndexes(indexes: unknown): Required<IndexOptions> {
  const given = (indexes === undefined ? {} : indexes) as Record<string, unknown>;
  if (!isPlainObject(given)) throw invalid('indexes', 'an object', indexes);
  const flags = { actor: true, changesetId: true, createdAt: true, model: false, action: false };
  checkKeys(given, 'indexes', [...Object.keys(flags), 'attributes', 'meta']);
  const asked = Object.entries(flags).map(([name, byDefault]) => {
    const value = given[name] ?? byDefault;
    if (typeof value !== 'boolean') throw invalid(`indexes.${name}`, 'true or false', value);
    return [name, value];
  });
  const attributes = names(given.attributes, 'indexes.attributes');
  const meta = names(given.meta, 'indexes.meta');
  const unwritable = attributes.find((name) => /[\0\p{Surrogate}]/u.test(name));
  if (unwritable !== undefined) throw invalid('indexes.attributes', 'names that a database can hold', unwritable);
  // Not every version of SQLite finds such a member by its path.
  const odd = meta.find((name) => /["\\\p{C}]/u.test(name));
  if (odd !== undefined) throw invalid('indexes.meta', 'names without quotes, backslashes and control characters', odd);
  return Object.freeze({ ...(Object.fromEntries(asked) as Record<keyof typeof flags, boolean>), attributes, meta });
}

function names(value: unknown, option: string): readonly string[] {
  if (value === undefined) return Object.freeze([]);
  if (!Array.isArray(value) || value.some((name) => typeof name !== 'string'))
    throw invalid(option, 'an array of names', value);
  return Object.freeze([...(value as string[])]);
}

function earlierNames(value: unknown, option: string): ModelRules['renamed'] {
  if (value === undefined) return {};
  if (!isPlainObject(value)) throw invalid(option, 'an object of earlier names by attribute', value);
  const lists = Object.entries(value).map(([attribute, given]) => {
    const isName = typeof given === 'string';
    if (!isName && !Array.isArray(given))
      throw invalid(`${option}.${attribute}`, 'an earlier name, or an array of them', given);
    return [attribute, names(isName ? [given] : given, `${option}.${attribute}`)];
  });
  return Object.freeze(Object.fromEntries(lists));
}

function text(value: unknown, option: string): string | null {
  if (value === undefined) return null;
  if (typeof value !== 'string' || value === '') throw invalid(option, 'a name', value);
  return value;
}

function oneOf<T extends string>(
  value: unknown,
  option: string,
  choices: readonly T[],
  orElse?: string,
): T | undefined {
  if (value === undefined) return undefined;
  if (choices.includes(value as T)) return value as T;
  const expected = [...choices.map((choice) => `"${choice}"`), ...(orElse ? [orElse] : [])];
  throw invalid(option, `one of ${expected.join(', ')}`, value);
}

function invalid(option: string, expected: string, got: unknown): AuditError {
  return new AuditError('ERR_AUDIT_OPTION_INVALID', `Option ${option}: expected ${expected}, got ${described(got)}`);
}
