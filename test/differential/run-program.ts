/** Runs a random program in a world, and takes down all that can be seen of each of its steps. */
import type { Model, ModelStatic } from 'sequelize';
import { quiet } from '../programs/quiet.js';
import { endAll, newWorld as newProgramWorld, type Outcome, runStep } from '../programs/run.js';
import { restartKeys } from '../programs/schema.js';
import { isCall, type Step } from '../programs/step.js';
import { differences, differencesAt } from './differences.js';
import { firstFailedInsert } from './documented.js';
import type { Observation } from './observe.js';
import { snapshot } from './snapshot.js';
import { readTables } from './tables.js';
import type { Twins } from './twins.js';
import { collectWarnings } from './warnings.js';
import { resetWorld, type World } from './world.js';

type ProgramModels = Readonly<Record<string, ModelStatic<Model>>>;

interface Run {
  readonly steps: readonly Observation[];
  readonly end: unknown;
}

/**
 * What a program with the plugin is told from the same without by, step by step; empty where it is by nothing, or by what
 * the documentation names.
 */
export async function differencesOfRuns(
  { bare, audited }: Twins<ProgramModels>,
  program: readonly Step[],
): Promise<string[]> {
  const [left, right] = [await run(bare, program), await run(audited, program)];
  const found = program
    .slice(0, firstFailedInsert(program, left.steps, bare.sequelize.getDialect()) + 1)
    .flatMap((step, index) =>
      differences(left.steps[index] as Observation, right.steps[index] as Observation, isParallel(step)).map(
        (difference) => `step ${index} (${step.kind}) ${difference}`,
      ),
    );
  return [...found, ...differencesAt('end', left.end, right.end)];
}

async function run(world: World<ProgramModels>, program: readonly Step[]): Promise<Run> {
  const { sequelize, models } = world;
  await resetWorld(world);
  restartKeys(sequelize);
  const running = newProgramWorld(sequelize, models);
  const steps: Observation[] = [];
  world.isListening = true;
  for (const step of program) {
    world.events.length = 0;
    let call: Outcome = { result: undefined };
    const warnings = await collectWarnings(async () => {
      call = await runStep(running, step);
      await quiet(sequelize);
    });
    const events = [...world.events];
    steps.push({
      call: snapshot(unordered(step, call)),
      isRejected: 'error' in call,
      end: undefined,
      events,
      tables: undefined,
      warnings,
    });
  }
  const last = await endAll(running, 'commit');
  world.isListening = false;
  return {
    steps,
    end: snapshot({ last, held: running.held, tables: await readTables(sequelize, Object.values(models)) }),
  };
}

/** Whether a step has statements under way at once. */
function isParallel(step: Step): boolean {
  return isCall(step) && (['nested', 'associate'].includes(step.kind) || Boolean(step.options.individualHooks));
}

/** PostgreSQL returns the rows that an UPDATE has changed in the order in which it has found them, which is any. */
function unordered(step: Step, outcome: Outcome): Outcome {
  const isUpdate = ['bulkUpdate', 'bulkIncrement', 'query'].includes(step.kind);
  return isUpdate && 'result' in outcome ? { result: sortedRows(outcome.result) } : outcome;
}

function sortedRows(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const items = value.map(sortedRows);
  const isRows = items.every((item) => typeof item === 'object' && !Array.isArray(item));
  return isRows ? items.sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1)) : items;
}
