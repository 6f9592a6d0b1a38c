/** Answers what auditors ask across records: which entries fulfil some conditions, a page at a time. */
import { type Condition, Conditions } from './conditions.js';
import { type Lead, leadOfRecord, led } from './led.js';
import { type HistoryParts, LogReader } from './log-reader.js';
import { type Criteria, criteriaOf, type EntriesQuery } from './query.js';
import { type AuditEntry, auditEntryOf } from './revision.js';
import { isBestWalked } from './time-span.js';

export async function entries(parts: HistoryParts, query: EntriesQuery): Promise<AuditEntry[]> {
  const criteria = criteriaOf(parts, query);
  const { actors, direction, after, upTo, limit, since, until } = criteria;
  const conditions = new Conditions(parts);
  const isTimed = since !== undefined || until !== undefined;
  const isServed = conditions.isServed(criteria);
  const isWalked = !isTimed || isServed || (await isBestWalked(parts, conditions, criteria, query));

  const where = conditions.all(
    ...asked(conditions, criteria),
    ...(isTimed ? [conditions.within(criteria, isWalked && !isServed)] : []),
    ...(after === undefined ? [] : [conditions.behind(after, direction)]),
    ...(upTo === undefined ? [] : [conditions.upTo(upTo, direction)]),
  );
  const reader = new LogReader(parts);
  if (!isWalked) {
    // The ids first: many entries are sorted, and with little else to read for it the index of time may be enough.
    const found = await reader.find(
      { where, limit, order: [[conditions.unorderedId, direction]] as never, attributes: ['id'] },
      query,
    );
    const ids = found.map(({ id }) => id);
    const rows = await reader.find({ where: { id: ids }, order: [['id', direction]] }, query);
    return rows.map(auditEntryOf);
  }
  const lead = leadOf(parts, criteria);
  if (lead) {
    const { where: first, order } = led(parts, conditions, lead, criteria);
    const others = asked(conditions, without(criteria, lead));
    const timed = isTimed ? [conditions.within(criteria, false)] : [];
    const rows = await reader.find({ where: conditions.all(first, ...others, ...timed), limit, order }, query);
    return rows.map(auditEntryOf);
  }
  // PostgreSQL does not know that what is null is all the same, and so in the order of the ids.
  const isNobodys = parts.sequelize.getDialect() === 'postgres' && actors?.length === 1 && actors[0] === null;
  const order = [...(isNobodys ? ['actor'] : []), 'id'].map((by) => [by, direction]) as never;
  const rows = await reader.find({ where, limit, order }, query);
  return rows.map(auditEntryOf);
}

/** What the index begins with that serves a query best; null where none ends with the id. */
function leadOf({ indexes }: HistoryParts, criteria: Criteria): Lead | null {
  const { models, recordId, actors, actions, attributes, changesetId, meta } = criteria;
  const [model, actor, action] = [models, actors, actions].map((list) => (list?.length === 1 ? list[0] : undefined));
  if (changesetId !== undefined) return null;
  if (recordId !== undefined && model) return leadOfRecord(model, recordId);
  // An index of an attribute or of `meta` is about fewer entries, and in their order by itself.
  if (attributes?.some((name) => indexes.attributes.includes(name)) || indexes.meta.some((key) => key in (meta ?? {})))
    return null;
  if (indexes.actor && typeof actor === 'string') return [['actor', actor]];
  if (indexes.action && action) return [['action', action]];
  return indexes.model && model ? [['modelName', model]] : null;
}

/** The conditions that a lead does not hold already. */
function without(criteria: Criteria, lead: Lead): Criteria {
  const held = { modelName: 'models', recordId: 'recordId', actor: 'actors', action: 'actions' } as const;
  return { ...criteria, ...Object.fromEntries(lead.map(([attribute]) => [held[attribute], undefined])) };
}

function asked(conditions: Conditions, criteria: Criteria): Condition[] {
  const { models, recordId, actors, actions, attributes, changesetId, meta } = criteria;
  return [
    ...(models ? [conditions.isText('modelName', models)] : []),
    ...(recordId === undefined ? [] : [conditions.isText('recordId', [recordId])]),
    ...(actors ? [byActors(conditions, actors)] : []),
    ...(actions ? [{ action: actions.length === 1 ? actions[0] : actions } as Condition] : []),
    ...(attributes ? [conditions.touching(attributes)] : []),
    ...(changesetId === undefined ? [] : [{ changesetId }]),
    ...(meta ? [conditions.containing(meta)] : []),
  ];
}

function byActors(conditions: Conditions, actors: readonly (string | null)[]): Condition {
  const named = actors.filter((actor) => actor !== null);
  if (named.length === actors.length) return conditions.isText('actor', named);
  return named.length === 0 ? { actor: null } : conditions.any(conditions.isText('actor', named), { actor: null });
}
