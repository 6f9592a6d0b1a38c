/** What the example prints, as plain text: progress, tables, and what a patch changed. */
import type { Json, Patch } from '../../../lib/index.js';

/** The items one by one, showing how far it is: a line that is redrawn on a terminal, a line per stage elsewhere. */
export function* tracked<T>(stage: string, items: readonly T[]): Generator<T> {
  const { stdout } = process;
  const start = performance.now();
  for (const [index, item] of items.entries()) {
    if (stdout.isTTY) stdout.write(`\r  ${stage.padEnd(38)}${index + 1} of ${items.length}`);
    yield item;
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  stdout.write(`${stdout.isTTY ? '\r' : ''}  ${stage.padEnd(38)}${items.length} done, ${seconds} s\n`);
}

/** One line for each row, in columns that are as wide as their widest cell; numbers stand to the right. */
export function aligned(rows: readonly (readonly (string | number)[])[]): string[] {
  const width = (column: number) => Math.max(...rows.map((row) => String(row[column] ?? '').length));
  const cell = (value: string | number, column: number) =>
    typeof value === 'number' ? String(value).padStart(width(column)) : value.padEnd(width(column));
  return rows.map((row) => `  ${row.map(cell).join('   ')}`.trimEnd());
}

/** One line for each change of a patch: the path, the value before and the value after. */
export function changesOf(patch: Patch): string[] {
  return patch.flatMap((operation, index) => {
    if (operation.op === 'test') return [];
    const { path } = operation;
    // The value before stands in the `test` operation in front of the change.
    const test = patch[index - 1];
    const before = test?.op === 'test' && test.path === path ? test.value : undefined;
    const after = 'value' in operation ? operation.value : undefined;
    if (path === '') return [`the whole record: ${sizeOf(before)} -> ${sizeOf(after)}`];
    return [`${path}: ${shortened(before)} -> ${shortened(after)}`];
  });
}

function sizeOf(document: Json | undefined): string {
  return document ? `${Object.keys(document).length} attributes` : 'nothing';
}

function shortened(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  // By letters, not by UTF-16 units, so that none is cut in two.
  const letters = [...JSON.stringify(value)];
  return letters.length > 44 ? `${letters.slice(0, 43).join('')}…` : letters.join('');
}
