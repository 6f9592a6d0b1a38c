/** What can be wrong with the table of the log, made with SQL as it happens to an application. */
import type { Transaction } from 'sequelize';
import type { Database } from '../setup/databases.js';
import type { World } from './world.js';

export interface Fault {
  readonly name: string;
  readonly on: readonly Database['dialect'][];
  /** The code or number of the driver's error. */
  readonly codes: readonly unknown[];
  readonly begin: (given: World) => Promise<void>;
  readonly end: (given: World) => Promise<void>;
  /** For a fault of one connection: does the same to that of a transaction that has begun. */
  readonly begun?: (given: World, transaction: Transaction) => Promise<unknown>;
  /** The reason that the entries carry. */
  readonly reason?: string;
}

const mysqls = ['mariadb', 'mysql'] as const;

const sql =
  (...statements: readonly string[]) =>
  async ({ other }: World) => {
    for (const statement of statements) await other.query(statement);
  };

/** What a server says when it ends a conflict of two transactions, said by a trigger. */
function conflict(name: string, sqlState: string, message: string): Fault {
  return {
    name,
    on: ['postgres'],
    codes: [sqlState],
    begin: sql(
      `CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION '${message}' USING ERRCODE = '${sqlState}'; END $$`,
      'CREATE TRIGGER refuse BEFORE INSERT ON "AuditLogs" FOR EACH ROW EXECUTE FUNCTION refuse()',
    ),
    end: sql('DROP TRIGGER refuse ON "AuditLogs"'),
  };
}

/** SQLite: a trigger that fails, alone or together with the whole transaction. */
function raised(name: string, how: 'ABORT' | 'ROLLBACK'): Fault {
  return {
    name,
    on: ['sqlite'],
    codes: ['SQLITE_CONSTRAINT'],
    begin: sql(`CREATE TRIGGER refuse BEFORE INSERT ON AuditLogs BEGIN SELECT RAISE(${how}, 'a deadlock'); END`),
    end: sql('DROP TRIGGER refuse'),
  };
}

const renamed = (from: string, to: string): Pick<Fault, 'on' | 'begin'> => ({
  on: ['sqlite', 'postgres', ...mysqls],
  begin: async ({ other }) => {
    await other.getQueryInterface().renameTable(from, to);
  },
});

/** A lock on the log that somebody else holds, and the setting with which nobody waits for it for long. */
function locked(on: Fault['on'], codes: Fault['codes'], lock: string, [set, reset]: readonly [string, string]): Fault {
  return {
    name: 'a lock that is waited for too long',
    on,
    codes,
    begin: async (given) => {
      await given.sequelize.query(set);
      await sql('BEGIN', lock)(given);
    },
    end: async (given) => {
      await sql('ROLLBACK')(given);
      await given.sequelize.query(reset);
    },
  };
}

interface Driver {
  exec(text: string, done: (error: Error | null) => void): void;
}

/** The connections that do not begin with a transaction of the caller. */
async function onConnections({ sequelize }: World, text: string): Promise<void> {
  const manager = sequelize.connectionManager as unknown as { getConnection(options: object): Promise<Driver> };
  for (const uuid of ['sequelize-audit', 'default']) {
    const connection = await manager.getConnection({ uuid });
    await new Promise<void>((resolve, reject) => {
      connection.exec(text, (error) => (error ? reject(error) : resolve()));
    });
  }
}

export const faults: readonly Fault[] = [
  {
    name: 'a table that is gone',
    codes: ['42P01', 1146, 'SQLITE_ERROR'],
    ...renamed('AuditLogs', 'Elsewhere'),
    end: renamed('Elsewhere', 'AuditLogs').begin,
  },
  {
    name: 'a constraint',
    on: ['postgres'],
    codes: ['23514'],
    begin: sql(`ALTER TABLE "AuditLogs" ADD CONSTRAINT refuse CHECK (action = 'none') NOT VALID`),
    end: sql('ALTER TABLE "AuditLogs" DROP CONSTRAINT refuse'),
  },
  {
    name: 'a constraint',
    on: mysqls,
    codes: [4025],
    begin: sql(
      'SET check_constraint_checks = 0',
      `ALTER TABLE AuditLogs ADD CONSTRAINT refuse CHECK (action = 'none')`,
      'SET check_constraint_checks = 1',
    ),
    end: sql('ALTER TABLE AuditLogs DROP CONSTRAINT refuse'),
  },
  raised('a constraint', 'ABORT'),
  raised('a trigger that rolls the transaction back', 'ROLLBACK'),
  {
    // Each connection has a limit of its own; the smallest is the size that the file has.
    name: 'a full disk',
    on: ['sqlite'],
    codes: ['SQLITE_FULL'],
    begin: (given) => onConnections(given, 'PRAGMA max_page_count = 1'),
    begun: ({ sequelize }, transaction) => sequelize.query('PRAGMA max_page_count = 1', { transaction }),
    end: (given) => onConnections(given, 'PRAGMA max_page_count = 1000000'),
    reason: 'x'.repeat(200_000),
  },
  conflict('a deadlock', '40P01', 'deadlock detected'),
  conflict('a serialization failure', '40001', 'could not serialize access'),
  {
    name: 'a deadlock',
    on: mysqls,
    codes: [1213],
    begin: sql(
      `CREATE TRIGGER refuse BEFORE INSERT ON AuditLogs FOR EACH ROW
       SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'Deadlock found when trying to get lock'`,
    ),
    end: sql('DROP TRIGGER refuse'),
  },
  locked(['postgres'], ['55P03'], 'LOCK TABLE "AuditLogs" IN EXCLUSIVE MODE', [
    "SET lock_timeout = '50ms'",
    'RESET lock_timeout',
  ]),
  locked(mysqls, [1205], 'DELETE FROM AuditLogs WHERE id > 1000000', [
    'SET innodb_lock_wait_timeout = 0',
    'SET innodb_lock_wait_timeout = DEFAULT',
  ]),
];

export function faultsOn({ dialect }: Database): readonly Fault[] {
  return faults.filter(({ on }) => on.includes(dialect));
}
