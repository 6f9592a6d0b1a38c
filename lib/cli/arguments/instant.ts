/** Times as users write them. */
import { UsageError } from '../exit.js';

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** What a time may look like, for messages and the help. */
export const instantForms = '2026-01-31T10:00 (UTC), or 2h for two hours ago';

/**
 * A time in ISO 8601, in UTC unless it says otherwise; a day is its first moment. Or so long ago: `90s`, `30m`, `2h`,
 * `3d`, `1w`.
 *
 * @param option what it is called in the message
 * @throws UsageError
 */
export function instantOf(text: string, option: string, now = new Date()): Date {
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (count !== undefined) return new Date(now.getTime() - Number(count) * units[unit as keyof typeof units]);
  const [, day, time = '00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/i.exec(text) ?? [];
  const isDay = day !== undefined && new Date(`${day}T00:00Z`).toJSON()?.startsWith(day);
  const found = new Date(`${day}T${time}${zone.toUpperCase().replace(/(\d\d)(\d\d)$/, '$1:$2')}`);
  if (!isDay || Number.isNaN(found.getTime()))
    throw new UsageError(`${option}: expected a time such as ${instantForms}, got ${JSON.stringify(text)}`);
  return found;
}
