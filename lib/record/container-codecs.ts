/** The codecs of values that hold others: JSON, and the arrays, ranges and hstores of PostgreSQL. */
import type { Document, Json } from '../patch/operation.js';
import { isContainer } from '../patch/pointer.js';
import { type Codec, castToText, codec, isMysql, type Place, throughJson } from './encoding.js';
import { looksRedacted } from './redact.js';
import { blob } from './text-codecs.js';

/** Types whose arrays come as exact elements only as arrays of text. Not CHAR, whose text is without the padding. */
const textElements = 'BIGINT DECIMAL ENUM CITEXT UUID STRING TEXT DATEONLY RANGE HSTORE'.split(' ');

/** JSON as it is; a Date or anything else that is none as JSON.stringify writes it. */
export function json({ dialect }: Place): Codec {
  const isText = dialect === 'sqlite' || isMysql(dialect);
  return codec({
    select: isMysql(dialect) ? castToText(dialect) : (column) => column,
    fromStored: (value) => wrapped(isText && typeof value === 'string' ? parsed(value) : throughJson(value)),
    fromInstance: (value) => wrapped(throughJson(value)),
    decode: (value) => structuredClone(unwrapped(value)),
    // SQLite turns JSON that is nothing but a number into a number of its own.
    isExact: (value) => typeof value !== 'number',
  });
}

/** JSON that could be taken for what stands for a redacted value is put into one more of its kind. */
function wrapped(json: Json): Json {
  return looksRedacted(json) ? { $redacted: json } : json;
}

function unwrapped(json: Json): Json {
  return looksRedacted(json) && looksRedacted(json.$redacted) ? json.$redacted : json;
}

/** An array of any depth. @param inner the codec of its elements, whose type has this key */
export function array(inner: Codec, key: string): Codec {
  // PostgreSQL holds arrays in arrays also where the type names one dimension; a range is an array to Sequelize.
  const isElement = (value: unknown) => !Array.isArray(value) || key === 'ARRAY' || key === 'RANGE';
  const each = (code: (value: never) => unknown) =>
    function all(value: unknown): Json {
      if (!Array.isArray(value)) return code(value as never) as Json;
      return value.map((item) => (isElement(item) ? code(item as never) : all(item))) as Json;
    };
  return codec({
    select: (column) => (textElements.includes(key) ? `${column}::text[]` : inner.select(column)),
    fromStored: each(inner.fromStored),
    fromInstance: each(inner.fromInstance),
    decode: each(inner.decode),
    // Of bytes in an array Sequelize writes the SQL literal.
    isExact: (value) => inner !== blob && Array.isArray(value) && value.flat(9).every(inner.isExact),
  });
}

/** A range as Sequelize reads it: its two bounds as `{ value, inclusive }`, or none when it is empty. */
export function range(inner: Codec): Codec {
  const each = (code: (value: never) => unknown) => (value: unknown) =>
    Array.isArray(value) ? (value as unknown[]).map((side) => bound(side, code)) : value;
  return codec({
    select: castToText('postgres'),
    fromStored: (value) => each(inner.fromStored)(rangeOf(String(value))) as Json,
    fromInstance: each(inner.fromInstance) as (value: unknown) => Json,
    decode: each(inner.decode),
  });
}

/** Keys and values as PostgreSQL holds them. */
export const hstore = codec({
  select: castToText('postgres'),
  fromStored: (value) => hstoreOf(String(value)),
  // Sequelize gives the text where it does not know the type, as when the extension is younger than the connection.
  fromInstance: (value) =>
    typeof value === 'string' ? hstoreOf(value) : mapText(value as object, (text) => text.replaceAll("'", "''")),
  // Sequelize doubles each single quote that it writes, and halves it when it reads.
  decode: (value) => (isPairs(value) ? mapText(value, (text) => text.replaceAll("''", "'")) : value),
});

function bound(side: unknown, code: (value: never) => unknown): unknown {
  const isBound = typeof side === 'object' && side !== null && 'value' in side;
  return isBound ? { ...side, value: code(side.value as never) } : code(side as never);
}

/** The bounds in the text of a range, as the manual of PostgreSQL describes it (§8.17.5). */
function rangeOf(text: string): unknown {
  if (text === 'empty') return [];
  const match = /^([[(])(?:"([^"]*)"|([^",]*)),(?:"([^"]*)"|([^",]*))([\])])$/.exec(text);
  if (!match) return text;
  const [, opening, ...bounds] = match;
  const limitOf = (quoted: string | undefined, bare: string | undefined) => quoted ?? (bare === '' ? null : bare);
  return [
    { value: limitOf(bounds[0], bounds[1]), inclusive: opening === '[' },
    { value: limitOf(bounds[2], bounds[3]), inclusive: bounds[4] === ']' },
  ];
}

/** The pairs in the text of an hstore, as the manual of PostgreSQL describes it (§F.17.1). */
function hstoreOf(text: string): Json {
  const pairs = text.matchAll(/"((?:[^"\\]|\\.)*)"=>(?:NULL|"((?:[^"\\]|\\.)*)")/gs);
  const unescaped = (quoted: string) => quoted.replace(/\\(.)/gs, '$1');
  return Object.fromEntries(
    [...pairs].map(([, key = '', value]) => [unescaped(key), value === undefined ? null : unescaped(value)]),
  );
}

function isPairs(value: Json): value is Document {
  const isObject = isContainer(value) && !Array.isArray(value);
  return isObject && Object.values(value).every((each) => each === null || typeof each === 'string');
}

function mapText(pairs: object, map: (text: string) => string): Json {
  const entries = Object.entries(pairs as Record<string, unknown>);
  return Object.fromEntries(entries.map(([key, value]) => [map(key), value === null ? null : map(String(value))]));
}

/** JSON text as a value; text that is no JSON stays text, as nothing else could be said of it. */
function parsed(value: string): Json {
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}
