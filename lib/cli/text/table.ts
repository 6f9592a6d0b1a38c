/** Rows in columns, as wide as the terminal and not wider. */
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import type { Paper } from './paper.js';
import { widthOf } from './width.js';

/** Columns of the terminal between two columns of the table. */
const gap = 2;

/** What is cut keeps so many columns, unless it says otherwise. */
const narrowest = 6;

const noLines = Object.fromEntries(
  ['top', 'bottom', 'mid', 'left', 'right'].flatMap((side) =>
    [side, `${side}-mid`, `${side}-left`, `${side}-right`].map((name) => [name, '']),
  ),
);

export interface Column {
  readonly name: string;
  readonly align?: 'right';
  /** Whether nothing may be cut off: an id, a time. */
  readonly isWhole?: true;
  /** Columns that are left of it as long as there are any. */
  readonly keep?: number;
}

/**
 * The lines of a table. Cells may have colours, and no line breaks.
 *
 * @param widths those of an earlier part of the same table; without them the headings come first
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paper: Paper,
  widths?: readonly number[],
): string[] {
  const chosen = widths ?? tableWidths(columns, rows, paper);
  const table = new Table({
    chars: { ...noLines, middle: '' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap },
    colAligns: columns.map(({ align }) => align ?? 'left'),
    colWidths: paper.columns === null ? [] : chosen.map((width) => width + gap),
    ...(widths ? {} : { head: columns.map(({ name }) => paper.colors.dim(name)) }),
  });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

/** As wide as what is in them, and the widest of those that may be cut narrower until a line fits. */
export function tableWidths(columns: readonly Column[], rows: readonly (readonly string[])[], paper: Paper): number[] {
  const widths = columns.map(({ name }, index) =>
    Math.max(widthOf(name), ...rows.map((row) => widthOf(stripVTControlCharacters(row[index] ?? '')))),
  );
  if (paper.columns === null) return widths;
  const isCut = columns.map(({ isWhole }) => !isWhole);
  const whole = widths.reduce((sum, width, index) => (isCut[index] ? sum : sum + width), 0);
  const room = paper.columns - gap * (columns.length - 1) - whole;
  const wanted = widths.map((width, index) => (isCut[index] ? width : 0));
  const kept = shared(
    room,
    wanted.map((width, index) => Math.min(width, columns[index]?.keep ?? narrowest)),
  );
  const more = shared(
    room - kept.reduce((sum, width) => sum + width, 0),
    wanted.map((width, index) => width - (kept[index] as number)),
  );
  return widths.map((width, index) =>
    isCut[index] ? Math.max((kept[index] as number) + (more[index] as number), Math.min(width, narrowest)) : width,
  );
}

/** A fair share of the room for each: who needs less than that leaves the rest to the others. */
function shared(room: number, wanted: readonly number[]): number[] {
  const shares = wanted.map(() => 0);
  const byNeed = wanted.map((want, index) => ({ want, index })).sort((one, other) => one.want - other.want);
  let left = Math.max(room, 0);
  for (const [done, { want, index }] of byNeed.entries()) {
    const share = Math.min(want, Math.floor(left / (byNeed.length - done)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}
