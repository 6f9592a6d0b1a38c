/** Every value of every type. */
import { containerCases } from './containers.js';
import { dateCases, utcDateCases } from './dates.js';
import { numberCases } from './numbers.js';
import { textCases } from './texts.js';
import { Beyond, type TypeCase, Unwritable } from './type-case.js';

export const allCases: readonly TypeCase[] = [
  ...numberCases,
  ...textCases,
  ...dateCases,
  ...utcDateCases,
  ...containerCases,
];

/** What is written of a value of a case. */
export function inputOf(given: unknown): unknown {
  return given instanceof Beyond || given instanceof Unwritable ? given.input : given;
}
