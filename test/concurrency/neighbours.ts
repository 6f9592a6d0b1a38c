/** Further Sequelize instances on the database of a first one. */
import { type Options, Sequelize } from 'sequelize';
import type { Database } from '../setup/databases.js';
import { connect } from '../setup/suite.js';

/** Another instance with the options of `sequelize`; it is closed when the test has ended. */
export function neighbourOf(database: Database, sequelize: Sequelize, options: Options = {}): Promise<Sequelize> {
  const all = { ...(sequelize as unknown as { options: Options }).options, ...options };
  return connect({ ...database, connect: async () => new Sequelize(all) });
}

/** Options by which every connection runs one statement before anything else. */
export function beginningWith(sql: string): Options {
  return {
    hooks: {
      afterConnect: async (connection: unknown) => {
        const driver = connection as { promise?: () => unknown };
        const client = (driver.promise?.() ?? driver) as { query(text: string): Promise<unknown> };
        await client.query(sql);
      },
    },
  };
}
