/** The codecs of numbers: exact as numbers where a double holds them, as text elsewhere. */
import type { Json } from '../patch/operation.js';
import { type Codec, castToText, codec, type DataType, isMysql, type Place, plain } from './encoding.js';

/** Truth: a number where the database has no other, and left as that where it is neither 1 nor 0. */
export const boolean = codec({
  fromStored: toBoolean,
  decode: toBoolean,
  isExact: (value) => typeof value === 'boolean',
});

/** Numbers; text beyond 2^53, which SQLite has room for in every integer column. */
export function integer({ dialect }: Place): Codec {
  return codec({
    select: dialect === 'sqlite' ? sqliteInteger : (column) => column,
    fromStored: (value) => {
      const number = typeof value === 'string' && isInteger(value) ? Number(value) : value;
      return Number.isSafeInteger(number) ? (number as number) : plain(value);
    },
    decode: scalar((text, value) => {
      const digits = trimmed(text);
      return isInteger(digits) && Number.isSafeInteger(Number(digits)) ? Number(digits) : value;
    }),
    isExact: (value) => Number.isSafeInteger(value) && !Object.is(value, -0),
  });
}

/** Text in the log; decoded as Sequelize reads it, and as text beyond 2^53. */
export function bigint({ dialect }: Place): Codec {
  return codec({
    select: dialect === 'sqlite' ? sqliteInteger : castToText(dialect),
    fromStored: String,
    fromInstance: (value) => (isInteger(String(value)) ? String(BigInt(String(value))) : String(value)),
    decode: scalar((text) => (dialect === 'postgres' ? trimmed(text) : numberIfExact(trimmed(text)))),
    isExact: (value) => isInteger(String(value)),
  });
}

/** Text in the log, with all the digits that are stored. */
export function decimal(type: DataType, { dialect }: Place): Codec {
  // SQLite has no decimals: it keeps numbers, and Sequelize reads those. On `mariadb` it reads numbers as well.
  const isNumber = dialect === 'sqlite' || dialect === 'mariadb';
  const scale = dialect === 'postgres' && !type._precision ? null : (type._scale ?? 0);
  const normal = (value: unknown) => {
    if (dialect === 'sqlite') return sqliteNumeric(String(value));
    return scale === null ? String(value) : scaled(String(value), scale);
  };
  return codec({
    select: dialect === 'sqlite' ? sqliteInteger : castToText(dialect),
    fromStored: String,
    fromInstance: normal,
    decode: scalar((text) => {
      if (isNumber) return numberIfExact(text);
      return scale === null ? text : scaled(trimmed(text), scale);
    }),
    isExact: (value) =>
      dialect === 'sqlite'
        ? typeof value === 'number' && !Object.is(value, -0)
        : fractionOf(String(value))?.length === scale && normal(value) === value,
  });
}

/** Numbers, and the special ones as text. Of single precision the shortest decimal stands for the number. */
export function float(type: DataType, { dialect }: Place): Codec {
  const isSingle = isSinglePrecision(type, dialect);
  // MySQL prints a FLOAT with six digits; as a double it keeps all of them.
  const isWidened = isMysql(dialect) && isSingle;
  // As in FLOAT(10,2).
  const isRounded = isMysql(dialect) && type._decimals !== undefined;
  const shortest = (value: unknown) => (typeof value === 'number' && isSingle ? shortestSingle(value) : value);
  return codec({
    select: (column) => (isWidened ? `(${column} + 0e0)` : column),
    fromStored: (value) => plain(isWidened ? shortest(value) : value),
    fromInstance: (value) => plain(shortest(value)),
    decode: scalar((text, value) => (isNumeric(text) ? Number(text) : fromSpecial(value))),
    // Sequelize writes -0 as 0.
    isExact: (value) =>
      typeof value === 'number' && !Object.is(value, -0) && !isRounded && (!isSingle || Math.fround(value) === value),
  });
}

function isSinglePrecision({ key, _length, _decimals }: DataType, dialect: string): boolean {
  const isShort = Number(_length ?? 0) <= 24;
  if (isMysql(dialect)) return key === 'FLOAT' && (_decimals !== undefined || isShort);
  return dialect === 'postgres' && (key === 'REAL' || (key === 'FLOAT' && Boolean(_length) && isShort));
}

/** SQLite hands integers over as doubles; as text they keep all 64 bits. */
function sqliteInteger(column: string): string {
  return `CASE typeof(${column}) WHEN 'integer' THEN CAST(${column} AS TEXT) ELSE ${column} END`;
}

/** Text as SQLite stores it in a column of numbers: an integer, a double, or what is no number as it is. */
function sqliteNumeric(text: string): string {
  if (isInteger(text)) return String(BigInt(text));
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : String(Number(text));
}

function isInteger(text: string): boolean {
  return /^-?\d+$/.test(text);
}

function fractionOf(text: string): string | undefined {
  const match = /^-?\d+(?:\.(\d+))?$/.exec(text);
  return match ? (match[1] ?? '') : undefined;
}

/** Decodes numbers and truth as text, like the text that other types make of numbers; arrays and objects stay as they are. */
function scalar(decode: (text: string, value: Json) => unknown): (value: Json) => unknown {
  return (value) =>
    typeof value === 'object' ? value : decode(String(typeof value === 'boolean' ? Number(value) : value), value);
}

function isNumeric(text: string): boolean {
  return /^-?\d+(\.\d+)?(e[-+]?\d+)?$/.test(text);
}

/** A decimal without zeros at the end of its fraction. */
function trimmed(text: string): string {
  return fractionOf(text) ? text.replace(/\.?0+$/, '') : text;
}

/** A decimal with as many digits after the point as its column has; text with more, or in another form, as it is. */
function scaled(decimal: string, scale: number): string {
  const text = /^[-\d.]+e-?\d+$/.test(decimal) ? Number(decimal).toFixed(scale) : decimal;
  const fraction = fractionOf(text);
  if (fraction === undefined || fraction.length > scale) return text;
  const [whole = ''] = text.replace(/^(-?)0+(?=\d)/, '$1').split('.');
  const digits = scale > 0 ? `${whole}.${fraction.padEnd(scale, '0')}` : whole;
  return /[1-9]/.test(digits) ? digits : digits.replace('-', '');
}

/** The number that a decimal is, unless no double is the same or the next integer would look like it. */
function numberIfExact(text: string): number | string {
  const number = Number(text);
  const isDecimal = fractionOf(text) !== undefined;
  if (Number.isNaN(number) || (isDecimal && Math.abs(number) > Number.MAX_SAFE_INTEGER)) return text;
  return significantOf(String(number)) === significantOf(text) ? number : text;
}

function significantOf(text: string): string {
  return text
    .replace(/e.*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');
}

function fromSpecial(value: Json): unknown {
  return ['NaN', 'Infinity', '-Infinity', '-0'].includes(value as string) ? Number(value) : value;
}

function toBoolean(value: unknown): Json {
  if (Buffer.isBuffer(value) && value.length === 1) return value[0] === 1;
  if (value === 1 || value === '1' || value === 'true') return true;
  if (value === 0 || value === '0' || value === 'false') return false;
  return plain(value);
}

/** The shortest decimal that is the same single-precision number, as PostgreSQL prints it. */
function shortestSingle(value: number): number {
  const single = Math.fround(value);
  if (!Number.isFinite(single) || single === 0) return value;
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return short;
  }
  return Number(single.toPrecision(9));
}
