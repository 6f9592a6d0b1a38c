/** A value of the log as text. */
import type { Json } from '../../index.js';
import { json } from './escape.js';

/** @param value undefined where nothing is */
export function valueText(value: Json | undefined): string {
  if (value === undefined) return '(nothing)';
  return isRedacted(value) ? '(redacted)' : json(value);
}

/** Whether it stands in the place of a value that the log does not hold. */
export function isRedacted(value: Json): boolean {
  return JSON.stringify(value) === '{"$redacted":true}';
}

export function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
