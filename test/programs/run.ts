/** Runs the steps of a program in a world: a Sequelize instance with its models and its open transactions. */
import { type Model, type ModelStatic, Op, type Sequelize, type Transaction } from 'sequelize';
import { runQuery } from './query-interface.js';
import { quiet, watch } from './quiet.js';
import { type CallStep, isCall, type RowRef, type Step, type Values, type Where } from './step.js';
import { materialize, type Value } from './values.js';

export interface World {
  readonly sequelize: Sequelize;
  readonly models: Readonly<Record<string, ModelStatic<Model>>>;
  /** Open transactions; each after the first is a savepoint in the one before. */
  readonly transactions: Transaction[];
  /** Instances that the program has kept, by model and index. */
  readonly held: Map<string, Model>;
}

/** What Sequelize returned or threw, as it is. */
export type Outcome = { readonly result: unknown } | { readonly error: unknown };

type Options = Record<string, unknown>;
type Dynamic = Record<string, (...args: unknown[]) => Promise<unknown>>;

export function newWorld(sequelize: Sequelize, models: World['models']): World {
  watch(sequelize);
  return { sequelize, models, transactions: [], held: new Map() };
}

/** Never throws for what Sequelize throws. A step whose row does not exist has the result `undefined`. */
export async function runStep(world: World, step: Step): Promise<Outcome> {
  try {
    if (step.kind === 'parallel') return { result: await atOnce(step.calls.map((each) => call(world, each))) };
    return { result: isCall(step) ? await call(world, step) : await move(world, step.kind) };
  } catch (error) {
    await quiet(world.sequelize);
    return { error };
  }
}

/** All results, when the last call has ended. */
async function atOnce(calls: readonly Promise<unknown>[]): Promise<unknown[]> {
  await Promise.allSettled(calls);
  return Promise.all(calls);
}

/** Ends what is still open, the innermost first. */
export async function endAll(world: World, kind: 'commit' | 'rollback'): Promise<Outcome> {
  let last: Outcome = { result: undefined };
  while (world.transactions.length > 0) last = await runStep(world, { kind });
  return last;
}

async function move(
  { sequelize, transactions }: World,
  kind: 'begin' | 'commit' | 'rollback' | 'peek',
): Promise<unknown> {
  const innermost = transactions.at(-1);
  if (kind === 'begin') {
    transactions.push(await sequelize.transaction(innermost ? { transaction: innermost } : {}));
  } else if (kind !== 'peek' && innermost) {
    transactions.pop();
    await innermost[kind]();
  }
  return undefined;
}

async function call(world: World, step: CallStep): Promise<unknown> {
  const transaction = step.through === 'root' ? world.transactions[0] : world.transactions.at(-1);
  const inside = transaction ? { transaction } : {};
  const options = { ...(materialize(step.options) as Options), ...inside };
  return 'row' in step ? callOnRow(world, step, options, inside) : callOnModel(world, step, options);
}

async function callOnModel(
  { models }: World,
  step: Exclude<CallStep, { readonly row: RowRef }>,
  options: Options,
): Promise<unknown> {
  const model = models[step.model] as ModelStatic<Model>;
  const given = (values: Values) => materializeAll(values, model);
  const where = 'where' in step ? conditionOf(step.where) : {};
  switch (step.kind) {
    case 'create':
      return model.create(given(step.values), options);
    case 'build':
      return model.build(given(step.values)).set(given(step.later)).save(options);
    case 'bulkCreate':
      return model.bulkCreate(step.rows.map(given), options);
    case 'bulkUpdate':
      return model.update(given(step.values), { ...options, where });
    case 'bulkDestroy':
      return model.destroy({ ...options, where });
    case 'truncate':
      return model.truncate(options);
    case 'bulkRestore':
      return model.restore({ ...options, where });
    case 'bulkIncrement':
      return model.increment(given(step.by) as never, { ...options, where });
    case 'upsert':
      return model.upsert(given(step.values), options);
    case 'findOrCreate':
    case 'findCreateFind':
      return model[step.kind]({ ...options, where, defaults: given(step.values) });
    case 'nested': {
      const association = model.associations[step.as] ?? model.associations[`${step.as}s`];
      const target = association?.target as ModelStatic<Model>;
      const children = step.children.map((values) => materializeAll(values, target));
      const name = association?.as as string;
      const values = { ...given(step.values), [name]: association?.isMultiAssociation ? children : children[0] };
      return model.create(values, { ...options, include: [association as never] });
    }
  }
}

async function callOnRow(
  world: World,
  step: Extract<CallStep, { readonly row: RowRef }>,
  options: Options,
  inside: { transaction?: Transaction },
): Promise<unknown> {
  const instance = await instanceOf(world, step.row, inside);
  const model = world.models[step.row.model] as ModelStatic<Model>;
  if (step.kind === 'query') return runQuery(world.sequelize, model, step, instance, options, conditionOf(step.where));
  if (!instance) return undefined;
  const given = (values: Values) => materializeAll(values, model);
  switch (step.kind) {
    case 'save':
      return instance.set(given(step.values)).set(given(step.later)).save(options);
    case 'update':
      return instance.update(given(step.values), options);
    case 'destroy':
      await instance.set(given(step.values)).destroy(options);
      return instance;
    case 'restore':
      await instance.restore(options);
      return instance;
    case 'increment':
    case 'decrement':
      return instance[step.kind](given(step.by) as never, options);
    case 'associate':
      return associate(step, instance, options, inside);
  }
}

async function associate(
  step: Extract<CallStep, { readonly kind: 'associate' }>,
  instance: Model,
  options: Options,
  inside: { transaction?: Transaction },
): Promise<unknown> {
  const { associations } = instance.constructor as ModelStatic<Model>;
  const association = associations[step.as] ?? associations[`${step.as}s`];
  const { accessors, isMultiAssociation, target } = association as unknown as {
    accessors: Record<string, string>;
    isMultiAssociation: boolean;
    target: ModelStatic<Model>;
  };
  const accessor = accessors[isMultiAssociation && step.verb !== 'create' ? `${step.verb}Multiple` : step.verb];
  const method = accessor ?? (accessors[step.verb] as string);
  if (step.verb === 'create') {
    return (instance as unknown as Dynamic)[method]?.(materializeAll(step.values, target), options);
  }
  const rows = await target.unscoped().findAll({ ...inside, order: [target.primaryKeyAttribute], paranoid: false });
  const others = step.others.flatMap((index) => rows[index % Math.max(rows.length, 1)] ?? []);
  const chosen = step.asKeys ? others.map((other) => other.get(target.primaryKeyAttribute)) : others;
  return (instance as unknown as Dynamic)[method]?.(isMultiAssociation ? chosen : (chosen[0] ?? null), options);
}

/** The row that is meant, as the program comes by it; null when there are none. */
async function instanceOf(
  { models, held }: World,
  { model: name, index, from }: RowRef,
  inside: { transaction?: Transaction },
): Promise<Model | null> {
  const model = (models[name] as ModelStatic<Model>).unscoped();
  const keys = model.primaryKeyAttributes;
  const slot = `${name} ${index}`;
  const kept = held.get(slot);
  if (from === 'held' && kept) return kept;

  const all = {
    ...inside,
    order: [...keys],
    paranoid: false,
    ...(from === 'partial' ? { attributes: [...keys] } : {}),
  };
  const rows = await model.findAll(all);
  const row = rows[index % Math.max(rows.length, 1)] ?? null;
  if (from === 'held' && row) held.set(slot, row);
  if (from !== 'stub' || !row) return row;
  return model.build(Object.fromEntries(keys.map((key) => [key, row.get(key)])), { isNewRecord: false });
}

function materializeAll(values: Values, model: ModelStatic<Model>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, materialize(value, model, name)]));
}

function conditionOf(where: Where): Record<string, unknown> {
  const condition = (value: Value) => {
    if (typeof value !== 'object' || value === null || !('$op' in value)) return materialize(value);
    const { $op, value: operand } = value as { $op: 'ne' | 'in'; value: Value };
    return { [Op[$op]]: materialize(operand) };
  };
  return Object.fromEntries(Object.entries(where).map(([name, value]) => [name, condition(value)]));
}
