/** Reads the head of a statement that writes: its verb, and the tables it is about. */
import { isMysql } from '../record/encoding.js';
import type { SqlCursor, TableName } from './sql-cursor.js';
import { deletedTables, updatedTables } from './sql-joins.js';

/** One write that a raw statement would do, in Sequelize's words. */
export interface RawWrite extends TableName {
  readonly verb: 'create' | 'update' | 'destroy' | 'upsert';
}

/** Steps over the verb and the tables; nothing comes back where it turns out to be no write. */
type Read = (cursor: SqlCursor, ctes: ReadonlySet<string>) => RawWrite[];

/** By the word that a statement begins with. */
export const verbs: Readonly<Record<string, Read | undefined>> = {
  INSERT: (cursor) => readInsert(cursor, 'create'),
  REPLACE: (cursor) => readInsert(cursor, 'upsert'),
  UPDATE: (cursor, ctes) => {
    cursor.at += 1;
    return write('update', isMysql(cursor.dialect) ? updatedTables(cursor, ctes) : readUpdate(cursor));
  },
  DELETE: (cursor, ctes) => {
    cursor.at += 1;
    if (isMysql(cursor.dialect)) return write('destroy', deletedTables(cursor, ctes));
    return cursor.take('FROM') ? write('destroy', [table(cursor)]) : [];
  },
  TRUNCATE: (cursor) => {
    cursor.at += 1;
    cursor.take('TABLE');
    const tables: (TableName | null)[] = [];
    do tables.push(table(cursor));
    while (cursor.take(','));
    return write('destroy', tables);
  },
  MERGE: (cursor) => {
    cursor.at += 1;
    return cursor.take('INTO') ? write('upsert', [table(cursor)]) : [];
  },
  COPY: (cursor) => {
    cursor.at += 1;
    cursor.take('BINARY');
    const name = cursor.name();
    cursor.skipGroup();
    return cursor.key() === 'FROM' ? write('create', [name]) : [];
  },
  LOAD: (cursor) => {
    cursor.at += 1;
    if (!cursor.take('DATA', 'XML')) return [];
    cursor.skipTo(/^(REPLACE|INTO)$/);
    const verb = cursor.take('REPLACE') ? 'upsert' : 'create';
    return cursor.take('INTO') && cursor.take('TABLE') ? write(verb, [cursor.name()]) : [];
  },
};

function write(verb: RawWrite['verb'], names: readonly (TableName | null)[]): RawWrite[] {
  return names.flatMap((name) => (name ? [{ verb, ...name }] : []));
}

function readInsert(cursor: SqlCursor, verb: RawWrite['verb']): RawWrite[] {
  cursor.at += 1;
  // SQLite: INSERT OR REPLACE, OR IGNORE, OR ABORT …
  const conflict = cursor.take('OR') ? cursor.key() : '';
  if (conflict) cursor.at += 1;
  while (cursor.take('LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'IGNORE'));
  // MySQL can do without INTO.
  if (!cursor.take('INTO') && !isMysql(cursor.dialect)) return [];
  return write(conflict === 'REPLACE' ? 'upsert' : verb, [cursor.name()]);
}

function readUpdate(cursor: SqlCursor): (TableName | null)[] {
  if (cursor.take('OR')) cursor.at += 1;
  // PostgreSQL lets a column have that name, and MERGE has UPDATE SET: an UPDATE has a table and SET.
  const name = table(cursor);
  cursor.skipTo(/^(SET|SELECT|BEGIN|THEN|ELSE|LOOP|[,()])$/);
  return cursor.key() === 'SET' ? [name] : [];
}

/** PostgreSQL: ONLY a table, ONLY (a table), or a table with "*". */
function table(cursor: SqlCursor): TableName | null {
  const isGroup = cursor.dialect === 'postgres' && cursor.take('ONLY') && cursor.take('(');
  const name = cursor.name();
  if (isGroup) cursor.take(')');
  cursor.take('*');
  return name;
}
