/** Writes a record back to an earlier state, through its model like any other caller. */
import type { Model, Transaction } from 'sequelize';
import type { State } from './fold.js';
import { presentOf } from './present.js';
import { type PlannedChange, plannedChange, rewrite } from './rewrite.js';
import type { Target } from './target.js';

/**
 * @returns the record as it is afterwards; null when the state is that of a record that does not exist
 * @throws AuditError ERR_AUDIT_REVERT_IMPOSSIBLE before anything is written
 */
export async function revert<M extends Model>(
  target: Target<M>,
  state: State,
  transaction: Transaction,
): Promise<M | null> {
  const present = await presentOf(target, transaction, true);
  if (!present && state.isDestroyed) return null;
  const row = await rewrite(target, present, state, transaction);
  return state.isDestroyed ? null : row;
}

/** What `revert` would do. */
export async function planRevert(
  target: Target,
  state: State,
  transaction: Transaction,
): Promise<PlannedChange | null> {
  const present = await presentOf(target, transaction, false);
  if (!present && state.isDestroyed) return null;
  return plannedChange(target, present?.document ?? null, state);
}
