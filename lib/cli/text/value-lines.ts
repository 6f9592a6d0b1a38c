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
  const indent = widthOf(head) < columns / 2 || paper.columns === null ? widthOf(head) : 4;
  const [first = '', ...rest] = fitted(cut(valueText(value), paper), columns - indent, paper);
  const lines = indent < widthOf(head) ? [head.trimEnd(), ' '.repeat(indent) + first] : [head + first];
  return [...lines, ...rest.map((line) => ' '.repeat(indent) + line)];
}
