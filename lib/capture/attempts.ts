/** Tries a write again that has met rows which were not there a moment before, or deadlocks by our looking. */
import { type ObservationParts, Raced, Undone } from './observation.js';

/** How often a write is tried. */
const attempts = 10;

/** What the attempts before have shown. */
export type Past = Pick<ObservationParts, 'isBlind' | 'met' | 'drawn'>;

export const noPast: Past = { isBlind: false, met: [], drawn: null };

/** Tries again what was undone. @param isBlind whether the first attempt looks at no rows that it may meet */
export async function retrying<T>(isBlind: boolean, attempt: (past: Past) => Promise<T>): Promise<T> {
  let past: Past = { ...noPast, isBlind };
  for (let left = attempts - 1; ; left -= 1) {
    try {
      return await attempt(past);
    } catch (error) {
      if (!(error instanceof Undone)) throw error;
      if (left === 0) throw error.cause;
      const { met = [], drawn = null } = error.cause instanceof Raced ? error.cause : {};
      past = { isBlind: false, met: [...past.met, ...met], drawn: drawn ?? past.drawn };
    }
  }
}
