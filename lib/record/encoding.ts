/** What a codec is, and the JSON of plain values that all codecs share. */
import type { Json } from '../patch/operation.js';
import { timestampOf } from './timestamp.js';

export interface Codec {
  /** SQL that reads the column without losing anything on the way through the driver. */
  readonly select: (column: string) => string;
  /** JSON of a value that `select` read. */
  readonly fromStored: (value: unknown) => Json;
  /** JSON of a value as an instance holds it: that of the stored value, as far as it is known without the database. */
  readonly fromInstance: (value: unknown) => Json;
  /**
   * The value as Sequelize reads it in this dialect, or exact text where that would lose digits. Of JSON that the codec
   * of another type made, the same value in this type, or where it has no form in it, the JSON as it is.
   */
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
  readonly _length?: number | string;
  readonly _decimals?: number;
  readonly _precision?: number;
  readonly _scale?: number;
  readonly constructor: unknown;
}

/** What besides its type decides how a column is read. */
export interface Place {
  readonly dialect: string;
  /** Time zone of timestamps without an offset, as `options.timezone`: an offset or a name. */
  readonly timezone: string;
}

/** A codec from the parts that differ from "JSON as it is, read as it is, never trusted". */
export function codec(parts: Partial<Codec>): Codec {
  const fromStored = parts.fromStored ?? plain;
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

/** A codec of values that are JSON, or become it, as they are. */
export const other = codec({});

/** Any value as JSON would carry it, with dates and bytes as text. */
export function plain(value: unknown): Json {
  if (typeof value === 'number' || typeof value === 'bigint') return numeric(value);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (value instanceof Date) return timestampOf(value, '+00:00');
  if (Buffer.isBuffer(value)) return value.toString('base64');
  return throughJson(value);
}

/** What is left of a value when it has been JSON text. */
export function throughJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value) ?? 'null') as Json;
}

/** A number as JSON, and what JSON has no number for (RFC 8259 §6) as text: NaN, infinities, -0, bigint. */
export function numeric(value: number | bigint): Json {
  if (typeof value === 'bigint') return String(value);
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}

export function isMysql(dialect: string): boolean {
  return dialect === 'mysql' || dialect === 'mariadb';
}

/** The column as the database prints it. */
export function castToText(dialect: string): (column: string) => string {
  if (dialect === 'postgres') return (column) => `${column}::text`;
  return isMysql(dialect) ? (column) => `CAST(${column} AS CHAR)` : (column) => column;
}
