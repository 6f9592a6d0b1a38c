/**
 * The JSON of a column as SQL of MariaDB: text that means the same as what its codec makes of the value in JavaScript, so
 * that an entry can be made in the block that writes the row. What only JavaScript can tell is NULL; an absent value is
 * the text `null`.
 */
import type { DataType, Place } from './encoding.js';

/** Makes JSON text of a column, given as SQL. */
type Expression = (column: string) => string;

// The server makes each function and each constant ready anew for every statement: that is what they cost.
const orNull = (text: string) => `COALESCE(${text},'null')`;

/** NULL only where the column has a value that SQL cannot tell. */
const unlessNull = (column: string, text: string) => `IF(${column} IS NULL,'null',${text})`;

/** Without the zeros that a ZEROFILL column begins with. */
const asInteger: Expression = (column) => orNull(`${column}+0`);

/** The shortest decimal that is the double, as the driver is given it. */
const asDouble: Expression = orNull;

/** Text that nothing has to be escaped in. */
const asPlain: Expression = (column) => orNull(`CONCAT('"',${column},'"')`);

const asText: Expression = (column) => orNull(`JSON_QUOTE(${column})`);

const asTruth: Expression = (column) => unlessNull(column, `CASE ${column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END`);

/** NULL for a day of none, as sql_mode may have let it in, and from one that the month has not to the next month's. */
const day = (column: string) => `${column}+INTERVAL 0 DAY`;

/** Milliseconds always, microseconds where there are any. */
const asInstant: Readonly<Record<number, Expression>> = {
  0: (column) => unlessNull(column, `DATE_FORMAT(${day(column)},'"%Y-%m-%dT%H:%i:%s.000Z"')`),
  3: (column) => unlessNull(column, `CONCAT('"',REPLACE(${day(column)},' ','T'),'Z"')`),
};

const withDigits: Expression = (column) => {
  const micros = `DATE_FORMAT(${column},'%f')`;
  const rest = `TRIM(TRAILING '0' FROM SUBSTR(${micros},4))`;
  const text = `CONCAT(DATE_FORMAT(${day(column)},'"%Y-%m-%dT%H:%i:%s.'),SUBSTR(${micros},1,3),${rest},'Z"')`;
  return unlessNull(column, text);
};

const asDate: Expression = (column) =>
  unlessNull(column, `IF(${day(column)}=${column},CONCAT('"',${column},'"'),NULL)`);

/** Base64 of MySQL has line ends; one as it is means the same whatever `sql_mode` says of backslashes. */
const asBase64: Expression = (column) => orNull(`CONCAT('"',REPLACE(TO_BASE64(${column}),'\n',''),'"')`);

/** The text itself, unless it could be taken for what stands for a redacted value. */
const asJson: Expression = (column) =>
  unlessNull(column, `IF(JSON_VALID(${column}) AND LOCATE('$redacted',${column})=0,${column},NULL)`);

const texts = ['varchar', 'char', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum'];

const instants = Object.fromEntries(
  ['datetime', 'timestamp'].flatMap((type) =>
    [...Array(7).keys()].map((digits) => [`${type}(${digits})`, asInstant[digits] ?? withDigits]),
  ),
);

/** By the key of the type in the model, then by the type in the database. */
const expressions: Readonly<Record<string, Readonly<Record<string, Expression>>>> = {
  ...forEach(
    ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INTEGER'],
    forEach(['tinyint', 'smallint', 'mediumint', 'int'], asInteger),
  ),
  BIGINT: forEach(['tinyint', 'smallint', 'mediumint', 'int', 'bigint'], asPlain),
  DECIMAL: { decimal: asPlain },
  ...forEach(['FLOAT', 'REAL', 'DOUBLE PRECISION', 'NUMBER'], { double: asDouble }),
  BOOLEAN: { tinyint: asTruth },
  ...forEach(['STRING', 'TEXT', 'CHAR', 'CITEXT', 'ENUM', 'UUID'], forEach(texts, asText)),
  TIME: { 'time(0)': asPlain },
  DATE: instants,
  DATEONLY: { date: asDate },
  ...forEach(['JSON', 'JSONB'], { longtext: asJson }),
  BLOB: forEach(['tinyblob', 'blob', 'mediumblob', 'longblob'], asBase64),
};

/**
 * @param databaseType of the column, as `information_schema` names it, of times with the digits of their fraction
 * @returns null where nobody can say so in SQL
 */
export function mariadbJson(
  type: DataType,
  databaseType: string | undefined,
  { timezone }: Pick<Place, 'timezone'>,
  column: string,
): string | null {
  // Times of another zone would have to be moved to UTC.
  if (type.key === 'DATE' && timezone !== '+00:00') return null;
  const expression = expressions[type.key]?.[databaseType ?? ''];
  return expression?.(column) ?? null;
}

function forEach<T>(keys: readonly string[], value: T): Record<string, T> {
  return Object.fromEntries(keys.map((key) => [key, value]));
}
