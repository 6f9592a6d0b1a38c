/** What revert and undo have in common: who may, and what a confirmed form has to be. */
import type { AuditError } from '../../index.js';
import { Refusal } from '../refusal.js';
import type { Visit } from '../visit.js';

/** @throws Refusal 404 where the viewer is read-only for this actor */
export function checkCanWrite(visit: Visit): void {
  if (!visit.canWrite) throw new Refusal(404, 'There is no such page.');
}

/** Runs what a form has confirmed, in the name of whoever sent it. */
export async function write<T>(visit: Visit, run: () => Promise<T>): Promise<T> {
  const reason = visit.form?.get('reason')?.trim() || undefined;
  if (reason && (reason.length > 300 || /[\0\p{Surrogate}]/u.test(reason)))
    throw new Refusal(400, 'reason: expected at most 300 characters.');
  return visit.audit.run({ actor: visit.actor, reason }, () => asRefusal(visit, run));
}

/** What the log or a model refuses is no failure of the page; messages can name records that are not seen here. */
export async function asRefusal<T>(visit: Visit, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const { code, name } = Object(error) as Partial<AuditError>;
    if (code === 'ERR_AUDIT_REVERT_IMPOSSIBLE')
      throw new Refusal(409, 'The log does not hold what is needed for this. Nothing was written.');
    if (code === 'ERR_AUDIT_UNDO_CONFLICT')
      throw new Refusal(409, 'Later changes stand in the way. Nothing was written.');
    if (/^Sequelize(Validation|UniqueConstraint|ForeignKeyConstraint|ExclusionConstraint)Error$/.test(name ?? '')) {
      visit.options.onError(error);
      throw new Refusal(409, 'The application or its database refuses this write. Nothing was written.');
    }
    throw error;
  }
}
