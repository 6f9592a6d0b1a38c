/** Lists what happened to one record: its entries with their places in its history, all of them or a page. */
import type { Order, WhereOptions } from 'sequelize';
import type { AuditLogAttributes } from '../log/model.js';
import type { AuditedModel } from '../record/audited-model.js';
import { checkOptions, invalid } from './arguments.js';
import { type Condition, Conditions } from './conditions.js';
import { leadOfRecord, led } from './led.js';
import { type HistoryOptions, type HistoryParts, LogReader } from './log-reader.js';
import { cursorOf, type Direction, instantOf, namesOf } from './query.js';
import { type Revision, revisionOf } from './revision.js';

export interface RevisionsOptions extends HistoryOptions {
  /** Conditions on the attributes of AuditLog. */
  readonly where?: WhereOptions<AuditLogAttributes> | undefined;
  /** Written at this time or later. */
  readonly since?: Date | undefined;
  /** Written at this time or earlier. */
  readonly until?: Date | undefined;
  /** Those that changed one of these attributes. What begins or ends the record changes all it holds. */
  readonly attributes?: readonly string[] | undefined;
  /** @default all */
  readonly limit?: number | undefined;
  /** 'DESC' is newest first; any other order as `findAll` takes it, without `after`. @default 'ASC', oldest first */
  readonly order?: Direction | Order | undefined;
  /** The `id` of the last revision of the page before. */
  readonly after?: string | number | bigint | undefined;
}

const known = ['where', 'since', 'until', 'attributes', 'limit', 'order', 'after', 'transaction'] as const;

export async function revisions(
  parts: HistoryParts,
  audited: AuditedModel,
  recordId: string,
  options: RevisionsOptions,
): Promise<Revision[]> {
  checkOptions(options, known);
  const { where, limit, order = 'ASC' } = options;
  if (where !== undefined && (typeof where !== 'object' || where === null))
    throw invalid('where', 'conditions on the attributes of AuditLog', where);
  const since = instantOf('since', options.since);
  const until = instantOf('until', options.until);
  const attributes = attributesOf(audited, options.attributes);
  const after = cursorOf(options.after);
  const direction = directionOf(order);
  if (direction === undefined && !Array.isArray(order))
    throw invalid('order', '"ASC", "DESC" or an array as findAll takes', order);
  if (direction === undefined && after !== undefined) throw invalid('order', '"ASC" or "DESC" beside after', order);

  const conditions = new Conditions(parts);
  const reader = new LogReader(parts);
  const record = conditions.ofRecord(audited.modelName, recordId);
  const filters: Condition[] = [
    ...(where === undefined ? [] : [where]),
    ...((since ?? until) ? [conditions.within({ since, until }, false)] : []),
    ...(attributes ? [conditions.touching(attributes)] : []),
  ];
  const { where: first, order: by } =
    direction && (limit ?? after) !== undefined
      ? led(parts, conditions, leadOfRecord(audited.modelName, recordId), { direction, after })
      : { where: record, order: direction ? ([['id', direction]] as Order) : (order as Order) };
  const rows = await reader.find({ where: conditions.all(first, ...filters), limit, order: by }, options);
  return numbered(rows, filters.length === 0 && direction !== undefined);

  /** Which revision an entry is depends on all that came before it, not on those that were asked for. */
  async function numbered(found: readonly AuditLogAttributes[], isGapless: boolean): Promise<Revision[]> {
    const ids = found.map(({ id }) => BigInt(id)).sort((left, right) => (left < right ? -1 : 1));
    const [first, last] = [ids[0], ids.at(-1)];
    if (first === undefined || last === undefined) return [];
    const isFromStart = isGapless && direction === 'ASC' && after === undefined;
    const before = isFromStart
      ? 0
      : await reader.count(conditions.all(record, conditions.behind(String(first), 'DESC')), options);
    const between = isGapless
      ? ids
      : (
          await reader.find(
            { where: conditions.all(record, conditions.between(String(first), String(last))), attributes: ['id'] },
            options,
          )
        ).map(({ id }) => BigInt(id));
    const places = new Map(between.map((id, index) => [id, before + index + 1]));
    return found.map((row) => revisionOf(row, places.get(BigInt(row.id)) as number));
  }
}

function attributesOf(audited: AuditedModel, given: unknown): readonly string[] | undefined {
  if (given !== undefined && !Array.isArray(given)) throw invalid('attributes', 'an array of names', given);
  const names = namesOf('attributes', given);
  const unknown = names?.find((name) => !audited.column(name));
  if (unknown !== undefined) {
    const all = audited.columns.map(({ attribute }) => attribute).join(', ');
    throw invalid('attributes', `audited attributes of ${audited.model.name}: ${all}`, unknown);
  }
  // Entries have the names that attributes had when they were written.
  return names?.flatMap((name) => [name, ...(audited.renamed[name] ?? [])]);
}

/** The direction of an order by id; undefined for any other. */
function directionOf(order: unknown): Direction | undefined {
  const [only, ...rest] = Array.isArray(order) ? order : [];
  const [by, way] = rest.length === 0 && Array.isArray(only) ? only : [];
  const direction = by === 'id' ? (way ?? 'ASC') : order;
  return direction === 'ASC' || direction === 'DESC' ? direction : undefined;
}
