/** What a run prints: a table for each database, and the holes. */
import type { CellResult, Mark } from './cell.js';
import { modes } from './modes.js';

const marks: Readonly<Record<Mark, string>> = { holds: '✓', refused: '–', hole: '✗' };
const titleWidth = 60;
const columnWidth = 8;

export const legend = `Every write path in ${modes
  .map(({ name }) => name)
  .slice(0, -1)
  .join(', ')},
and in ${modes.at(-1)?.name}; in each with hooks, and with hooks: false.
✓ the log is exact   – the call is refused, and the log as exact   ✗ a hole`;

export function heading(database: string): string {
  const columns = modes.map(({ short }) => short.padEnd(columnWidth)).join('');
  return `\n${database.padEnd(titleWidth + 2)}${columns}`.trimEnd();
}

/** One line of the table. @param results for each mode, with hooks and without */
export function line(call: string, results: readonly (readonly CellResult[])[]): string {
  const cells = results.map((pair) =>
    pair
      .map(({ mark }) => marks[mark])
      .join('')
      .padEnd(columnWidth),
  );
  return `  ${call.padEnd(titleWidth)}${cells.join('')}`.trimEnd();
}

/** The holes of a run; those that differ in numbers alone are one, found in several places. */
export class Holes {
  readonly #places = new Map<string, { readonly text: string; readonly places: string[] }>();

  add(call: string, hole: string, place: string): void {
    const text = `✗ ${call}\n    ${hole}`;
    const key = text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, '');
    const known = this.#places.get(key) ?? { text, places: [] };
    known.places.push(place);
    this.#places.set(key, known);
  }

  *lines(): Generator<string> {
    for (const { text, places } of this.#places.values()) {
      const rest = places.length - 2;
      yield `\n${text}\n    in ${places.slice(0, 2).join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`;
    }
  }
}
