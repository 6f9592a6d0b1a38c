/** Turns a primary key into the text that names a record in the log. */
import type { Json } from '../patch/operation.js';

/**
 * @param key the encoded values of the primary key, in the order of the model's primary-key attributes
 * @returns the value itself for a single key; a JSON array for a composite one, so that (1, 23) and (12, 3) differ
 */
export function recordIdOf(key: readonly Json[]): string {
  const [only] = key;
  if (key.length > 1) return JSON.stringify(key);
  return typeof only === 'string' ? only : JSON.stringify(only);
}
