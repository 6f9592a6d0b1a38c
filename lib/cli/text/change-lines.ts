/** What changed, as lines to read: short values beside each other, long ones as a diff. */
import type { Change, Json } from '../../index.js';
import type { Colors } from '../output.js';
import { escaped } from './escape.js';
import type { Paper } from './paper.js';
import { lineDiff, wordDiff } from './text-diff.js';
import { isContainer, isRedacted, valueText } from './value.js';
import { valueLines } from './value-lines.js';
import { clipped, widthOf } from './width.js';

/** Columns that are laid out for where lines may have any length. */
const usual = 120;

/** @param indent columns that are left free before each line */
export function changeLines(change: Change, paper: Paper, indent = 4): string[] {
  const columns = (paper.columns ?? usual) - indent;
  return linesOf(change, paper, columns).map((line) => ' '.repeat(indent) + line);
}

/** The same as one short piece, for a table. */
export function changeSummary(change: Change, colors: Colors): string {
  const { from, to } = change;
  const name = nameOf(change);
  const short = (value: Json | undefined) => clipped(valueText(value), 40);
  if (from === undefined || to === undefined) return `${name}: ${short(to === undefined ? from : to)}`;
  if (isRedacted(from) && isRedacted(to)) return `${name}: (redacted)`;
  return `${name}: ${colors.red(short(from))} → ${colors.green(short(to))}`;
}

function linesOf(change: Change, paper: Paper, columns: number): string[] {
  const { colors } = paper;
  const { from, to } = change;
  const name = nameOf(change);
  const label = colors.bold(`${name}:`);
  if (from === undefined) return valueLines(`+ ${name}: `, to as Json, paper, columns).map(colors.green);
  if (to === undefined) return valueLines(`- ${name}: `, from, paper, columns).map(colors.red);
  if (isRedacted(from) && isRedacted(to)) return [`${label} changed, redacted`];
  const [before, after] = [valueText(from), valueText(to)];
  const texts = textsOf(from, to);
  if (texts) return [label, ...lineDiff(...texts, paper, columns - 2).map((line) => `  ${line}`)];
  if (widthOf(`${name}: ${before} → ${after}`) <= columns)
    return [`${label} ${colors.red(before)} → ${colors.green(after)}`];
  return [label, ...wordDiff(before, after, paper, columns - 2).map((line) => `  ${line}`)];
}

function nameOf({ path }: Change): string {
  return escaped(path.slice(1));
}

/** Both as text of several lines; null where they are better shown in one. */
function textsOf(from: Json, to: Json): [string, string] | null {
  if (typeof from === 'string' && typeof to === 'string') return /\n/.test(from + to) ? [from, to] : null;
  if (!isContainer(from) || !isContainer(to) || isRedacted(from) || isRedacted(to)) return null;
  const isLong = JSON.stringify(from).length > 60 || JSON.stringify(to).length > 60;
  return isLong ? [JSON.stringify(from, null, 2), JSON.stringify(to, null, 2)] : null;
}
