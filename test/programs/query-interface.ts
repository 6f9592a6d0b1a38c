/** Direct calls of the query interface, past the model: with names of columns, and without hooks and defaults. */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import type { CallStep, Values } from './step.js';
import { materialize } from './values.js';

type QueryStep = Extract<CallStep, { readonly kind: 'query' }>;
type Row = Record<string, unknown>;

/** As the JavaScript takes it; the types of Sequelize know only a part of it. */
interface Untyped {
  insert(instance: Model | null, table: unknown, values: Row, options: Row): Promise<unknown>;
  bulkInsert(table: unknown, records: Row[], options: Row): Promise<unknown>;
  update(instance: Model, table: unknown, values: Row, where: Row, options: Row): Promise<unknown>;
  bulkUpdate(table: unknown, values: Row, where: Row, options: Row): Promise<unknown>;
  delete(instance: Model, table: unknown, where: Row, options: Row): Promise<unknown>;
  bulkDelete(table: unknown, where: Row, options: Row, model?: unknown): Promise<unknown>;
  upsert(table: unknown, values: Row, update: Row, where: Row, options: Row): Promise<unknown>;
  increment(model: unknown, table: unknown, where: Row, by: Row, extra: Row, options: Row): Promise<unknown>;
}

/** @returns undefined when the method needs a row and there is none */
export async function runQuery(
  sequelize: Sequelize,
  model: ModelStatic<Model>,
  step: QueryStep,
  instance: Model | null,
  options: Row,
  condition: Row,
): Promise<unknown> {
  const queryInterface = sequelize.getQueryInterface() as unknown as Untyped;
  const table = model.getTableName();
  const where = toColumns(model, condition);
  const values = toColumns(model, given(model, step.values));
  const records = step.rows.map((row) => completed(model, toColumns(model, given(model, row))));
  const [record = {}] = records;
  const key = instance ? toColumns(model, keyOf(model, instance)) : {};
  switch (step.method) {
    case 'insert':
      return queryInterface.insert(null, table, record, options);
    case 'bulkInsert':
      return queryInterface.bulkInsert(table, records, options);
    case 'update':
      return instance ? queryInterface.update(instance, table, values, key, options) : undefined;
    case 'bulkUpdate':
      return queryInterface.bulkUpdate(table, values, where, options);
    case 'delete':
      return instance ? queryInterface.delete(instance, table, key, options) : undefined;
    case 'bulkDelete':
      return queryInterface.bulkDelete(table, where, options, model);
    case 'upsert':
      return queryInterface.upsert(table, record, { ...record, ...values }, where, { ...options, model });
    case 'increment': {
      const number = Object.values(model.getAttributes()).find(
        ({ type, primaryKey, field }) => !primaryKey && String((type as { key?: string }).key) === 'INTEGER' && field,
      );
      return number
        ? queryInterface.increment(model, table, where, { [String(number.field)]: 1 }, {}, options)
        : undefined;
    }
  }
}

/** JSON as text: without a model nobody turns it into that. */
function given(model: ModelStatic<Model>, values: Values): Row {
  const attributes = model.getAttributes();
  const isJson = (name: string) => /JSON/.test(String((attributes[name]?.type as { key?: string } | undefined)?.key));
  const entries = Object.entries(values).map(([name, value]) => {
    const given = materialize(value, model, name);
    return [name, isJson(name) && given !== null ? JSON.stringify(given) : given];
  });
  return Object.fromEntries(entries);
}

function keyOf(model: ModelStatic<Model>, instance: Model): Row {
  return Object.fromEntries(model.primaryKeyAttributes.map((name) => [name, instance.get(name)]));
}

function toColumns(model: ModelStatic<Model>, values: Row): Row {
  const attributes = model.getAttributes();
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [attributes[name]?.field ?? name, value]));
}

/** Adds time stamps and keys that only models fill in. */
function completed(model: ModelStatic<Model>, values: Row): Row {
  const attributes = model.getAttributes();
  const now = new Date('2026-01-01T00:00:00.000Z');
  const clock = ['createdAt', 'updatedAt'].filter((name) => attributes[name]).map((name) => [name, now] as const);
  const keys = model.primaryKeyAttributes.flatMap((name) => {
    const { defaultValue } = attributes[name] ?? {};
    return typeof defaultValue === 'function' ? [[name, defaultValue()] as const] : [];
  });
  return { ...toColumns(model, Object.fromEntries([...clock, ...keys])), ...values };
}
