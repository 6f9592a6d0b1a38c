/** What most database tests begin with: one instance per test on an empty database, closed afterwards. */
import type { Options, Sequelize } from 'sequelize';
import { type Database, databases } from './databases.js';

/** Runs the same tests on every database, or on those that `filter` lets through. */
export function onEachDatabase(
  title: string,
  tests: (database: Database) => void,
  filter = (_: Database) => true,
): void {
  for (const database of databases.filter(filter)) {
    describe(`${title} on ${database.name}`, () => {
      before(function () {
        if (!database.isAvailable()) this.skip();
      });
      tests(database);
    });
  }
}

const open = new Set<Sequelize>();

/** A Sequelize instance that is closed when the test has ended. */
export async function connect(database: Database, options?: Options): Promise<Sequelize> {
  const sequelize = await database.connect(options);
  open.add(sequelize);
  return sequelize;
}

const { warn } = console;

/** Root hooks: what a test has opened is closed, whether it passed or not. */
export const mochaHooks = {
  beforeEach(): void {
    // Sequelize warns of a COMMIT or ROLLBACK that fails, and many tests make one fail.
    console.warn = (...words: unknown[]) => {
      if (!/^(?:Committing|Rolling back) transaction/.test(String(words[0]))) warn(...words);
    };
  },
  async afterEach(): Promise<void> {
    console.warn = warn;
    const closing = [...open];
    open.clear();
    await Promise.all(closing.map((sequelize) => sequelize.close()));
  },
};
