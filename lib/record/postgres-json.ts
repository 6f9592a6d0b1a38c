/**
 * The JSON of a column as SQL of PostgreSQL: the same that its codec makes of the value in JavaScript, so that an
 * entry can be made inside the statement that writes the row.
 */
import type { DataType } from './encoding.js';

/** Makes a jsonb expression of a column, given as SQL. */
type Expression = (column: string) => string;

const asItIs: Expression = (column) => `to_jsonb(${column})`;
const asText: Expression = (column) => `to_jsonb(${column}::text)`;

/** JSON has no number for some (RFC 8259 §6). */
const asFloat: Expression = (column) =>
  `CASE WHEN ${column}::text IN ('NaN','Infinity','-Infinity','-0') THEN to_jsonb(${column}::text) ELSE to_jsonb(${column}) END`;

const asBase64: Expression = (column) => `to_jsonb(translate(encode(${column},'base64'),E'\\n',''))`;

/** Milliseconds always, microseconds where there are any. */
const asInstant: Expression = (column) => {
  const utc = `${column} AT TIME ZONE 'UTC'`;
  const rest = `rtrim(substr(to_char(${utc},'US'),4),'0')`;
  return within(
    column,
    "'0001-01-01 00:00:00+00' AND '9999-12-31 23:59:59.999999+00'",
    `to_jsonb(to_char(${utc},'YYYY-MM-DD"T"HH24:MI:SS.MS')||${rest}||'Z')`,
  );
};

const asDay: Expression = (column) =>
  within(column, "'0001-01-01' AND '9999-12-31'", `to_jsonb(to_char(${column},'YYYY-MM-DD'))`);

/** By the key of the type in the model, then by the type in the database, as `regtype` names it. */
const expressions: Readonly<Record<string, Readonly<Record<string, Expression>>>> = {
  ...forEach(['SMALLINT', 'INTEGER'], { smallint: asItIs, integer: asItIs }),
  BIGINT: { smallint: asText, integer: asText, bigint: asText },
  DECIMAL: { numeric: asText },
  ...forEach(['FLOAT', 'REAL', 'DOUBLE PRECISION'], { real: asFloat, 'double precision': asFloat }),
  BOOLEAN: { boolean: asItIs },
  DATE: { 'timestamp with time zone': asInstant },
  DATEONLY: { date: asDay },
  ...forEach(['STRING', 'TEXT', 'CITEXT', 'ENUM'], { 'character varying': asItIs, text: asItIs, citext: asItIs }),
  UUID: { uuid: asItIs },
  BLOB: { bytea: asBase64 },
  ...forEach(['JSON', 'JSONB'], { json: asItIs, jsonb: asItIs }),
};

/** What an error of the database begins with where a value has no form in SQL. */
export const unformed = 'audit$unformed';

/**
 * @param databaseType of the column, as `regtype` names it
 * @returns null where nobody can say so in SQL
 */
export function postgresJson(type: DataType, databaseType: string | undefined, column: string): string | null {
  const expression = expressionOf(type, databaseType);
  return expression && nullable(expression(column));
}

/** The same as a column of a record that `to_jsonb` makes an object of: what that says of it by itself, or JSON. */
export function postgresMember(type: DataType, databaseType: string | undefined, column: string): string | null {
  const expression = expressionOf(type, databaseType);
  if (expression === asItIs) return column;
  if (expression === asText) return `${column}::text`;
  return expression && nullable(expression(column));
}

function expressionOf(type: DataType, databaseType: string | undefined): Expression | null {
  if (type._binary) return databaseType === 'bytea' ? asBase64 : null;
  const isEnum = type.key === 'ENUM' && databaseType !== undefined && /^("?enum_|.*\."?enum_)/.test(databaseType);
  return isEnum ? asItIs : (expressions[type.key]?.[databaseType ?? ''] ?? null);
}

function nullable(expression: string): string {
  return `COALESCE(${expression},'null')`;
}

/** Fails on values outside, infinite ones among them. */
function within(column: string, bounds: string, expression: string): string {
  return `CASE WHEN ${column} IS NULL THEN NULL WHEN ${column} BETWEEN ${bounds} THEN ${expression} ELSE to_jsonb(('${unformed} '||${column}::text)::integer) END`;
}

function forEach<T>(keys: readonly string[], value: T): Record<string, T> {
  return Object.fromEntries(keys.map((key) => [key, value]));
}
