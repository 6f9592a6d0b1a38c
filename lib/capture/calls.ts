/** Reads the arguments of a method of the query interface as the write they ask for. */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import type { AuditContext, Contexts } from '../context.js';
import { AuditError, messageOf } from '../errors.js';
import { expressionOf, internalsOf, literal, queryGeneratorOf, tableKeyOf } from '../internals.js';
import type { AuditedModel } from '../record/audited-model.js';
import type { AuditedModels } from '../record/audited-models.js';
import type { Call, Values } from './call.js';
import type { ForeignKeys } from './foreign-keys.js';
import type { Tables } from './tables.js';

interface Places {
  readonly kind: 'insert' | 'update' | 'delete';
  readonly table: number;
  readonly options: number;
  readonly instance?: number;
  readonly model?: number;
  readonly values?: number;
  readonly where?: number;
  /** Of an increment: by how much, the sign, and what is set besides. */
  readonly amounts?: number;
  readonly sign?: '+' | '-';
}

/** Every method that writes, with the place of its arguments. */
export const methods = {
  insert: { kind: 'insert', instance: 0, table: 1, values: 2, options: 3 },
  bulkInsert: { kind: 'insert', table: 0, values: 1, options: 2 },
  upsert: { kind: 'insert', table: 0, values: 1, options: 4 },
  update: { kind: 'update', instance: 0, table: 1, values: 2, where: 3, options: 4 },
  bulkUpdate: { kind: 'update', table: 0, values: 1, where: 2, options: 3 },
  increment: { kind: 'update', model: 0, table: 1, where: 2, amounts: 3, sign: '+', values: 4, options: 5 },
  decrement: { kind: 'update', model: 0, table: 1, where: 2, amounts: 3, sign: '-', values: 4, options: 5 },
  delete: { kind: 'delete', instance: 0, table: 1, where: 2, options: 3 },
  bulkDelete: { kind: 'delete', table: 0, where: 1, options: 2, model: 3 },
} as const satisfies Record<string, Places>;

type Name = keyof typeof methods;

interface WriteOptions {
  readonly audit?: AuditContext | false;
  readonly searchPath?: string;
  readonly model?: ModelStatic<Model>;
  readonly limit?: unknown;
  readonly truncate?: boolean;
  readonly cascade?: boolean;
}

export interface CallsParts {
  readonly sequelize: Sequelize;
  readonly models: AuditedModels;
  readonly tables: Tables;
  readonly foreignKeys: ForeignKeys;
  readonly contexts: Contexts;
}

export class Calls {
  readonly #parts: CallsParts;

  constructor(parts: CallsParts) {
    this.#parts = parts;
  }

  /** @returns null when nothing audited is written, or the call said `audit: false` */
  of(name: Name, args: readonly unknown[]): Call | null {
    const { tables, models, foreignKeys, contexts } = this.#parts;
    const places: Places = methods[name];
    const { instance, options } = this.partsOf(name, args);
    if (options.audit === false) return null;
    const table = args[places.table];
    const hint = options.model ?? (places.model === undefined ? undefined : (args[places.model] as ModelStatic<Model>));
    const audited = instance ? models.of(instance.constructor as ModelStatic<Model>) : tables.of(table, hint);
    const makeSet = () => this.#setOf(places, args, audited);
    if (!audited && !foreignKeys.mayLeadOn(tables.keyOf(table, options.searchPath), places.kind, makeSet)) return null;
    const set = makeSet();
    const isTruncate = places.kind === 'delete' && options.truncate === true;

    const values = places.values === undefined ? [] : args[places.values];
    let where: string | undefined;
    const makeWhere = () => (isTruncate || places.where === undefined ? '' : this.#whereOf(name, args, audited));
    return {
      kind: isTruncate ? 'truncate' : places.kind,
      audited,
      modelName: audited
        ? this.#modelNameIn(options.searchPath, audited)
        : ((instance?.constructor ?? hint)?.name ?? tableKeyOf(table)),
      instance,
      table,
      rows: places.kind === 'insert' ? ((Array.isArray(values) ? values : [values]) as Values[]) : [],
      set,
      // Where the statement looks at its row by itself nobody asks for it.
      get where() {
        where ??= makeWhere();
        return where;
      },
      limit: this.#limitOf(places, options),
      isCascade: options.cascade === true,
      // Where only foreign keys may lead to what is audited, the recorder asks for the actor once it knows.
      context: audited
        ? contexts.ofWrite(options.audit, `A write of ${audited.modelName}`)
        : contexts.current(options.audit),
    };
  }

  partsOf(name: Name, args: readonly unknown[]): { readonly instance: Model | null; readonly options: WriteOptions } {
    const places: Places = methods[name];
    const { Model: Base } = (this.#parts.sequelize as unknown as { Sequelize: { Model: typeof Model } }).Sequelize;
    const first = places.instance === undefined ? null : args[places.instance];
    return { instance: first instanceof Base ? first : null, options: (args[places.options] ?? {}) as WriteOptions };
  }

  /**
   * The arguments with a mark in the condition, in whose place the keys of the rows will stand that have been read:
   * where others can commit in between, the statement must not reach further than what was seen.
   */
  marked(name: Name, args: readonly unknown[], { instance, kind }: Call, mark: string): unknown[] {
    const { sequelize } = this.#parts;
    const place = (methods[name] as Places).where;
    const copy = [...args];
    if (place === undefined || instance || kind === 'truncate' || sequelize.getDialect() === 'sqlite') return copy;
    const { Op } = (sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
    const where = args[place] as object | null | undefined;
    copy[place] = { [Op.and]: where ? [where, literal(sequelize, mark)] : [literal(sequelize, mark)] };
    return copy;
  }

  #setOf(places: Places, args: readonly unknown[], audited: AuditedModel | null): Call['set'] {
    const set = new Map<string, () => string>();
    if (places.kind !== 'update' || places.values === undefined) return set;
    const { sequelize } = this.#parts;
    for (const [field, value] of Object.entries((args[places.values] ?? {}) as Values)) {
      set.set(field, () => expressionOf(sequelize, audited?.model ?? null, field, value, 'UPDATE'));
    }
    const generator = queryGeneratorOf(sequelize);
    const amounts = places.amounts === undefined ? {} : (args[places.amounts] as Values);
    for (const [field, amount] of Object.entries(amounts)) {
      set.set(field, () => `${generator.quoteIdentifier(field)}${places.sign} ${generator.escape(amount)}`);
    }
    return set;
  }

  /** The condition as the method itself will write it, but with its values in place. */
  #whereOf(name: Name, args: readonly unknown[], audited: AuditedModel | null): string {
    const generator = queryGeneratorOf(this.#parts.sequelize);
    const places: Places = methods[name];
    const where = args[places.where as number];
    if (name === 'increment' || name === 'decrement') return generator.whereQuery(where);
    if (name === 'bulkUpdate') {
      try {
        return generator.whereQuery(where, { ...(args[3] as object), bindParam: undefined });
      } catch (error) {
        // The UPDATE itself binds its values, and a driver makes text of anything.
        throw new AuditError(
          'ERR_AUDIT_RECORD_UNKNOWN',
          `The rows that an update of ${tableKeyOf(args[places.table])} will reach cannot be looked for: ${messageOf(error)}`,
          error,
        );
      }
    }
    const { instance, options } = this.partsOf(name, args);
    const model = instance ? (audited?.model ?? instance.constructor) : args[3];
    const condition = generator.getWhereConditions(where, null, model, instance ? undefined : options);
    return condition ? `WHERE ${condition}` : '';
  }

  #limitOf({ kind, instance }: Places, { limit }: WriteOptions): string | null {
    const { sequelize } = this.#parts;
    // PostgreSQL has no UPDATE … LIMIT, and Sequelize leaves it out.
    const isIgnored = kind === 'update' && sequelize.getDialect() === 'postgres';
    if (!limit || instance !== undefined || kind === 'insert' || isIgnored) return null;
    return queryGeneratorOf(sequelize).escape(limit);
  }

  /** A search path leads to the table of a schema, as `Model.schema()` does. */
  #modelNameIn(searchPath: string | undefined, { modelName }: AuditedModel): string {
    const isFollowed = internalsOf(this.#parts.sequelize).options.dialectOptions?.prependSearchPath;
    return isFollowed && searchPath && searchPath !== 'DEFAULT' ? `${searchPath}.${modelName}` : modelName;
  }
}
