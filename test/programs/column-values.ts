/** Random values for the columns of a model: of rows, of conditions, of increments. */
import fc from 'fast-check';
import { type Column, keyPool } from './schema.js';
import type { CallOptions, Values, Where } from './step.js';
import { isComparable, poolOf, type Value } from './values.js';

export interface RowKind {
  readonly isNew: boolean;
  /** Whether the row is one of the first, which can refer to first rows only. @default false */
  readonly isFirst?: boolean;
}

/** Values for some of the columns; for all that must have one where the row is new. */
export function valuesOf(columns: readonly Column[], row: RowKind): fc.Arbitrary<Values> {
  const entries = columns.map((column) => {
    const value = anyValueOf(column, row);
    const isNeeded = row.isNew && column.isRequired && column.defaultValue === undefined;
    // SQLite takes null for a key, and then nobody can say which row it names.
    if (isNeeded && column.role === 'primary') return [column.name, value] as const;
    if (isNeeded) return [column.name, fc.oneof({ weight: 9, arbitrary: value }, fc.constant(undefined))] as const;
    // Keys that the database hands out, and the time of deletion, are seldom given.
    const weight = column.role && !row.isFirst ? 4 : 1;
    const weighted = { weight: 2, arbitrary: value };
    return [column.name, fc.oneof(weighted, { weight, arbitrary: fc.constant(undefined) })] as const;
  });
  return fc.record(Object.fromEntries(entries)).map(defined);
}

function anyValueOf(column: Column, { isNew, isFirst }: RowKind): fc.Arbitrary<Value> {
  const all = isKey(column) ? keyPool(column.kind) : poolOf(column.kind);
  if (isFirst && column.role === 'foreign') return fc.constant(all[0]);
  const value = fc.constantFrom(...(isNew ? all.filter((each) => !isSum(each)) : all));
  if (column.role === 'primary') return value;
  return fc.oneof({ weight: column.isRequired ? 15 : 5, arbitrary: value }, fc.constant(null));
}

/** What only a row that exists can have. */
function isSum(value: Value): boolean {
  return typeof value === 'object' && value !== null && '$add' in value;
}

/** Keys and what refers to them: their values are not those of other columns. */
function isKey({ role }: Column): boolean {
  return role === 'primary' || role === 'foreign';
}

export function whereOf(columns: readonly Column[]): fc.Arbitrary<Where> {
  const comparable = columns.filter(({ kind }) => isComparable(kind));
  const condition = fc.constantFrom(...comparable).chain((column) => {
    const plain = plainPool(column);
    const value = fc.constantFrom(...plain);
    return fc
      .oneof(
        { weight: 3, arbitrary: value },
        fc.constant(null),
        value.map((each) => ({ $op: 'ne', value: each })),
        fc.subarray([...plain], { minLength: 1 }).map((list) => ({ $op: 'in', value: list })),
      )
      .map((each): Where => ({ [column.name]: each }));
  });
  return fc.oneof({ weight: 2, arbitrary: fc.constant<Where>({}) }, { weight: 3, arbitrary: condition });
}

export function equalityOf(columns: readonly Column[]): fc.Arbitrary<Where> {
  const comparable = columns.filter(({ kind }) => isComparable(kind));
  return fc
    .constantFrom(...comparable)
    .chain((column) => fc.constantFrom(...plainPool(column)).map((value) => ({ [column.name]: value })));
}

/** Values without SQL in them. */
function plainPool(column: Column): readonly Value[] {
  const pool = isKey(column) ? keyPool(column.kind) : poolOf(column.kind);
  return pool.filter((value) => typeof value !== 'object');
}

/** Amounts for some of the columns that are numbers. */
export function byOf(columns: readonly Column[]): fc.Arbitrary<Values> {
  const numbers = columns.filter(({ kind }) => ['integer', 'bigint', 'decimal', 'double', 'float'].includes(kind));
  const own = numbers.filter((column) => !isKey(column));
  const names = (own.length > 0 ? own : numbers).map(({ name }) => name);
  return fc
    .tuple(fc.subarray(names, { minLength: Math.min(1, names.length) }), fc.constantFrom(1, 1, 2, -1, 0))
    .map(([list, amount]) => Object.fromEntries(list.map((name) => [name, amount])));
}

export function rarely<T>(value: T): fc.Arbitrary<T | undefined> {
  return fc.constantFrom(undefined, undefined, undefined, value);
}

export function optionsOf(options: Readonly<Record<string, fc.Arbitrary<Value>>>): fc.Arbitrary<CallOptions> {
  return fc.record(options).map(defined);
}

function defined(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
