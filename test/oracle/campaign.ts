/** Many programs over many schemas on one database, each schema with a seed of its own. */
import fc from 'fast-check';
import { type ProgramOptions, programs } from '../programs/program.js';
import { type Schema, schemas } from '../programs/schema.js';
import type { Database } from '../setup/databases.js';
import { judge } from './oracle.js';
import { isPossible, withSession } from './session.js';
import { type Counterexample, messageOf, smallest } from './smallest.js';
import type { Statistics } from './statistics.js';

export interface Campaign {
  readonly database: Database;
  readonly seed: number;
  readonly runs: number;
  /** How many of them share a schema. @default 20 */
  readonly runsOfSchema?: number;
  readonly statistics: Statistics;
  readonly options?: ProgramOptions;
  /** Called after each schema. */
  readonly onProgress?: () => void;
  /** Called for each schema that has a counterexample; says whether to go on. @default throws it */
  readonly onFailure?: (failure: Failure) => boolean;
}

/** A program after which the log is wrong, as short as could be found. */
export interface Failure extends Counterexample {
  /** With which a campaign over one schema finds it again. */
  readonly seed: number;
}

export async function run(campaign: Campaign): Promise<void> {
  const { database, seed, runs, runsOfSchema = 20, statistics, options, onProgress, onFailure } = campaign;
  const { warn } = console;
  // Sequelize warns of attributes that it does not know and of what it cannot commit, and programs have many of both.
  console.warn = () => undefined;
  try {
    for (let done = 0, index = seed; done < runs; done += runsOfSchema, index += 1) {
      const [schema] = fc.sample(schemas(database.dialect), { seed: index, numRuns: 1 }) as [Schema];
      const count = Math.min(runsOfSchema, runs - done);
      const failure = await check(database, schema, index, count, statistics, options).catch(async (error: unknown) => {
        if (await isPossible(database, schema)) throw error;
        return null;
      });
      if (failure && !onFailure) throw new Error(described(failure));
      if (failure && !onFailure?.(failure)) return;
      onProgress?.();
    }
  } finally {
    console.warn = warn;
  }
}

/** A failure as text that can be read, and run again. */
export function described({ seed, schema, program, message }: Failure): string {
  const lines = (list: readonly unknown[]) => list.map((each) => `  ${JSON.stringify(each)}`).join('\n');
  return [
    message,
    `Program:\n${lines(program)}`,
    `Models:\n${lines(schema.models)}`,
    `Associations:\n${lines(schema.associations)}`,
    `Seed: ${seed}`,
  ].join('\n');
}

async function check(
  database: Database,
  schema: Schema,
  seed: number,
  numRuns: number,
  statistics: Statistics,
  options: ProgramOptions | undefined,
): Promise<Failure | null> {
  return withSession(database, schema, async (session) => {
    let message = '';
    const property = fc.asyncProperty(programs(schema, database.dialect, { isParallel: true, ...options }), (program) =>
      judge(session, program, statistics).catch((error: unknown) => {
        message = messageOf(error);
        throw error;
      }),
    );
    const { failed, counterexample } = await fc.check(property, { seed, numRuns });
    if (!failed || !counterexample) return null;
    return { seed, ...(await smallest(database, session, { schema, program: counterexample[0], message })) };
  });
}
