/** What an actor did over time, counted from a bounded number of the last entries. */
import type { Audit } from '../../index.js';
import { holds } from './holds.js';
import { keyOf, type Sight } from './sight.js';

export interface Activity {
  readonly unit: 'hour' | 'day' | 'week' | 'month';
  /** One for each hour, day, week or month from the first to the last, those without entries too. */
  readonly bars: readonly { readonly from: Date; readonly count: number }[];
  readonly total: number;
  /** Whether there were more entries than are counted. */
  readonly isCut: boolean;
}

/** Entries that are counted; fewer where it is asked of each record whether it may be seen. */
const [most, mostNarrowed] = [5000, 500];
const [hour, day] = [3_600_000, 86_400_000];
const longest = 60;

/** @param actor null for nobody @returns null when there is nothing to count */
export async function activityOf(audit: Audit, sight: Sight, actor: string | null): Promise<Activity | null> {
  const { Op } = (audit.sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
  const limit = sight.isNarrowed ? mostNarrowed : most;
  const rows = await audit.AuditLog.findAll({
    // Not "=": PostgreSQL would rather walk the log in its order than read the index of an actor who wrote little.
    where: actor === null ? { actor } : { actor: { [Op.between]: [actor, actor] } },
    attributes: ['modelName', 'createdAt', ...(sight.isNarrowed ? ['recordId', 'meta'] : [])],
    order: [
      ['actor', 'DESC'],
      ['id', 'DESC'],
    ],
    limit,
  });
  const { meta } = sight;
  const possible = rows.filter((row) => sight.hasModel(row.modelName) && (!meta || holds(row.meta, meta)));
  const seen = sight.isNarrowed ? await sight.records(possible) : null;
  const times = possible.filter((row) => !seen || seen.has(keyOf(row))).map(({ createdAt }) => createdAt.getTime());
  if (times.length === 0) return null;
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const unit =
    (['hour', 'day', 'week'] as const).find((each) => startsOf(first, last, each).length <= longest) ?? 'month';
  const starts = startsOf(first, last, unit).slice(-longest);
  const bars = starts.map((from, index) => {
    const until = starts[index + 1] ?? Number.POSITIVE_INFINITY;
    return { from: new Date(from), count: times.filter((time) => time >= from && time < until).length };
  });
  return { unit, bars, total: times.length, isCut: rows.length === limit };
}

/** Where each hour, day, week or month begins, in UTC; no more than are ever shown, and one. */
function startsOf(first: number, last: number, unit: Activity['unit']): number[] {
  const starts = [startOf(last, unit)];
  while ((starts[0] as number) > first && starts.length <= longest)
    starts.unshift(startOf((starts[0] as number) - 1, unit));
  return starts;
}

function startOf(time: number, unit: Activity['unit']): number {
  const date = new Date(time);
  if (unit === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  if (unit === 'hour') return time - (((time % hour) + hour) % hour);
  const midnight = time - (((time % day) + day) % day);
  // Weeks begin on Mondays, as in ISO 8601.
  return unit === 'day' ? midnight : midnight - ((date.getUTCDay() + 6) % 7) * day;
}
