/** Two texts as a diff: line by line, or word by word. */
import { diffWordsWithSpace, structuredPatch } from 'diff';
import { escaped, escapedLines } from './escape.js';
import { cut, fitted, type Paper } from './paper.js';
import { widthOf, wrapped } from './width.js';

/** Hunks as `diff -u` has them. @param columns for each line */
export function lineDiff(from: string, to: string, paper: Paper, columns: number): string[] {
  const { colors } = paper;
  const line = (sign: string, text: string) => {
    const color = sign === '-' ? colors.red : sign === '+' ? colors.green : String;
    return fitted(text, columns - 2, paper).map((part, index) => color(`${index === 0 ? sign : ' '} ${part}`));
  };
  const patch = structuredPatch('', '', from, to, '', '', { context: 2, maxEditLength: 2000 });
  // Too much has changed for a comparison to be worth its time.
  if (!patch) {
    const all = (sign: string, text: string) => escapedLines(cut(text, paper)).flatMap((each) => line(sign, each));
    return [...all('-', from), ...all('+', to)];
  }
  // Most texts have no line break at their end; it is told where one of the two has.
  const isEndTold = from.endsWith('\n') !== to.endsWith('\n');
  return patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    colors.cyan(`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`),
    ...lines
      .filter((each) => isEndTold || !each.startsWith('\\'))
      .flatMap((each) => line(each.slice(0, 1), escaped(each.slice(1)))),
  ]);
}

/** The old text and the new one, with the words underlined that differ. @param from escaped, as `to` is */
export function wordDiff(from: string, to: string, paper: Paper, columns: number): string[] {
  const { colors } = paper;
  const parts = diffWordsWithSpace(cut(from, paper), cut(to, paper), { maxEditLength: 500 }) ?? [
    { value: cut(from, paper), added: false, removed: true },
    { value: cut(to, paper), added: true, removed: false },
  ];
  const side = (sign: '-' | '+') => {
    const color = sign === '-' ? colors.red : colors.green;
    const own = parts.filter(({ added, removed }) => (sign === '-' ? !added : !removed));
    const pieces = own.map(({ value, added, removed }) => ({
      text: value,
      paint: (text: string) => color(added || removed ? colors.underline(text) : text),
    }));
    return painted(pieces, columns - 2, paper).map((line, index) => `${color(index === 0 ? sign : ' ')} ${line}`);
  };
  return [...side('-'), ...side('+')];
}

interface Piece {
  readonly text: string;
  readonly paint: (text: string) => string;
}

/** Pieces one after the other, in lines of at most so many columns. */
function painted(pieces: readonly Piece[], columns: number, paper: Paper): string[] {
  if (paper.columns === null) return [pieces.map(({ text, paint }) => paint(text)).join('')];
  const lines: string[] = [];
  let line = '';
  let left = columns;
  for (const { text, paint } of pieces) {
    let rest = text;
    while (widthOf(rest) > left) {
      const [part = ''] = left > 0 ? wrapped(rest, left) : [];
      // A wide character in a last single column goes to the next line.
      const taken = widthOf(part) > left ? '' : part;
      lines.push(line + (taken === '' ? '' : paint(taken)));
      rest = rest.slice(taken.length);
      [line, left] = ['', columns];
    }
    line += rest === '' ? '' : paint(rest);
    left -= widthOf(rest);
  }
  return [...lines, line];
}
