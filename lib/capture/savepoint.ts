/** Takes a part of the caller's transaction back alone. */
import type { Run } from '../log/append.js';
import { Undone, Unrecorded } from './observation.js';

/**
 * Runs a task within a savepoint.
 *
 * @param isToUndo whether what the task has thrown is to be taken back; all else is thrown as it is, and leaves the
 *   transaction as it is
 * @throws Undone where it was taken back
 * @throws Unrecorded where it could not be
 */
export async function inSavepoint<T>(
  run: Run,
  task: () => Promise<T>,
  isToUndo: (error: unknown) => boolean,
): Promise<T> {
  await run('SAVEPOINT sequelize_audit;');
  try {
    const result = await task();
    await run('RELEASE SAVEPOINT sequelize_audit;');
    return result;
  } catch (error) {
    if (!isToUndo(error)) throw error;
    await run('ROLLBACK TO SAVEPOINT sequelize_audit;').catch((failure: unknown) => {
      throw new Unrecorded(failure);
    });
    throw new Undone(error);
  }
}
