/** Compares values that codecs of different times encoded: the type of an attribute may have changed between them. */
import { isEqual } from '../patch/diff.js';
import type { Json } from '../patch/operation.js';
import { isContainer } from '../patch/pointer.js';
import type { Codec } from './encoding.js';
import { dayOf, timestampOf } from './timestamp.js';

/**
 * Whether two values of one attribute are the same but for the type that it had. The types themselves are not in the
 * log, and there may have been others between those two and today's; so what two types can have made of one value is
 * taken for that.
 *
 * @param codec of today's type; undefined for an attribute that is no more
 * @param timezone of times without one: an offset, or a name
 */
export function isSameValue(codec: Codec | undefined, left: Json, right: Json, timezone: string): boolean {
  if (isEqual(left, right)) return true;
  if (left === null || right === null) return false;
  if (typeof left !== typeof right && isEqual(contentOf(left), contentOf(right))) return true;
  if (isContainer(left) || isContainer(right)) return false;
  // By the codec two instants could look alike, as a Date has no microseconds.
  if (isInstant(left) && isInstant(right)) return false;
  if (isInstant(left)) return isOfInstant(right, left, timezone);
  if (isInstant(right)) return isOfInstant(left, right, timezone);
  if (isDecimal(left) && isDecimal(right)) return trimmed(left) === trimmed(right);
  return codec !== undefined && isEqual(formOf(codec, left), formOf(codec, right));
}

/** A value in the form that the codec of today's type gives it; as it is where it has none in that. */
export function inForm(codec: Codec, value: Json): Json {
  const decoded = codec.decode(value);
  // A Date has no microseconds, be it alone or in a container.
  const isKept =
    decoded === value ||
    (isInstant(value) && decoded instanceof Date) ||
    (isContainer(value) && typeof decoded === 'object');
  return isKept ? value : codec.fromInstance(decoded);
}

/** What is written in text that is JSON, and truth as the number that most databases hold of it. */
export function contentOf(value: Json): Json {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string') return value;
  try {
    const content = JSON.parse(value) as Json;
    return typeof content === 'boolean' ? Number(content) : content;
  } catch {
    return value;
  }
}

function formOf(codec: Codec, value: Json): Json {
  return codec.fromInstance(codec.decode(value));
}

/** Whether a value is a point in time as the log writes it. */
function isInstant(value: Json): value is string {
  return typeof value === 'string' && /^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z$/.test(value);
}

/** Whether text is a point in time as databases write it, or its day. */
function isOfInstant(text: Json, instant: string, timezone: string): boolean {
  return timestampOf(text, timezone) === instant || dayOf(instant, timezone) === text;
}

function isDecimal(value: Json): value is string {
  return typeof value === 'string' && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value);
}

function trimmed(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}
