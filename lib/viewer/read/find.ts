/** Finds entries for a page, and never looks at more of the log than a page is worth. */
import type { Action, Audit, AuditEntry, EntriesQuery } from '../../index.js';
import { holds } from './holds.js';
import { isIndexed, rangeOf } from './log-window.js';
import type { SeenEntry, Sight } from './sight.js';

export interface Filter {
  readonly model?: string | undefined;
  /** null for nobody. */
  readonly actor?: string | null | undefined;
  readonly action?: Action | undefined;
  readonly attribute?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** Anywhere in the record id, the actor, the reason, `meta`, or what changed; capitals do not matter. */
  readonly text?: string | undefined;
}

export interface Found {
  readonly entries: readonly SeenEntry[];
  /** Where the next page begins; null when there is none. */
  readonly next: string | null;
  /** The lowest id that was looked at when looking ended before the page was full; null when nothing is left. */
  readonly lookedDownTo: string | null;
}

/** Ids that are passed in the database where no index leads to what is asked for. */
export const widest = 50_000;
/** Entries that are read and looked at one by one. */
export const most = 5_000;
const atOnce = 250;

/** The newest entries that fulfil a filter and may be seen. @param after the id of the last one of the page before */
export async function find(
  audit: Audit,
  sight: Sight,
  filter: Filter,
  after: string | undefined,
  limit: number,
): Promise<Found> {
  const nothing: Found = { entries: [], next: null, lookedDownTo: null };
  if (filter.model !== undefined && !sight.hasModel(filter.model)) return nothing;
  if (sight.modelNames?.length === 0) return nothing;
  const { top, bottom } = await rangeOf(audit, filter.since, filter.until);
  if (top === null || top < bottom) return nothing;
  const { asked, rest, isLed } = planOf(audit, sight, filter);
  const start = after !== undefined && BigInt(after) <= top ? BigInt(after) : top + 1n;
  const end = !isLed && start - BigInt(widest) > bottom ? start - BigInt(widest) : bottom;

  const isExact = !rest && filter.text === undefined && !sight.isNarrowed;
  const found: SeenEntry[] = [];
  let cursor = start;
  let looked = 0;
  while (cursor > end) {
    const size = isExact ? limit + 1 : atOnce;
    const query = { ...asked, after: cursor, upTo: end, limit: size };
    const batch = await audit.entries(query);
    const seen = await sight.entries(rest ? batch.filter(rest) : batch);
    found.push(...seen.filter((entry) => filter.text === undefined || says(entry, filter.text)));
    if (found.length > limit)
      return { entries: found.slice(0, limit), next: found[limit - 1]?.id ?? null, lookedDownTo: null };
    looked += batch.length;
    cursor = batch.length < size ? end : BigInt(batch.at(-1)?.id ?? end);
    if (looked >= most) break;
  }
  const next = cursor > bottom ? String(cursor) : null;
  return { entries: found, next, lookedDownTo: next };
}

interface Plan {
  readonly asked: EntriesQuery;
  /** What is not asked of the database; null when nothing is. */
  readonly rest: ((entry: AuditEntry) => boolean) | null;
  /** Whether an index leads to it, in the order of the log. */
  readonly isLed: boolean;
}

/** By one index, and the rest is looked at; or by all conditions together, within few enough entries. */
function planOf(audit: Audit, sight: Sight, { model, actor, action, attribute, since, until }: Filter): Plan {
  const models = model ?? sight.modelNames;
  const { meta } = sight;
  const conditions: EntriesQuery = {
    ...(models === undefined ? {} : { model: models }),
    ...(actor === undefined ? {} : { actor }),
    ...(action === undefined ? {} : { action }),
    ...(attribute === undefined ? {} : { attribute }),
    ...(meta ? { meta } : {}),
  };
  const leads = { actor: ['actor', actor], model: ['modelName', model], action: ['action', action] } as const;
  const led = Object.entries(leads).find(([, [name, value]]) => value !== undefined && isIndexed(audit, name))?.[0];
  const asked = led === undefined ? conditions : { [led]: conditions[led as keyof EntriesQuery] };
  const others = Object.keys(conditions).some((name) => !Object.hasOwn(asked, name));
  const isTimed = since !== undefined || until !== undefined;
  const rest = (entry: AuditEntry) =>
    (models === undefined || [models].flat().includes(entry.modelName)) &&
    (actor === undefined || entry.actor === actor) &&
    (action === undefined || entry.action === action) &&
    (meta === undefined || holds(entry.meta, meta)) &&
    (attribute === undefined || entry.changes.some((change) => change.attribute === attribute)) &&
    (since === undefined || entry.at >= since) &&
    (until === undefined || entry.at <= until);
  return { asked, rest: others || isTimed ? rest : null, isLed: led !== undefined };
}

function says({ recordId, actor, reason, meta, changes }: SeenEntry, text: string): boolean {
  const words = JSON.stringify([recordId, actor, reason, meta, changes.map(({ path, from, to }) => [path, from, to])]);
  return words.toLowerCase().includes(JSON.stringify(text).slice(1, -1).toLowerCase());
}
