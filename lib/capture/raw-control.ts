/** Reads from the text of SQL what it may do to the transaction that it runs in. */
import { isMysql } from '../record/encoding.js';
import { SqlCursor } from './sql-cursor.js';
import type { SqlDialect } from './sql-tokens.js';

export type Control =
  /** May end the transaction, which only the database knows; `keepsRows` unless it would undo them. */
  | { readonly kind: 'end'; readonly keepsRows: boolean }
  | { readonly kind: 'savepoint' | 'rollbackTo' | 'release'; readonly name: string };

const controlling = /\b(?:commit|end|rollback|abort|begin|start|prepare|savepoint|release)\b/i;
const ending = /^(COMMIT|END|ROLLBACK|ABORT|BEGIN|START|PREPARE)$/;
/** What leaves an open transaction of MySQL alone: before most other statements it commits. */
const harmlessToMysql =
  /^(|\(|SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|VALUES|TABLE|SHOW|EXPLAIN|DESCRIBE|DESC|SET|DO|USE|HANDLER)$/;
const code = /^(TRIGGER|FUNCTION|PROCEDURE|EVENT|PACKAGE)$/;

/** What the statements of a text do, in their order. */
export function controlsOf(sql: string, dialect: SqlDialect): Control[] {
  if (!isMysql(dialect) && !controlling.test(sql)) return [];
  const cursor = new SqlCursor(sql, dialect);
  const controls: Control[] = [];
  for (; !cursor.isAtEnd; cursor.at += 1) {
    const isDefinition = cursor.key() === 'CREATE';
    const control = controlAt(cursor, sql);
    if (control) controls.push(control);
    for (; !cursor.isAtEnd && cursor.key() !== ';'; cursor.at += 1) {
      // What stands between its BEGIN and END does not run now.
      if (isDefinition && code.test(cursor.key())) return controls;
    }
  }
  return controls;
}

function controlAt(cursor: SqlCursor, sql: string): Control | null {
  const { dialect } = cursor;
  const key = cursor.key();
  if (key === 'SAVEPOINT') return named('savepoint', cursor, 1);
  if (key === 'RELEASE') return named('release', cursor, cursor.key(1) === 'SAVEPOINT' ? 2 : 1);
  if (key === 'ROLLBACK') {
    const to = /^(WORK|TRANSACTION)$/.test(cursor.key(1)) ? 2 : 1;
    if (cursor.key(to) === 'TO')
      return named('rollbackTo', cursor, cursor.key(to + 1) === 'SAVEPOINT' ? to + 2 : to + 1);
  }
  const isEnd = isMysql(dialect)
    ? !harmlessToMysql.test(key) || (key === 'SET' && /autocommit/i.test(sql))
    : ending.test(key);
  return isEnd ? { kind: 'end', keepsRows: key !== 'ROLLBACK' && key !== 'ABORT' } : null;
}

/** A savepoint by the name that the database knows it by, whose letters are small unless PostgreSQL saw them quoted. */
function named(kind: 'savepoint' | 'rollbackTo' | 'release', cursor: SqlCursor, offset: number): Control | null {
  cursor.at += offset;
  const name = cursor.name()?.table;
  if (name === undefined) return null;
  return { kind, name: cursor.dialect === 'postgres' ? name : name.toLowerCase() };
}
