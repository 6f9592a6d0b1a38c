/** Says which indexes the log has, by the questions that each of them answers. */
import { createHash } from 'node:crypto';
import type { IndexesOptions, Sequelize } from 'sequelize';
import { literal, queryGeneratorOf } from '../internals.js';
import type { IndexOptions } from '../options.js';
import { jsonSqlOf } from './json-sql.js';

/** A column that MySQL or MariaDB computes, because an index there cannot hold an expression. */
export interface ComputedColumn {
  readonly name: string;
  readonly type: string;
  readonly expression: string;
  readonly index: string;
  /** The columns of its index. */
  readonly fields: readonly string[];
}

/** An index of an expression. Sequelize cannot describe a table of SQLite that has one. */
export interface ExpressionIndex {
  readonly name: string;
  readonly expression: string;
}

export interface LogIndexes {
  /** Those that Sequelize makes with the table. */
  readonly indexes: readonly IndexesOptions[];
  readonly computed: readonly ComputedColumn[];
  readonly expressions: readonly ExpressionIndex[];
}

/** Names of identifiers are cut by PostgreSQL after 63 bytes, and refused by MySQL after 64 characters. */
const longest = 60;

/**
 * @param place of the table: where indexes of several tables share one space of names, each is named after its table
 * @param columnOf the column of an attribute
 */
export function indexesOf(
  sequelize: Sequelize,
  { actor, changesetId, createdAt, model, action, attributes, meta }: Required<IndexOptions>,
  place: readonly string[],
  columnOf: (attribute: string) => string,
): LogIndexes {
  const dialect = sequelize.getDialect();
  const quoted = (attribute: string) => queryGeneratorOf(sequelize).quoteIdentifier(columnOf(attribute));
  const named = (...about: readonly string[]) => nameOf([...place, 'by', ...about]);
  // The id puts the entries of one value into the order of the log; in SQLite it ends every index anyway.
  const byId = (attribute: string, about = attribute) => ({
    name: named(about),
    fields: dialect === 'sqlite' ? [columnOf(attribute)] : [columnOf(attribute), columnOf('id')],
  });
  const plain = [
    { name: named('record'), fields: ['modelName', 'recordId', 'id'].map(columnOf) },
    ...(actor ? [byId('actor')] : []),
    ...(changesetId ? [{ name: named('changeset'), fields: [columnOf('changesetId')] }] : []),
    ...(createdAt ? [{ name: named('time'), fields: [columnOf('createdAt')] }] : []),
    ...(model ? [byId('modelName', 'model')] : []),
    ...(action ? [byId('action')] : []),
  ];
  const sql = jsonSqlOf(sequelize, quoted('patch'));
  const touching = attributes.map((attribute) => ({
    name: named('attribute', attribute),
    condition: sql.mentions(attribute),
  }));
  const heads = meta.map((key) => ({ name: named('meta', key), head: sql.head(quoted('meta'), key) }));

  if (dialect === 'mysql' || dialect === 'mariadb') {
    return {
      indexes: plain,
      expressions: [],
      computed: [
        ...attributes.map((attribute, index) => ({
          name: computedName('touches', attribute),
          type: 'TINYINT',
          expression: touching[index]?.condition as string,
          index: touching[index]?.name as string,
          fields: [computedName('touches', attribute), columnOf('id')],
        })),
        ...meta.map((key, index) => ({
          name: computedName('meta', key),
          type: 'VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
          expression: heads[index]?.head as string,
          index: heads[index]?.name as string,
          fields: [computedName('meta', key), columnOf('id')],
        })),
      ],
    };
  }
  const partial = touching.map(({ name, condition }) => ({
    name,
    fields: [columnOf('id')],
    where: literal(sequelize, condition) as never,
  }));
  if (dialect === 'sqlite') {
    const expressions = heads.map(({ name, head }) => ({ name, expression: head }));
    return { indexes: [...plain, ...partial], computed: [], expressions };
  }
  const ofHeads = heads.map(({ name, head }) => ({
    name,
    fields: [literal(sequelize, `(${head})`) as never],
    where: literal(sequelize, `(${head}) IS NOT NULL`) as never,
  }));
  return { indexes: [...plain, ...partial, ...ofHeads], computed: [], expressions: [] };
}

/** The computed column for an attribute or a member of `meta`. */
export function computedName(kind: 'touches' | 'meta', name: string): string {
  return nameOf([kind, name]);
}

/** The name of an index, cut where it is longer than databases take. */
export function nameOf(parts: readonly string[]): string {
  const name = parts.join('_');
  // Sequelize takes a dot for the end of a schema's name, and SQLite and MySQL take upper for lower case.
  if (/^\w+$/.test(name) && /^[a-z\d_]*$/.test(parts.at(-1) ?? '') && name.length <= longest) return name;
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
  return `${name.replace(/\W/g, '_').slice(0, longest - hash.length - 1)}_${hash}`;
}
