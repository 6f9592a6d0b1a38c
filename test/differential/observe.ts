/** Makes a call in a world, and takes down all that can be seen of it. */
import type { TransactionMode } from '../setup/transactions.js';
import type { Call, Case, Options } from './case.js';
import type { Any, Models } from './models.js';
import { snapshot } from './snapshot.js';
import { readTables } from './tables.js';
import { collectWarnings } from './warnings.js';
import { resetWorld, type World } from './world.js';

export interface Observation {
  /** What the call returned or threw, then the instance it was about and its arguments. */
  readonly call: unknown;
  readonly isRejected: boolean;
  /** What became of the transaction around the call. */
  readonly end: unknown;
  /** Hooks, getters, validators and the like, in order, with what they saw. */
  readonly events: readonly unknown[];
  readonly tables: unknown;
  readonly warnings: ReadonlySet<string>;
}

/** @param treat what is done to the arguments before */
export async function observe(
  world: World<Models>,
  mode: TransactionMode,
  { prepare, call, effects = {} }: Case,
  treat: (call: Call) => Call = (made) => made,
): Promise<Observation> {
  const { sequelize, models } = world;
  const given = { sequelize, ...models };
  await resetWorld(world);
  const instance = (await prepare?.(given)) as Any;

  let seen: { outcome: unknown; args?: readonly unknown[]; isRejected: boolean } | undefined;
  const write = async (options: Options) => {
    const [target, method, ...args] = treat(call(given, options, instance));
    const made = (async () => (target as Record<string, (...all: unknown[]) => unknown>)[method]?.(...args))();
    const outcome = await made.then(
      (result) => ({ outcome: { result }, isRejected: false }),
      (error: unknown) => ({ outcome: { error }, isRejected: true }),
    );
    seen = { ...outcome, args };
    return made;
  };
  let end: unknown;
  world.effects = effects;
  world.isListening = true;
  const warnings = await collectWarnings(async () => {
    end = await mode.run(sequelize, write).then(
      () => 'well',
      (error: unknown) => ({ error }),
    );
  });
  world.isListening = false;

  return {
    call: snapshot([seen?.outcome, instance, seen?.args]),
    isRejected: seen?.isRejected ?? true,
    end: snapshot(end),
    events: [...world.events],
    tables: await readTables(sequelize, Object.values(models)),
    warnings,
  };
}

/** Freezes plain objects and arrays among the arguments of a call, deeply. */
export function frozen(call: Call): Call {
  const [target, method, ...args] = call;
  for (const argument of args) freeze(argument);
  return [target, method, ...args];
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) return;
  Object.freeze(value);
  for (const key of Reflect.ownKeys(value)) freeze((value as Record<PropertyKey, unknown>)[key]);
}
