/** The record that a page is about, and the points of its history that a page is asked for. */
import type { Audit, AuditEntry, History, ModelAudit, Point } from '../../index.js';
import { notFound, Refusal } from '../refusal.js';
import type { RecordName, SeenEntry, Sight } from './sight.js';

export interface SeenRecord extends RecordName {
  /** The last entry. */
  readonly last: SeenEntry;
  /** null where the model is not audited any more, so that nothing can be rebuilt. */
  readonly history: History | null;
  readonly audited: ModelAudit | null;
  /** As `audit.history` takes it. */
  readonly key: unknown;
  /** How many revisions there are; null without `history`. */
  readonly count: number | null;
}

/** A point in a history: its text in an address, and what there was. */
export interface SeenPoint {
  readonly text: string;
  readonly point: Point;
  /** The entry that made the record what it was then; null where it did not exist yet. */
  readonly entry: SeenEntry | null;
}

/** Revisions that are replayed for a page. */
export const longest = 20_000;

/** @returns null when there is none, or it may not be seen */
export async function entryOf(audit: Audit, sight: Sight, id: string): Promise<SeenEntry | null> {
  if (!/^[1-9]\d{0,17}$/.test(id)) throw new Refusal(400, 'An entry is named by its number.');
  const found = await audit.entries({ after: BigInt(id) + 1n, upTo: id, limit: 1 });
  return (await sight.entries(found))[0] ?? null;
}

/** @throws Refusal 404 when there is none, or it may not be seen */
export async function recordOf(audit: Audit, sight: Sight, params: URLSearchParams): Promise<SeenRecord> {
  const name = await nameOf(audit, sight, params);
  if (!name || !sight.hasModel(name.modelName)) throw notFound('record');
  const { modelName: model, recordId } = name;
  const newest = await audit.entries({ model, recordId, limit: 1 }).catch(() => [] as AuditEntry[]);
  const [last] = await sight.entries(newest);
  if (!last) throw notFound('record');
  const audited = sight.models.find(({ modelName }) => modelName === model) ?? null;
  for (const key of audited ? keysOf(audited, recordId) : []) {
    const history = historyOf(audit, audited as ModelAudit, key);
    // An id can be the text of several keys: the right one is that under which the entries are.
    const [revision] = history ? await history.revisions({ order: 'DESC', limit: 1 }) : [];
    if (history && revision?.recordId === recordId)
      return { ...name, last, history, audited, key, count: revision.revision };
  }
  return { ...name, last, history: null, audited, key: null, count: null };
}

/**
 * @param text a revision, or a moment such as 2026-03-01 10:00 (UTC unless it says otherwise)
 * @throws Refusal 400 for what is none, and for a revision that the record does not have
 */
export async function pointOf(
  audit: Audit,
  sight: Sight,
  { modelName, recordId, history, count }: SeenRecord,
  text: string,
): Promise<SeenPoint> {
  const { Op } = (audit.sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
  const asked = parsed(text);
  if (typeof asked === 'number') {
    if (count === null || asked > count) throw new Refusal(400, `The record has no revision ${asked}.`);
    checkLength(asked);
    const [row] = await audit.AuditLog.findAll({
      // Not "=": PostgreSQL would rather walk the log in its order than read the index of the record.
      where: { modelName: { [Op.between]: [modelName, modelName] }, recordId: { [Op.between]: [recordId, recordId] } },
      attributes: ['id'],
      order: ['modelName', 'recordId', 'id'],
      offset: asked - 1,
      limit: 1,
      raw: true,
    });
    const entry = row ? await entryOf(audit, sight, String(row.id)) : null;
    return { text, point: asked, entry: entry && { ...entry, revision: asked } };
  }
  const [found] = (await history?.revisions({ order: 'DESC', limit: 1, until: asked })) ?? [];
  if (!found) return { text, point: asked, entry: null };
  checkLength(found.revision);
  const [entry] = await sight.entries([found]);
  // The revision from here on: between two questions the same moment could get another.
  return { text, point: found.revision, entry: entry ?? null };
}

/** A point in an address: its revision, where it has one. */
export function pointKey({ point, text }: SeenPoint): string {
  return typeof point === 'number' ? String(point) : text;
}

/** @throws Refusal 400 when the replay would take too long for a page */
export function checkLength(revisions: number): void {
  if (revisions > longest)
    throw new Refusal(400, `Pages replay at most ${longest} revisions of a record, and here it would be ${revisions}.`);
}

async function nameOf(audit: Audit, sight: Sight, params: URLSearchParams): Promise<RecordName | null> {
  const [entry, modelName, recordId] = ['entry', 'model', 'id'].map((name) => params.get(name));
  if (entry) return entryOf(audit, sight, entry);
  if (!modelName || recordId === null || recordId === undefined)
    throw new Refusal(400, 'A record is named by its model and its id.');
  return { modelName, recordId };
}

function historyOf(audit: Audit, { model }: ModelAudit, key: unknown): History | null {
  try {
    return audit.history(model, key);
  } catch {
    return null;
  }
}

/** What the key of a record can be whose id in the log is this text. */
function keysOf({ model }: ModelAudit, recordId: string): unknown[] {
  const names = model.primaryKeyAttributes;
  if (names.length === 1) return [recordId, Buffer.from(recordId, 'base64')];
  try {
    const values = JSON.parse(recordId) as unknown[];
    return [Object.fromEntries(names.map((name, index) => [name, values[index]]))];
  } catch {
    return [];
  }
}

function parsed(text: string): Point {
  const trimmed = text.trim();
  if (/^[1-9]\d{0,8}$/.test(trimmed)) return Number(trimmed);
  const isMoment = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/.test(trimmed);
  const iso = trimmed.replace(' ', 'T');
  const moment = new Date(iso.includes('T') && !/(Z|[+-]\d\d:\d\d)$/.test(iso) ? `${iso}Z` : iso);
  if (!isMoment || Number.isNaN(moment.getTime()))
    throw new Refusal(400, 'Give a revision, such as 3, or a moment, such as 2026-03-01 10:00.');
  return moment;
}
