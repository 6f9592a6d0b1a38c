/** An application on a database, with or without the plugin: its models, and everything it is told and asked. */
import { createRequire } from 'node:module';
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { snapshot } from './snapshot.js';
import { emptyTables } from './tables.js';

/** What a hook of the application does, besides taking note. */
export type Effect = (...args: never[]) => unknown;
export type Effects = Readonly<Record<string, Effect>>;

export interface World<Models = Readonly<Record<string, ModelStatic<Model>>>> {
  readonly sequelize: Sequelize;
  readonly models: Models;
  /** What the application saw, in order. */
  readonly events: unknown[];
  effects: Effects;
  isListening: boolean;
  /** Connections that were opened, ever. */
  opened: number;
}

// The types leave this list out.
const { hooks } = createRequire(import.meta.url)('sequelize/lib/hooks') as {
  readonly hooks: Readonly<Record<string, { readonly noModel?: true }>>;
};

/**
 * Listens to every hook of the application on `sequelize`, and on its models.
 *
 * @param define defines the models; `note` is for what they run of the application
 */
export function newWorld<Models extends Readonly<Record<string, ModelStatic<Model>>>>(
  sequelize: Sequelize,
  define: (sequelize: Sequelize, note: (what: string) => void) => Models,
): World<Models> {
  const events: unknown[] = [];
  const note = (what: string) => {
    if (world.isListening) events.push(what);
  };
  const models = define(sequelize, note);
  const world: World<Models> = { sequelize, models, events, effects: {}, isListening: false, opened: 0 };

  sequelize.addHook('afterConnect', () => {
    world.opened += 1;
  });
  for (const [hook, { noModel }] of Object.entries(hooks)) {
    listen(sequelize, hook, 'global');
    if (noModel) continue;
    for (const model of Object.values(models)) listen(model, hook, model.name);
  }
  return world;

  function listen(target: Sequelize | ModelStatic<Model>, hook: string, on: string): void {
    (target as Sequelize).addHook(hook as 'beforeQuery', function (this: unknown, ...args: unknown[]) {
      if (!world.isListening) return;
      events.push({ hook, on, this: snapshot(this), args: snapshot(args) });
      if (on !== 'global') return world.effects[hook]?.(...(args as never[])) as undefined;
    });
  }
}

/** Empties the tables, and has the next row begin with the first id again. */
export async function resetWorld(world: World): Promise<void> {
  world.isListening = false;
  world.effects = {};
  world.events.length = 0;
  await emptyTables(world.sequelize, Object.values(world.models));
}
