/** Asks before something is written, where somebody is there to answer. */
import { createInterface } from 'node:readline/promises';
import { exitCodes, UsageError } from './exit.js';
import type { Output } from './output.js';
import type { Shell } from './shell.js';

/**
 * Where a question is seen; null when nobody is there to answer.
 *
 * @throws UsageError when somebody is there and would not see it
 */
export function askedAt({ stdin, stderr }: Shell): Output | null {
  if (!stdin.isTTY) return null;
  if (!stderr.isTerminal)
    throw new UsageError('stderr is no terminal, so nothing can be asked: expected --yes, or --dry-run');
  return stderr;
}

/** @returns whether the answer was y or yes; anything else is no */
export async function ask(shell: Shell, output: Output, question: string): Promise<boolean> {
  const lines = createInterface({ input: shell.stdin, output: output.stream, terminal: true });
  const answer = new Promise<string>((resolve, reject) => {
    // A terminal that is read line by line gives Ctrl-C to its reader, and Ctrl-D as the end.
    lines.once('SIGINT', () => shell.stop(exitCodes.interrupted));
    lines.once('close', () => resolve(''));
    lines.question(`${question} [y/N] `).then(resolve, reject);
  });
  try {
    return /^y(es)?$/i.test((await answer).trim());
  } finally {
    lines.close();
  }
}
