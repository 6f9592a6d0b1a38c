/** Finds the audited model behind a table, however the table is named. */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { databaseOf, internalsOf, schemaOf, tableKeyOf } from '../internals.js';
import type { AuditedModel } from '../record/audited-model.js';
import type { AuditedModels } from '../record/audited-models.js';

/** A table as the database names it. */
export interface TableName {
  /** null where the dialect has no schemas. */
  readonly schema: string | null;
  readonly table: string;
}

export class Tables {
  readonly #sequelize: Sequelize;
  readonly #models: AuditedModels;
  /** The schema that needs no naming; a database is one to the dialect `mariadb`. */
  home: string;

  constructor(sequelize: Sequelize, models: AuditedModels) {
    this.#sequelize = sequelize;
    this.#models = models;
    this.home = sequelize.getDialect() === 'postgres' ? 'public' : databaseOf(sequelize);
  }

  /** The schemas that models are bound to, the one that needs no naming among them. */
  get schemas(): string[] {
    return [...new Set([this.home, ...this.#all().flatMap((model) => schemaOf(model) ?? [])])];
  }

  /**
   * The audited model of a table that a call names.
   *
   * @param hint the model that the call speaks of, which in nested creates can be another
   */
  of(table: unknown, hint: ModelStatic<Model> | undefined): AuditedModel | null {
    const key = tableKeyOf(table);
    const candidates = hint ? [hint, ...this.#all()] : this.#all();
    const model = candidates.find((candidate) => tableKeyOf(candidate.getTableName()) === key);
    return model ? this.#models.of(model) : null;
  }

  /**
   * The audited model of a table that the database names; one in a schema that no model was bound to belongs to the
   * model of its name, as `Model.schema()` would have it.
   */
  named({ schema, table }: TableName): AuditedModel | null {
    const matches = this.#all().filter((model) => this.#isSame(model.tableName, table));
    const exact = matches.find((model) => schema === null || (schemaOf(model) ?? this.home) === schema);
    const model = exact ?? (schema === null ? undefined : matches[0]?.schema(schema));
    return model ? this.#models.of(model) : null;
  }

  /** The audited model of a table that raw SQL names, as the database would find it. */
  written({ schema, table }: TableName): AuditedModel | null {
    if (this.#sequelize.getDialect() === 'postgres') return this.named({ schema: schema ?? this.home, table });
    const here = this.#sequelize.getDialect() === 'sqlite' ? 'main' : this.home;
    const key = this.#folded(this.#hasSchemas ? `${schema ?? here}.${table}` : table);
    if (!this.#hasSchemas && schema !== null && this.#folded(schema) !== this.#folded(here)) return null;
    const model = this.#all().find((candidate) => this.keyOf(candidate.getTableName()) === key);
    return model ? this.#models.of(model) : null;
  }

  /** One text for a table that a call names. */
  keyOf(table: unknown, searchPath?: unknown): string {
    if (!this.#hasSchemas) return this.#folded(tableKeyOf(table));
    const isFollowed = internalsOf(this.#sequelize).options.dialectOptions?.prependSearchPath;
    const path = isFollowed && typeof searchPath === 'string' && searchPath !== 'DEFAULT' ? searchPath : this.home;
    const { schema, tableName } = (typeof table === 'string' ? { tableName: table } : table) as {
      readonly schema?: string;
      readonly tableName?: string;
    };
    return this.keyOfName({ schema: schema || path, table: String(tableName) });
  }

  /** The same for a table that the database names. */
  keyOfName({ schema, table }: TableName): string {
    return this.#folded(schema === null ? table : `${schema}.${table}`);
  }

  /** Elsewhere the schema is a part of the table's name. */
  get #hasSchemas(): boolean {
    return ['postgres', 'mariadb'].includes(this.#sequelize.getDialect());
  }

  #all(): ModelStatic<Model>[] {
    return Object.values(this.#sequelize.models) as ModelStatic<Model>[];
  }

  #isSame(left: string, right: string): boolean {
    return this.#folded(left) === this.#folded(right);
  }

  /** Only PostgreSQL tells names apart by their case, and there Sequelize quotes them. */
  #folded(name: string): string {
    return this.#sequelize.getDialect() === 'postgres' ? name : name.toLowerCase();
  }
}
