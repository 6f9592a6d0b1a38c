/**
 * The JSON of a column as SQL of SQLite: text that means the same as what its codec makes of the value in JavaScript, so
 * that an entry can be made inside the statement that writes the row. Any value may stand in any column there, so each
 * expression looks at what came and gives `unformed` for what only JavaScript can tell.
 */
import type { DataType } from './encoding.js';

/** Makes JSON text of a column, given as SQL; null where a column has a form that SQL cannot make. */
type Expression = (column: string) => string;

/** What fails, and undoes the statement. */
export const unformed = "RAISE(ABORT,'audit$unformed')";

const safe = Number.MAX_SAFE_INTEGER;

const quoted = (text: string) => `'"'||${text}||'"'`;

/** As text where a double could not hold it. */
const ofInteger = (column: string) =>
  `CASE WHEN ${column} BETWEEN -${safe} AND ${safe} THEN ${column} ELSE ${quoted(column)} END`;

/** Where JavaScript reads it as a double. */
const ofDoubled = (column: string) =>
  `CASE WHEN ${column} BETWEEN -${safe} AND ${safe} THEN ${column} ELSE ${unformed} END`;

/**
 * Whether a double is a decimal of at most this many digits after the point: the quotient of two integers that doubles
 * hold is rounded correctly (IEEE 754), which cannot be said of what SQLite makes of text.
 */
const isDecimal = (column: string, digits: number) =>
  `abs(${column})<1e${15 - digits} AND round(${column}*1e${digits})/1e${digits}=${column}`;

/** Fifteen digits are the decimal itself; of others, eighteen tell the double apart from its neighbours. */
const ofDouble = (column: string) =>
  `CASE WHEN ${column}=0 THEN '0' WHEN ${isDecimal(column, 6)} THEN printf('%!.15g',${column}) WHEN abs(${column}) BETWEEN 1e-300 AND 1e300 THEN printf('%!.18g',${column}) ELSE ${unformed} END`;

const byType = (column: string, forms: Readonly<Record<string, string>>) =>
  `CASE typeof(${column}) ${Object.entries({ ...forms, null: "'null'" })
    .map(([type, form]) => `WHEN '${type}' THEN ${form}`)
    .join(' ')} ELSE ${unformed} END`;

const integer: Expression = (column) => byType(column, { integer: ofInteger(column), real: ofDouble(column) });
const float: Expression = (column) => byType(column, { integer: ofDoubled(column), real: ofDouble(column) });
const bigint: Expression = (column) => byType(column, { integer: quoted(column) });
const text: Expression = (column) => byType(column, { text: `json_quote(${column})` });

const boolean: Expression = (column) =>
  `CASE WHEN ${column} IS 1 THEN 'true' WHEN ${column} IS 0 THEN 'false' WHEN ${column} IS NULL THEN 'null' ELSE ${unformed} END`;

/** As text, in the form that JavaScript writes, which has an exponent where SQLite has, and elsewhere as well. */
const decimal: Expression = (column) => {
  const isPlain = `abs(${column})>=1e-4 AND (${isDecimal(column, 2)} OR ${isDecimal(column, 6)})`;
  return byType(column, {
    integer: quoted(column),
    real: `CASE WHEN ${isPlain} THEN ${quoted(`printf('%!.15g',${column})`)} ELSE ${unformed} END`,
  });
};

/** In the form in which Sequelize writes UTC. */
const date: Expression = (column) => {
  const [year, digits] = ['[0-9][0-9][0-9][0-9]', '[0-9][0-9]'];
  const form = `'${year}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9].${digits}[0-9] +00:00'`;
  const part = (start: number) => `substr(${column},${start},2)`;
  // Text can name days that there are not.
  const isThere = `${part(6)} BETWEEN '01' AND '12' AND ${part(12)}<'24' AND ${part(9)}>'00' AND (${part(9)}<'29' OR date(substr(${column},1,10)) IS substr(${column},1,10))`;
  const instant = quoted(`substr(${column},1,10)||'T'||substr(${column},12,12)||'Z'`);
  return byType(column, {
    text: `CASE WHEN ${column} GLOB ${form} AND ${isThere} THEN ${instant} ELSE ${unformed} END`,
  });
};

/** The text itself, unless it could be taken for what stands for a redacted value. */
const json: Expression = (column) =>
  byType(column, {
    text: `CASE WHEN json_valid(${column}) AND instr(${column},'$redacted')=0 THEN ${column} ELSE ${unformed} END`,
    integer: ofDoubled(column),
  });

/** Only absence can be told. */
const bytes: Expression = (column) => byType(column, {});

/** By the key of the type in the model. */
const expressions: Readonly<Record<string, Expression>> = {
  ...forEach(['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INTEGER'], integer),
  ...forEach(['FLOAT', 'REAL', 'DOUBLE PRECISION', 'NUMBER'], float),
  ...forEach(['STRING', 'TEXT', 'CHAR', 'CITEXT', 'ENUM', 'UUID', 'TIME', 'DATEONLY'], text),
  ...forEach(['JSON', 'JSONB'], json),
  BIGINT: bigint,
  DECIMAL: decimal,
  BOOLEAN: boolean,
  DATE: date,
  BLOB: bytes,
};

/** Those of types whose columns can hold both integers and doubles. */
const ofNumbers: ReadonlySet<Expression | undefined> = new Set([integer, float, bigint, decimal, json]);

/** Whether two values of a column have not the same JSON, as SQL; both are values that `sqliteJson` can tell. */
export function sqliteDiffers({ key }: DataType, left: string, right: string): string {
  // Not as the column would compare, which may take upper case for lower case.
  const differs = `${left} COLLATE BINARY IS NOT ${right}`;
  // An integer can be the same number as a double that stands for others as well.
  const isOther = `typeof(${left})<>typeof(${right}) AND ${left} NOT BETWEEN -${safe} AND ${safe}`;
  return ofNumbers.has(expressions[key]) ? `(${differs} OR (${isOther}))` : differs;
}

/** @returns null where nobody can say so in SQL */
export function sqliteJson(type: DataType, column: string): string | null {
  return expressions[type.key]?.(column) ?? null;
}

function forEach<T>(keys: readonly string[], value: T): Record<string, T> {
  return Object.fromEntries(keys.map((key) => [key, value]));
}
