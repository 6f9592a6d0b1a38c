import { expect } from 'chai';
import fc from 'fast-check';
import { programs } from '../programs/program.js';
import { defineModels, type Schema, schemas } from '../programs/schema.js';
import { onEachDatabase } from '../setup/suite.js';
import { isSame } from './documented.js';
import { differencesOfRuns } from './run-program.js';
import { closeTwins, openTwins } from './twins.js';

const seed = Number(process.env.AUDIT_TEST_SEED ?? 1);
const runs = Number(process.env.AUDIT_TEST_RUNS ?? 40);
const programsOfSchema = 10;

onEachDatabase('A random program', (database) => {
  it(`is the same with the plugin and without, ${runs} times from seed ${seed}`, async function () {
    this.timeout(runs * 3_000 + 60_000);
    for (let done = 0, index = seed; done < runs; done += programsOfSchema, index += 1) {
      const [schema] = fc.sample(schemas(database.dialect), { seed: index, numRuns: 1 }) as [Schema];
      const twins = await openTwins(database, (sequelize) => defineModels(sequelize, schema));
      const comparable = programs(schema, database.dialect).map((program) =>
        program.filter((step) => isSame(step, schema, database.dialect)),
      );
      const property = fc.asyncProperty(comparable, async (program) => {
        // MySQL does not count a row whose new time is of the same second as the old: what is no matter of time is
        // found again.
        const first = await differencesOfRuns(twins, program);
        const found = first.length > 0 ? await differencesOfRuns(twins, program) : [];
        if (found.length > 0) throw new Error(found.join('\n'));
      });
      const details = await fc.check(property, { seed: index, numRuns: Math.min(programsOfSchema, runs - done) });
      await closeTwins(twins);

      expect(details.failed, described(details, schema)).to.equal(false);
    }
  });
});

/** The shortest program that was found, with what its runs differ in. */
function described<T>({ errorInstance, counterexample, seed }: fc.RunDetails<T>, schema: Schema): string {
  return [
    errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
    `Program: ${JSON.stringify(counterexample)}`,
    `Schema: ${JSON.stringify(schema)}`,
    `Seed: ${seed}`,
  ].join('\n');
}
