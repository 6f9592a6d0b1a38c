/** How the past keeps the values of a column in SQLite: so that they compare as they should, and read back exactly. */
import type { Json } from '../../patch/operation.js';
import type { DataType } from '../../record/codec.js';

export type Stored = number | string | Buffer;

/** What stands for a value that is not null. */
export interface Storage {
  /** @param json as the log has it */
  readonly write: (json: Json) => Stored;
  /** @returns the same JSON again, if it was such as the type has */
  readonly read: (stored: Stored) => Json;
  /** Whether a value is kept as most are, so that it compares with them. */
  readonly isUsual: (stored: Stored) => boolean;
  /** Whether text is read as it is kept, so that it must be kept as it is read. */
  readonly isVerbatim?: boolean;
  /** Whether its numbers have fractions. */
  readonly isReal?: boolean;
  /** Whether conditions compare it as a number whatever stands for it. */
  readonly isDecimal?: boolean;
}

/** The storage of an attribute of this type, as the dialect that the rows come from has it. */
export function storageOf(type: DataType, dialect: string): Storage {
  switch (type.key) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'MEDIUMINT':
    case 'INTEGER':
      return {
        write: (json) => numeral(json, String),
        read: (stored) => (isNumber(stored) ? stored : unpadded(stored)),
        isUsual: isNumber,
      };
    case 'BIGINT':
      return { write: (json) => numeral(json, String), read: (stored) => unpadded(String(stored)), isUsual: isNumber };
    case 'DECIMAL':
      return decimal(type, dialect);
    case 'FLOAT':
    case 'REAL':
    case 'DOUBLE PRECISION':
    case 'NUMBER':
      return {
        write: (json) => (isSpecial(json) ? Number(json) : plain(json)),
        read: special,
        isUsual: isNumber,
        isReal: true,
      };
    case 'BOOLEAN':
      return {
        write: plain,
        read: (stored) => (stored === 1 || stored === 0 ? stored === 1 : textual(stored)),
        isUsual: isNumber,
      };
    case 'DATE':
      return {
        write: spaced,
        read: (stored) => (isNumber(stored) ? stored : instant(stored)),
        isUsual: (stored) => instant(stored) !== stored,
      };
    case 'BLOB':
      return bytes;
    case 'JSON':
    case 'JSONB':
    case 'ARRAY':
    case 'RANGE':
    case 'HSTORE':
    case 'GEOMETRY':
    case 'GEOGRAPHY':
      return {
        write: (json) => JSON.stringify(json),
        read: (stored) => JSON.parse(String(stored)) as Json,
        isUsual: isText,
      };
    default:
      return dialect === 'postgres' && type._binary
        ? bytes
        : { write: plain, read: textual, isUsual: isText, isVerbatim: true };
  }
}

/** A value as SQL. @param isReal whether a whole number is one that has fractions elsewhere, and divides as such */
export function literalOf(stored: Stored | null, isReal = false): string {
  if (stored === null) return 'NULL';
  if (Buffer.isBuffer(stored)) return `X'${stored.toString('hex')}'`;
  if (typeof stored === 'string') {
    // SQL ends at a NUL.
    if (stored.includes('\0')) return `CAST(X'${Buffer.from(stored).toString('hex')}' AS TEXT)`;
    return `'${stored.replaceAll("'", "''")}'`;
  }
  if (!Number.isFinite(stored)) return stored > 0 ? '9e999' : '-9e999';
  if (Object.is(stored, -0)) return '-0.0';
  return isReal && Number.isInteger(stored) && Math.abs(stored) < 1e21 ? `${stored}.0` : String(stored);
}

/** A number as SQL that makes SQLite compare the other side as a number, too (datatype3 §4.2). */
export function numericLiteralOf(json: Json): string | null {
  const digits = String(json).replace(/e.*$/i, '').replace(/[-.]/g, '').replace(/^0+/, '');
  const number = Number(json);
  return Number.isNaN(number) || digits.length > 15 ? null : `CAST(${literalOf(number)} AS NUMERIC)`;
}

const bytes: Storage = {
  write: (json) => Buffer.from(String(json), 'base64'),
  read: (stored) => Buffer.from(stored as Buffer).toString('base64'),
  isUsual: () => true,
};

function decimal(type: DataType, dialect: string): Storage {
  const scale = dialect === 'sqlite' || (dialect === 'postgres' && !type._precision) ? null : (type._scale ?? 0);
  const format = (number: number) => (scale === null ? String(number) : number.toFixed(scale));
  return {
    write: (json) => numeral(json, format),
    read: (stored) => (isNumber(stored) ? format(stored) : unpadded(stored)),
    isUsual: isNumber,
    isDecimal: true,
  };
}

/**
 * A number where it is enough to find the digits again; text of it elsewhere, filled up so that it sorts behind all
 * numbers, and by size. Columns have no affinity, so SQLite leaves both as they are.
 */
function numeral(json: Json, format: (number: number) => string): Stored {
  if (typeof json === 'number' || typeof json === 'object') return plain(json);
  const text = String(json);
  const number = Number(text);
  const isWhole = /^-?\d+$/.test(text);
  if (text.trim() !== '' && format(number) === text && (isWhole ? Number.isSafeInteger(number) : !Number.isNaN(number)))
    return number;
  const [whole = ''] = text.split('.');
  return /^(0|[1-9]\d*)(\.\d+)?$/.test(text) ? text.padStart(text.length + Math.max(0, 40 - whole.length)) : text;
}

function unpadded(stored: Stored): Json {
  return /^ +\d/.test(String(stored)) ? String(stored).trimStart() : textual(stored);
}

/** ISO 8601 as Sequelize writes dates into SQLite. */
function spaced(json: Json): Stored {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d\.\d+)Z$/.exec(String(json));
  return match ? `${match[1]} ${match[2]} +00:00` : plain(json);
}

function instant(stored: Stored): Json {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d+) \+00:00$/.exec(String(stored));
  return match ? `${match[1]}T${match[2]}Z` : textual(stored);
}

/** JSON that is one value as it is; bytes of a text column as bytes. */
function plain(json: Json): Stored {
  if (typeof json === 'boolean') return Number(json);
  if (typeof json === 'number' || typeof json === 'string') return json;
  const { base64 } = json as { readonly base64?: string };
  return base64 === undefined ? JSON.stringify(json) : Buffer.from(base64, 'base64');
}

function textual(stored: Stored): Json {
  return Buffer.isBuffer(stored) ? { base64: stored.toString('base64') } : stored;
}

function special(stored: Stored): Json {
  if (!isNumber(stored)) return textual(stored);
  if (Object.is(stored, -0)) return '-0';
  return Number.isFinite(stored) ? stored : String(stored);
}

/** What SQLite has a number for and JSON has none. */
function isSpecial(json: Json): boolean {
  return json === 'Infinity' || json === '-Infinity' || json === '-0';
}

function isNumber(stored: Stored): stored is number {
  return typeof stored === 'number';
}

function isText(stored: Stored): boolean {
  return typeof stored === 'string';
}
