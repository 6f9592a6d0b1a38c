/** Where in the log to look: the ids between which the entries of a span of time are, and what an index leads to. */
import type { WhereOptions } from 'sequelize';
import type { Audit, AuditLogAttributes } from '../../index.js';

export interface Range {
  /** The highest id to look at; null when the log is empty. */
  readonly top: bigint | null;
  readonly bottom: bigint;
}

/** Clocks of machines differ: so many entries next to the end of a span say where its ids end. */
const neighbours = 1000;

/** The ids that entries written from `since` to `until` have, read by the index of time. */
export async function rangeOf(audit: Audit, since: Date | undefined, until: Date | undefined): Promise<Range> {
  const { Op } = (audit.sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
  const ids = async (where: WhereOptions<AuditLogAttributes>, order: [string, string], limit: number) => {
    const rows = await audit.AuditLog.findAll({ where, order: [order], limit, attributes: ['id'], raw: true });
    return rows.map(({ id }) => BigInt(id));
  };
  const highest = until
    ? await ids({ createdAt: { [Op.lte]: until } }, ['createdAt', 'DESC'], neighbours)
    : await ids({}, ['id', 'DESC'], 1);
  const lowest = since ? await ids({ createdAt: { [Op.gte]: since } }, ['createdAt', 'ASC'], neighbours) : [1n];
  if (highest.length === 0 || lowest.length === 0) return { top: null, bottom: 1n };
  const top = highest.reduce((left, right) => (left > right ? left : right));
  return { top, bottom: lowest.reduce((left, right) => (left < right ? left : right)) };
}

/** Whether the log has an index that begins with an attribute and goes on in its own order. */
export function isIndexed(audit: Audit, attribute: 'actor' | 'modelName' | 'action'): boolean {
  const { indexes = [] } = audit.AuditLog.options as { indexes?: readonly { readonly fields?: readonly unknown[] }[] };
  const columns = audit.AuditLog.getAttributes() as Readonly<Record<string, { readonly field?: string }>>;
  const columnOf = (name: string) => columns[name]?.field ?? name;
  const isId = (field: unknown) => field === undefined || field === columnOf('id');
  return indexes.some(({ fields }) => fields?.[0] === columnOf(attribute) && isId(fields?.[1]));
}
