import { expect } from 'chai';
import { type Control, controlsOf } from '../../lib/capture/raw-control.js';
import type { SqlDialect } from '../../lib/capture/sql-tokens.js';

const commits: Control = { kind: 'end', keepsRows: true };
const undoes: Control = { kind: 'end', keepsRows: false };

const everywhere: Readonly<Record<string, readonly Control[]>> = {
  'SELECT \'COMMIT\', "commit" -- COMMIT': [],
  COMMIT: [commits],
  '/* now */ commit;': [commits],
  BEGIN: [commits],
  ROLLBACK: [undoes],
  'SAVEPOINT "one"': [{ kind: 'savepoint', name: 'one' }],
  'SAVEPOINT One': [{ kind: 'savepoint', name: 'one' }],
  'ROLLBACK TO one': [{ kind: 'rollbackTo', name: 'one' }],
  'rollback work to savepoint One': [{ kind: 'rollbackTo', name: 'one' }],
  'RELEASE SAVEPOINT one': [{ kind: 'release', name: 'one' }],
  'UPDATE commits SET begin = 1': [],
  'SAVEPOINT a; DELETE FROM b; ROLLBACK TO a; COMMIT': [
    { kind: 'savepoint', name: 'a' },
    { kind: 'rollbackTo', name: 'a' },
    commits,
  ],
  'ROLLBACK TO': [],
};

const byDialect: Readonly<Record<SqlDialect, Readonly<Record<string, readonly Control[]>>>> = {
  sqlite: {
    'END TRANSACTION': [commits],
    'CREATE TABLE a (b)': [],
    'CREATE TRIGGER a AFTER INSERT ON b BEGIN DELETE FROM c; END': [],
  },
  postgres: {
    ABORT: [undoes],
    'CREATE TABLE a (b int)': [],
    'SAVEPOINT "One"': [{ kind: 'savepoint', name: 'One' }],
    'DO $$ BEGIN PERFORM 1; END $$': [],
    "PREPARE TRANSACTION 'a'": [commits],
  },
  mysql: {
    'CREATE TABLE a (b int)': [commits],
    'CALL procedure_of_mine()': [commits],
    'SET autocommit = 1': [commits],
    'SET @@session.autocommit = 1': [commits],
    'SET @a = 1': [],
    '(SELECT 1)': [],
    'CREATE PROCEDURE a() BEGIN ROLLBACK TO b; END': [commits],
  },
  mariadb: { 'LOCK TABLES a WRITE': [commits] },
};

for (const dialect of Object.keys(byDialect) as SqlDialect[]) {
  describe(`controlsOf on ${dialect}`, () => {
    const isMysql = dialect === 'mysql' || dialect === 'mariadb';
    for (const [sql, controls] of Object.entries({ ...everywhere, ...byDialect[dialect] })) {
      // To MySQL "…" is a string.
      if (isMysql && sql === 'SAVEPOINT "one"') continue;
      it(`reads ${sql}`, () => {
        expect(controlsOf(sql, dialect)).to.deep.equal(controls);
      });
    }
  });
}
