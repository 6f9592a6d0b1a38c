/** The foreign keys of the database, as it has them itself: what a DELETE or UPDATE does to rows of other tables. */
import type { Sequelize } from 'sequelize';
import { internalsOf, queryGeneratorOf } from '../internals.js';
import type { Run } from '../log/append.js';
import type { TableName, Tables } from './tables.js';

/** What happens to a row that refers to one which goes or changes its key; null where that is refused. */
export type ReferentialAction = 'CASCADE' | 'SET NULL' | 'SET DEFAULT' | null;

export interface ForeignKey {
  readonly child: TableName;
  readonly childKey: string;
  readonly columns: readonly string[];
  readonly parentKey: string;
  readonly parentColumns: readonly string[];
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
}

type Row = Readonly<Record<string, unknown>>;

const actions: Readonly<Record<string, ReferentialAction>> = {
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
  CASCADE: 'CASCADE',
  'SET NULL': 'SET NULL',
  'SET DEFAULT': 'SET DEFAULT',
};

export class ForeignKeys {
  readonly #sequelize: Sequelize;
  readonly #tables: Tables;
  /** Those whose foreign keys are known, where there are schemas. */
  readonly #schemas = new Set<string>();
  /** What was read last: a write that has looked goes by it to its end, whatever happens to the schema meanwhile. */
  #byParent: ReadonlyMap<string, readonly ForeignKey[]> = new Map();
  /** Counts the changes of the schema. */
  #age = 0;
  /** At which of them they were read; null before the first time. */
  #knownAge: number | null = null;

  constructor(sequelize: Sequelize, tables: Tables) {
    this.#sequelize = sequelize;
    this.#tables = tables;
  }

  /** The schema has changed: they are read again before the next write that needs them. */
  forget(): void {
    this.#age += 1;
  }

  /** Reads them where they are not known. */
  async load(run: Run, table: unknown): Promise<void> {
    const { schema } = (table ?? {}) as { readonly schema?: string };
    if (this.#isKnown && (!schema || this.#schemas.has(schema))) return;
    const age = this.#age;
    for (const known of schema ? [...this.#tables.schemas, schema] : this.#tables.schemas) this.#schemas.add(known);
    const literal = (text: string) => queryGeneratorOf(this.#sequelize).escape(text);
    const schemas = [...this.#schemas].map(literal).join(',');
    const rows = (await run(queryOf(this.#sequelize.getDialect()).trim().replace('$schemas', schemas))) as Row[];
    const { dialectOptions } = internalsOf(this.#sequelize).options;
    // With search paths the schema of the moment says nothing of the one that needs no naming.
    if (rows[0]?.home && !dialectOptions?.prependSearchPath) this.#tables.home = String(rows[0].home);
    const keys = foreignKeysOf(rows, this.#tables);
    const byParent = new Map<string, ForeignKey[]>();
    for (const key of keys) byParent.set(key.parentKey, [...(byParent.get(key.parentKey) ?? []), key]);
    this.#byParent = byParent;
    this.#knownAge = age;
  }

  get #isKnown(): boolean {
    return this.#knownAge === this.#age;
  }

  /** Those that refer to a table; none before they have been read. */
  to(tableKey: string): readonly ForeignKey[] {
    return this.#byParent.get(tableKey) ?? [];
  }

  /** Whether a table refers to any; false before they have been read. */
  hasFrom(tableKey: string): boolean {
    return [...this.#byParent.values()].flat().some(({ childKey }) => childKey === tableKey);
  }

  /**
   * Whether a write of a table that is not audited can change one that is; true while it is not known.
   *
   * @param set what an update sets, by column; asked for only where a key follows updates
   */
  mayLeadOn(tableKey: string, kind: 'insert' | 'update' | 'delete', set: () => ReadonlyMap<string, unknown>): boolean {
    if (kind === 'insert') return false;
    if (!this.#isKnown) return true;
    return this.to(tableKey).some(
      (key) =>
        (kind === 'delete' || (key.onUpdate !== null && key.parentColumns.some((column) => set().has(column)))) &&
        this.#reachesAudited(key, new Set([tableKey])),
    );
  }

  #reachesAudited({ child, childKey }: ForeignKey, seen: Set<string>): boolean {
    if (this.#tables.named(child)) return true;
    if (seen.has(childKey)) return false;
    seen.add(childKey);
    return this.to(childKey).some((key) => this.#reachesAudited(key, seen));
  }
}

function foreignKeysOf(rows: readonly Row[], tables: Tables): ForeignKey[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = `${row.child_schema}.${row.child} ${row.name}`;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return [...groups.values()].map((columns) => {
    const [first] = columns as [Row];
    const nameOf = (schema: unknown, table: unknown) => ({
      schema: schema === null || schema === undefined ? null : String(schema),
      table: String(table),
    });
    const child = nameOf(first.child_schema, first.child);
    return {
      child,
      childKey: tables.keyOfName(child),
      columns: columns.map(({ column }) => String(column)),
      parentKey: tables.keyOfName(nameOf(first.parent_schema, first.parent)),
      parentColumns: columns.map(({ parent_column: column }) => String(column)),
      onDelete: actions[String(first.on_delete)] ?? null,
      onUpdate: actions[String(first.on_update)] ?? null,
    };
  });
}

const postgres = `
SELECT cn.nspname AS child_schema, c.relname AS child, k.conname AS name, ca.attname AS column,
  pn.nspname AS parent_schema, p.relname AS parent, pa.attname AS parent_column,
  k.confdeltype AS on_delete, k.confupdtype AS on_update, current_schema() AS home
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS u(num, parent_num, position)
JOIN pg_catalog.pg_attribute ca ON ca.attrelid = c.oid AND ca.attnum = u.num
JOIN pg_catalog.pg_attribute pa ON pa.attrelid = p.oid AND pa.attnum = u.parent_num
WHERE k.contype = 'f' AND k.conparentid = 0
ORDER BY k.oid, u.position`;

const mysql = `
SELECT NULL AS child_schema, k.TABLE_NAME AS child, k.CONSTRAINT_NAME AS name, k.COLUMN_NAME AS \`column\`,
  NULL AS parent_schema, k.REFERENCED_TABLE_NAME AS parent, k.REFERENCED_COLUMN_NAME AS parent_column,
  r.DELETE_RULE AS on_delete, r.UPDATE_RULE AS on_update
FROM information_schema.KEY_COLUMN_USAGE k
JOIN information_schema.REFERENTIAL_CONSTRAINTS r ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA
  AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
WHERE k.TABLE_SCHEMA IN (DATABASE()) AND k.REFERENCED_TABLE_NAME IS NOT NULL
ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION`;

// To the dialect `mariadb` a schema is a database.
const mariadb = mysql
  .replace('NULL AS child_schema', 'k.TABLE_SCHEMA AS child_schema')
  .replace('NULL AS parent_schema', 'k.REFERENCED_TABLE_SCHEMA AS parent_schema')
  .replace('DATABASE()', '$schemas');

// A foreign key that names no columns refers to the primary key.
const sqlite = `
SELECT NULL AS child_schema, m.name AS child, f.id AS name, f."from" AS "column", NULL AS parent_schema,
  f."table" AS parent, coalesce(f."to", (SELECT t.name FROM pragma_table_info(f."table") t WHERE t.pk = f.seq + 1))
  AS parent_column, f.on_delete AS on_delete, f.on_update AS on_update
FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
WHERE m.type = 'table'
ORDER BY m.name, f.id, f.seq`;

function queryOf(dialect: string): string {
  return { postgres, sqlite, mysql, mariadb }[dialect] ?? mysql;
}
