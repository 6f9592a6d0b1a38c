/** Random calls of every write path, for one model. */
import fc from 'fast-check';
import { associationCalls } from './association-calls.js';
import { bulkCalls } from './bulk-calls.js';
import { byOf, equalityOf, optionsOf, rarely, valuesOf, whereOf } from './column-values.js';
import { columnsOf, keyAttributes, type ModelSchema, type Schema } from './schema.js';
import type { CallKind, CallStep, RowRef, Values } from './step.js';

/** What the calls for one model are put together from. */
export interface Parts {
  readonly model: fc.Arbitrary<string>;
  readonly row: fc.Arbitrary<RowRef>;
  readonly where: fc.Arbitrary<Values>;
  readonly equality: fc.Arbitrary<Values>;
  /** Values of a new row, of a row that is there, of either with its key, and none or some. */
  readonly created: fc.Arbitrary<Values>;
  readonly changed: fc.Arbitrary<Values>;
  readonly anything: fc.Arbitrary<Values>;
  readonly later: fc.Arbitrary<Values>;
  readonly by: fc.Arbitrary<Values>;
  /** Name of a column that is unique by itself, or undefined. */
  readonly unique: fc.Arbitrary<readonly string[] | undefined>;
  /** Names of some attributes, among them those of a key that must be given; or undefined. */
  readonly fields: fc.Arbitrary<readonly string[] | undefined>;
  readonly hooks: fc.Arbitrary<false | undefined>;
}

/** Calls by their kind, but for the kind and the transaction. */
export type Calls = Readonly<Partial<Record<CallKind, fc.Arbitrary<object>>>>;

/** How often a kind comes up, beside 2 for any other. */
const weights: Readonly<Partial<Record<CallKind, number>>> = {
  bulkCreate: 3,
  bulkUpdate: 4,
  query: 3,
  upsert: 3,
  associate: 5,
  truncate: 1,
  findCreateFind: 1,
  decrement: 1,
};

/** @param only the only kinds of calls; undefined for all */
export function callsOf(schema: Schema, model: string, only: readonly CallKind[] | undefined): fc.Arbitrary<CallStep> {
  const parts = partsOf(schema, model);
  const all = { ...instanceCalls(parts), ...bulkCalls(parts), ...associationCalls(schema, model, parts) };
  const { paranoid } = modelOf(schema, model);
  const chosen = Object.entries(all)
    .filter(([kind]) => !only || only.includes(kind as CallKind))
    .filter(([kind]) => paranoid || !['restore', 'bulkRestore'].includes(kind));
  const calls = (chosen.length > 0 ? chosen : Object.entries(all).slice(0, 1)).map(([kind, arbitrary]) => ({
    weight: weights[kind as CallKind] ?? 2,
    arbitrary: arbitrary.map((call) => ({ kind, ...call })),
  }));
  return fc
    .tuple(fc.oneof(...calls), rarely('root'))
    .map(([call, root]) => ({ ...call, through: root ?? 'innermost' }) as CallStep);
}

function partsOf(schema: Schema, model: string): Parts {
  const columns = columnsOf(schema, model);
  const { key } = modelOf(schema, model);
  const keys = keyAttributes(key).map(({ name }) => name);
  const others = columns.filter(({ name }) => !keys.includes(name));
  const changed = valuesOf(others, { isNew: false });
  // Without its key SQLite makes a row that nobody can name, unless the database hands the key out.
  const given = key === 'auto' || key === 'renamed' ? [] : keys;
  const unique = columns
    .toReversed()
    .filter(({ role, isUnique }) => isUnique === true || (role === 'primary' && keys.length === 1))
    .map(({ name, field }) => field ?? name);
  const names = columns.map(({ name }) => name);
  return {
    model: fc.constant(model),
    row: rowOf(model),
    where: whereOf(columns),
    equality: equalityOf(columns),
    created: valuesOf(columns, { isNew: true }),
    changed,
    anything: valuesOf(columns, { isNew: false }),
    later: fc.oneof(fc.constant<Values>({}), changed),
    by: byOf(columns),
    fields: fc.option(
      fc.subarray(names, { minLength: 1 }).map((some) => [...new Set([...given, ...some])]),
      { nil: undefined, freq: 4 },
    ),
    unique: fc.subarray(unique.slice(0, 1)).map((list) => (list.length > 0 ? list : undefined)),
    hooks: rarely(false as const),
  };
}

function modelOf(schema: Schema, model: string): ModelSchema {
  return schema.models.find(({ name }) => name === model) as ModelSchema;
}

function instanceCalls({ model, row, equality, created, changed, later, by, fields, hooks }: Parts): Calls {
  const silent = rarely(true);
  const find = fc.record({ model, where: equality, values: created, options: optionsOf({ hooks }) });
  const count = fc.record({ row, by, options: optionsOf({ silent, returning: rarely(false) }) });
  return {
    create: fc.record({
      model,
      values: created,
      options: optionsOf({ hooks, ignoreDuplicates: rarely(true), returning: rarely(false), silent }),
    }),
    build: fc.record({ model, values: created, later, options: optionsOf({ hooks, fields }) }),
    save: fc.record({
      row,
      values: changed,
      later,
      options: optionsOf({ hooks, fields, silent, returning: rarely(true) }),
    }),
    update: fc.record({ row, values: changed, options: optionsOf({ hooks, silent }) }),
    destroy: fc.record({ row, values: later, options: optionsOf({ hooks, force: rarely(true) }) }),
    restore: fc.record({ row, options: optionsOf({ hooks }) }),
    increment: count,
    decrement: count,
    findOrCreate: find,
    findCreateFind: find,
  };
}

function rowOf(model: string): fc.Arbitrary<RowRef> {
  return fc.record({
    model: fc.constant(model),
    index: fc.nat({ max: 3 }),
    from: fc.constantFrom<RowRef['from']>('found', 'found', 'found', 'partial', 'stub', 'held'),
  });
}
