/**
 * SQL that looks into the JSON of the log. An index and the queries that it serves have to say the same thing in the
 * same words, so both take them from here.
 */
import type { Sequelize } from 'sequelize';
import { AuditError } from '../errors.js';
import { pointer } from '../patch/pointer.js';

export interface JsonSql {
  /** True for the entries whose patch changes an attribute: sets, replaces or removes it, whole or in part. */
  touches(attribute: string): string;
  /** True for all entries for which `touches` is, and hardly any other; in words that an index can take. */
  mentions(attribute: string): string;
  /** The first 100 characters of a member of a JSON object, as text; null where there is none. */
  head(json: string, key: string): string;
}

/** @param column the quoted name of the column of the patch */
export function jsonSqlOf(sequelize: Sequelize, column: string): JsonSql {
  const quote = (text: string) => sequelize.escape(text);
  switch (sequelize.getDialect()) {
    case 'postgres':
      return onPostgres(column, quote);
    case 'sqlite':
      return onSqlite(column, quote);
    case 'mysql':
    case 'mariadb':
      return onMysql(column, quote);
    default:
      return nowhere(sequelize.getDialect());
  }
}

/** A member of a JSON object in the paths of SQLite, MySQL and MariaDB. */
export function memberPath(...keys: readonly string[]): string {
  return `$${keys.map((key) => `.${JSON.stringify(key)}`).join('')}`;
}

type Quote = (text: string) => string;

function nowhere(dialect: string): JsonSql {
  const refuse = () => {
    throw new AuditError(
      'ERR_AUDIT_HISTORY_INVALID',
      `attribute and meta: expected the dialect sqlite, postgres, mariadb or mysql to look into JSON, got ${dialect}`,
    );
  };
  return { touches: refuse, mentions: refuse, head: refuse };
}

function onPostgres(column: string, quote: Quote): JsonSql {
  const touches = (attribute: string) => {
    const [path, inside, key] = [pointer(attribute), `${pointer(attribute)}/`, attribute].map((text) =>
      JSON.stringify(text),
    );
    const isChanged = `@.op != "test" && (@.path == ${path} || @.path starts with ${inside})`;
    return `${column} @? ${quote(`$[*] ? ((${isChanged}) || (@.path == "" && exists(@.value.${key})))`)}::jsonpath`;
  };
  return { touches, mentions: touches, head: (json, key) => `left(${json} ->> ${quote(key)}, 100)` };
}

function onSqlite(column: string, quote: Quote): JsonSql {
  return {
    touches: (attribute) => {
      const path = "json_extract(o.value,'$.path')";
      const inside = `${pointer(attribute)}/`;
      const isInside = `substr(${path},1,${[...inside].length}) = ${quote(inside)}`;
      const isChanged = `json_extract(o.value,'$.op') <> 'test' AND (${path} = ${quote(pointer(attribute))} OR ${isInside})`;
      const members = `SELECT 1 FROM json_each(o.value,'$.value') AS m WHERE m.key = ${quote(attribute)}`;
      return `EXISTS (SELECT 1 FROM json_each(${column}) AS o WHERE (${isChanged}) OR (${path} = '' AND EXISTS (${members})))`;
    },
    // SQLite has no subquery in an index, and so cannot walk through the operations: their text has to do.
    mentions: (attribute) => {
      const path = `"path":${JSON.stringify(pointer(attribute))}`;
      const texts = [path, `${path.slice(0, -1)}/`, `${JSON.stringify(attribute)}:`];
      return `(${texts.map((text) => `instr(${column},${quote(text)}) > 0`).join(' OR ')})`;
    },
    head: (json, key) => `substr(json_extract(${json},${quote(memberPath(key))}),1,100)`,
  };
}

function onMysql(column: string, quote: Quote): JsonSql {
  const touches = (attribute: string) => {
    // What JSON_SEARCH looks for is a pattern, as of LIKE.
    const path = pointer(attribute).replace(/[\\%_]/g, '\\$&');
    const finds = (pattern: string, place: string) =>
      `JSON_SEARCH(${column},'one',${quote(pattern)},NULL,${quote(place)}) IS NOT NULL`;
    const isWhole = `${finds('', '$[0].path')} AND JSON_CONTAINS_PATH(${column},'one',${quote(`$[0].value.${JSON.stringify(attribute)}`)})`;
    return `(${finds(path, '$[*].path')} OR ${finds(`${path}/%`, '$[*].path')} OR (${isWhole}))`;
  };
  return {
    touches,
    mentions: touches,
    head: (json, key) => `LEFT(JSON_UNQUOTE(JSON_EXTRACT(${json},${quote(memberPath(key))})),100)`,
  };
}
