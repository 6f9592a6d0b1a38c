/** Pages of the documentation, and the programs that stand in them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export const root = path.join(import.meta.dirname, '..', '..');

/** The text of a file of the project. */
export function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

/** The fenced blocks of a page in one language. */
export function blocksOf(page: string, language: string): string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, code]) => code as string);
}

/** What a program prints that imports this package by its name. */
export function printedBy(code: string): string {
  const library = pathToFileURL(path.join(root, 'lib', 'index.ts')).href;
  const viewer = pathToFileURL(path.join(root, 'lib', 'viewer', 'index.ts')).href;
  const program = code.replace("'sequelize-audit'", `'${library}'`).replace("'sequelize-audit/viewer'", `'${viewer}'`);
  const options = { cwd: root, encoding: 'utf8' } as const;
  return execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], options);
}
