import { expect } from 'chai';
import fc from 'fast-check';
import { DatabaseError } from 'sequelize';
import { AuditError, attachAudit } from '../../lib/index.js';
import { optionNames } from '../../lib/options.js';
import { type Database, sqliteMemory } from '../setup/databases.js';
import { readLog } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { auditOption, ourCalls, writes } from './calls.js';
import { anything, OddError, objectWith } from './odd.js';
import { expectExact, expectNoPollution, stored, world } from './world.js';

/** `AUDIT_FUZZ_RUNS=2000 AUDIT_FUZZ_SEED=7 npx mocha test/input/fuzz.test.ts` makes a longer run. */
const seed = Number(process.env.AUDIT_FUZZ_SEED ?? 1);
const asked = process.env.AUDIT_FUZZ_RUNS;
const runsOn = ({ name }: Database) => Number(asked ?? (name === 'SQLite in memory' ? 30 : 10));

/** What became of a call: a result, or an error. */
async function settled(call: () => unknown): Promise<{ readonly error?: unknown }> {
  try {
    await call();
    return {};
  } catch (error) {
    return { error };
  }
}

/** An error; of one of the database, which quotes the SQL it stumbled over, by its code. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { code, errno } = ((error as Partial<DatabaseError>).original ?? {}) as { code?: unknown; errno?: unknown };
  return `${error.name}: ${error instanceof DatabaseError ? (errno ?? code) : error.message.replaceAll('Bare', '')}`;
}

function check(property: fc.IAsyncProperty<unknown>, numRuns: number): Promise<void> {
  return fc.assert(property, { seed, numRuns });
}

onEachDatabase('With odd arguments', (database) => {
  const runs = runsOn(database);
  for (const [name, { arguments: args, run, like, isWrite }] of Object.entries(ourCalls)) {
    it(`${name} answers, or refuses with an AuditError, and leaves the log exact (${runs} runs, seed ${seed})`, async function () {
      this.timeout(runs * 4000);
      const given = await world(database);
      const before = await stored(given);

      await check(
        fc.asyncProperty(fc.tuple(...args), async (values) => {
          const { error } = await settled(() => run(given, ...(values as never[])));
          if (error !== undefined && !(error instanceof AuditError) && !(error instanceof OddError)) {
            const alone = like && (await settled(() => like(given, ...(values as never[]))));
            const isDatabases = like && error instanceof DatabaseError;
            expect(isDatabases || alone?.error !== undefined, told(error)).to.equal(true);
          }
          if (isWrite) return expectExact(given);
          expectNoPollution();
          expect(await stored(given)).to.deep.equal(before);
        }),
        runs,
      );

      await given.Note.create({ name: 'next' });
      await expectExact(given);
    });
  }

  for (const [name, { arguments: args, run, mayDiffer }] of Object.entries(writes)) {
    it(`${name} leaves an exact entry, or fails as without the plugin or with an AuditError (${runs} runs, seed ${seed})`, async function () {
      this.timeout(runs * 4000);
      const given = await world(database);

      await check(
        fc.asyncProperty(fc.tuple(...args), auditOption, async (values, audit) => {
          const before = await stored(given);
          const options = (audit === undefined ? {} : { audit }) as never;

          const { error } = await settled(() => run(given, options, ...(values as never[])));

          const isOurs = error instanceof AuditError || (error instanceof OddError && audit !== undefined);
          if (isOurs) expect(await stored(given)).to.deep.equal(before);
          else {
            const expected = await settled(() => run(given.bare, {}, ...(values as never[])));
            if (!mayDiffer) expect(told(error)).to.equal(told(expected.error));
            else if (error !== undefined) expect(await stored(given)).to.deep.equal(before);
          }
          await expectExact(given);
          for (const { actor, reason, meta } of (await readLog(given.sequelize)).slice(before[1].length))
            expect({ actor, reason, meta }).to.deep.equal(contextOf(audit));
        }),
        runs,
      );
    });
  }
});

/** What an entry says of who and why, once it was taken. */
function contextOf(audit: unknown): object {
  const { actor, reason, meta } = (audit ?? {}) as { actor?: unknown; reason?: unknown; meta?: unknown };
  return {
    actor: actor === undefined || actor === null ? null : String(actor),
    reason: reason ?? null,
    meta: meta === undefined || meta === null ? null : JSON.parse(JSON.stringify(meta)),
  };
}

describe('attachAudit with odd options', () => {
  const runs = runsOn(sqliteMemory) * 10;
  it(`attaches, or refuses with an AuditError, and leaves nothing behind (${runs} runs, seed ${seed})`, async function () {
    this.timeout(runs * 4000);
    const sequelize = await connect(sqliteMemory);
    sequelize.define('Note', {});
    const shape = () => [
      Object.keys(sequelize.models),
      Reflect.ownKeys(sequelize).length,
      Reflect.ownKeys(sequelize.getQueryInterface()).length,
      Object.values((sequelize as unknown as { options: { hooks: object } }).options.hooks).flat().length,
      Object.getPrototypeOf(sequelize.models),
    ];
    const before = shape();

    await check(
      fc.asyncProperty(objectWith(...optionNames), async (options) => {
        try {
          attachAudit(sequelize, options as never).detach();
        } catch (error) {
          if (!(error instanceof OddError)) expect(error).to.be.instanceOf(AuditError);
        }
        expect(shape()).to.deep.equal(before);
        expectNoPollution();
      }),
      runs,
    );
  });

  it(`takes no other thing for a Sequelize instance (${runs} runs, seed ${seed})`, async () => {
    await check(
      fc.asyncProperty(anything, async (thing) => {
        expect(() => attachAudit(thing as never)).to.throw(AuditError);
      }),
      runs,
    );
  });
});
