/** Writes, for each dialect, the SQL that tells whether a JSON column contains what is wanted. */
import type { Sequelize } from 'sequelize';
import { memberPath } from '../log/json-sql.js';
import type { Json } from '../patch/operation.js';

/**
 * True where the value in a column is an object with the members of `wanted`. Objects within it are compared in the same
 * way, arrays by their length and place by place, anything else has to be equal.
 */
export function containsSql(sequelize: Sequelize, column: string, wanted: Readonly<Record<string, Json>>): string {
  const quote = (text: string) => sequelize.escape(text);
  switch (sequelize.getDialect()) {
    case 'postgres':
      return onPostgres(column, wanted, quote);
    case 'sqlite':
      return onSqlite(column, `json_type(${column})`, wanted, quote, 0);
    default:
      return ofPlaces(wanted)
        .map(([path, value]) => onMysql(`JSON_EXTRACT(${column},${quote(mysqlPath(path))})`, value))
        .join(' AND ');
  }
}

type Quote = (text: string) => string;
type Path = readonly (string | number)[];

function onPostgres(column: string, wanted: Json, quote: Quote): string {
  const contains = `${column} @> ${quote(JSON.stringify(wanted))}::jsonb`;
  const places = ofPlaces(wanted);
  if (!places.some(([, value]) => Array.isArray(value))) return contains;
  // For @> arrays are sets. In strict mode a path does not go through an array to the objects in it.
  const tests = places.map(([path, value]) => {
    const found = `@${path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${JSON.stringify(step)}`)).join('')}`;
    if (Array.isArray(value)) return `${found}.type() == "array" && ${found}.size() == ${value.length}`;
    return isObject(value) ? `${found}.type() == "object"` : `${found} == ${JSON.stringify(value)}`;
  });
  return `(${contains} AND ${column} @? ${quote(`strict $ ? (${tests.join(' && ')})`)}::jsonpath)`;
}

/** Walks member by member, as paths of SQLite do not find every name. @param depth for a name of each table */
function onSqlite(json: string, type: string, wanted: Json, quote: Quote, depth: number): string {
  if (typeof wanted === 'string') return `${type} = 'text' AND ${json} = ${quote(wanted)}`;
  if (typeof wanted === 'number') return `${type} IN ('integer','real') AND ${json} = ${JSON.stringify(wanted)}`;
  if (!isObject(wanted) && !Array.isArray(wanted)) return `${type} = '${JSON.stringify(wanted)}'`;
  const members = Object.entries(wanted as object).map(([key, value]) => {
    const table = `m${depth}`;
    const name = Array.isArray(wanted) ? key : quote(key);
    const holds = onSqlite(`${table}.value`, `${table}.type`, value as Json, quote, depth + 1);
    return `EXISTS (SELECT 1 FROM json_each(${json}) AS ${table} WHERE ${table}.key = ${name} AND ${holds})`;
  });
  const isArray = Array.isArray(wanted);
  const holds =
    [...(isArray ? [`json_array_length(${json}) = ${wanted.length}`] : []), ...members].join(' AND ') || '1';
  // CASE, because json_each fails on text that is no JSON, and AND promises no order.
  return `CASE WHEN ${type} = '${isArray ? 'array' : 'object'}' THEN ${holds} ELSE 0 END`;
}

function onMysql(found: string, wanted: Json): string {
  if (Array.isArray(wanted)) return `JSON_TYPE(${found}) = 'ARRAY' AND JSON_LENGTH(${found}) = ${wanted.length}`;
  if (isObject(wanted)) return `JSON_TYPE(${found}) = 'OBJECT'`;
  if (typeof wanted === 'number') {
    const types = "('INTEGER','UNSIGNED INTEGER','DECIMAL','DOUBLE')";
    return `JSON_TYPE(${found}) IN ${types} AND ${found} + 0e0 = ${wanted.toExponential()}`;
  }
  const type = { string: 'STRING', boolean: 'BOOLEAN', object: 'NULL' }[
    typeof wanted as 'string' | 'boolean' | 'object'
  ];
  const bytes = `X'${Buffer.from(String(wanted)).toString('hex')}'`;
  return `JSON_TYPE(${found}) = '${type}' AND CAST(CONVERT(JSON_UNQUOTE(${found}) USING utf8mb4) AS BINARY) = ${bytes}`;
}

function mysqlPath(path: Path): string {
  return path.reduce<string>(
    (text, step) => text + (typeof step === 'number' ? `[${step}]` : memberPath(step).slice(1)),
    '$',
  );
}

/** Every value in `wanted`, containers before what is in them. */
function ofPlaces(wanted: Json, path: Path = []): [Path, Json][] {
  const inside = Array.isArray(wanted)
    ? wanted.flatMap((value: Json, index) => ofPlaces(value, [...path, index]))
    : isObject(wanted)
      ? Object.entries(wanted).flatMap(([key, value]) => ofPlaces(value, [...path, key]))
      : [];
  return [[path, wanted], ...inside];
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
