/** The codecs of text, bytes and points in time. */
import type { Json } from '../patch/operation.js';
import { type Codec, castToText, codec, type DataType, isMysql, type Place, plain } from './encoding.js';
import { dayOf, timestampOf } from './timestamp.js';

/** Bytes, as base64. */
export const blob = codec({
  // SQLite keeps a string that was written into a BLOB as text, and Sequelize reads it as a Buffer.
  fromStored: (value) =>
    // A number that raw SQL has put there stays one.
    typeof value === 'number' ? plain(value) : Buffer.from(value as Uint8Array).toString('base64'),
  decode: (value) => (isBase64(value) ? Buffer.from(value, 'base64') : value),
  isExact: Buffer.isBuffer,
});

/** Text, and every type that Sequelize reads as text. */
export function text(type: DataType, { dialect }: Place): Codec {
  const fromStored = (value: unknown): Json =>
    // A Buffer in a text column (SQLite takes it) must not come back as a string.
    Buffer.isBuffer(value) ? { base64: value.toString('base64') } : plain(value);
  return codec({
    fromStored,
    fromInstance: (value) => {
      const json = fromStored(value);
      if (typeof json === 'number' || typeof json === 'boolean') return String(json);
      return typeof json === 'string' ? storedForm(json, type, dialect) : json;
    },
    decode: (value) => {
      const bytes = (value as { readonly base64?: Json }).base64;
      if (isBase64(bytes) && Object.keys(value as object).length === 1) return Buffer.from(bytes, 'base64');
      if (typeof value === 'string') return storedForm(value, type, dialect);
      if (!holdsText(type)) return value;
      return storedForm(
        typeof value === 'boolean' && dialect !== 'postgres' ? String(Number(value)) : JSON.stringify(value),
        type,
        dialect,
      );
    },
    isExact: (value) => typeof value === 'string' && hasStoredForm(value, type, dialect),
  });
}

/** A day without a time. PostgreSQL knows days that are infinitely far. */
export function day({ timezone }: Place): Codec {
  return codec({
    fromStored: (value) => {
      const day = plain(value);
      if (day === 'infinity') return 'Infinity';
      return day === '-infinity' ? '-Infinity' : day;
    },
    decode: (value) => dayOf(value, timezone) ?? fromInfinity(value),
    isExact: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value),
  });
}

/** A point in time as ISO 8601 in UTC, with microseconds where the database holds them; decoded as a Date. */
export function date(type: DataType, { dialect, timezone }: Place): Codec {
  const hasOffset = /^[+-]\d\d:\d\d$/.test(timezone);
  const offset = hasOffset ? timezone : '+00:00';
  const isNaive = isMysql(dialect);
  // Sequelize leaves out what a DATETIME of MySQL has no digits for.
  const unit = isNaive ? 10 ** Math.max(0, 3 - Number(type._length || 0)) : 1;
  return codec({
    // As JSON PostgreSQL writes ISO 8601 with microseconds, whatever DateStyle says.
    select: dialect === 'postgres' ? (column) => `to_jsonb(${column})` : castToText(dialect),
    fromStored: (value) => (isNaive && !hasOffset ? inZone(String(value), type, timezone) : timestampOf(value, offset)),
    fromInstance: (value) => {
      const time = value instanceof Date ? value.getTime() : Number.isFinite(value) ? Number(value) : Number.NaN;
      return timestampOf(Number.isNaN(time) ? value : new Date(Math.floor(time / unit) * unit), offset);
    },
    decode: (value) => {
      const limit = fromInfinity(value);
      if (typeof limit !== 'string' || !/^[+-]?\d{4,6}-/.test(limit)) return limit;
      const isDay = /^\d{4}-\d\d-\d\d$/.test(limit);
      return new Date(String(timestampOf(isDay ? `${limit} 00:00:00` : limit, offset)));
    },
    isExact: (value) => value instanceof Date && (!isNaive || !type._length || value.getTime() % unit === 0),
  });
}

/** Local time of a named zone, at the instant that Sequelize reads, with the digits that a Date has no place for. */
function inZone(text: string, type: DataType, timezone: string): Json {
  const { parse } = type.constructor as { parse?: (field: { string(): string }, options: object) => Date };
  const instant = timestampOf(parse?.({ string: () => text }, { timezone }) ?? text, '+00:00');
  const [, digits = ''] = /\.\d{3}(\d+)$/.exec(text) ?? [];
  return instant === 'Invalid Date' ? text : String(instant).replace('Z', `${digits.replace(/0+$/, '')}Z`);
}

function fromInfinity(value: Json): Json | number {
  return value === 'Infinity' || value === '-Infinity' ? Number(value) : value;
}

/** The text as the database stores it, where that is known here: PostgreSQL pads a CHAR and lowers a UUID. */
function storedForm(value: string, { key, _length }: DataType, dialect: string): string {
  if (key === 'UUID' && dialect === 'postgres' && uuid.test(value)) return value.toLowerCase();
  if (key !== 'CHAR') return value;
  if (isMysql(dialect)) return value.replace(/ +$/, '');
  return dialect === 'postgres' ? value + ' '.repeat(Math.max(0, Number(_length) - [...value].length)) : value;
}

function isBase64(value: Json | undefined): value is string {
  return typeof value === 'string' && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value);
}

/** Whether a column of this type holds nothing but text; in others SQLite makes numbers of what looks like one. */
function holdsText({ key }: DataType): boolean {
  return ['STRING', 'TEXT', 'CITEXT', 'CHAR', 'ENUM'].includes(key);
}

function hasStoredForm(value: string, { key }: DataType, dialect: string): boolean {
  switch (key) {
    case 'STRING':
    case 'TEXT':
    case 'CITEXT':
    case 'CHAR':
      return true;
    case 'ENUM':
      // MySQL compares with its labels without regard to case, and stores the label.
      return !isMysql(dialect);
    // SQLite makes a number of text that looks like one, in columns of these two.
    case 'UUID':
      return uuid.test(value);
    case 'TIME':
      return /^\d\d:\d\d:\d\d$/.test(value);
    default:
      return false;
  }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
