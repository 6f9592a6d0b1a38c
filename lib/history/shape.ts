/** Names the shape of a model, as far as the fold of its entries depends on it. */
import { createHash } from 'node:crypto';
import type { AuditedModel } from '../record/audited-model.js';

/** Goes up whenever the fold gives something else than it did. */
const fold = 1;

/** A hash that differs whenever two models, or one at two times, could make different states of the same entries. */
export function shapeOf(audited: AuditedModel): string {
  return audited.text('shape', () => hashOf(audited));
}

function hashOf({ columns, renamed, deletion }: AuditedModel): string {
  const about = columns.map(({ attribute, type, isRedacted }) => [attribute, type.key, sqlOf(type), isRedacted]);
  const shape = JSON.stringify([fold, about, Object.entries(renamed), deletion?.column.attribute, deletion?.rest]);
  return createHash('sha256').update(shape).digest('hex');
}

/** Types of an application's own may not say it. */
function sqlOf(type: unknown): string | null {
  try {
    return String((type as { toSql(): unknown }).toSql());
  } catch {
    return null;
  }
}
