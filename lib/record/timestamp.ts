/** Turns a point in time, as a driver or an instance gives it, into ISO 8601 in UTC (RFC 3339 §5.6). */
import type { Json } from '../patch/operation.js';

const form =
  /^(\d{4,6})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? ?(Z|[+-]\d\d(?::?\d\d)?(?::?\d\d)?)?( BC)?$/i;

/** The form in which PostgreSQL writes UTC: nothing is left to do but the digits. */
const utc = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\+00:00$/;

/** That in which Sequelize writes it on SQLite, whose text can name days that there are not. */
const written =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])) ((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))? \+00:00$/;

/**
 * @param value a Date, a timestamp as SQL text, or ±Infinity, which PostgreSQL knows
 * @param offset that text without one is meant in, as `+02:00`
 * @returns milliseconds always, microseconds where the text has any; text that is no timestamp as it is
 */
export function timestampOf(value: unknown, offset: string): Json {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  const text = String(value);
  const isUtc = utc.exec(text) ?? written.exec(text);
  if (isUtc) return `${isUtc[1]}T${isUtc[2]}.${digitsOf(isUtc[3])}Z`;
  if (/^-?infinity$/i.test(text)) return text.startsWith('-') ? '-Infinity' : 'Infinity';
  const match = form.exec(text);
  if (!match) return text;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month === 0 || day === 0) return text;
  const fraction = digitsOf(match[7]);
  const date = new Date(0);
  // Not Date.UTC, which reads the years 0 to 99 as 1900 to 1999; the year before 1 is 1 BC.
  date.setUTCFullYear(match[9] ? 1 - year : year, month - 1, day);
  date.setUTCHours(hour, minute, second, Number(fraction.slice(0, 3)));
  const instant = new Date(date.getTime() - secondsOf(match[8] ?? offset) * 1000);
  if (Number.isNaN(instant.getTime())) return text;
  return instant.toISOString().replace('Z', `${fraction.slice(3)}Z`);
}

/** Milliseconds, and what there is beyond them. */
function digitsOf(fraction = ''): string {
  return fraction.slice(0, 3).padEnd(3, '0') + fraction.slice(3).replace(/0+$/, '');
}

/**
 * The day that it was at an instant.
 *
 * @param timezone an offset, as `+02:00`
 * @returns undefined for what is no instant as the log writes it, and in a zone with a name
 */
export function dayOf(value: Json, timezone: string): string | undefined {
  const isInstant = typeof value === 'string' && /^\d{4}-\d\d-\d\dT.+Z$/.test(value);
  if (!isInstant || !/^[+-]\d\d:\d\d$/.test(timezone)) return undefined;
  return new Date(Date.parse(value) + secondsOf(timezone) * 1000).toISOString().slice(0, 10);
}

/** Seconds east of UTC; old local times have offsets to the second. */
function secondsOf(offset: string): number {
  const match = /^([+-])(\d\d):?(\d\d)?:?(\d\d)?$/.exec(offset);
  if (!match) return 0;
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  return match[1] === '-' ? -seconds : seconds;
}
