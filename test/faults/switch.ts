/** A log that refuses entries while a switch is on, which the transaction itself can turn. */
import type { Transaction } from 'sequelize';
import type { Fault } from './faults.js';
import type { World } from './world.js';

const install: Readonly<Record<string, readonly string[]>> = {
  sqlite: [
    'CREATE TABLE switches (state INTEGER)',
    'INSERT INTO switches VALUES (0)',
    `CREATE TRIGGER refuse BEFORE INSERT ON AuditLogs WHEN (SELECT state FROM switches) AND NEW.recordId <> '1'
     BEGIN SELECT RAISE(ABORT, 'refused'); END`,
  ],
  postgres: [
    `CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
     IF current_setting('log.switch', true) = '1' AND NEW."recordId" <> '1' THEN RAISE EXCEPTION 'refused'; END IF;
     RETURN NEW; END $$`,
    'CREATE TRIGGER refuse BEFORE INSERT ON "AuditLogs" FOR EACH ROW EXECUTE FUNCTION refuse()',
  ],
  mysql: [
    `CREATE TRIGGER refuse BEFORE INSERT ON AuditLogs FOR EACH ROW
     IF @switch = 1 AND NEW.recordId <> '1' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused'; END IF`,
  ],
};

const turned: Readonly<Record<string, (state: 0 | 1) => string>> = {
  sqlite: (state) => `UPDATE switches SET state = ${state}`,
  postgres: (state) => `SET LOCAL log.switch = '${state}'`,
  mysql: (state) => `SET @switch = ${state}`,
};

export const refused: Pick<Fault, 'codes'> = { codes: ['P0001', 1644, 'SQLITE_CONSTRAINT'] };

const dialectOf = ({ sequelize }: World) => sequelize.getDialect().replace('mariadb', 'mysql');

/** Puts the switch in, turned off. The entries of the first note are never refused. */
export async function installSwitch(given: World): Promise<void> {
  for (const statement of install[dialectOf(given)] ?? []) await given.other.query(statement);
}

export async function turn(given: World, transaction: Transaction, state: 'on' | 'off'): Promise<void> {
  await given.sequelize.query(turned[dialectOf(given)]?.(state === 'on' ? 1 : 0) as string, { transaction });
}
