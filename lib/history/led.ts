/** Asks for entries of one record, actor or other value in the words for which databases read the index that is theirs. */
import type { Order } from 'sequelize';
import { literal, queryGeneratorOf } from '../internals.js';
import type { AuditLogAttributes } from '../log/model.js';
import type { Condition, Conditions } from './conditions.js';
import type { HistoryParts } from './log-reader.js';
import type { Direction } from './query.js';

/** Columns that an index begins with, before the id, and what is sought in them. */
export type Lead = readonly (readonly ['modelName' | 'recordId' | 'actor' | 'action', string])[];

export interface Page {
  readonly direction: Direction;
  /** The id of the last entry of the page before. */
  readonly after?: string | undefined;
  /** The id of the last entry to look at. */
  readonly upTo?: string | undefined;
}

export function leadOfRecord(modelName: string, recordId: string): Lead {
  return [
    ['modelName', modelName],
    ['recordId', recordId],
  ];
}

/**
 * A condition and an order for entries of which only the first are read.
 *
 * PostgreSQL takes the entries of a record to be spread over the whole log, and with a LIMIT would rather walk the log in
 * its order until it has met enough of them: millions of rows where they all stand at its other end. It has no such choice
 * where the order is that of the index, and no column of it is said to be constant.
 */
export function led(
  parts: HistoryParts,
  conditions: Conditions,
  lead: Lead,
  { direction, after, upTo }: Page,
): { readonly where: Condition; readonly order: Order } {
  const { sequelize } = parts;
  if (sequelize.getDialect() !== 'postgres') {
    const same = lead.map(([attribute, value]) =>
      attribute === 'action' ? ({ action: value } as Condition) : conditions.isText(attribute, [value]),
    );
    const behind = after === undefined ? [] : [conditions.behind(after, direction)];
    const end = upTo === undefined ? [] : [conditions.upTo(upTo, direction)];
    return { where: conditions.all(...same, ...behind, ...end), order: [['id', direction]] };
  }
  const attributes = lead.map(([attribute]) => attribute);
  const values = lead.map(([, value]) => queryGeneratorOf(sequelize).escape(value));
  const compared = (sign: string, id: string | undefined) => {
    const columns = [...attributes, ...(id === undefined ? [] : (['id'] as const))];
    const sought = [...values, ...(id === undefined ? [] : [id])];
    return literal(
      sequelize,
      `(${columns.map((each) => conditions.column(each)).join(', ')}) ${sign} (${sought.join(', ')})`,
    ) as Condition;
  };
  const [lowest, highest] = direction === 'ASC' ? [after, upTo] : [upTo, after];
  const isBehind = (of: Direction) => after !== undefined && direction === of;
  return {
    where: conditions.all(
      compared(isBehind('ASC') ? '>' : '>=', lowest),
      compared(isBehind('DESC') ? '<' : '<=', highest),
    ),
    order: [...attributes, 'id' as const].map((by: keyof AuditLogAttributes) => [by, direction]),
  };
}
