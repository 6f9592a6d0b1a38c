/** Takes a statement of Sequelize's for MariaDB apart, where it is the same text for every row. */
import type { Model, Sequelize } from 'sequelize';
import { autoIncrementOf, queryGeneratorOf } from '../internals.js';
import type { AuditedModel, Column } from '../record/audited-model.js';
import type { Call } from './call.js';
import { isPlainKey, keyOfInstance } from './images.js';
import type { Bound } from './one-way.js';
import { byKey, deleteOf } from './own.js';

/** A write of one row as text, with `?` for each value. */
export interface MariadbForm {
  readonly sql: string;
  /** How its row is found before and after it, with `?` for the values of `keyColumns`. */
  readonly where: string;
  readonly keyColumns: readonly Column[];
  /** Whether the row is given its number by the database. */
  readonly draws: boolean;
  /** The types of the values that it inserts or sets, by the keys of the model's. */
  readonly types: readonly (string | undefined)[];
  /** Of an update: which of its values are those of the key. */
  readonly keyPlaces: readonly number[];
}

/** Its values. */
export interface MariadbValues {
  readonly parameters: readonly unknown[];
  readonly key: readonly unknown[];
}

const name = '`(?:[^`]|``)+`';
const updating = new RegExp(
  `^UPDATE (${name}) SET ((?:${name}=\\?,?)+) WHERE (${name} = \\?(?: AND ${name} = \\?)*);?$`,
);
const inserting = new RegExp(
  `^INSERT INTO (${name}) \\((${name}(?:,${name})*)\\) VALUES \\(((?:DEFAULT|\\?)(?:,(?:DEFAULT|\\?))*)\\);?$`,
);

/** @returns null where it is not of the form that is known here, as with expressions among its values */
export function formOf(sequelize: Sequelize, audited: AuditedModel, call: Call, sql: string): MariadbForm | null {
  const generator = queryGeneratorOf(sequelize);
  const table = generator.quoteTable(call.table);
  const { keyColumns } = audited;
  const typesOf = (fields: readonly string[]) =>
    fields.map((field) => audited.columns.find((column) => column.field === field)?.type.key);
  const given = { where: byKey(sequelize, audited, () => '?'), keyColumns, draws: false, types: [], keyPlaces: [] };
  switch (call.kind) {
    case 'update': {
      const [text, target, set = '', condition = ''] = updating.exec(sql) ?? [];
      if (text === undefined || target !== table) return null;
      const fields = namesIn(set);
      const conditions = namesIn(condition);
      // One that does not ask for the key may reach another row than that of the instance.
      if (!keyColumns.every(({ field }) => conditions.includes(field))) return null;
      const keyPlaces = keyColumns.map(({ field }) => fields.length + conditions.indexOf(field));
      return { sql, ...given, types: typesOf(fields), keyPlaces };
    }
    case 'delete':
      return { sql: deleteOf(sequelize, audited, call.table, () => '?'), ...given };
    case 'insert': {
      const [text, target, list = '', values = ''] = inserting.exec(sql) ?? [];
      if (text === undefined || target !== table) return null;
      const tokens = values.split(',');
      const fields = namesIn(list);
      const bound = fields.filter((_, index) => tokens[index] === '?');
      const generated = autoIncrementOf(audited.model);
      // Sequelize is told a number that came with its row as if it had been drawn.
      if (generated !== undefined && bound.includes(generated)) return null;
      const isDrawn = (index: number) => keyColumns[index]?.field === generated;
      const where = byKey(sequelize, audited, (index) => (isDrawn(index) ? 'LAST_INSERT_ID()' : '?'));
      const known = keyColumns.filter(({ field }) => field !== generated);
      return { sql, where, keyColumns: known, draws: generated !== undefined, types: typesOf(bound), keyPlaces: [] };
    }
    default:
      return null;
  }
}

/** What is remembered of a statement: that of a delete has its key in it. */
export function sourceOf({ kind }: Call, sql: string): string {
  return kind === 'delete' ? 'DELETE' : sql;
}

/** @returns null where a value would mean something else as a parameter */
export function valuesOf(
  sequelize: Sequelize,
  audited: AuditedModel,
  { kind, instance, rows, table }: Call,
  form: MariadbForm,
  { sql, parameters }: Bound,
): MariadbValues | null {
  const { keyColumns, types, keyPlaces } = form;
  // Those of a condition follow, and are in no column of doubles.
  if (!instance || !parameters.every((value, index) => isExact(types[index], value))) return null;
  const key = keyOf();
  if (!key?.every((value, index) => canFind(keyColumns[index], value))) return null;
  if (kind !== 'delete') return { parameters, key };
  // The key stands in the statement itself; as a parameter it leaves the statement the same for every row.
  const generator = queryGeneratorOf(sequelize);
  const expected = deleteOf(sequelize, audited, table, (index) => generator.escape(key[index]));
  return sql.replace(/;$/, '') === expected ? { parameters: key, key } : null;

  function keyOf(): readonly unknown[] | null {
    if (kind === 'insert') return keyColumns.map(({ field }) => rows[0]?.[field]);
    return kind === 'update' ? keyPlaces.map((place) => parameters[place]) : keyOfInstance(audited, instance as Model);
  }
}

function namesIn(list: string): string[] {
  return [...list.matchAll(new RegExp(name, 'g'))].map(([quoted]) => quoted.slice(1, -1).replaceAll('``', '`'));
}

/** A number would be compared with all the text of a column. */
function canFind(column: Column | undefined, value: unknown): boolean {
  return isPlainKey(value) && (typeof value === 'string' || /INT/.test(column?.type.key ?? ''));
}

/**
 * Whether a value means the same as a parameter that it means in the text of a statement, where a number with a fraction is a
 * decimal. A parameter beyond 32 bits is a double.
 */
function isExact(type: string | undefined, value: unknown): boolean {
  if (typeof value === 'object') return value === null || Buffer.isBuffer(value);
  if (typeof value !== 'number') return typeof value !== 'bigint' && value !== undefined;
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) return true;
  return /^(FLOAT|REAL|DOUBLE PRECISION)$/.test(type ?? '') || (Number.isSafeInteger(value) && type === 'BIGINT');
}
