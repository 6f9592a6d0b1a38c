/** A value with its name, in as many lines as it needs. */
import type { Json } from '../../index.js';
import { escapedLines } from './escape.js';
import { cut, fitted, type Paper } from './paper.js';
import { valueText } from './value.js';
import { widthOf } from './width.js';

/** @param head what stands before the first line; the others stand beneath what follows it */
export function valueLines(head: string, value: Json, paper: Paper, columns = paper.columns ?? 0): string[] {
  if (typeof value === 'string' && value.includes('\n')) {
    const lines = escapedLines(cut(value, paper)).flatMap((line) => fitted(line, columns - 4, paper));
    return [head.trimEnd(), ...lines.map((line) => `    ${line}`)];
  }
  return hanging(head, cut(valueText(value), paper), paper, columns);
}

/** A text behind its name; further lines of it stand beneath the first one. @param text escaped */
export function hanging(head: string, text: string, paper: Paper, columns = paper.columns ?? 0): string[] {
  const width = widthOf(head);
  if (paper.columns !== null && width >= columns / 2)
    return [head.trimEnd(), ...fitted(text, columns - 4, paper).map((line) => `    ${line}`)];
  const [first = '', ...rest] = fitted(text, columns - width, paper);
  return [head + first, ...rest.map((line) => ' '.repeat(width) + line)];
}
