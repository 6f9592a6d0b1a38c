/** Reads which tables an UPDATE or DELETE of MySQL writes that names several, joined in any way. */
import type { SqlCursor, TableName } from './sql-cursor.js';

/** A table, and what the statement calls it, in lower case. */
interface Reference {
  readonly name: TableName;
  readonly alias: string;
}

const endOfTables = /^(SET|WHERE|ORDER|LIMIT|RETURNING|;)$/;
const endOfAssignment = /^([,);]|WHERE|ORDER|LIMIT|RETURNING)$/;
const noAlias =
  /^(SET|WHERE|ORDER|LIMIT|RETURNING|JOIN|INNER|CROSS|LEFT|RIGHT|NATURAL|STRAIGHT_JOIN|ON|USING|USE|FORCE|IGNORE|FOR)$/;

/**
 * The tables that have a column set, read from behind UPDATE on; all of them where a column is set without its table.
 *
 * @param ctes names of CTEs, in lower case, which are no tables
 */
export function updatedTables(cursor: SqlCursor, ctes: ReadonlySet<string>): TableName[] {
  while (cursor.take('LOW_PRIORITY', 'IGNORE'));
  const references = readReferences(cursor, ctes);
  const set = new Set<string | undefined>();
  if (!cursor.take('SET')) return [];
  do {
    set.add(cursor.name()?.schema?.toLowerCase());
    while (!cursor.isAtEnd && !endOfAssignment.test(cursor.key())) if (!cursor.skipGroup()) cursor.at += 1;
  } while (cursor.take(','));
  const told = references.filter(({ alias }) => set.has(alias));
  return (set.has(undefined) || told.length === 0 ? references : told).map(({ name }) => name);
}

/** The tables of DELETE FROM a, of DELETE a, b FROM …, and of DELETE FROM a, b USING …, read from behind DELETE on. */
export function deletedTables(cursor: SqlCursor, ctes: ReadonlySet<string>): TableName[] {
  while (cursor.take('LOW_PRIORITY', 'QUICK', 'IGNORE', 'HISTORY'));
  const isFrom = cursor.take('FROM');
  const targets: (TableName | null)[] = [];
  do targets.push(cursor.name());
  while (cursor.take(','));
  const hasTables = cursor.take(isFrom ? 'USING' : 'FROM');
  if (!isFrom && !hasTables) return [];
  const references = hasTables ? readReferences(cursor, ctes) : [];
  const named = new Map(references.map(({ name, alias }) => [alias, name]));
  return targets
    .filter((target) => target !== null)
    .map((target) => (target.schema === null && named.get(target.table.toLowerCase())) || target);
}

function readReferences(cursor: SqlCursor, ctes: ReadonlySet<string>): Reference[] {
  const found: Reference[] = [];
  for (let expects = true; !cursor.isAtEnd && !endOfTables.test(cursor.key()); ) {
    // What is joined may stand in parentheses.
    if (expects && cursor.take('(')) continue;
    if (expects) {
      expects = false;
      if (/^(SELECT|WITH|VALUES|TABLE)$/.test(cursor.key())) cursor.skipRestOfGroup();
      else found.push(...readReference(cursor, ctes));
    } else if (!cursor.skipGroup()) {
      expects = /^(,|JOIN|STRAIGHT_JOIN|OJ)$/.test(cursor.key());
      cursor.at += 1;
    }
  }
  return found;
}

/** One table of a join, or none: a function or LATERAL (…) is no table, nor is a CTE. */
function readReference(cursor: SqlCursor, ctes: ReadonlySet<string>): Reference[] {
  const name = cursor.name();
  if (!name || cursor.skipGroup()) return [];
  if (cursor.take('PARTITION')) cursor.skipGroup();
  cursor.take('AS');
  const alias = (noAlias.test(cursor.key()) ? null : cursor.name()) ?? name;
  const isCte = name.schema === null && ctes.has(name.table.toLowerCase());
  return isCte ? [] : [{ name, alias: alias.table.toLowerCase() }];
}
