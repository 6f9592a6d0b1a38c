/** What text is laid out for. */
import type { Colors } from '../output.js';
import { wrapped } from './width.js';

export interface Paper {
  readonly colors: Colors;
  /** null: lines may have any length. */
  readonly columns: number | null;
}

/** Characters of one value that a terminal shows. */
const most = 4000;

/** What a terminal shows of a very long text. */
export function cut(text: string, { columns }: Paper): string {
  if (columns === null || text.length <= most) return text;
  return `${text.slice(0, most).replace(/\p{Surrogate}$/u, '')}… (${text.length - most} more characters, all with --json)`;
}

/** The lines of one line. @param columns how many there are for it */
export function fitted(text: string, columns: number, paper: Paper): string[] {
  return paper.columns === null ? [text] : wrapped(text, Math.max(columns, 10));
}

/** A time of a table in UTC: to the millisecond where there is room, to the minute where there is none. */
export function timeText(time: Date, { columns }: Paper): string {
  const text = time.toISOString();
  return columns === null || columns >= 120 ? text : text.replace(/:[\d.]+Z$/, 'Z');
}
