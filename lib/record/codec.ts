/**
 * Turns column values into JSON and back, by attribute type and dialect, so that nothing is lost: what JSON can
 * hold stays as it is, the rest becomes text.
 */
import type { Json } from '../patch/operation.js';
import { timestampOf } from './timestamp.js';

export interface Codec {
  /** SQL that reads the column without losing anything on the way through the driver. */
  readonly select: (column: string) => string;
  /** JSON of a value that `select` read. */
  readonly fromStored: (value: unknown) => Json;
  /** JSON of a value as an instance holds it. */
  readonly fromInstance: (value: unknown) => Json;
  /** The value as Sequelize reads it in this dialect, or exact text where that would lose digits. */
  readonly decode: (json: Json) => unknown;
  /** Whether a value that an application set is, as it stands, what the database stores. */
  readonly isExact: (value: unknown) => boolean;
}

/** A Sequelize data type, as far as a codec looks into it. */
export interface DataType {
  readonly key: string;
  readonly type?: DataType;
  readonly _subtype?: string;
  readonly _binary?: boolean;
  readonly _length?: number;
  readonly _decimals?: number;
  readonly _scale?: number;
}

interface Place {
  readonly dialect: string;
  /** Offset of naive timestamps, as `options.timezone`. */
  readonly timezone: string;
}

/** The codec of a data type in a dialect. */
export function codecOf(type: DataType, place: Place): Codec {
  switch (type.key) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'MEDIUMINT':
    case 'INTEGER':
      return integer(place);
    case 'BIGINT':
      return bigint(place);
    case 'DECIMAL':
      return decimal(type, place);
    case 'FLOAT':
    case 'REAL':
    case 'DOUBLE PRECISION':
    case 'NUMBER':
      return float(type, place);
    case 'BOOLEAN':
      return codec({ fromStored: toBoolean, isExact: (value) => typeof value === 'boolean' });
    case 'DATE':
      return date(place);
    case 'BLOB':
      return blob;
    case 'JSON':
    case 'JSONB':
      return json(place);
    case 'ARRAY':
      return type.type ? array(type.type, place) : other;
    case 'RANGE':
      return range(type, place);
    case 'HSTORE':
    case 'GEOMETRY':
    case 'GEOGRAPHY':
      return other;
    default:
      // PostgreSQL has no binary strings: there STRING.BINARY is a bytea.
      return place.dialect === 'postgres' && type._binary ? blob : text(type, place);
  }
}

/** A codec from the parts that differ from "JSON as it is, read as it is, never trusted". */
function codec(parts: Partial<Codec>): Codec {
  const asJson = (value: unknown): Json => (value === null || value === undefined ? null : plain(value));
  const fromStored = parts.fromStored ?? asJson;
  const nullable = (encode: (value: unknown) => Json) => (value: unknown) =>
    value === null || value === undefined ? null : encode(value);
  return {
    select: parts.select ?? ((column) => column),
    fromStored: nullable(fromStored),
    fromInstance: nullable(parts.fromInstance ?? fromStored),
    decode: (value) => (value === null || !parts.decode ? value : parts.decode(value)),
    isExact: (value) => value === null || (parts.isExact?.(value) ?? false),
  };
}

const other = codec({});

const blob = codec({
  // SQLite keeps a string that was written into a BLOB as text, and Sequelize reads it as a Buffer.
  fromStored: (value) => Buffer.from(value as Uint8Array).toString('base64'),
  decode: (value) => Buffer.from(String(value), 'base64'),
  isExact: Buffer.isBuffer,
});

function text(type: DataType, { dialect }: Place): Codec {
  return codec({
    // A Buffer in a text column (SQLite takes it) must not come back as a string.
    fromStored: (value) => (Buffer.isBuffer(value) ? { base64: value.toString('base64') } : plain(value)),
    decode: (value) => {
      if (isObject(value)) return Buffer.from(String(value.base64), 'base64');
      return type.key === 'DATEONLY' ? fromInfinity(value) : value;
    },
    isExact: (value) => typeof value === 'string' && isCanonicalText(value, type, dialect),
  });
}

/** Whether the database stores the text as it is, and does not pad, lower or complete it. */
function isCanonicalText(value: string, type: DataType, dialect: string): boolean {
  switch (type.key) {
    case 'STRING':
    case 'TEXT':
    case 'CITEXT':
    case 'ENUM':
      return true;
    case 'CHAR':
      return dialect === 'sqlite' || value.length === type._length;
    case 'UUID':
      return dialect === 'sqlite' || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
    case 'TIME':
      return dialect === 'sqlite' || /^\d\d:\d\d:\d\d$/.test(value);
    case 'DATEONLY':
      return /^\d{4}-\d\d-\d\d$/.test(value);
    default:
      return false;
  }
}

function integer({ dialect }: Place): Codec {
  return codec({
    select: dialect === 'sqlite' ? sqliteInteger : (column) => column,
    fromStored: (value) => {
      const number = typeof value === 'string' && !/^-?\d+$/.test(value) ? Number.NaN : Number(value);
      return Number.isSafeInteger(number) ? number : numeric(value);
    },
    isExact: (value) => Number.isSafeInteger(value),
  });
}

function bigint({ dialect }: Place): Codec {
  return codec({
    select: dialect === 'sqlite' ? sqliteInteger : castToText(dialect),
    fromStored: String,
    decode: (value) => (dialect === 'postgres' ? value : numberIfExact(String(value))),
    isExact: (value) =>
      typeof value === 'bigint' || Number.isSafeInteger(value) || /^(0|-?[1-9]\d*)$/.test(String(value)),
  });
}

function decimal({ _scale: scale = 0 }: DataType, { dialect }: Place): Codec {
  const digits = new RegExp(`^-?(0|[1-9]\\d*)${scale > 0 ? `\\.\\d{${scale}}` : ''}$`);
  return codec({
    select: dialect === 'sqlite' ? sqliteInteger : castToText(dialect),
    fromStored: String,
    // SQLite has no decimals: Sequelize reads there the number that it holds.
    decode: (value) => (dialect === 'sqlite' ? numberIfExact(String(value)) : value),
    isExact: (value) =>
      dialect === 'sqlite' ? typeof value === 'number' : typeof value === 'string' && digits.test(value),
  });
}

function float(type: DataType, { dialect }: Place): Codec {
  const isMysql = dialect === 'mysql' || dialect === 'mariadb';
  const isSingle = type.key === 'FLOAT' && (type._decimals !== undefined || !type._length || type._length <= 24);
  // MySQL prints a FLOAT with six digits; as a double it keeps all of them.
  const isWidened = isMysql && isSingle;
  return codec({
    select: (column) => (isWidened ? `(${column} + 0e0)` : column),
    fromStored: (value) => numeric(isWidened && typeof value === 'number' ? shortestSingle(value) : value),
    decode: (value) => (typeof value === 'string' ? fromSpecial(value) : value),
    isExact: (value) => typeof value === 'number' && (dialect === 'sqlite' || Math.fround(value) === value),
  });
}

function date({ dialect, timezone }: Place): Codec {
  const hasOffset = /^[+-]\d\d:\d\d$/.test(timezone);
  const selects: Record<string, (column: string) => string> = {
    // As JSON PostgreSQL writes ISO 8601 with microseconds, whatever DateStyle says.
    postgres: (column) => `to_jsonb(${column})`,
    // In a named time zone only the driver knows the offset; it reads milliseconds.
    mysql: (column) => (hasOffset ? `CAST(${column} AS CHAR)` : column),
  };
  return codec({
    select: selects[dialect === 'mariadb' ? 'mysql' : dialect] ?? ((column) => column),
    fromStored: (value) => timestampOf(value, hasOffset ? timezone : '+00:00'),
    decode: (value) => {
      const limit = fromInfinity(value);
      return typeof limit === 'string' ? new Date(limit) : limit;
    },
    isExact: (value) => value instanceof Date && dialect !== 'mysql' && dialect !== 'mariadb',
  });
}

function json({ dialect }: Place): Codec {
  const isText = dialect === 'sqlite' || dialect === 'mysql' || dialect === 'mariadb';
  return codec({
    select: dialect === 'sqlite' || !isText ? (column) => column : (column) => `CAST(${column} AS CHAR)`,
    fromStored: (value) => (isText && typeof value === 'string' ? parsed(value) : plain(value)),
    fromInstance: plain,
    decode: (value) => structuredClone(value),
    isExact: (value) => typeof value !== 'number',
  });
}

function array(element: DataType, place: Place): Codec {
  const inner = codecOf(element, place);
  const isText = ['BIGINT', 'DECIMAL', 'ENUM', 'CITEXT', 'UUID', 'STRING', 'TEXT', 'CHAR'].includes(element.key);
  const each = (encode: (value: unknown) => Json) =>
    function encodeAll(value: unknown): Json {
      return Array.isArray(value) ? value.map(encodeAll) : encode(value);
    };
  const decodeAll = (value: Json): unknown =>
    Array.isArray(value) ? (value as readonly Json[]).map(decodeAll) : inner.decode(value);
  return codec({
    select: (column) => (isText ? `${column}::text[]` : inner.select(column)),
    fromStored: each(inner.fromStored),
    fromInstance: each(inner.fromInstance),
    decode: decodeAll,
    isExact: (value) => Array.isArray(value) && value.flat(9).every(inner.isExact),
  });
}

/** A range as Sequelize reads it: its two bounds as `{ value, inclusive }`, or none when it is empty. */
function range(type: DataType, place: Place): Codec {
  const inner = codecOf({ key: type._subtype ?? 'STRING' }, place);
  const bound = (side: 'lower' | 'upper', column: string) =>
    `jsonb_build_object('value', ${inner.select(`${side}(${column})`)}, 'inclusive', ${side}_inc(${column}))`;
  const each = (code: (value: never) => unknown) => (value: unknown) =>
    Array.isArray(value)
      ? (value as unknown[]).map((side) =>
          isObject(side) && 'value' in side ? { ...side, value: code(side.value as never) } : code(side as never),
        )
      : value;
  return codec({
    select: (column) =>
      `CASE WHEN isempty(${column}) THEN '[]'::jsonb WHEN ${column} IS NOT NULL ` +
      `THEN jsonb_build_array(${bound('lower', column)}, ${bound('upper', column)}) END`,
    fromStored: each(inner.fromStored) as (value: unknown) => Json,
    fromInstance: each(inner.fromInstance) as (value: unknown) => Json,
    decode: each(inner.decode),
  });
}

/** SQLite hands integers over as doubles; as text they keep all 64 bits. */
function sqliteInteger(column: string): string {
  return `CASE typeof(${column}) WHEN 'integer' THEN CAST(${column} AS TEXT) ELSE ${column} END`;
}

function castToText(dialect: string): (column: string) => string {
  if (dialect === 'postgres') return (column) => `${column}::text`;
  if (dialect === 'mysql' || dialect === 'mariadb') return (column) => `CAST(${column} AS CHAR)`;
  return (column) => column;
}

/** Any value as JSON would carry it, with dates and bytes as text. */
function plain(value: unknown): Json {
  if (typeof value === 'number' || typeof value === 'bigint') return numeric(value);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (value instanceof Date) return timestampOf(value, '+00:00');
  if (Buffer.isBuffer(value)) return value.toString('base64');
  return parsed(JSON.stringify(value) ?? 'null');
}

/** A number as JSON, and what JSON has no number for (RFC 8259 §6) as text: NaN, infinities, -0, bigint. */
function numeric(value: unknown): Json {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'number') return plain(value);
  return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value);
}

function fromSpecial(value: string): unknown {
  return ['NaN', 'Infinity', '-Infinity', '-0'].includes(value) ? Number(value) : value;
}

function fromInfinity(value: Json): Json | number {
  return value === 'Infinity' || value === '-Infinity' ? Number(value) : value;
}

function numberIfExact(value: string): number | string {
  const number = Number(value);
  return String(number) === value ? number : value;
}

function toBoolean(value: unknown): Json {
  if (Buffer.isBuffer(value) && value.length === 1) return value[0] === 1;
  if (value === 1 || value === '1' || value === 'true') return true;
  if (value === 0 || value === '0' || value === 'false') return false;
  return plain(value);
}

/** The shortest decimal that is the same single-precision number, as PostgreSQL prints it. */
function shortestSingle(value: number): number {
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** JSON text as a value; text that is no JSON stays text, as nothing else could be said of it. */
function parsed(value: string): Json {
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}

function isObject(value: unknown): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
